"""Writing the note: in place, in the person's editor, and what happens when two people do it."""

from typing import Any

from rich.text import Text
from textual import on, work
from textual.widgets import Static

from bot.domain.errors import PicksError
from bot.interfaces.review.dialogs import AskLinks, Links
from bot.interfaces.review.note import Note
from bot.interfaces.review.screen import FAILED, Screen


class Writing(Screen):
    """The keys that write."""

    def action_note(self) -> None:
        """Write the note in place."""
        known = self.shown is not None and self.shown.arxiv_id == self.selected and not self.begun
        if self.selected is None or (not known and self.note.changed):
            return
        if not known:
            self.shown = None
        self.note.begin(known=known)
        self.tell("Esc keeps the note and goes back, Ctrl+G leaves it as it was")

    @on(Note.Done)
    async def _note_done(self, event: Note.Done) -> None:
        async with self.writing():
            if event.kept and event.seen != self.note.seen:
                return  # stored meanwhile, or refused, and what is in sight now nobody has answered
            if event.kept and not await self.keep_note():
                return
        if not event.kept and self.note.changed:
            self.note.go_back()
            self.tell("the note is as it was; n and Ctrl+Z bring your words back")
        self._end_conflict()
        if self.focused is None:
            self.screen_stack[0].set_focus(self.rows)

    async def keep_note(self, *, onward: str | None = None) -> bool:
        """Store what was written, if anything, and select a row; say whether the note may be left."""
        if not self.note.changed or (self.note.awaits_paper and self.begun):
            return True  # what is begun decides about the paper before; these words are for the next one
        if self.note.awaits_paper and self.selected and not await self.put_in_sight(self.selected, anew=True):
            return False
        if self.shown is None:
            return False
        arxiv_id, text, seen = self.shown.arxiv_id, self.note.text, self.note.seen
        reply = await self.do(self.desk.decide, "note", arxiv_id, text=text, seen=seen)
        if reply is FAILED:
            await self._lay_beside(arxiv_id)
            return False
        self._end_conflict()
        if not self.note.awaits_paper:
            self.note.lay(reply.data.note)
        self.after(reply, onward=onward)
        return True

    async def _lay_beside(self, arxiv_id: str) -> None:
        """Where somebody else has changed the note meanwhile, show theirs below one's own, until one is chosen."""
        said = self.said
        shown = await self.do(self.desk.paper, arxiv_id)
        self.screen_stack[0].set_focus(self.note)
        if shown is FAILED or shown.note == self.note.seen:
            self.tell(f"{said}; Ctrl+G leaves the note as it was", wrong=True)
            return
        self.shown = shown
        self.note.take_for_seen(shown.note)
        theirs = Text.assemble(
            ("stored now, by somebody else:\n", "bold"),
            shown.note or "no note",
            ("\nEsc stores yours, and the log keeps theirs; Ctrl+G takes theirs", "italic"),
        )
        self.query_one("#theirs", Static).update(theirs)
        self.screen_stack[0].add_class("-conflict")

    def _end_conflict(self) -> None:
        self.screen_stack[0].remove_class("-conflict")

    @work(exclusive=True, group="editor")
    async def action_editor(self) -> None:
        """Write the note in the person's own editor; what cannot be stored stands in the note then."""
        async with self.writing():
            arxiv_id = self.selected
            if arxiv_id is None or not await self.keep_note() or not await self.put_in_sight(arxiv_id):
                return
            await self._in_editor(arxiv_id)

    async def _in_editor(self, arxiv_id: str) -> None:
        if self.shown is None:
            return
        seen, written = self.shown.note, None
        try:
            with self.edit(self, self.shown) as text:
                written = text
                reply = self.desk.decide("note", arxiv_id, text=text, seen=seen)
        except PicksError as error:
            self.tell(str(error), wrong=True)
            if written is not None:
                self.note.take(written)
                await self._lay_beside(arxiv_id)
            return
        self.note.lay(reply.data.note)
        self.after(reply)

    @work(group="verb")
    async def action_take_code(self) -> None:
        """Take the address of the code that the paper names."""
        async with self.writing():
            arxiv_id = self.selected
            if arxiv_id is None or not await self.keep_note() or not await self.put_in_sight(arxiv_id):
                return
            if self.shown is None or self.shown.code_found is None:
                self.tell("this paper names no address of code; l sets the links", wrong=True)
                return
            await self._set_links(arxiv_id, code=self.shown.code_found)

    @work(group="verb")
    async def action_links(self) -> None:
        """Set the links by hand; what is wrong with one is said, and the window opens again."""
        arxiv_id = self.selected
        if arxiv_id is None or not await self.put_in_sight(arxiv_id) or self.shown is None:
            return
        offered = Links(self.shown.thread_url or "", self.shown.code_url or "")
        while given := await self.push_screen_wait(AskLinks(offered)):
            offered = given
            if await self.keep_note() and await self._set_links(arxiv_id, thread=given.thread, code=given.code):
                return

    async def _set_links(self, arxiv_id: str, **links: Any) -> bool:
        reply = await self.do(self.desk.decide, "note", arxiv_id, **links)
        if reply is FAILED:
            return False
        self.after(reply)
        return True
