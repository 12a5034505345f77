"""People who are mentioned in a Bluesky thread: their names in the line of authors lead to their accounts.

A mention there is a facet with a DID, and the text stays as it is: a handle in it is plain text and mentions nobody.
Source: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.posts import Facet, FacetKind, Post, Thread
from bot.platforms.mentions import remarked
from bot.threads.bylines import placed_names, visible_names
from bot.threads.draft import Draft


def mention_by_name(
    compose: Callable[[Draft, Channel], Thread], draft: Draft, channel: Channel, people: Sequence[Mention]
) -> Thread:
    """Compose the thread with the names of these people as mentions; each has a DID."""
    thread = compose(draft, channel)
    names, shown = visible_names(draft.authors), channel.thread.authors_shown
    accounts = {name: item.account for item in people for name in visible_names([item.author]) if item.account}
    first = _with(thread.posts[0], names, accounts, shown=shown)
    there = {facet.value for facet in first.facets if facet.kind is FacetKind.MENTION}
    made = [item for item in people if item.account in there]
    return remarked(replace(thread, posts=(first, *thread.posts[1:])), people, made=made)


def _with(post: Post, names: Sequence[str], accounts: Mapping[str, str], *, shown: int) -> Post:
    """Return the post with the mentions, also in the form that may go out in its place."""
    facets = [
        Facet(len(post.text[: place.start].encode()), len(post.text[: place.end].encode()), FacetKind.MENTION, account)
        for place in placed_names(post.text, names, authors_shown=shown)
        if (account := accounts.get(names[place.index]))
    ]
    marked = tuple(sorted((*post.facets, *facets), key=lambda facet: facet.start))
    instead = _with(post.instead, names, accounts, shown=shown) if post.instead else None
    return replace(post, facets=marked, instead=instead)
