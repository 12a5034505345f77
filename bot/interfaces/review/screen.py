"""The desk's screen: its panes, what is selected, and how anything is done without holding up the keys.

Verbs run in threads, one after another. What they refuse becomes one line at the foot.
"""

import asyncio
import os
import re
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
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
from bot.interfaces.review.keys import hints
from bot.interfaces.review.note import Note
from bot.interfaces.views.candidates import Shown

FAILED: Final = object()
"""What ``do`` returns instead of what could not be had."""

_BESIDE: Final = {"paper", "threads"}
"""What is shown beside an open window, too."""
_TYPING: Final = 0.25
"""Seconds without a letter after which the thread is composed anew."""
_SETTLED: Final = 0.1
"""Seconds after which the panes have the sizes that another size of the terminal gives them."""
_BESIDE_THE_WORDS: Final = 4
"""Columns of the list that no title can have: margins, the line, the scroll bar."""
_EMPTY: Final = Text("Nothing waits for a decision here.\n\npicks fetch brings new papers, / searches all of them.")
_COMMAND: Final = re.compile(r": picks [a-z]+ [\w./#]+$")
"""What an error ends with that names the command for the shell: here a key does it."""
_DROPPED: Final = "; the keys that you typed after it did nothing"
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
        edit: "Callable[[App[str], Shown], AbstractContextManager[str]]",
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
        self.hand = asyncio.Lock()
        """Held while a key changes something: the next such key waits for what that one selects."""
        self.begun = 0
        """How many decisions were begun and are not done."""
        self.run_of_keys = 0
        """Counts the decisions that failed: keys that were typed before one of them mean another paper."""
        self._all_done = asyncio.Event()
        self._all_done.set()
        self.said = ""
        self._said_besides: set[str] = set()
        self._out_of_reach = False
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
                yield Static(id="theirs", markup=False)
                with VerticalScroll(id="threads", can_focus=False):
                    yield Static(id="posts", markup=False)
        yield Static(id="said", markup=False)
        yield Static(hints(), id="keys", markup=False)

    async def on_mount(self) -> None:
        """Lay out the day, and look from time to time what others did."""
        self.screen.set_focus(self.rows)
        await self.load_day(self.desk.day)
        self.set_interval(_OTHERS, self.look_at_others)
        if threading.current_thread() is threading.main_thread():  # signals come to no other
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.call_later, self.action_hang_up)

    async def action_hang_up(self) -> None:
        """Store what was written, and end as the signal ends any program: the terminal was closed."""
        await self.keep_note()
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGHUP)  # textual's own end waits for a terminal that is not there any more

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
        """Say something at the foot."""
        self.said = words
        self.query_one("#said", Static).update(Text(words, style="bold red" if wrong else ""))

    async def load_day(self, day: date | None) -> None:
        """Lay out a day, or the newest."""
        if await self.do(self.desk.load, day) is not FAILED:
            self.lay_out()

    def lay_out(self, chosen: str | None = None) -> None:
        """Show the rows anew, with the chosen one selected, or the first that is open."""
        rows = self.desk.rows
        names = [row.arxiv_id for row in rows]
        kept = next((name for name in (chosen, self.selected) if name in names), self.desk.next_open(""))
        width = max(16, self.rows.size.width - _BESIDE_THE_WORDS)
        self.rows.clear_options()
        self.rows.add_options([Option(looks.row(row, width=width), id=row.arxiv_id) for row in rows])
        if names:
            self.rows.highlighted = names.index(kept) if kept else 0
        else:
            self.shown = None
            self.query_one("#about", Static).update(_EMPTY)
            self.query_one("#posts", Static).update("")
            self.note.lay("")
        self._show_head()

    def on_resize(self) -> None:
        """Let the titles, and the threads' headings, take the room that there is now."""
        self.set_timer(_SETTLED, self._fit)

    def _fit(self) -> None:
        self.lay_out()
        self.compose_threads()

    def _show_head(self) -> None:
        desk = self.desk
        day = f"{desk.day:%a %d %b %Y}" if desk.day else "all days"
        head = Text.assemble(
            (f"{desk.done} of {len(desk.rows)} decided", "bold"), f"  {day}  {desk.person}  {self._channel_title}"
        )
        self.query_one("#head", Static).update(head)

    @on(OptionList.OptionHighlighted, "#rows")
    async def _select(self, event: OptionList.OptionHighlighted) -> None:
        """Show the row that is selected now; where what was written cannot be stored, go back to it."""
        before = self.shown.arxiv_id if self.shown else None
        if event.option_id is None or event.option_id in {before, None} or event.option_id != self.selected:
            return
        if self.note.awaits_paper or not self.note.changed:
            self.show_paper(event.option_id)
            return
        async with self.writing():
            kept = await self.keep_note(onward=event.option_id)
        if kept:
            self.show_paper(event.option_id)
        else:
            self.lay_out(before)

    @work(exclusive=True, group="paper")
    async def show_paper(self, arxiv_id: str) -> None:
        """Show a paper: first what is known at once, then the words that speak for it, which take longer."""
        if await self.put_in_sight(arxiv_id, anew=True):
            phrases = await self.do(self.desk.phrases, arxiv_id)
            if phrases is not FAILED and self.shown is not None and self.shown.arxiv_id == arxiv_id:
                self.query_one("#about", Static).update(looks.paper(self.shown, phrases, self.zone))

    async def put_in_sight(self, arxiv_id: str, *, anew: bool = False) -> bool:
        """Show a paper that is selected, if it is not shown yet; say whether it is."""
        if anew or self.shown is None or self.shown.arxiv_id != arxiv_id:
            shown = await self.do(self.desk.paper, arxiv_id)
            if shown is FAILED or self.selected != arxiv_id:
                return False
            self.present(shown)
        return True

    def present(self, shown: Shown) -> None:
        """Show a paper as it stands; what is being written about it stays."""
        another = self.shown is None or self.shown.arxiv_id != shown.arxiv_id
        self.shown = shown
        self.query_one("#about", Static).update(looks.paper(shown, self.desk.known_phrases(shown.arxiv_id), self.zone))
        if another:
            self.query_one("#paper").scroll_home(animate=False)
        if self.note.awaits_paper and self.begun:
            pass  # these words are for the paper that comes next
        elif another or not (self.note.has_focus or self.note.changed):
            self.note.lay(shown.note)
        self.compose_threads()

    async def keep_note(self, *, onward: str | None = None) -> bool:  # noqa: ARG002  # Writing does it
        """Store what was written, if anything, and select a row; say whether the note may be left."""
        return True

    @on(Note.Writing)
    def _writing(self, event: Note.Writing) -> None:
        self.screen_stack[0].set_class(event.begun, "-writing")

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
        arxiv_id, note = self.shown.arxiv_id, self.note.text if self.note.changed else None
        try:
            preview = await asyncio.to_thread(self.desk.preview, arxiv_id, note)
        except PicksError as error:
            self.query_one("#posts", Static).update(Text(str(error), style="bold red"))
            return
        if self.shown.arxiv_id == arxiv_id:
            self.query_one("#posts", Static).update(looks.threads(preview))

    def begin_decision(self) -> None:
        """Take note, while the key is pressed, that what is selected may be another paper soon."""
        self.begun += 1
        self._all_done.clear()

    @asynccontextmanager
    async def decision(self) -> AsyncIterator[None]:
        """Let one decision after another be made; when the last is done, words that wait for a paper have it."""
        async with self.hand:
            try:
                yield
            finally:
                self.begun -= 1
        if not self.begun:
            self._all_done.set()
            if self.note.awaits_paper and self.selected:
                self.show_paper(self.selected)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Let something be stored once all decisions are done."""
        await self._all_done.wait()
        async with self.hand:
            yield

    def fail_decision(self) -> None:
        """Take note that a decision failed: the paper is still selected, and keys typed ahead were for the next one."""
        self.run_of_keys += 1

    def is_stale(self, run: int) -> bool:
        """Say whether a decision failed since the keys of this run were typed; if so, say that they did nothing."""
        if run == self.run_of_keys:
            return False
        self.tell(f"{self.said.removesuffix(_DROPPED)}{_DROPPED}", wrong=True)
        return True

    def after(self, reply: Reply, *, onward: str | None = None) -> None:
        """Show what a verb has made of a paper, and go on to another one."""
        shown: Shown = reply.data
        fresh = reply.besides if reply.besides not in self._said_besides else ""
        self._said_besides.add(reply.besides)
        self.tell("; ".join(filter(None, [*reply.summary.splitlines(), *fresh.splitlines()])))
        if self.selected == shown.arxiv_id and onward in {None, shown.arxiv_id}:
            self.present(shown)
        self.lay_out(onward or shown.arxiv_id)

    def action_step(self, by: int) -> None:
        """Go to the row below or above."""
        self.tell("")
        if self.rows.option_count:
            here = self.rows.highlighted or 0
            self.rows.highlighted = max(0, min(self.rows.option_count - 1, here + by))

    def action_scroll_paper(self, by: int) -> None:
        """Scroll the paper by a page, less two lines."""
        pane = self.query_one("#paper", VerticalScroll)
        pane.scroll_relative(y=by * max(1, pane.size.height - 2), animate=False)

    async def look_at_others(self) -> None:
        """Show what others did; where the database cannot be reached, say so once, and when it can be again."""
        if self.turn.locked() or self.hand.locked():
            return
        news = await self.do(self.desk.refresh, quiet=self._out_of_reach)
        if news is FAILED:
            self._out_of_reach = True
            return
        if self._out_of_reach:
            self._out_of_reach = False
            self.tell("the database answers again")
        if news:
            self.tell("; ".join(item.what for item in news))
            self.lay_out()
        if self.selected and self.selected in {item.arxiv_id for item in news}:
            self.show_paper(self.selected)

    async def do(self, what: Callable[..., Any], *values: Any, quiet: bool = False, **named: Any) -> Any:
        """Do something in a thread, after what is being done; show what it refuses and return FAILED."""
        async with self.turn:
            try:
                return await asyncio.to_thread(what, *values, **named)
            except PicksError as error:
                if not quiet:
                    self.tell(_COMMAND.sub("", str(error)), wrong=True)
                return FAILED
