"""Correcting a pick that is out: its note is written in a window, what changes is shown, and then it is approved."""

from textual import work

from bot.domain.states import CandidateState
from bot.interfaces.display import VIEWS
from bot.interfaces.review.dialogs import Approve, Write
from bot.interfaces.review.looking import Looking
from bot.interfaces.review.screen import FAILED


class Correcting(Looking):
    """The key that corrects."""

    @work(group="verb")
    async def action_correct(self) -> None:
        """Let the person write the corrected note, see the difference and the exact posts, and approve them."""
        arxiv_id = self.selected
        if arxiv_id is None or not await self.put_in_sight(arxiv_id) or self.shown is None:
            return
        if self.shown.state in {CandidateState.PUBLISHING, CandidateState.ATTENTION}:
            self.tell(f"{arxiv_id} is not out everywhere yet; C corrects it once it is, or given up there", wrong=True)
            return
        if self.shown.state is not CandidateState.PUBLISHED:
            self.tell("C corrects the note of a pick that is out; n writes that of any other", wrong=True)
            return
        note: str | None = self.shown.note
        while note is not None:
            note = await self.push_screen_wait(Write("the corrected note, whole", note, limit=self.limit))
            if note is not None and await self._approve_correction(arxiv_id, note):
                return

    async def _approve_correction(self, arxiv_id: str, note: str) -> bool:
        """Show what a correction changes; say whether the person approved it and it is stored."""
        reply = await self.do(self.desk.correct, arxiv_id, note)
        if reply is FAILED:
            return False
        seen = VIEWS["correct"](reply.data, self.zone)
        if not await self.push_screen_wait(Approve("a correction, as it would go out in the next free slot", seen)):
            return False
        done = await self.do(self.desk.correct, arxiv_id, note, approve=True)
        if done is FAILED:
            return False
        self.after(done)
        return True
