"""What lies on the desk: a day's candidates, what was decided about them here, and what others did meanwhile.

It knows no screen. Everything is read and done by verbs; a PicksError of theirs passes through.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from bot.domain.dates import parse_date, parse_time
from bot.domain.errors import PicksError
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.interfaces.commands import VERBS, Call, Reply
from bot.interfaces.views.candidates import DecisionView, QueueRow, Shown
from bot.interfaces.views.log import LogEntry
from bot.interfaces.views.threads import Preview

EVERYTHING: Final = 10_000
"""More candidates than any queue has, and more decisions than are made between two looks."""

Row = QueueRow | Shown


@dataclass(frozen=True, slots=True)
class News:
    """What somebody else did to a paper on the desk, or what came in."""

    arxiv_id: str
    what: str


@dataclass
class Desk:
    """The rows of one day and the verbs; ``make`` returns a fresh call, at this moment, for the person at the desk.

    ``day`` is None where all days lie together. What has lain here stays known until the person leaves, so a day that
    is laid out again has its decided rows too.
    """

    make: Callable[[], Call]
    person: str
    day: date | None = None
    _known: dict[str, Row] = field(default_factory=dict)
    _days: dict[date | None, list[str]] = field(default_factory=dict)
    _quotes: dict[str, Quote | PicksError] = field(default_factory=dict)
    _phrases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _my_moments: set[datetime] = field(default_factory=set)
    _last_entry: int | None = None

    @property
    def rows(self) -> list[Row]:
        """Return what lies on the desk now, in its order."""
        return [self._known[name] for name in self._names]

    @property
    def _names(self) -> list[str]:
        return self._days.setdefault(self.day, [])

    # -- verbs

    def say(self, verb: str, *, seen: str | None = None, **values: Any) -> Reply:
        """Run a verb as the person at the desk; raise PicksError where it cannot be done."""
        return VERBS[verb].run(replace(self.make(), seen=seen), **values)

    def decide(self, verb: str, arxiv_id: str | None, *, seen: str | None = None, **values: Any) -> Reply:
        """Run a verb that changes a paper, and take over what became of it; ``seen`` is the note that was in sight."""
        call = replace(self.make(), seen=seen)
        reply = VERBS[verb].run(call, paper=arxiv_id, **values)
        self._my_moments.add(call.context.now)
        self._take_over(reply.data)
        return reply

    def correct(self, arxiv_id: str, note: str, *, approve: bool = False) -> Reply:
        """Return what a correction would change; or approve it, and return the paper as it stands then."""
        call = self.make()
        reply = VERBS["correct"].run(call, paper=arxiv_id, note=note, yes=approve)
        if not approve:
            return reply
        self._my_moments.add(call.context.now)
        return replace(reply, data=self.paper(arxiv_id))

    def undo(self, arxiv_id: str | None) -> Reply:
        """Take back the person's decision on this paper, or else their last one; nobody's else by a slip."""
        row = self.row(arxiv_id) if arxiv_id else None
        mine = row is not None and not _is_open(row) and self._decided_by_me(row.arxiv_id)
        return self.decide("undo", arxiv_id if mine else None)

    def _decided_by_me(self, arxiv_id: str) -> bool:
        decisions = self.paper(arxiv_id).decisions
        return bool(decisions) and decisions[-1].by == self.person

    def paper(self, arxiv_id: str) -> Shown:
        """Return one paper whole, and take over what became of it; a paper that was found joins the rows."""
        shown: Shown = self.say("show", paper=arxiv_id).data
        self._take_over(shown)
        if isinstance(self._quotes.get(shown.thread_url or ""), PicksError):
            del self._quotes[shown.thread_url or ""]  # it may be found by now
        return shown

    def phrases(self, arxiv_id: str) -> tuple[str, ...]:
        """Return the words that speak for a paper; they are asked for once."""
        if arxiv_id not in self._phrases:
            self._phrases[arxiv_id] = self.say("why", paper=arxiv_id).data.phrases
        return self._phrases[arxiv_id]

    def known_phrases(self, arxiv_id: str) -> tuple[str, ...]:
        """Return the words that speak for a paper as far as they were asked for."""
        return self._phrases.get(arxiv_id, ())

    def preview(self, arxiv_id: str, note: str | None) -> Preview:
        """Return what goes out, or what would with another note."""
        call = self.make()
        context = replace(call.context, resolve_quote=self._resolve_once)
        reply = VERBS["preview"].run(replace(call, choose=lambda: context), paper=arxiv_id, note=note)
        found: Preview = reply.data
        return found

    def _resolve_once(self, url: str) -> Quote:
        """Return the post behind an address, or raise what its look-up said; it is looked up once."""
        if url not in self._quotes:
            try:
                self._quotes[url] = self.make().context.resolve_quote(url)
            except PicksError as error:
                self._quotes[url] = error
        found = self._quotes[url]
        if isinstance(found, PicksError):
            raise found
        return found

    def read_time(self, text: str) -> datetime:
        """Return the time to come that somebody wrote; raise PicksError when it is none."""
        context = self.make().context
        return parse_time(text, zone=context.channel.posting.zone, now=context.now)

    def read_date(self, text: str) -> date:
        """Return the day that somebody wrote; raise PicksError when it is none."""
        context = self.make().context
        return parse_date(text, today=context.now.astimezone(context.channel.posting.zone).date())

    # -- days

    def days(self) -> dict[date | None, int]:
        """Return the days that have candidates waiting, the newest first, with how many; None is no day."""
        counts = Counter(row.announced for row in self._waiting())
        return dict(sorted(counts.items(), key=lambda item: item[0] or date.min, reverse=True))

    def load(self, day: date | None = None) -> None:
        """Lay out the candidates of a day, or of the newest that has any."""
        waiting = self._waiting()
        newest = max((row.announced for row in waiting if row.announced), default=None)
        self._lay_out(day or newest, waiting)

    def load_all(self) -> None:
        """Lay out the candidates of all days together."""
        self._lay_out(None, self._waiting())

    def _lay_out(self, day: date | None, waiting: Sequence[QueueRow]) -> None:
        if self._last_entry is None:
            newest = self.say("log", limit=1).data
            self._last_entry = newest[0].entry if newest else 0
        self.day = day
        self._add(waiting)

    def _add(self, waiting: Iterable[QueueRow]) -> list[QueueRow]:
        """Lay the candidates of this day on the desk that do not lie there yet, and return them."""
        there = set(self._names)
        fresh = [row for row in waiting if self.day in {None, row.announced} and row.arxiv_id not in there]
        self._known |= {row.arxiv_id: row for row in fresh}
        self._names.extend(row.arxiv_id for row in fresh)
        return fresh

    def _waiting(self) -> Sequence[QueueRow]:
        rows: Sequence[QueueRow] = self.say("queue", limit=EVERYTHING).data
        return rows

    # -- what others do

    def refresh(self) -> list[News]:
        """Read what others did to what lies here, and add what came in; return it as news."""
        changed = {entry.arxiv_id: _told(entry) for entry in self._entries_of_others() if entry.arxiv_id in self._known}
        waiting = self._waiting()
        still = {row.arxiv_id for row in waiting}
        gone = [row for row in self.rows if _is_open(row) and row.arxiv_id not in still | changed.keys()]
        changed |= {row.arxiv_id: f"#{row.id} waits no longer" for row in gone}
        for name in changed:
            self._known[name] = self.say("show", paper=name).data
        fresh = self._add(waiting)
        return [News(*item) for item in changed.items()] + [News(row.arxiv_id, f"#{row.id} came in") for row in fresh]

    def _entries_of_others(self) -> list[LogEntry]:
        """Return what was logged since the last look and was not done here, the oldest first."""
        entries: Sequence[LogEntry] = self.say("log", after=self._last_entry or 0, limit=EVERYTHING).data
        if entries:
            self._last_entry = entries[0].entry
        return [item for item in reversed(entries) if not self._is_mine(item.decision)]

    def _is_mine(self, done: DecisionView) -> bool:
        return done.by == self.person and done.at in self._my_moments

    # -- where the rows stand

    def row(self, arxiv_id: str) -> Row | None:
        """Return the row of a paper, None where it does not lie here."""
        return self._known[arxiv_id] if arxiv_id in self._names else None

    def next_open(self, after: str) -> str | None:
        """Return the next paper that waits for a decision, from the one after this on, round the end."""
        place = self._names.index(after) + 1 if after in self._names else 0
        turned = [*self.rows[place:], *self.rows[:place]]
        return next((row.arxiv_id for row in turned if _is_open(row)), None)

    @property
    def done(self) -> int:
        """Return how many of the rows are decided."""
        return sum(not _is_open(row) for row in self.rows)

    def summary(self) -> str:
        """Say what became of all that has lain here, in one line."""
        laid = dict.fromkeys(name for names in self._days.values() for name in names)
        names = [name for name in laid if self._known[name].state]  # what was found and left alone is no candidate
        if not names:
            return "nothing was on the desk"
        counts = Counter(self._known[name].state for name in names)
        left = counts.pop(CandidateState.QUEUED, 0)
        words = [f"{number} {state}" for state, number in counts.items()]
        days = [str(day) for day, laid in self._days.items() if day and laid]
        of_days = f" of {', '.join(days)}" if days and not self._days.get(None) else ""
        return f"{len(names)} candidates{of_days}: {', '.join([*words, f'{left} left'])}"

    def _take_over(self, shown: Shown) -> None:
        self._known[shown.arxiv_id] = shown
        if shown.arxiv_id not in self._names:
            self._names.append(shown.arxiv_id)


def _is_open(row: Row) -> bool:
    return row.state is CandidateState.QUEUED


def _told(entry: LogEntry) -> str:
    return f"{entry.decision.by}: {entry.decision.action} of #{entry.id}, it is {entry.state} now"
