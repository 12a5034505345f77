"""What people are told after a decision: one line a fact, for any mouth."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.domain.listing import Listing
from bot.domain.states import CandidateState

if TYPE_CHECKING:
    from bot.curation.context import Account, Context
    from bot.curation.decisions import Approval
    from bot.curation.words import Overwritten
    from bot.domain.posts import Platform
    from bot.interfaces.views.candidates import Shown
    from bot.interfaces.views.digest import Digest


def approved(context: "Context", shown: "Shown", approval: "Approval") -> str:
    """Return what a curator should know after an approval: the slot, remarks, what is left out and what is off here."""
    posting = context.channel.posting
    due = approval.slot <= context.now
    when = "now (the worker sends it, or picks publish)" if due else local(context, approval.slot)
    return "\n".join(
        [
            f"approved {shown.arxiv_id}, slot: {when}",
            f"it is {named(shown)}",
            *_lost(context, approval),
            *told(context, shown.arxiv_id, approval.overwritten),
            *_words_of_others(approval.words_of),
            *withdrawn(shown),
            *([] if shown.note else ["it has no note; picks note adds one, and asks for approval again"]),
            *_remarks(shown),
            *_over_the_cap(approval.picks_that_day, cap=posting.daily_cap),
            *(f"left out: {item}: the channel {other} posts it there" for item, other in approval.taken.items()),
        ]
    )


def _remarks(shown: "Shown") -> list[str]:
    """Return each remark once, behind the names of its platforms where it is not about all of them."""
    places: dict[str, list[str]] = {}
    for delivery in shown.deliveries:
        for remark in delivery.remarks:
            places.setdefault(remark, []).append(delivery.platform)
    every = len(shown.deliveries)
    return [remark if len(at) == every else f"{', '.join(at)}: {remark}" for remark, at in places.items()]


def lacking(context: "Context", approval: "Approval") -> str:
    """Return a line for each platform that nobody has keys for here, or at all."""
    accounts = ((platform, account) for platform, account in context.accounts.items() if platform not in approval.taken)
    return "\n".join(filter(None, (waits_for_keys(platform, account) for platform, account in accounts)))


def waits_for_keys(platform: "Platform", account: "Account") -> str:
    """Say what has to happen before a pick can go out on a platform, empty where a worker has keys for it."""
    if account.workers_lack == "":
        return ""
    if account.workers_lack is not None:
        way = "; picks publish sends it from here" if account.here else ""
        return f"no worker has keys for {platform} ({account.workers_lack}): it waits until one has{way}"
    return "" if account.here else f"{platform} is off here: {account.problem}; it goes out where the worker has them"


def named(shown: "Shown") -> str:
    """Return a candidate's number and title: with them a slip is seen."""
    return f"#{shown.id} {' '.join(shown.title.split())}"


def withdrawn(shown: "Shown") -> list[str]:
    """Say that the authors withdrew the paper, if they did or may have done so."""
    if shown.withdrawn:
        return [f"its newest version, {shown.version}, is a notice of withdrawal"]
    said = shown.perhaps_withdrawn
    return [f"its newest version, {shown.version}, may be a notice of withdrawal: “{said}”"] if said else []


def count(found: Listing[Any], what: str) -> str:
    """Say how many there are of what is listed, and, where some are left out, how to see them all."""
    total = f"more than {found.total}" if found.more else found.total
    return f"{len(found)} of {total} {what}{'; --all for the rest' if found.cut else ''}"


def since_last_night(context: "Context") -> str:
    """Say how many decisions a training of the last day has learned from: they have changed the order of the queue."""
    from bot.curation.training_data import taught_lately

    with context.database.reading() as session:
        taught = taught_lately(session, context.channel, now=context.now)
    return f"since last night: {taught.approved} approved, {taught.rejected} rejected" if taught else ""


def empty_queue(context: "Context", state: CandidateState) -> str:
    """Say that nothing is there, and how papers come in; at weekends and on days off no feed has any."""
    if state is not CandidateState.QUEUED:
        return f"no candidates are {state}; picks queue lists those that wait"
    from bot.arxiv.calendar import EASTERN
    from bot.intake.schedule import calendar_of

    calendar, today = calendar_of([context.channel]), context.now.astimezone(EASTERN).date()
    why = calendar.why_quiet(today)
    if why is None:
        return "no candidates are queued; new papers come with picks fetch"
    since = calendar.last_announcement(today)
    return f"no candidates are queued; {why}, so picks fetch --since {since} asks for the last day that had papers"


def nothing_chosen(state: CandidateState, chosen: str) -> str:
    """Say that no candidate is there of a day, or of an author; ``chosen`` are the words that say which."""
    every = "picks queue" if state is CandidateState.QUEUED else f"picks queue --state {state}"
    return f"no candidates{chosen} are {state}; {every} lists all that are"


def empty_digest(context: "Context", shown: "Digest", *, newest: "date | None") -> str:
    """Say why a day has no digest: nothing was announced, not all of it is in, or nothing of it waits.

    ``newest`` is the newest day of which there ever were candidates, if there is one.
    """
    from bot.intake.schedule import calendar_of

    day = f"{shown.day:%a} {shown.day.day} {shown.day:%b %Y}"
    quiet = calendar_of([context.channel]).why_quiet(shown.day)
    other = f"; picks digest --day {newest} shows the newest day that had candidates" if newest else ""
    if quiet is not None:
        return f"no digest of {day}: {quiet}{other}"
    if shown.missing and newest and newest != shown.day:
        return f"no candidates of {day} wait; not in yet: {', '.join(shown.missing)}{other}"
    why = f"not in yet: {', '.join(shown.missing)}" if shown.missing else "picks queue lists those of all days"
    return f"no candidates of {day} wait; {why}"


def local(context: "Context", moment: datetime) -> str:
    """Return a moment as people of the channel read it."""
    return f"{moment.astimezone(context.channel.posting.zone):%a %d %b %Y %H:%M %Z}"


def _lost(context: "Context", approval: "Approval") -> list[str]:
    """Say that a pick could not have its former slot again, and why."""
    if approval.lost is None:
        return []
    return [f"it cannot have its former slot, {local(context, approval.lost.slot)}: {approval.lost}"]


def told(context: "Context", arxiv_id: str, replaced: "Sequence[Overwritten]") -> list[str]:
    """Say whose words were replaced, and what they were."""
    return [
        line
        for item in replaced
        for line in (
            f"{item.by} had written, {local(context, item.at)}, what is replaced now; picks show {arxiv_id} keeps it:",
            *(f"  {kind}: {words}" for kind, words in item.words.items()),
        )
    ]


def _words_of_others(words: Mapping[str, str]) -> list[str]:
    """Say whose note or links were approved, where they are another curator's; one line a person."""
    people = dict.fromkeys(words.values())
    wrote = {name: [kind for kind, writer in words.items() if writer == name] for name in people}
    return [
        f"its words are those of {name}" if "note" in kinds else f"{name} added: {', '.join(kinds)}"
        for name, kinds in wrote.items()
    ]


def _over_the_cap(picks: int, *, cap: int) -> list[str]:
    return [f"that day has {picks} picks now, the channel's daily cap is {cap}"] if picks > cap else []
