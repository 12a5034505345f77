"""The picture of a pick, for people who want to see it: the approved one, or as it would be drawn now."""

from dataclasses import dataclass

from bot.curation import drafts
from bot.curation.context import Context, Edits, find_pick, locate
from bot.domain.errors import PicksError
from bot.store.picture_tables import PictureRow
from bot.threads.cards.words import CardWords


@dataclass(frozen=True, slots=True)
class CardFile:
    """A picture, whether it is the approved one, and what of the words it cannot show (unknown of an approved one)."""

    arxiv_id: str
    content: bytes
    approved: bool
    replaced: tuple[str, ...] = ()


def card_of(context: Context, text: str) -> CardFile:
    """Return the picture that was approved with a pick, or draw what would be approved; change nothing."""
    with context.database.reading() as session:
        paper, candidate = locate(session, context.channel, text)
        pick = find_pick(session, candidate)
        row = session.get(PictureRow, pick.id) if pick and pick.approved_at else None
        if row is not None:
            return CardFile(paper.arxiv_id, row.content, approved=True)
    if context.draw is None:
        raise PicksError("no pictures are drawn here")
    draft, channel = drafts.current_draft(context, text, Edits()), context.channel
    card = context.draw(CardWords.of_draft(draft, channel=channel.title, colour=channel.card.colour))
    return CardFile(paper.arxiv_id, card.png, approved=False, replaced=card.replaced)
