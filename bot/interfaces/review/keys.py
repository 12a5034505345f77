"""The keys of the desk, as the foot and the help say them."""

from typing import Final

from rich.table import Table

HINTS: Final = "a approve  x reject  h hold  n note  u undo  t thread  / find  ? keys  q quit"

_KEYS: Final = (
    ("j k, arrows, mouse", "another paper"),
    ("space, b", "scroll the paper"),
    ("n", "write the note here; Esc keeps it, Ctrl+G leaves it as it was"),
    ("e", "write the note in your editor"),
    ("c", "take the address of the code from the abstract"),
    ("a", "approve for the next free slot"),
    ("A", "approve for a time"),
    ("x", "reject; one more key says why"),
    ("h", "hold until a date"),
    ("u", "undo the decision on this paper, or the last one"),
    ("t", "the threads, large"),
    ("w", "why it is offered"),
    ("s", "papers and picks like it"),
    ("o", "open the paper in the browser"),
    ("/", "search all papers"),
    ("g", "another day"),
    ("L", "light or dark"),
    ("q", "leave"),
)


def _table() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column()
    for key, words in _KEYS:
        table.add_row(key, words)
    return table


HELP: Final = _table()
