"""The desk's screen: its panes, what is selected, and how anything is done without holding up the keys.

Verbs run in threads, one after another. What they refuse becomes one line at the foot.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Final

from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.commands import Reply
from bot.interfaces.review import looks
from bot.interfaces.review.desk import Desk
from bot.interfaces.review.keys import HINTS
from bot.interfaces.review.note import Note
from bot.interfaces.views.candidates import Shown

FAILED: Final = object()
"""What ``do`` returns instead of what could not be had."""

_BESIDE: Final = {"paper", "threads"}
"""What is shown beside an open window, too."""
_TYPING: Final = 0.25
"""Seconds without a letter after which the thread is composed anew."""
_OTHERS: Final = 5.0
"""Seconds between two looks at what others did."""


class Screen(App[str]):
    """The panes, and what fills them."""

    CSS_PATH = "review.tcss"
    TITLE = "picks review"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  # textual declares it without ClassVar

    def __init__(
        self,
        desk: Desk,
        *,
        channel: Channel,
        edit: "Callable[[App[str], str], AbstractContextManager[tuple[str, str]]]",
        open_page: Callable[[str], None],
        light: bool = False,
    ) -> None:
        super().__init__()
        self.ansi_theme_light = DEFAULT_TERMINAL_THEME  # dark enough to be read on white
        self.theme = "textual-light" if light else "textual-dark"
        self.desk, self.edit, self.open_page = desk, edit, open_page
        self.zone, self.limit = channel.posting.zone, channel.thread.note_limit
        self._channel_title = channel.title
        self.turn = asyncio.Lock()
        self.shown: Shown | None = None
        self._composing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the candidates on the left, the paper on the right, the note and its threads below or beside it."""
        yield Static(id="head", markup=False)
        with Horizontal(id="desk"):
            yield OptionList(id="rows", markup=False, compact=True)
            with VerticalScroll(id="paper", can_focus=False):
                yield Static(id="about", markup=False)
            with Vertical(id="words"):
                yield Note(id="note", limit=self.limit)
                with VerticalScroll(id="threads", can_focus=False):
                    yield Static(id="posts", markup=False)
        yield Static(id="said", markup=False)
        yield Static(Text(HINTS), id="keys", markup=False)

    async def on_mount(self) -> None:
        """Lay out the day, and look from time to time what others did."""
        self.query_one("#rows").focus()
        await self.load_day(self.desk.day)
        self.set_interval(_OTHERS, self._look_at_others)

    @property
    def rows(self) -> OptionList:
        """Return the list of candidates."""
        return self.query_one("#rows", OptionList)

    @property
    def note(self) -> Note:
        """Return the note's editor."""
        return self.query_one(Note)

    @property
    def selected(self) -> str | None:
        """Return the paper that is selected."""
        return self.rows.highlighted_option.id if self.rows.highlighted_option else None

    @property
    def busy(self) -> bool:
        """Say whether anything is being done, shown or about to be composed."""
        asked = len(self.screen_stack) > 1
        doing = (item for item in self.workers if item.is_running and (item.group in _BESIDE or not asked))
        return self.turn.locked() or any(doing) or self._composing is not None

    def tell(self, words: str, *, wrong: bool = False) -> None:
        """Show one line at the foot."""
        line = " ".join(words.split("\n"))
        self.query_one("#said", Static).update(Text(line, style="bold red" if wrong else ""))

    async def load_day(self, day: date | None) -> None:
        """Lay out a day, or the newest."""
        if await self.do(self.desk.load, day) is FAILED:
            return
        self.lay_out()
        if not self.desk.rows:
            self.tell("nothing waits for a decision; picks fetch brings new papers, / searches all of them")

    def lay_out(self, chosen: str | None = None) -> None:
        """Show the rows anew, with the chosen one selected, or the first that is open."""
        kept = chosen or self.selected
        self.rows.clear_options()
        self.rows.add_options([Option(looks.row(row), id=row.arxiv_id) for row in self.desk.rows])
        names = [row.arxiv_id for row in self.desk.rows]
        if names:
            self.rows.highlighted = names.index(kept) if kept in names else 0
        else:
            self.query_one("#about", Static).update("")
        self._show_head()

    def _show_head(self) -> None:
        desk = self.desk
        day = f"{desk.day:%a %d %b %Y}" if desk.day else "no day"
        done = f"{desk.done} of {len(desk.rows)} decided"
        head = Text.assemble((self._channel_title, "bold"), f"  {day}  {done}  {desk.person}")
        head.no_wrap, head.overflow = True, "ellipsis"
        self.query_one("#head", Static).update(head)

    @on(OptionList.OptionHighlighted, "#rows")
    async def _select(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and (self.shown is None or self.shown.arxiv_id != event.option_id):
            await self.keep_note()
            self.show_paper(event.option_id)

    @work(exclusive=True, group="paper")
    async def show_paper(self, arxiv_id: str) -> None:
        """Show a paper: first what is known at once, then why and the threads, which take longer."""
        shown = await self.do(self.desk.paper, arxiv_id)
        if shown is FAILED or self.selected != arxiv_id:
            return
        self._present(shown, ())
        self.query_one("#paper").scroll_home(animate=False)
        why = await self.do(self.desk.say, "why", paper=arxiv_id)
        if why is not FAILED and self.selected == arxiv_id:
            self.query_one("#about", Static).update(looks.paper(shown, why.data.phrases, self.zone))

    def _present(self, shown: Shown, phrases: tuple[str, ...]) -> None:
        self.shown = shown
        self.query_one("#about", Static).update(looks.paper(shown, phrases, self.zone))
        if not self.note.has_focus:
            self.note.lay(shown.note)
        self.compose_threads()

    async def keep_note(self) -> bool:
        """Store what was written, if anything; say whether the note may be left."""
        return True

    @on(Note.Writing)
    def _writing(self, event: Note.Writing) -> None:
        self.screen.set_class(event.begun, "-writing")

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._composing is not None:
            self._composing.stop()
        self._composing = self.set_timer(_TYPING, self.compose_threads)

    @work(exclusive=True, group="threads")
    async def compose_threads(self) -> None:
        """Show the exact threads of what stands in the note now."""
        self._composing = None
        if self.shown is None:
            return
        arxiv_id, note = self.shown.arxiv_id, self.note.text
        try:
            preview = await asyncio.to_thread(self.desk.preview, arxiv_id, note)
        except PicksError as error:
            self.query_one("#posts", Static).update(Text(str(error), style="bold red"))
            return
        if self.shown.arxiv_id == arxiv_id:
            self.query_one("#posts", Static).update(looks.threads(preview))

    def after(self, arxiv_id: str, reply: Reply, *, onward: str | None = None) -> None:
        """Show what a verb has made of a paper, and go on to another one."""
        self.tell(reply.summary)
        self.lay_out(onward or arxiv_id)
        if self.selected == arxiv_id:
            self.shown = None
            self.show_paper(arxiv_id)

    def action_step(self, by: int) -> None:
        """Go to the row below or above."""
        if self.rows.option_count:
            here = self.rows.highlighted or 0
            self.rows.highlighted = max(0, min(self.rows.option_count - 1, here + by))

    def action_scroll_paper(self, by: int) -> None:
        """Scroll the paper by a page, less two lines."""
        pane = self.query_one("#paper", VerticalScroll)
        pane.scroll_relative(y=by * max(1, pane.size.height - 2), animate=False)

    async def _look_at_others(self) -> None:
        if self.turn.locked():
            return
        news = await self.do(self.desk.refresh, quiet=True)
        if news is FAILED or not news:
            return
        self.tell("; ".join(item.what for item in news))
        self.lay_out()
        if self.selected in {item.arxiv_id for item in news} and self.selected and not self.note.has_focus:
            self.shown = None
            self.show_paper(self.selected)

    async def do(self, what: Callable[..., Any], *values: Any, quiet: bool = False, **named: Any) -> Any:
        """Do something in a thread, after what is being done; show what it refuses and return FAILED."""
        async with self.turn:
            try:
                return await asyncio.to_thread(what, *values, **named)
            except PicksError as error:
                if not quiet:
                    self.tell(str(error), wrong=True)
                return FAILED
