"""What posts show besides their words: whether a quote is still welcome, whether the platform has the picture.

Both were approved, and so was what goes out without them. This module sends no post.
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from bot.domain.errors import AccountError, PermanentError, TransientError
from bot.domain.posts import Picture, Post, Quote
from bot.platforms.publisher import Publisher
from bot.platforms.registry import TRAITS
from bot.publishing.claims import Claim
from bot.publishing.quotes import objection
from bot.publishing.ways_out import way_out

MOST_TRIES: Final = 3
"""After so many tries a picture that the platform does not take goes missing from its post."""

_log = structlog.get_logger(__name__)


class Embeds:
    """What the posts of one delivery show; ``tries`` is how often it was tried, this time included.

    ``resolve_quote`` asks about the post at an address, as at the approval; None asks nobody.
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        resolve_quote: Callable[[str], Quote] | None,
        tries: int,
    ) -> None:
        self._publisher = publisher
        self._resolve_quote = resolve_quote
        self._tries = tries
        self._brought_again = False

    def drops(self, claim: Claim, posts: Sequence[Post]) -> bool:
        """See to what the posts show; where something cannot be had, store that and why, and say so.

        Raises PermanentError where nothing was approved for that, TransientError where it cannot be told now.
        """
        for post in posts:
            if post.quote and (reason := self._objection(post.quote)):
                if post.instead is None:
                    raise PermanentError(f"{reason}; {way_out(claim)}")
                claim.become_unquoted(f"Sent with a plain link instead of the quote: {reason}")
                return True
            if post.picture and (reason := self._bring(claim, post.picture)):
                if post.instead is None:
                    raise PermanentError(f"{reason}; {way_out(claim)}")
                claim.become_unpictured(_without_picture(post, reason))
                return True
        return False

    def brings_again(self, claim: Claim, posts: Sequence[Post], error: TransientError) -> bool:
        """Bring the picture that the platform has forgotten; False where that is in vain, which is stored.

        A post that had its picture refused goes out in the form without it, which was approved too. Raises
        PermanentError where none was, TransientError where the picture cannot be brought now.
        """
        shown = next(((post, post.picture) for post in posts if post.picture), None)
        if shown is None:
            raise error
        post, picture = shown
        reason = str(error) if self._brought_again else self._bring(claim, picture, anew=True)
        self._brought_again = True
        if reason is None:
            return True
        if post.instead is None:
            raise PermanentError(f"{reason}; {way_out(claim)}")
        claim.become_unpictured(_without_picture(post, reason))
        return False

    def _objection(self, quote: Quote) -> str | None:
        """Return why a post must not be quoted now, None where it may, and in a rehearsal, which asks nobody."""
        if self._resolve_quote is None or not TRAITS[self._publisher.platform].can_quote(quote.url):
            return None
        return objection(self._resolve_quote, quote, tries=self._tries)

    def _bring(self, claim: Claim, picture: Picture, *, anew: bool = False) -> str | None:
        """Give the platform the picture, once for each account unless ``anew``; return why that cannot be done."""
        row = claim.picture(picture.cid)
        if row is None:
            return "the picture that was approved is no longer stored"
        if row.brought_to == claim.account.key and not anew:
            return None
        try:
            self._publisher.bring(picture, row.content)
        except AccountError:
            raise
        except TransientError as error:
            if self._tries < MOST_TRIES:
                raise TransientError(str(error), retry_after=error.retry_after, of_account=False) from error
            return str(error)
        except PermanentError as error:
            return str(error)
        claim.picture_is_brought(picture.cid)
        _log.info("picture brought", anew=anew)
        return None


def _without_picture(post: Post, reason: str) -> str:
    """Say what goes out: the form without the picture has no quote either."""
    quote = ", and with a plain link instead of the quote" if post.quote else ""
    return f"Sent without its picture{quote}: {reason}"
