"""The note that is written in place: where its text comes from, and what it was when the writing began."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from bot.threads.measure import grapheme_length


class Note(TextArea):
    """The note's editor. ``seen`` is the note that the person had before their eyes when they began to write."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+s", "done(True)", priority=True),
        Binding("ctrl+g", "done(False)", priority=True),
    ]

    @dataclass
    class Done(Message):
        """The person has written; ``kept`` says whether it counts, ``seen`` which stored note they had in sight."""

        kept: bool
        seen: str

    @dataclass
    class Writing(Message):
        """The person has begun to write, or stopped."""

        begun: bool

    def __init__(self, *, id: str, limit: int) -> None:  # noqa: A002  # textual's own name for it
        super().__init__(id=id, soft_wrap=True, show_line_numbers=False, compact=True, highlight_cursor_line=False)
        self.seen = ""
        self.awaits_paper = False
        self.border_title = "note"
        self._limit = limit

    @property
    def changed(self) -> bool:
        """Say whether anything stands there that is not stored."""
        return self.text.strip() != self.seen.strip()

    def on_text_area_changed(self) -> None:
        """Count the letters as the channel's limit does."""
        self.border_subtitle = f"{grapheme_length(self.text.strip())}/{self._limit}"

    def lay(self, text: str) -> None:
        """Show a stored note; what was written before it was known stands behind it."""
        written = self.text if self.awaits_paper else ""
        self.seen, self.awaits_paper = text, False
        if self.text != text:
            self.load_text(text)
        if written:
            self.move_cursor(self.document.end)
            self.insert(written)

    def take(self, text: str) -> None:
        """Show words that are not stored."""
        self.load_text(text)

    def take_for_seen(self, theirs: str) -> None:
        """Take somebody else's note for seen, and leave the person's own where it is."""
        self.seen = theirs

    def begin(self, *, known: bool) -> None:
        """Let the person write, at the end of the note; where it is not ``known`` yet, it is laid before their words.

        The next key is theirs already: it must never be taken for a key of the desk.
        """
        if not known:
            self.lay("")
            self.awaits_paper = True
        self.move_cursor(self.document.end)
        self.screen.set_focus(self)

    def go_back(self) -> None:
        """Show the stored note again; Ctrl+Z brings back what was written."""
        self.replace(self.seen, self.document.start, self.document.end)

    def on_focus(self) -> None:
        """Say that the person writes."""
        self.post_message(self.Writing(begun=True))

    def on_blur(self) -> None:
        """Say that the person has stopped."""
        self.post_message(self.Writing(begun=False))

    def action_done(self, kept: bool) -> None:  # noqa: FBT001  # textual passes it so
        """End the writing at once: the next key is the desk's, however long the storing takes."""
        self.screen.set_focus(None)
        self.post_message(self.Done(kept, self.seen))
