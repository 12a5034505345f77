"""The desk's small windows: one line to write, a choice by one key, a list to choose from, something to read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from bot.domain.errors import PicksError
from bot.threads.measure import grapheme_length

Value = TypeVar("Value")
Check = Callable[[str], object]


class _Window(ModalScreen[Value], Generic[Value]):
    """A window over the desk that Esc closes without a value."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", show=False)]

    def action_leave(self) -> None:
        """Close the window; nothing was chosen."""
        self.dismiss(None)


class Ask(_Window[str]):
    """Asks for one line; what ``check`` refuses with a PicksError is said, and the line stays."""

    def __init__(self, title: str, *, hint: str = "", value: str = "", check: Check | None = None) -> None:
        super().__init__()
        self._title, self._hint, self._value, self._check = title, hint, value, check

    def compose(self) -> ComposeResult:
        """Lay out the question, the line and what may be written."""
        with Vertical(classes="window"):
            yield Static(Text(self._title, style="bold"))
            yield Input(value=self._value, compact=True)
            yield Static("", id="wrong", markup=False)
            yield Static(Text(f"{self._hint}  Enter takes it, Esc leaves".strip(), style="dim"))

    def on_mount(self) -> None:
        """Show no empty line while nothing is wrong."""
        self.query_one("#wrong").display = False

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        words = event.value.strip()
        try:
            if words and self._check is not None:
                self._check(words)
        except PicksError as error:
            wrong = self.query_one("#wrong", Static)
            wrong.update(Text(str(error), style="bold red"))
            wrong.display = True
            return
        self.dismiss(words)


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of a pick: the authors' thread, and the code. Empty means none."""

    thread: str
    code: str


class AskLinks(_Window[Links]):
    """Asks for the links of a pick."""

    def __init__(self, links: Links) -> None:
        super().__init__()
        self._links = links

    def compose(self) -> ComposeResult:
        """Lay out a line for each link."""
        with Vertical(classes="window"):
            yield Static(Text("the links of this pick", style="bold"))
            yield Static("\nthe authors' thread, on Bluesky, X or Mastodon", markup=False)
            yield Input(value=self._links.thread, compact=True, id="thread")
            yield Static("the code", markup=False)
            yield Input(value=self._links.code, compact=True, id="code")
            yield Static(Text("Tab goes to the other, Enter takes both, Esc leaves", style="dim"))

    @on(Input.Submitted)
    def _take(self) -> None:
        thread, code = (self.query_one(f"#{name}", Input).value.strip() for name in ("thread", "code"))
        self.dismiss(Links(thread, code))


@dataclass(frozen=True, slots=True)
class Choice:
    """What one key stands for; ``words`` are what people read, the value if not given."""

    key: str
    value: str
    words: str = ""


class Choose(_Window[str]):
    """Offers one key a choice, Enter for none of them, and / for words of one's own; a click does it too."""

    def __init__(
        self, title: str, choices: Sequence[Choice], *, enter: str, words: str, check: Check | None = None
    ) -> None:
        super().__init__()
        self._title, self._choices, self._enter, self._words, self._check = title, choices, enter, words, check

    def compose(self) -> ComposeResult:
        """Lay out the keys, with that of Enter chosen."""
        keys = [(choice.key, choice.words or choice.value) for choice in self._choices]
        lines = [*keys, ("/", self._words), ("Enter", self._enter)]
        with Vertical(classes="window"):
            yield Static(Text(self._title, style="bold"))
            yield OptionList(*(Text(f"{key:>5}  {words}") for key, words in lines), markup=False, compact=True)
            yield Static(Text("Esc leaves", style="dim"))

    def on_mount(self) -> None:
        """Let Enter mean what its line says."""
        chosen = self.query_one(OptionList)
        chosen.highlighted = chosen.option_count - 1

    def on_key(self, event: Key) -> None:
        """Take the choice of a key."""
        keys = [*(choice.key for choice in self._choices), "/"]
        if event.character in keys:
            event.stop()
            self._take(keys.index(event.character))

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        self._take(event.option_index)

    def _take(self, place: int) -> None:
        if place < len(self._choices):
            self.dismiss(self._choices[place].value)
        elif place == len(self._choices):
            self.app.push_screen(Ask(self._title, hint=self._words, check=self._check), self._take_words)
        else:
            self.dismiss("")

    def _take_words(self, words: str | None) -> None:
        if words is not None:
            self.dismiss(words)


class Pick(_Window[str]):
    """A list of which one line is chosen."""

    def __init__(self, title: str, lines: Sequence[tuple[str, Text]]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        with Vertical(classes="window tall"):
            yield Static(Text(self._title, style="bold"))
            yield OptionList(*(Option(line, id=name) for name, line in self._lines), markup=False, compact=True)
            yield Static(Text("Enter or a click takes it, Esc leaves", style="dim"))

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class Write(_Window[str]):
    """Asks for a text of several lines, which may be none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False, priority=True),
        Binding("ctrl+s", "take", show=False, priority=True),
    ]

    def __init__(self, title: str, text: str, *, limit: int) -> None:
        super().__init__()
        self._title, self._text, self._limit = title, text, limit

    def compose(self) -> ComposeResult:
        """Lay out the text and how long it is."""
        with Vertical(classes="window tall"):
            yield Static(Text(self._title, style="bold"))
            yield TextArea(self._text, soft_wrap=True, show_line_numbers=False)
            yield Static(Text("Ctrl+S shows what changes, Esc leaves", style="dim"))

    def on_mount(self) -> None:
        """Let the person write at the end."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def on_text_area_changed(self) -> None:
        """Count the letters as the channel's limit does."""
        area = self.query_one(TextArea)
        area.border_subtitle = f"{grapheme_length(area.text.strip())}/{self._limit}"

    def action_take(self) -> None:
        """Take what was written."""
        self.dismiss(self.query_one(TextArea).text.strip())


class Read(_Window[bool]):
    """Something to read, and to scroll in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "leave", show=False),
        Binding("enter", "enter", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("b,pageup", "scroll(-10)", show=False),
    ]

    _hint = "j/k scroll, Esc leaves"

    def __init__(self, title: str, what: RenderableType) -> None:
        super().__init__()
        self._title, self._what = title, what

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        with Vertical(classes="window tall"):
            yield Static(Text(self._title, style="bold"))
            with VerticalScroll(can_focus=False):
                yield Static(self._what, markup=False)
            yield Static(Text(self._hint, style="dim"))

    def action_enter(self) -> None:
        """Close the window."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class Approve(Read):
    """Something to read and then to approve, which is True."""

    _hint = "Enter approves it, j/k scroll, Esc goes back"

    def action_enter(self) -> None:
        """Approve it."""
        self.dismiss(result=True)
