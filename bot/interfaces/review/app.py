"""The desk: its keys, and the decisions that they make."""

from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from bot.interfaces.review.correcting import Correcting
from bot.interfaces.review.dialogs import Ask, Choice, Choose
from bot.interfaces.review.keys import KEYS
from bot.interfaces.review.screen import FAILED

REASONS: Final = (
    Choice("1", "survey"),
    Choice("2", "off topic"),
    Choice("3", "too little new"),
    Choice("4", "weak evidence"),
    Choice("5", "done before"),
)
HOLDS: Final = (
    Choice("1", "tomorrow", "one day"),
    Choice("3", "3d", "three days"),
    Choice("7", "7d", "seven days"),
    Choice("m", "mon", "until Monday"),
)
DATES: Final = "a date: 2026-12-24, tomorrow, 3d, mon"
TIMES: Final = "a time: 10:30, mon 10:00, 2026-12-24 10:30"

_ACTIONS: Final = frozenset(key.action.partition("(")[0] for key in KEYS)


class Review(Correcting):
    """The desk of one person; what it returns is a summary of the sitting."""

    _given_up: str | None = None
    """What could not be stored when the person wanted to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, so that a key is done before the next one is looked at: behind n come words, and no keys.
        *(Binding(key.keys, key.action, priority=True) for key in KEYS),
        Binding("ctrl+q,ctrl+c", "leave_from_anywhere", priority=True),  # textual's own would leave the note behind
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether an action may run: the desk's keys are its own only while no window is open and nobody writes."""
        if action not in _ACTIONS:
            return super().check_action(action, parameters)
        return len(self.screen_stack) == 1 and self.focused is not self.note

    async def action_click(self, action: str) -> None:
        """Do what a key does that was clicked; it ends the writing."""
        self.screen.set_focus(self.rows)
        await self.run_action(action)

    def action_approve(self) -> None:
        """Approve for the next free slot."""
        self._decide("approve")

    def action_approve_at(self) -> None:
        """Approve for a time."""
        run = self.run_of_keys

        def take(when: str | None) -> None:
            if when:
                self._decide("approve", run=run, at=when)

        if self.selected:
            self.push_screen(Ask("when does it go out?", hint=TIMES, check=self.desk.read_time), take)

    def action_reject(self) -> None:
        """Reject, with a reason by one more key or in words."""
        run = self.run_of_keys

        def take(reason: str | None) -> None:
            if reason is not None:
                self._decide("reject", run=run, reason=reason)

        if self.selected:
            title = "why not? the ranking learns from it"
            asked = Choose(title, REASONS, enter="without a reason", words="in your own words")
            self.push_screen(asked, take)

    def action_hold(self) -> None:
        """Put aside until a date."""
        run = self.run_of_keys

        def take(until: str | None) -> None:
            if until is not None:
                self._decide("hold", run=run, until=until or "tomorrow")

        if self.selected:
            asked = Choose("until when?", HOLDS, enter="until tomorrow", words=DATES, check=self.desk.read_date)
            self.push_screen(asked, take)

    def action_undo(self) -> None:
        """Take the last decision back."""
        self.begin_decision()
        self._undo(self.run_of_keys)

    @work(group="verb")
    async def _undo(self, run: int) -> None:
        async with self.decision():
            if self.is_stale(run) or not await self.keep_note():
                return
            reply = await self.do(self.desk.undo, self.selected)
            if reply is FAILED:
                self.fail_decision()
            else:
                self.after(reply)

    def _decide(self, verb: str, *, run: int | None = None, **values: Any) -> None:
        """Decide about the paper that is selected once what was decided before is done, and go on to the next one.

        ``run`` is the run of keys in which the person began, where a window asked for more since.
        """
        self.begin_decision()
        self._decide_now(verb, self.run_of_keys if run is None else run, **values)

    @work(group="verb")
    async def _decide_now(self, verb: str, run: int, **values: Any) -> None:
        async with self.decision():
            arxiv_id = self.selected
            if self.is_stale(run) or arxiv_id is None:
                return
            if not await self.keep_note() or not await self.put_in_sight(arxiv_id):
                self.fail_decision()
                return
            seen = self.shown.note if self.shown and verb == "approve" else None
            reply = await self.do(self.desk.decide, verb, arxiv_id, seen=seen, **values)
            if reply is FAILED:
                self.show_paper(arxiv_id)
                self.fail_decision()
            else:
                self.after(reply, onward=self.desk.next_open(arxiv_id))

    async def action_leave_from_anywhere(self) -> None:
        """Leave, also out of a window or the note."""
        await self.action_leave()

    async def action_leave(self) -> None:
        """Leave, with a summary of the sitting; what cannot be stored is said there when the person leaves again."""
        unsaved = self.note.text if self.note.changed else ""
        if await self.keep_note():
            self.exit(self.desk.summary())
        elif unsaved == self._given_up:
            name = self.shown.arxiv_id if self.shown else ""
            self.exit(f"{self.desk.summary()}\nnot stored, your note for {name}:\n{unsaved}")
        else:
            self._given_up = unsaved
            self.tell(f"{self.said}; leave again, and your words are printed in the terminal", wrong=True)
