"""The keys of the desk: what each does, and what the foot and the help say of it."""

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Key:
    """A key, or several for one action; ``shown`` is how people read it, ``hint`` the word at the foot."""

    keys: str
    action: str
    shown: str
    words: str
    hint: str = ""


KEYS: Final = (
    Key("j,down", "step(1)", "j", "the paper below; arrows and the mouse do it too"),
    Key("k,up", "step(-1)", "k", "the paper above"),
    Key("space,pagedown", "scroll_paper(1)", "space", "scroll the paper; b scrolls back"),
    Key("b,pageup", "scroll_paper(-1)", "b", ""),
    Key("a", "approve", "a", "approve for the next free slot", "approve"),
    Key("A", "approve_at", "A", "approve for a time"),
    Key("x", "reject", "x", "reject; one more key says why, and the ranking learns from it", "reject"),
    Key("h", "hold", "h", "hold until a date", "hold"),
    Key("n", "note", "n", "write the note here: Esc keeps it, Ctrl+G leaves it as it was", "note"),
    Key("e", "editor", "e", "write the note in your editor"),
    Key("c", "take_code", "c", "take the address of the code that the paper names"),
    Key("l", "links", "l", "set the links: the authors' thread, the code"),
    Key("C", "correct", "C", "correct the note of a pick that is out"),
    Key("u", "undo", "u", "undo the decision on this paper, or the last one", "undo"),
    Key("t", "thread", "t", "the threads, large", "thread"),
    Key("w", "why", "w", "why it is offered"),
    Key("s", "similar", "s", "papers and picks like it"),
    Key("o", "open", "o", "open the paper in the browser"),
    Key("slash", "search", "/", "search all papers", "find"),
    Key("g", "other_day", "g", "another day, or all days"),
    Key("L", "light", "L", "light or dark"),
    Key("question_mark", "help", "?", "this list", "keys"),
    Key("q", "leave", "q", "leave, with a summary", "quit"),
)


def hints() -> Text:
    """Return the foot: the keys that are needed most, and each does what it says when it is clicked."""
    line = Text(no_wrap=True)
    for key in KEYS:
        if key.hint:
            click = Style(meta={"@click": f"app.click('{key.action}')"})
            line.append("  " if line else "").append(key.shown, Style(bold=True) + click)
            line.append(f" {key.hint}", click)
    return line


def help_table() -> Table:
    """Return all keys with what they do."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for key in KEYS:
        if key.words:
            table.add_row(key.shown, Text(key.words))
    return table
