"""The desk on the screen: keys, panes and what each key runs.

Verbs run in threads, one after another, so that a slow database never holds up the keys. What they refuse becomes one
line at the foot.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, ClassVar, Final

from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.commands import Reply
from bot.interfaces.display import VIEWS
from bot.interfaces.review import looks
from bot.interfaces.review.desk import Desk
from bot.interfaces.review.dialogs import Ask, Choice, Choose, Pick, Read
from bot.interfaces.review.keys import HELP, HINTS
from bot.interfaces.review.note import Note
from bot.interfaces.views.candidates import Shown

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

_BESIDE: Final = {"paper", "threads"}
"""What is shown beside an open window, too."""
_TYPING: Final = 0.25
"""Seconds without a letter after which the thread is composed anew."""
_OTHERS: Final = 5.0
"""Seconds between two looks at what others did."""


class Review(App[str]):
    """The desk of one person; what it returns is a summary of the sitting."""

    CSS_PATH = "review.tcss"
    TITLE = "picks review"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012  # textual declares it without ClassVar
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
    ]

    def __init__(
        self,
        desk: Desk,
        *,
        channel: Channel,
        edit: "Callable[[App[str], str], AbstractContextManager[str]]",
        open_page: Callable[[str], bool],
        light: bool = False,
    ) -> None:
        super().__init__()
        self.ansi_theme_light = DEFAULT_TERMINAL_THEME  # dark enough to be read on white
        self.theme = "textual-light" if light else "textual-dark"
        self._desk, self._edit, self._open_page = desk, edit, open_page
        self._zone, self._limit = channel.posting.zone, channel.thread.note_limit
        self._channel_title = channel.title
        self._turn = asyncio.Lock()
        self._shown: Shown | None = None
        self._composing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the candidates on the left, the paper on the right, the note and its threads below or beside it."""
        yield Static(id="head", markup=False)
        with Horizontal(id="desk"):
            yield OptionList(id="rows", markup=False, compact=True)
            with VerticalScroll(id="paper", can_focus=False):
                yield Static(id="about", markup=False)
            with Vertical(id="words"):
                yield Note(id="note", limit=self._limit)
                with VerticalScroll(id="threads", can_focus=False):
                    yield Static(id="posts", markup=False)
        yield Static(id="said", markup=False)
        yield Static(Text(HINTS), id="keys", markup=False)

    async def on_mount(self) -> None:
        """Lay out the day, and look from time to time what others did."""
        self.query_one("#rows").focus()
        await self._load(None)
        self.set_interval(_OTHERS, self._look_at_others)

    # -- what is selected, and what it looks like

    @property
    def _rows(self) -> OptionList:
        return self.query_one("#rows", OptionList)

    @property
    def _note(self) -> Note:
        return self.query_one(Note)

    @property
    def selected(self) -> str | None:
        """Return the paper that is selected."""
        return self._rows.highlighted_option.id if self._rows.highlighted_option else None

    @property
    def busy(self) -> bool:
        """Say whether anything is being done, shown or about to be composed."""
        asked = len(self.screen_stack) > 1
        doing = (item for item in self.workers if item.is_running and (item.group in _BESIDE or not asked))
        return self._turn.locked() or any(doing) or self._composing is not None

    def tell(self, words: str, *, wrong: bool = False) -> None:
        """Show one line at the foot."""
        line = " ".join(words.split("\n"))
        self.query_one("#said", Static).update(Text(line, style="bold red" if wrong else ""))

    async def _load(self, day: date | None) -> None:
        if await self._do(self._desk.load, day) is _FAILED:
            return
        self._lay_out()
        if not self._desk.rows:
            self.tell("nothing waits for a decision; picks fetch brings new papers, / searches all of them")

    def _lay_out(self, chosen: str | None = None) -> None:
        """Show the rows anew, with the chosen one selected, or the first that is open."""
        kept = chosen or self.selected
        self._rows.clear_options()
        self._rows.add_options([Option(looks.row(row), id=row.arxiv_id) for row in self._desk.rows])
        names = [row.arxiv_id for row in self._desk.rows]
        if names:
            self._rows.highlighted = names.index(kept) if kept in names else 0
        else:
            self.query_one("#about", Static).update("")
        self._show_head()

    def _show_head(self) -> None:
        desk = self._desk
        day = f"{desk.day:%a %d %b %Y}" if desk.day else "no day"
        done = f"{desk.done} of {len(desk.rows)} decided"
        head = Text.assemble((self._channel_title, "bold"), f"  {day}  {done}  {desk.person}")
        head.no_wrap, head.overflow = True, "ellipsis"
        self.query_one("#head", Static).update(head)

    @on(OptionList.OptionHighlighted, "#rows")
    async def _select(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and (self._shown is None or self._shown.arxiv_id != event.option_id):
            await self._keep_note()
            self._show_paper(event.option_id)

    @work(exclusive=True, group="paper")
    async def _show_paper(self, arxiv_id: str) -> None:
        """Show a paper: first what is known at once, then why and the threads, which take longer."""
        shown = await self._do(self._desk.paper, arxiv_id)
        if shown is _FAILED or self.selected != arxiv_id:
            return
        self._present(shown, ())
        self.query_one("#paper").scroll_home(animate=False)
        why = await self._do(self._desk.say, "why", paper=arxiv_id)
        if why is not _FAILED and self.selected == arxiv_id:
            self.query_one("#about", Static).update(looks.paper(shown, why.data.phrases, self._zone))

    def _present(self, shown: Shown, phrases: tuple[str, ...]) -> None:
        self._shown = shown
        self.query_one("#about", Static).update(looks.paper(shown, phrases, self._zone))
        if not self._note.has_focus:
            self._note.lay(shown.note)
        self._compose()

    # -- the note

    def action_note(self) -> None:
        """Write the note in place."""
        if self._shown is not None:
            self._note.begin(self._shown.note)
            self.tell("Esc keeps the note and goes back, Ctrl+G leaves it as it was")

    @on(Note.Writing)
    def _writing(self, event: Note.Writing) -> None:
        self.screen.set_class(event.begun, "-writing")

    @on(Note.Done)
    async def _note_done(self, event: Note.Done) -> None:
        if event.kept and not await self._keep_note():
            return
        if not event.kept and self._shown is not None:
            self._note.lay(self._shown.note)
            self._compose()
            self.tell("the note is as it was")
        self._rows.focus()

    async def _keep_note(self) -> bool:
        """Store what was written, if anything; say whether the note may be left."""
        if self._shown is None or not self._note.changed:
            return True
        arxiv_id, text, seen = self._shown.arxiv_id, self._note.text, self._note.seen
        reply = await self._do(self._desk.decide, "note", arxiv_id, text=text, seen=seen)
        if reply is _FAILED:
            await self._lay_beside(arxiv_id)
            return False
        self._after(arxiv_id, reply)
        return True

    async def _lay_beside(self, arxiv_id: str) -> None:
        """Where somebody else has changed the note meanwhile, show theirs above one's own; Esc then keeps one's own."""
        shown = await self._do(self._desk.paper, arxiv_id)
        if shown is not _FAILED and shown.note != self._note.seen:
            self._note.lay_beside(shown.note)
            self.query_one("#posts", Static).update(
                Text.assemble(
                    ("their note, stored now\n", "bold yellow"),
                    shown.note,
                    "\n\n",
                    ("yours is above; ", ""),
                    "Esc again stores yours (the log keeps theirs), Ctrl+G takes theirs",
                )
            )
            self._shown = shown

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._composing is not None:
            self._composing.stop()
        self._composing = self.set_timer(_TYPING, self._compose)

    @work(exclusive=True, group="threads")
    async def _compose(self) -> None:
        """Show the exact threads of what stands in the note now."""
        self._composing = None
        if self._shown is None:
            return
        arxiv_id, note = self._shown.arxiv_id, self._note.text
        try:
            preview = await asyncio.to_thread(self._desk.preview, arxiv_id, note)
        except PicksError as error:
            self.query_one("#posts", Static).update(Text(str(error), style="bold red"))
            return
        if self._shown.arxiv_id == arxiv_id:
            self.query_one("#posts", Static).update(looks.threads(preview))

    @work(exclusive=True, group="verb")
    async def action_editor(self) -> None:
        """Write the note in the person's own editor."""
        if self._shown is None:
            return
        seen, arxiv_id = self._shown.note, self._shown.arxiv_id
        try:
            with self._edit(self, seen) as text:
                reply = self._desk.decide("note", arxiv_id, text=text, seen=seen)
        except PicksError as error:
            self.tell(str(error), wrong=True)
            return
        self._after(arxiv_id, reply)

    # -- decisions

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
        reply = await self._do(self._desk.undo, chosen)
        if reply is not _FAILED:
            self._after(reply.data.arxiv_id, reply)

    @work(group="verb")
    async def action_take_code(self) -> None:
        """Take the address of the code that stands in the abstract."""
        if self._shown is None or self._shown.code_found is None:
            self.tell("no address of code stands in this abstract", wrong=True)
            return
        reply = await self._do(self._desk.decide, "note", self._shown.arxiv_id, code=self._shown.code_found)
        if reply is not _FAILED:
            self._after(reply.data.arxiv_id, reply)

    async def _decide(self, verb: str, **values: Any) -> None:
        arxiv_id = self.selected
        if arxiv_id is None or not await self._keep_note():
            return
        reply = await self._do(self._desk.decide, verb, arxiv_id, **values)
        if reply is not _FAILED:
            self._after(arxiv_id, reply, onward=self._desk.next_open(arxiv_id))

    def _after(self, arxiv_id: str, reply: Reply, *, onward: str | None = None) -> None:
        """Show what a verb has made of a paper, and go on to another one."""
        self.tell(reply.summary)
        self._lay_out(onward or arxiv_id)
        if self.selected == arxiv_id:
            self._shown = None
            self._show_paper(arxiv_id)

    # -- looking

    def action_step(self, by: int) -> None:
        """Go to the row below or above."""
        if self._rows.option_count:
            here = self._rows.highlighted or 0
            self._rows.highlighted = max(0, min(self._rows.option_count - 1, here + by))

    def action_scroll_paper(self, by: int) -> None:
        """Scroll the paper by a page, less two lines."""
        pane = self.query_one("#paper", VerticalScroll)
        pane.scroll_relative(y=by * max(1, pane.size.height - 2), animate=False)

    @work(group="look")
    async def action_thread(self) -> None:
        """Show the threads large."""
        if self.selected:
            await self._read("preview", "the thread as it would be posted", paper=self.selected)

    @work(group="look")
    async def action_why(self) -> None:
        """Show how the score adds up."""
        if self.selected:
            await self._read("why", "why it is offered", paper=self.selected)

    async def _read(self, verb: str, title: str, **values: Any) -> None:
        reply = await self._do(self._desk.say, verb, **values)
        if reply is not _FAILED:
            await self.push_screen_wait(Read(title, VIEWS[verb](reply.data, self._zone)))

    @work(group="look")
    async def action_similar(self) -> None:
        """Show the papers and picks that are like this one."""
        if self.selected is None:
            return
        reply = await self._do(self._desk.say, "similar", paper=self.selected)
        if reply is not _FAILED:
            await self._choose("like this one", [*reply.data.picks, *reply.data.similar])

    @work(group="look")
    async def action_search(self) -> None:
        """Search all stored papers."""
        words = await self.push_screen_wait(Ask("search all papers", hint="words, names or an arXiv id"))
        if not words:
            return
        reply = await self._do(self._desk.say, "search", words=words.split())
        if reply is _FAILED:
            return
        if reply.data:
            await self._choose(f"found: {words}", reply.data)
        else:
            self.tell(reply.summary)

    async def _choose(self, title: str, papers: Any) -> None:
        lines = {paper.arxiv_id: Text(f"{paper.title}\n{paper.arxiv_id}  {paper.state or ''}") for paper in papers}
        if not lines:
            self.tell("nothing is like it")
            return
        chosen = await self.push_screen_wait(Pick(title, list(lines.items())))
        if chosen and await self._do(self._desk.paper, chosen) is not _FAILED:
            self._lay_out(chosen)

    @work(group="look")
    async def action_other_day(self) -> None:
        """Lay out another day."""
        days = await self._do(self._desk.days)
        if days is _FAILED:
            return
        lines = [(str(day), Text(f"{day}  {number} wait")) for day, number in days.items() if day]
        if not lines:
            self.tell("no day has candidates that wait")
            return
        chosen = await self.push_screen_wait(Pick("which day?", lines))
        if chosen and await self._keep_note():
            self._shown = None
            await self._load(date.fromisoformat(chosen))

    def action_open(self) -> None:
        """Open the paper's page."""
        if self._shown is None:
            return
        opened = self._open_page(self._shown.url)
        self.tell(self._shown.url if opened else f"no browser to open; the paper is at {self._shown.url}")

    def action_light(self) -> None:
        """Change between dark and light."""
        self.ansi_theme_light = DEFAULT_TERMINAL_THEME  # dark enough to be read on white
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(Read("keys", HELP))

    async def action_leave(self) -> None:
        """Leave, with a summary of the sitting."""
        if await self._keep_note():
            self.exit(self._desk.summary())

    # -- what runs beside the keys

    async def _look_at_others(self) -> None:
        if self._turn.locked():
            return
        news = await self._do(self._desk.refresh, quiet=True)
        if news is _FAILED or not news:
            return
        self.tell("; ".join(item.what for item in news))
        self._lay_out()
        if self.selected in {item.arxiv_id for item in news} and self.selected and not self._note.has_focus:
            self._shown = None
            self._show_paper(self.selected)

    async def _do(self, what: Callable[..., Any], *values: Any, quiet: bool = False, **named: Any) -> Any:
        """Do something in a thread, after what is being done; show what it refuses and return _FAILED."""
        async with self._turn:
            try:
                return await asyncio.to_thread(what, *values, **named)
            except PicksError as error:
                if not quiet:
                    self.tell(str(error), wrong=True)
                return _FAILED


_FAILED: Final = object()
"""What ``_do`` returns instead of what could not be had."""
