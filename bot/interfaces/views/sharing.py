"""What the commands that hand picks on to other programs answer."""

from dataclasses import dataclass

from bot.curation.cards import CardFile
from bot.domain.export_formats import Format
from bot.threads.cards.words import HEIGHT, WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A picture that was written to a file; ``approved`` says whether it is the one that was approved."""

    arxiv_id: str
    file: str
    width: int
    height: int
    bytes: int
    approved: bool
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """A file of picks."""

    file: str
    format: Format
    picks: int


def card(found: CardFile, file: str) -> CardView:
    """Return what people are told about a picture."""
    return CardView(
        arxiv_id=found.arxiv_id,
        file=file,
        width=WIDTH,
        height=HEIGHT,
        bytes=len(found.content),
        approved=found.approved,
        replaced=found.replaced,
    )
