"""The desk: its keys, and the decisions that they make."""

from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from bot.interfaces.review.dialogs import Ask, Choice, Choose
from bot.interfaces.review.looking import Looking
from bot.interfaces.review.screen import FAILED

REASONS: Final = (
    Choice("1", "survey"),
    Choice("2", "off topic"),
    Choice("3", "too little new"),
    Choice("4", "weak evidence"),
    Choice("5", "done before"),
)
HOLDS: Final = (Choice("1", "tomorrow"), Choice("3", "3d"), Choice("7", "7d"), Choice("m", "mon"))
DATES: Final = "a date: 2026-12-24, tomorrow, 3d, mon"
TIMES: Final = "a time: 10:30, mon 10:00, 2026-12-24 10:30"


class Review(Looking):
    """The desk of one person; what it returns is a summary of the sitting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "step(1)"),
        Binding("k,up", "step(-1)"),
        Binding("space,pagedown", "scroll_paper(1)"),
        Binding("b,pageup", "scroll_paper(-1)"),
        Binding("n", "note"),
        Binding("e", "editor"),
        Binding("a", "approve"),
        Binding("A", "approve_at"),
        Binding("x", "reject"),
        Binding("h", "hold"),
        Binding("u", "undo"),
        Binding("c", "take_code"),
        Binding("o", "open"),
        Binding("t", "thread"),
        Binding("w", "why"),
        Binding("s", "similar"),
        Binding("slash", "search"),
        Binding("g", "other_day"),
        Binding("L", "light"),
        Binding("question_mark", "help"),
        Binding("q", "leave"),
        Binding("ctrl+q,ctrl+c", "leave", priority=True),  # textual's own way out would leave the note behind
    ]

    @work(group="verb")
    async def action_approve(self) -> None:
        """Approve for the next free slot."""
        await self._decide("approve")

    @work(group="verb")
    async def action_approve_at(self) -> None:
        """Approve for a time."""
        when = await self.push_screen_wait(Ask("when does it go out?", hint=TIMES))
        if when:
            await self._decide("approve", at=when)

    @work(group="verb")
    async def action_reject(self) -> None:
        """Reject, with a reason by one more key or in words."""
        if self.selected is None:
            return
        reason = await self.push_screen_wait(
            Choose("why not? the ranking learns from it", REASONS, enter="without a reason", words="in words")
        )
        if reason is not None:
            await self._decide("reject", reason=reason)

    @work(group="verb")
    async def action_hold(self) -> None:
        """Put aside until a date."""
        if self.selected is None:
            return
        until = await self.push_screen_wait(Choose("until when?", HOLDS, enter="until tomorrow", words=DATES))
        if until is not None:
            await self._decide("hold", until=until or "tomorrow")

    @work(group="verb")
    async def action_undo(self) -> None:
        """Take the last decision back."""
        chosen = self.selected
        reply = await self.do(self.desk.undo, chosen)
        if reply is not FAILED:
            self.after(reply.data.arxiv_id, reply)

    async def _decide(self, verb: str, **values: Any) -> None:
        arxiv_id = self.selected
        if arxiv_id is None or not await self.keep_note():
            return
        reply = await self.do(self.desk.decide, verb, arxiv_id, **values)
        if reply is not FAILED:
            self.after(arxiv_id, reply, onward=self.desk.next_open(arxiv_id))

    async def action_leave(self) -> None:
        """Leave, with a summary of the sitting."""
        if await self.keep_note():
            self.exit(self.desk.summary())
