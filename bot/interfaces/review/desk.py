"""What lies on the desk: a day's candidates, what was decided about them here, and what others did meanwhile.

It knows no screen. Everything is read and done by verbs; a PicksError of theirs passes through.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.interfaces.commands import VERBS, Call, Reply
from bot.interfaces.views.candidates import QueueRow, Shown
from bot.interfaces.views.threads import Preview

EVERYTHING: Final = 10_000
"""More candidates than any queue has: the desk offers all days that wait."""

Row = QueueRow | Shown


@dataclass(frozen=True, slots=True)
class News:
    """What somebody else did to a paper on the desk."""

    arxiv_id: str
    what: str


@dataclass
class Desk:
    """The rows of one day and the verbs; ``make`` returns a fresh call, at this moment, for the person at the desk."""

    make: Callable[[], Call]
    person: str
    day: date | None = None
    rows: list[Row] = field(default_factory=list)
    _quotes: dict[str, Quote] = field(default_factory=dict)
    _logged: dict[str, int] = field(default_factory=dict)

    def say(self, verb: str, *, seen: str | None = None, **values: Any) -> Reply:
        """Run a verb as the person at the desk; raise PicksError where it cannot be done."""
        return VERBS[verb].run(replace(self.make(), seen=seen), **values)

    def preview(self, arxiv_id: str, note: str) -> Preview:
        """Return what would go out with this note; a quoted post is looked up once, not at every letter."""
        call = self.make()
        context = replace(call.context, resolve_quote=self._resolve_once)
        reply = VERBS["preview"].run(replace(call, choose=lambda: context), paper=arxiv_id, note=note)
        found: Preview = reply.data
        return found

    def days(self) -> dict[date | None, int]:
        """Return the days that have candidates waiting, the newest first, with how many."""
        counts = Counter(row.announced for row in self._waiting())
        return dict(sorted(counts.items(), key=lambda item: item[0] or date.min, reverse=True))

    def load(self, day: date | None = None) -> None:
        """Lay out the candidates of a day, or of the newest that has any."""
        waiting = self._waiting()
        newest = max((row.announced for row in waiting if row.announced), default=None)
        self.day = day or newest
        self.rows = [row for row in waiting if row.announced == self.day]
        for row in list(self.rows):
            self.paper(row.arxiv_id)

    def paper(self, arxiv_id: str) -> Shown:
        """Return one paper whole, and take over what became of it; a paper that was found joins the rows."""
        shown: Shown = self.say("show", paper=arxiv_id).data
        self._take_over(shown)
        return shown

    def decide(self, verb: str, arxiv_id: str | None, **values: Any) -> Reply:
        """Run a verb that changes a paper, and take over what became of it."""
        reply = self.say(verb, paper=arxiv_id, **values)
        self._take_over(reply.data)
        return reply

    def undo(self, arxiv_id: str | None) -> Reply:
        """Take back the decision on this paper, or else the person's last one."""
        row = self.row(arxiv_id) if arxiv_id else None
        if row is not None and row.state is not CandidateState.QUEUED:
            return self.decide("undo", row.arxiv_id)
        return self.decide("undo", None)

    def refresh(self) -> list[News]:
        """Read again what lies here, and add what came in; return what others did."""
        news: list[News] = []
        for row in list(self.rows):
            shown: Shown = self.say("show", paper=row.arxiv_id).data
            news += self._done_by_others(shown)
            self._take_over(shown)
        known = {row.arxiv_id for row in self.rows}
        fresh = [row for row in self._waiting() if row.announced == self.day and row.arxiv_id not in known]
        self.rows += fresh
        return [*news, *(News(row.arxiv_id, f"#{row.id} came in") for row in fresh)]

    def row(self, arxiv_id: str) -> Row | None:
        """Return the row of a paper, None where it does not lie here."""
        return next((row for row in self.rows if row.arxiv_id == arxiv_id), None)

    def next_open(self, after: str) -> str | None:
        """Return the next paper that waits for a decision, from the one after this on, round the end."""
        names = [row.arxiv_id for row in self.rows]
        place = names.index(after) + 1 if after in names else 0
        turned = [*self.rows[place:], *self.rows[:place]]
        return next((row.arxiv_id for row in turned if row.state is CandidateState.QUEUED), None)

    @property
    def done(self) -> int:
        """Return how many of the rows are decided."""
        return sum(row.state is not CandidateState.QUEUED for row in self.rows)

    def summary(self) -> str:
        """Say what became of the rows, in one line."""
        if not self.rows:
            return "nothing was on the desk"
        counts = Counter(row.state for row in self.rows)
        words = [f"{number} {state}" for state, number in counts.items() if state is not CandidateState.QUEUED]
        left = counts.get(CandidateState.QUEUED, 0)
        day = f" of {self.day}" if self.day else ""
        return f"{len(self.rows)} candidates{day}: {', '.join([*words, f'{left} left'])}"

    def _resolve_once(self, url: str) -> Quote:
        if url not in self._quotes:
            self._quotes[url] = self.make().context.resolve_quote(url)
        return self._quotes[url]

    def _waiting(self) -> Sequence[QueueRow]:
        rows: Sequence[QueueRow] = self.say("queue", limit=EVERYTHING).data
        return rows

    def _done_by_others(self, shown: Shown) -> Iterator[News]:
        """Yield what others have done to a paper since it was last read here."""
        known = self._logged.get(shown.arxiv_id, len(shown.decisions))
        others = [item for item in shown.decisions[known:] if item.by != self.person]
        if others:
            yield News(shown.arxiv_id, f"{others[-1].by}: {others[-1].action} of #{shown.id}, it is {shown.state} now")

    def _take_over(self, shown: Shown) -> None:
        self._logged[shown.arxiv_id] = len(shown.decisions)
        for place, row in enumerate(self.rows):
            if row.arxiv_id == shown.arxiv_id:
                self.rows[place] = shown
                return
        self.rows.append(shown)
