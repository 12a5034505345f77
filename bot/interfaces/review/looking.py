"""Looking around: what a key shows in a window, and what it lays on the desk."""

from datetime import date
from typing import Any

from rich.text import Text
from textual import work

from bot.domain.errors import PicksError
from bot.interfaces.display import VIEWS
from bot.interfaces.review.dialogs import Ask, Pick, Read
from bot.interfaces.review.keys import help_table
from bot.interfaces.review.screen import FAILED
from bot.interfaces.review.writing import Writing


class Looking(Writing):
    """The keys that change nothing."""

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
        reply = await self.do(self.desk.say, verb, **values)
        if reply is not FAILED:
            await self.push_screen_wait(Read(title, VIEWS[verb](reply.data, self.zone)))

    @work(group="look")
    async def action_similar(self) -> None:
        """Show the papers and picks that are like this one."""
        if self.selected is None:
            return
        reply = await self.do(self.desk.say, "similar", paper=self.selected)
        if reply is not FAILED:
            await self._choose("like this one", [*reply.data.picks, *reply.data.similar])

    @work(group="look")
    async def action_search(self) -> None:
        """Search all stored papers."""
        words = await self.push_screen_wait(Ask("search all papers", hint="words, names or an arXiv id"))
        if not words:
            return
        reply = await self.do(self.desk.say, "search", words=words.split())
        if reply is FAILED:
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
        if chosen and await self.keep_note() and await self.do(self.desk.paper, chosen) is not FAILED:
            self.lay_out(chosen)

    @work(group="look")
    async def action_other_day(self) -> None:
        """Lay out another day."""
        days = await self.do(self.desk.days)
        if days is FAILED:
            return
        if not days:
            self.tell("no day has candidates that wait")
            return
        lines = [(str(day), Text(f"{day:%a %d %b %Y}  {number:>3} wait")) for day, number in days.items() if day]
        lines.append(("", Text(f"all days         {sum(days.values()):>3} wait")))
        chosen = await self.push_screen_wait(Pick("which day?", lines))
        if chosen is None or not await self.keep_note():
            return
        if chosen:
            await self.load_day(date.fromisoformat(chosen))
        elif await self.do(self.desk.load_all) is not FAILED:
            self.lay_out()

    def action_open(self) -> None:
        """Open the paper's page."""
        if self.shown is None:
            return
        try:
            self.open_page(self.shown.url)
        except PicksError as error:
            self.tell(str(error), wrong=True)
        else:
            self.tell(self.shown.url)

    def action_light(self) -> None:
        """Change between dark and light."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(Read("keys", help_table()))
