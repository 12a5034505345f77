"""How the shell shows scores, and why a paper has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.interfaces.views.percent import percent

if TYPE_CHECKING:
    from bot.curation.similar_picks import Likeness
    from bot.interfaces.views.ranking import LearningStatus, WeightsView, Why

_ORIGINS: Final = {
    "own": "learned from this channel's curators",
    "shipped": "the weights that come with the program",
    "words": "no learned weights yet: the channel's words alone",
}
_KINDS: Final = {
    "pick": ("pick", "picks"),
    "related": ("related paper", "related papers"),
    "unlabelled": ("other", "others"),
}


def like(pick: Likeness | None) -> list[Text]:
    """Show the pick that a candidate is much like, if there is one."""
    if not pick:
        return []
    name = f"#{pick.id}" if pick.id is not None else pick.arxiv_id
    return [Text(f"like {name}, picked {pick.picked.day} {pick.picked:%B}: {pick.title}", style="yellow")]


def why(data: Why, _: ZoneInfo) -> RenderableType:
    """Show how a score adds up: the base, what was learned, what the channel file says, and the probability."""
    number = f"  #{data.id}" if data.id is not None else ""
    head = Text.assemble((data.title, "bold"), (f"\n{data.arxiv_id}{number}", "dim"))
    parts: list[RenderableType] = [head, Text(), _sum(data), Text(), *_outcome(data)]
    return Group(*parts, Rule("weights", align="left"), *map(Text, _origin(data.weights)))


def _sum(data: Why) -> Table:
    """Show the parts of a score, and what they come to."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(_signed(data.base), "every paper begins with this: few are picked")
    sides = ((data.learned, "learned from picks"), (data.channel, "words and authors of the channel file"))
    for side, title in sides:
        if side.parts:
            table.add_row(Text(_signed(side.total), style="bold"), Text(title, style="bold"))
        for part in side.parts:
            table.add_row(_signed(part.weight), Text(f"  {part.label}"))
    table.add_row(Text(_signed(data.log_odds), style="bold"), Text("together, in log-odds", style="bold"))
    return table


def _outcome(data: Why) -> Iterator[Text]:
    """Yield what the sum means: the probability beside the threshold, or that the paper is excluded."""
    if data.excluded is not None:
        yield Text(f"the channel file excludes it: {data.excluded}", style="red")
        return
    enough = "reaches" if data.score >= data.threshold else "does not reach"
    line = f"probability of a pick: {percent(data.score)}"
    yield Text(f"{line}, which {enough} the channel's threshold of {percent(data.threshold)}", style="bold")
    if data.offered is not None and data.offered != data.score:
        yield Text(f"in the queue it stands with {percent(data.offered)}", style="dim")


def learning(data: LearningStatus) -> RenderableType:
    """Show in short where a channel's weights come from, and why nothing new was learned."""
    parts = [Text(line) for line in _origin(data.weights)]
    if data.taught:
        approved, rejected = data.taught.approved, data.taught.rejected
        parts.append(Text(f"since last night: {approved} approved, {rejected} rejected"))
    parts += [Text(data.error, style="yellow")] if data.error else []
    return Group(*parts)


def _origin(weights: WeightsView) -> Iterator[str]:
    yield _ORIGINS[weights.origin]
    if weights.data:
        yield f"trained until {weights.trained_until} on {learned_from(weights.data)}"


def learned_from(counts: Mapping[str, int]) -> str:
    """Say how many papers of each kind weights were learned from."""
    known = ((count, *_KINDS.get(name, (name, name))) for name, count in counts.items() if count)
    return ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in known)


def _signed(weight: float) -> str:
    return f"{weight:+.2f}"
