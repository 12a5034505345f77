"""What a document says of a pick's page: the title, the curator's words and the hashtags, as they were approved."""

from typing import Final

from bot.domain.channels import Channel
from bot.domain.posts import Document
from bot.threads.draft import Draft
from bot.threads.measure import Measure, grapheme_length
from bot.threads.plain import cut, one_line

_TITLE: Final = Measure(grapheme_length, limit=500, max_bytes=5000)
_DESCRIPTION: Final = Measure(grapheme_length, limit=300, max_bytes=30_000)
"""The lexicon allows 3000 graphemes; a description is what a card shows."""


def document_of(draft: Draft, channel: Channel) -> Document | None:
    """Return the document that goes out with the thread, None where the channel wants none.

    The page's path is that of the archive (``bot.archive.places.pick``).
    """
    archive = channel.archive
    if not archive.standard_site or archive.url is None or archive.lasting is None:
        return None
    return Document(
        site=archive.url.rstrip("/"),
        site_name=archive.title or channel.title,
        lasting=archive.lasting,
        path=f"/{draft.arxiv_id}/",
        title=cut(one_line(draft.title), _TITLE.fits) or f"arXiv:{draft.arxiv_id}",
        description=cut(one_line(draft.note), _DESCRIPTION.fits),
        text=draft.note,
        tags=channel.thread.hashtags,
    )
