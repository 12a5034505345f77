"""Writing the note: in place, in the person's editor, and what happens when two people do it."""

from rich.text import Text
from textual import on, work
from textual.widgets import Static

from bot.domain.errors import PicksError
from bot.interfaces.review.note import Note
from bot.interfaces.review.screen import FAILED, Screen


class Writing(Screen):
    """The keys that write."""

    def action_note(self) -> None:
        """Write the note in place."""
        if self.shown is not None:
            self.note.begin(self.shown.note)
            self.tell("Esc keeps the note and goes back, Ctrl+G leaves it as it was")

    @on(Note.Done)
    async def _note_done(self, event: Note.Done) -> None:
        if event.kept and not await self.keep_note():
            return
        if not event.kept and self.shown is not None:
            self.note.lay(self.shown.note)
            self.compose_threads()
            self.tell("the note is as it was")
        self.rows.focus()

    async def keep_note(self) -> bool:
        """Store what was written, if anything; say whether the note may be left."""
        if self.shown is None or not self.note.changed:
            return True
        arxiv_id, text, seen = self.shown.arxiv_id, self.note.text, self.note.seen
        reply = await self.do(self.desk.decide, "note", arxiv_id, text=text, seen=seen)
        if reply is FAILED:
            await self._lay_beside(arxiv_id)
            return False
        self.after(arxiv_id, reply)
        return True

    async def _lay_beside(self, arxiv_id: str) -> None:
        """Where somebody else has changed the note meanwhile, show theirs above one's own; Esc then keeps one's own."""
        shown = await self.do(self.desk.paper, arxiv_id)
        if shown is not FAILED and shown.note != self.note.seen:
            self.note.lay_beside(shown.note)
            self.query_one("#posts", Static).update(
                Text.assemble(
                    ("their note, stored now\n", "bold yellow"),
                    shown.note,
                    "\n\n",
                    ("yours is above; ", ""),
                    "Esc again stores yours (the log keeps theirs), Ctrl+G takes theirs",
                )
            )
            self.shown = shown

    @work(exclusive=True, group="verb")
    async def action_editor(self) -> None:
        """Write the note in the person's own editor."""
        if self.shown is None:
            return
        arxiv_id = self.shown.arxiv_id
        try:
            with self.edit(self, arxiv_id) as (text, seen):
                reply = self.desk.decide("note", arxiv_id, text=text, seen=seen)
        except PicksError as error:
            self.tell(str(error), wrong=True)
            return
        self.after(arxiv_id, reply)

    @work(group="verb")
    async def action_take_code(self) -> None:
        """Take the address of the code that stands in the abstract."""
        if self.shown is None or self.shown.code_found is None:
            self.tell("no address of code stands in this abstract", wrong=True)
            return
        reply = await self.do(self.desk.decide, "note", self.shown.arxiv_id, code=self.shown.code_found)
        if reply is not FAILED:
            self.after(reply.data.arxiv_id, reply)
