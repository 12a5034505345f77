"""A wish is carried out, once, and becomes the words that answer it.

The verbs are those of the registry, and so is who may say them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlmodel import Session, select

from bot.curation.context import Context, UnknownPaperError, find_pick, locate
from bot.domain.curators import Role
from bot.domain.errors import PicksError
from bot.domain.states import CandidateState
from bot.interfaces.chat import rendering
from bot.interfaces.chat.helping import help_text
from bot.interfaces.chat.mouth import Mouth, Standing
from bot.interfaces.chat.once import MarkingDatabase
from bot.interfaces.chat.parsing import Help, Run
from bot.interfaces.chat.understanding import Wish
from bot.interfaces.commands import Call, Reply, Verb
from bot.interfaces.views import candidates as views
from bot.platforms.direct_messages import Event
from bot.store.chat import ask_key, note_step
from bot.store.database import DatabaseBusyError, DatabaseError
from bot.store.message_tables import Message, MessageService

_OPEN: Final = (CandidateState.QUEUED, CandidateState.HELD, CandidateState.EXPIRED)
_ROWS: Final = 10
"""So many are listed where nobody says how many: more do not fit into two messages."""
_MOST_ROWS: Final = 50
"""More would hold up what else a person should read; the shell lists all."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The words of an answer; ``about`` is the paper that it is about. ``card`` says that a reaction to it decides.

    ``asks`` says that nothing was done, and a note is asked for.
    """

    text: str
    about: str | None = None
    card: bool = False
    asks: bool = False


def perform(mouth: Mouth, event: Event, wish: Wish, *, done: int) -> list[Spoken]:
    """Carry a wish out from the step after those that are ``done``, and return what is answered, one for each step.

    Raises DatabaseError, DatabaseBusyError when the database cannot be used, HandledElsewhereError when somebody else
    has done it meanwhile; then nothing is answered.
    """
    if isinstance(wish.said, Help):
        return [Spoken(help_text(wish.said.topic, wish.standing))]
    verb, calls = wish.said.verb, wish.said.calls
    return [
        _recovered(mouth, event, wish.standing, verb, values)
        if step < done
        else _step(mouth, event, wish, wish.said, step)
        for step, values in enumerate(calls)
    ]


def _step(mouth: Mouth, event: Event, wish: Wish, said: Run, step: int) -> Spoken:
    """Run a verb once, in a database whose first commit says so."""
    standing = wish.standing

    def mark(session: Session) -> None:
        note_step(session, mouth.account, event.rev, name=event.name, step=step, worker=mouth.worker, now=mouth.clock())

    database = MarkingDatabase(mouth.database, mark)
    context = replace(mouth.context_for(standing.channel, standing.actor), database=database)
    if asked := _wish_for_note(context, event.sender, said.verb, said.calls[step]):
        return asked
    try:
        reply = said.verb.run(_call(mouth, wish, context), **_with_limit(said.verb, said.calls[step]))
    except (DatabaseError, DatabaseBusyError):
        raise
    except PicksError as error:
        return Spoken(rendering.tidy(rendering.said(str(error))))
    return _answer(reply, said.verb, standing, context)


def _call(mouth: Mouth, wish: Wish, context: Context) -> Call:
    return Call(
        choose=lambda: context,
        every=lambda: [context, *(mouth.context_for(item.channel, item.actor) for item in wish.beside)],
        outbox=lambda: replace(mouth.outbox_for(wish.standing.actor), database=context.database),
    )


def _answer(reply: Reply, verb: Verb, standing: Standing, context: Context) -> Spoken:
    text = rendering.render(reply, verb, zone=standing.channel.posting.zone, role=standing.curator.role)
    shown = reply.data
    if not isinstance(shown, views.CandidateView | views.PaperView):
        return Spoken(text or f"{verb.name}: done")
    decides = standing.curator.role.includes(Role.CURATOR)
    if verb.name == "show" and decides and shown.state in {None, *_OPEN}:
        return Spoken(f"{text}\n\n{_how_to_decide(context)}", shown.arxiv_id, card=True)
    return Spoken(text or rendering.state(shown, standing.channel.posting.zone), shown.arxiv_id)


def _how_to_decide(context: Context) -> str:
    today = context.now.astimezone(context.channel.posting.zone).date()
    hint = context.channel.chat.hint(today)
    return "Answer: note WORDS · approve · reject WHY · hold DATE" + (f"\nOr react: {hint}" if hint else "")


def _with_limit(verb: Verb, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values with a limit for a phone, where the verb has one and nobody said anything else."""
    names = {item.name for item in verb.parameters}
    if "limit" not in names:
        return values
    asked = values.get("limit") or (_MOST_ROWS if values.get("all") else _ROWS)
    return {**{name: value for name, value in values.items() if name != "all"}, "limit": min(asked, _MOST_ROWS)}


def _wish_for_note(context: Context, did: str, verb: Verb, values: Mapping[str, Any]) -> Spoken | None:
    """Return the wish for a note, where an approval has none and nobody has asked this person for it before."""
    if verb.name != "approve" or values.get("note"):
        return None
    papers = values["paper"]
    text = papers[0] if isinstance(papers, list) else papers
    with context.database.reading() as session:
        try:
            paper, candidate = locate(session, context.channel, text)
        except UnknownPaperError:
            return None  # the verb says it better
        pick = find_pick(session, candidate)
        asked = select(Message.id).where(
            Message.channel == context.channel.name,
            Message.service == MessageService.BLUESKY,
            Message.recipient == did,
            Message.key == ask_key(paper.arxiv_id),
        )
        if (pick and pick.note) or session.exec(asked).first() is not None:
            return None
        if candidate is not None and candidate.state not in _OPEN:
            return None
        name = f"#{candidate.id}" if candidate else paper.arxiv_id
    emoji = context.channel.chat.approve
    again = f"approve {name}" + (f", or {emoji} to this message," if emoji else "")
    return Spoken(
        f"{name} has no note yet, so it is not approved. Answer this message with the note, and it is approved with "
        f"it; {again} approves it without one.",
        paper.arxiv_id,
        asks=True,
    )


def _recovered(mouth: Mouth, event: Event, standing: Standing, verb: Verb, values: Mapping[str, Any]) -> Spoken:
    """Return the answer to a step that lies before a crash: how things stand now, or the wish that was not said yet.

    Whether such a step did anything, or was refused, is not stored; how things stand tells it.
    """
    if asked := _wish_for_note(mouth.context_for(standing.channel, standing.actor), event.sender, verb, values):
        return asked
    begun = f"{verb.name}: I was interrupted after this, so here is how it stands now."
    papers = values.get("paper")
    text = papers[0] if isinstance(papers, list) and papers else papers
    if not isinstance(text, str):
        return Spoken(f"{begun} status and history tell more.")
    zone = standing.channel.posting.zone
    shown = views.show(mouth.database, standing.channel, text)
    threads = rendering.threads(shown, zone) if shown.state is CandidateState.APPROVED else ""
    parts = [f"{begun}\n{rendering.state(shown, zone)}", f"note: “{shown.note}”" if shown.note else "", threads]
    return Spoken(rendering.tidy("\n\n".join(filter(None, parts))), shown.arxiv_id)
