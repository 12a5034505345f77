"""How the shell shows scores and why a paper has one. Reads only the JSON data of ``taste_views``."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.interfaces.views.candidates import Json

_CERTAIN: Final = 0.0995
_TINY: Final = 0.0005

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


def percent(probability: float) -> str:
    """Return a probability as people read it: whole percents, tenths below ten."""
    if probability >= _CERTAIN:
        return f"{probability:.0%}"
    return f"{probability:.1%}" if probability >= _TINY else "<0.1%"


def like(item: Json) -> list[Text]:
    """Show the pick that a candidate is much like, if there is one."""
    pick = item["like"]
    if not pick:
        return []
    name = f"#{pick['id']}" if pick["id"] is not None else pick["arxiv_id"]
    day = date.fromisoformat(pick["picked"])
    return [Text(f"like {name}, picked {day.day} {day:%B}: {pick['title']}", style="yellow")]


def why(data: Json, _: ZoneInfo) -> RenderableType:
    """Show how a score adds up: the base, what was learned, what the channel file says, and the probability."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(_signed(data["base"]), "every paper begins with this: few are picked")
    for name, title in (("learned", "learned from picks"), ("channel", "words and authors of the channel file")):
        if data[name]["parts"]:
            table.add_row(Text(_signed(data[name]["total"]), style="bold"), Text(title, style="bold"))
        for part in data[name]["parts"]:
            table.add_row(_signed(part["weight"]), Text(f"  {part['label']}"))
    table.add_row(Text(_signed(data["log_odds"]), style="bold"), Text("together, in log-odds", style="bold"))
    number = f"  #{data['id']}" if data["id"] is not None else ""
    head = Text.assemble((data["title"], "bold"), (f"\n{data['arxiv_id']}{number}", "dim"))
    return Group(
        head,
        Text(),
        table,
        Text(),
        *_outcome(data),
        Rule("weights", align="left"),
        *map(Text, _origin(data["weights"])),
    )


def _outcome(data: Json) -> Iterator[Text]:
    if data["excluded"] is not None:
        yield Text(f"the channel file excludes it: {data['excluded']}", style="red")
        return
    enough = "reaches" if data["score"] >= data["threshold"] else "does not reach"
    line = f"probability of a pick: {percent(data['score'])}"
    yield Text(f"{line}, which {enough} the channel's threshold of {percent(data['threshold'])}", style="bold")
    if data["log_odds"] > data["knee"]:
        yield Text(
            f"(what lies above {data['knee']:+.1f} counts {data['above']:.2f} times: high sums promise too much)",
            style="dim",
        )
    if data["offered"] is not None and data["offered"] != data["score"]:
        yield Text(f"in the queue it stands with {percent(data['offered'])}", style="dim")


def learning(data: Json) -> RenderableType:
    """Show in short where a channel's weights come from, and why nothing new was learned."""
    parts = [Text(line) for line in _origin(data)]
    parts += [Text(data["error"], style="yellow")] if data["error"] else []
    return Group(*parts)


def _origin(data: Json) -> Iterator[str]:
    yield _ORIGINS[data["origin"]]
    if data["data"]:
        yield f"trained until {data['trained_until']} on {learned_from(data['data'])}"


def learned_from(counts: Mapping[str, int]) -> str:
    """Say how many papers of each kind weights were learned from."""
    known = ((count, *_KINDS.get(name, (name, name))) for name, count in counts.items() if count)
    return ", ".join(f"{count:,} {one if count == 1 else many}" for count, one, many in known)


def _signed(weight: float) -> str:
    return f"{weight:+.2f}"
