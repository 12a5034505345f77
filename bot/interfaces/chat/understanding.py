"""What an event of a curator means: a verb on one of the person's channels, or nothing.

Reads only. Who may say a verb stands in the registry.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from bot.domain.errors import PicksError, UsageError
from bot.domain.states import Action
from bot.interfaces.chat.mouth import CHAT, Standing
from bot.interfaces.chat.parsing import About, Help, Run, Said, about_paper, parse
from bot.interfaces.commands import VERBS
from bot.platforms.direct_messages import Event, EventKind
from bot.store.chat import asks_note, is_card, message_with_id
from bot.store.message_tables import Message
from bot.store.tables import Candidate, Decision

_CHANNEL: Final = re.compile(r"(?:^|\s)(?:--|—|––|–)channel(?:=|\s+)(?P<name>\S+)", re.IGNORECASE)
_DECIDED: Final = {"approve": Action.APPROVE, "reject": Action.REJECT, "hold": Action.HOLD}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, and as whom; ``beside`` are further channels, where a verb shows all of a person's."""

    standing: Standing
    said: Said
    beside: tuple[Standing, ...] = ()


def understand(session: Session, event: Event, standings: Sequence[Standing], *, now: datetime) -> Wish | None:
    """Return what an event means, None where it means nothing; raise PicksError where it cannot be meant.

    ``standings`` is who the sender is on each channel, at least one.
    """
    if event.kind is EventKind.MESSAGE:
        return _written(session, event, standings, now=now)
    return _reaction(session, event, standings, now=now)


def _written(session: Session, event: Event, standings: Sequence[Standing], *, now: datetime) -> Wish | None:
    answered = message_with_id(session, event.sender, event.reply_to) if event.reply_to else None
    if event.has_embed and not event.text.strip():
        raise UsageError("I read words alone, and cannot see what you attached; help lists the words that I know")
    if answered is not None and is_card(answered) and (wish := _by_emoji(answered, event.text, standings, now=now)):
        return wish
    named = _CHANNEL.search(event.text)
    text = event.text[: named.start()] + event.text[named.end() :] if named else event.text
    said = parse(text, about=_about(session, answered))
    _require_paper(event, said)
    if isinstance(said, Run) and said.verb.spans and not named and answered is None:
        first, *beside = standings
        return Wish(first, said, tuple(beside))
    standing = _standing(session, standings, said, name=named["name"] if named else None, card=answered)
    _require_role(said, standing)
    return Wish(standing, said)


def _require_paper(event: Event, said: Said) -> None:
    """Raise UsageError for an undo without a paper in an answer: whoever answers means the paper of that message."""
    if event.reply_to and isinstance(said, Run) and said.verb.name == "undo" and not said.calls[0].get("paper"):
        raise UsageError("which paper? write undo ID; undo alone, not as an answer, takes your last decision back")


def _about(session: Session, answered: Message | None) -> About | None:
    if answered is None or answered.about is None:
        return None
    wanted = (Candidate.channel == answered.channel, Candidate.arxiv_id == answered.about)
    number = session.exec(select(Candidate.id).where(*wanted)).first()
    return About(answered.about, number, asks_note=asks_note(answered))


def _by_emoji(card: Message, text: str, standings: Sequence[Standing], *, now: datetime) -> Wish | None:
    """Return what a message means that is no more than an emoji: the same as a reaction."""
    standing = _of_channel(standings, card.channel)
    verb = standing.channel.chat.meaning(text.strip()) if standing else None
    if standing is None or verb is None:
        return None
    said = _decision(verb, card, standing, now=now)
    _require_role(said, standing)
    return Wish(standing, said)


def _reaction(session: Session, event: Event, standings: Sequence[Standing], *, now: datetime) -> Wish | None:
    """Return what a reaction to a card means; taken away, it takes back what it decided, if that stands."""
    card = message_with_id(session, event.sender, event.message_id)
    standing = _of_channel(standings, card.channel) if card else None
    if card is None or card.about is None or standing is None or not is_card(card):
        return None
    verb = standing.channel.chat.meaning(event.emoji)
    if verb is None:
        return None
    said = _decision(verb, card, standing, now=now)
    if event.kind is EventKind.REACTION:
        _require_role(said, standing)
        return Wish(standing, said)
    if not _stands(session, standing, card.about, _DECIDED[verb]):
        return None
    undo = about_paper(VERBS["undo"], card.about)
    _require_role(undo, standing)
    return Wish(standing, undo)


def _decision(verb: str, card: Message, standing: Standing, *, now: datetime) -> Run:
    """Return the verb of a reaction; what is put aside comes back on the day that the card said, if it lies ahead."""
    values: dict[str, Any] = {}
    if verb == "hold":
        zone, rules = standing.channel.posting.zone, standing.channel.chat
        today = now.astimezone(zone).date()
        promised = rules.held_until(card.planned_at.astimezone(zone).date())
        values["until"] = str(promised if promised > today else rules.held_until(today))
    return about_paper(VERBS[verb], card.about or "", **values)


def _stands(session: Session, standing: Standing, arxiv_id: str, action: Action) -> bool:
    """Say whether the last decision about a paper is this one, made by this person in a chat."""
    last = session.exec(
        select(Decision)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(Candidate.channel == standing.channel.name, Candidate.arxiv_id == arxiv_id)
        .order_by(col(Decision.id).desc())
        .limit(1)
    ).first()
    return last is not None and (last.action, last.by, last.mouth) == (action, standing.curator.name, CHAT)


def _require_role(said: Said, standing: Standing) -> None:
    if isinstance(said, Help) or standing.curator.role.includes(said.verb.role):
        return
    raise PicksError(
        f"{said.verb.name} is for people with the role {said.verb.role}, and yours is {standing.curator.role}; "
        "who operates the bot gives roles, in the channel file"
    )


def _standing(
    session: Session, standings: Sequence[Standing], said: Said, *, name: str | None, card: Message | None
) -> Standing:
    """Return which channel is meant: the one that is named, the card's, that of the number, or the only possible one.

    Where one is meant the person's role there counts, whatever it is elsewhere.
    """
    if name is not None:
        if found := _of_channel(standings, name.lower()):
            return found
        raise UsageError(f"you have no channel {name}; yours: {', '.join(item.channel.name for item in standings)}")
    if found := _of_channel(standings, card.channel) if card else None:
        return found
    if len(standings) == 1 or isinstance(said, Help):
        return standings[0]
    if found := _by_number(session, standings, said):
        return found
    fit = [item for item in standings if item.curator.role.includes(said.verb.role)] or list(standings)
    if len(fit) == 1:
        return fit[0]
    raise UsageError(f"which channel? add --channel and one of {', '.join(item.channel.name for item in fit)}")


def _by_number(session: Session, standings: Sequence[Standing], said: Run) -> Standing | None:
    """Return the channel in whose queue the first number is: numbers are given once."""
    papers = said.calls[0].get("paper") or ""
    first = papers[0] if isinstance(papers, list) else papers
    number = first.lstrip("#")
    candidate = session.get(Candidate, int(number)) if number.isdecimal() and len(number) < 10 else None  # noqa: PLR2004
    return _of_channel(standings, candidate.channel) if candidate else None


def _of_channel(standings: Sequence[Standing], name: str) -> Standing | None:
    return next((item for item in standings if item.channel.name == name), None)
