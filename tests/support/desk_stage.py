"""A desk for tests: a day of invented papers, and the screen driven by keys."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from bot.curation.context import Account, Context
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import VERBS, Call
from bot.interfaces.review.app import Review
from bot.interfaces.review.desk import Desk
from bot.interfaces.review.note import Note
from bot.interfaces.views.candidates import Shown
from bot.publishing.sender import Outbox
from bot.store.database import Database
from bot.store.database_errors import DatabaseBusyError
from samples import NOON, TUESDAY, announcement, batch, channel

CHANNEL = channel(
    title="Sample channel",
    posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"], "daily_cap": 5},
    queue={"size": 10, "threshold": 0.0, "expire_after_days": 14},
)
CODE = "https://github.com/acme/tool"
PAPERS = {
    "2602.00001": "Steering and Probing",
    "2602.00002": "Probing [bold]Markup[/bold]",
    "2602.00003": "Steering Alone",
    "2602.00004": "A Paper",
}
YESTERDAY = "2602.00009"

Step = str | tuple[str, ...] | Callable[["Table"], object]
"""A key, words in quotes to type, keys at once, ``click:SELECTOR@X,Y``, ``look`` at what others did, or a function."""


@dataclass(frozen=True)
class Seen:
    """What stood on the screen at the end: the line at the foot, the rows, the panes, a picture; and the summary."""

    said: str
    head: str
    rows: tuple[str, ...]
    selected: str | None
    about: str
    posts: str
    note: str
    theirs: str
    window: str
    picture: str
    summary: str | None


@dataclass
class Table:
    """A database with a day on it, the clock, and what the desk's surroundings were asked to do."""

    database: Database
    channel: Channel = CHANNEL
    now: datetime = NOON
    opened: list[str] = field(default_factory=list)
    written: str = ""
    browser: bool = True
    out_of_reach: bool = False
    meanwhile: Callable[["Table"], object] | None = None
    looked_up: list[str] = field(default_factory=list)
    captures: Sequence[Capture] = ()

    def __post_init__(self) -> None:
        ingest(self.database, self.captures or _days(), channels=[self.channel], now=self.now)

    def call(self, person: str = "ada") -> Call:
        """Return the call of a person at this moment."""
        if self.out_of_reach:
            raise DatabaseBusyError("the database does not answer; try again")
        accounts = dict.fromkeys(self.channel.posting.platforms, Account("an account"))
        context = Context(self.database, self.channel, accounts, self._quote, Actor(person, "shell"), self.now)
        return Call(choose=lambda: context, every=lambda: [context], outbox=_no_outbox)

    def does(self, person: str, verb: str, paper: str, **values: object) -> None:
        """Let another person run a verb."""
        VERBS[verb].run(self.call(person), paper=paper, **values)

    def paper(self, name: str) -> Shown:
        """Return a paper as it is stored."""
        shown: Shown = VERBS["show"].run(self.call(), paper=name).data
        return shown

    def state(self, name: str) -> CandidateState | None:
        """Return what became of a paper."""
        return self.paper(name).state

    def sit(
        self, *steps: Step, size: tuple[int, int] = (100, 30), light: bool = False, day: date | None = None
    ) -> Seen:
        """Press keys one after another, each when all is done that the one before began; return what is seen then.

        A step that is no key is done in between, such as what another person does.
        """
        desk = Desk(self.call, "ada", day=day)
        app = Review(desk, channel=self.channel, edit=self._edit, open_page=self._open, light=light)
        return asyncio.run(self._play(app, steps, size))

    async def _play(self, app: Review, steps: tuple[Step, ...], size: tuple[int, int]) -> Seen:
        async with app.run_test(size=size) as pilot:
            await _settle(pilot, app)
            for step in steps:
                await self._do(step, pilot, app)
                await _settle(pilot, app)
            seen = _seen(app)
            if app.is_running and app.return_value is None:
                app.exit()
        return seen

    async def _do(self, step: Step, pilot: Pilot[str], app: Review) -> None:
        if callable(step):
            step(self)
        elif isinstance(step, tuple):
            for key in step:
                app.post_message(Key(key, key if len(key) == 1 else None))
        elif step == "look":
            await app.look_at_others()
        elif step.startswith("click:"):
            selector, _, place = step.removeprefix("click:").partition("@")
            x, y = map(int, place.split(",")) if place else (1, 0)
            await pilot.click(selector, offset=(x, y))
        else:
            await pilot.press(*_keys(step))

    @contextmanager
    def _edit(self, _: App[str], __: Shown) -> Iterator[str]:
        if self.meanwhile:
            self.meanwhile(self)
        yield self.written

    def _quote(self, url: str) -> Quote:
        self.looked_up.append(url)
        raise PicksError("this post is gone")

    def _open(self, url: str) -> None:
        if not self.browser:
            raise PicksError(f"no browser could be opened here: see {url}")
        self.opened.append(url)


def _days() -> list[Capture]:
    # Of one person no more than three papers a day are offered, so each has another one.
    papers = [
        announcement(name, title, abstract=f"On probing. Code: {CODE}.", authors=(f"A. {number}", f"B. {number}"))
        for number, (name, title) in enumerate(PAPERS.items(), 1)
    ]
    before = batch(announcement(YESTERDAY, "Probing of Yesterday"), day=TUESDAY - timedelta(days=1))
    return [Capture(batch(*papers), "test"), Capture(before, "test")]


def _keys(step: str) -> list[str]:
    """Return the keys of a step: words in quotes are typed letter by letter."""
    if not step.startswith("'"):
        return [step]
    return [_NAMES.get(letter, letter) for letter in step.strip("'")]


_NAMES: Final = {
    "?": "question_mark",
    " ": "space",
    ".": "full_stop",
    "-": "minus",
    ":": "colon",
    "/": "slash",
    ",": "comma",
}


async def _settle(pilot: Pilot[str], app: Review) -> None:
    still = 0
    while still < 3:
        await pilot.pause()
        if app.busy:
            await asyncio.sleep(0.01)
        still = 0 if app.busy else still + 1


def _seen(app: Review) -> Seen:
    desk = app.screen_stack[0]

    def pane(name: str) -> str:
        return str(desk.query_one(name, Static).content)

    rows = desk.query_one("#rows", OptionList)
    window = "" if app.screen is desk else "\n".join(str(item.content) for item in app.screen.query(Static))
    return Seen(
        said=pane("#said"),
        head=pane("#head"),
        rows=tuple(" ".join(str(option.prompt).split()) for option in rows.options),
        selected=rows.highlighted_option.id if rows.highlighted_option else None,
        about=_plain(desk.query_one("#about", Static).content),
        posts=_plain(desk.query_one("#posts", Static).content),
        note=desk.query_one(Note).text,
        theirs=pane("#theirs") if desk.query_one("#theirs").display else "",
        window=window,
        picture=app.export_screenshot(),
        summary=app.return_value,
    )


def _plain(content: object) -> str:
    from rich.console import Console

    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def _no_outbox() -> Outbox:
    raise AssertionError
