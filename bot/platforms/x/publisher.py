"""X: one account, one post a request, through tweepy with OAuth 1.0a.

This module owns the requests to X and is the only one that knows tweepy. It never waits and never repeats a write:
X has no idempotency key, so a lost answer may be a post, and ``find`` reads the account's own timeline to tell.
Answers are judged in the session, before tweepy reads them, because tweepy trusts their shape.
"""

import html
import time
from collections.abc import Collection, Container, Sequence
from datetime import UTC, datetime
from typing import Final

import requests
import tweepy
from pydantic import SecretStr, ValidationError

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Picture, Platform, Post
from bot.platforms.publisher import Receipt, Request, ShownPost, Stray, WrongAccountError
from bot.platforms.recognition import Look, recognise_by_words
from bot.platforms.x.account import name_of, public_name, user_id
from bot.platforms.x.errors import Answer, UnaskedError, cannot_tell, not_removed, refused, unanswered
from bot.platforms.x.matching import Draft, Likeness, OwnPost, compare, has_line, in_words
from bot.platforms.x.reading import Named, XReader
from bot.platforms.x.session import XSession

PAGE_SIZE: Final = 20
MAX_PAGES: Final = 10
"""A look-up costs money by the post read, and the wanted post is nearly always among the newest."""

SURVEY_SIZES: Final = (5, *[100] * 10)
"""How many posts the pages of a survey have: where nothing is new, and that is nearly always, the least X sells."""


class XPublisher:
    """One account on X, behind the ``Publisher`` protocol.

    ``timeout`` (to connect, to read on) bounds each step of a request and ``deadline`` the whole of it, ``pause`` lies
    between two posts of a thread; all in seconds.
    """

    platform: Final = Platform.X
    idempotent: Final = False

    def __init__(
        self,
        *,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_token_secret: SecretStr,
        api_url: str = "https://api.x.com",
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
        pause: float = 5.0,
    ) -> None:
        self.pause = pause
        self.account = public_name(access_token)
        self._api_url = api_url.rstrip("/")
        self._token_id = user_id(access_token)
        self._client = tweepy.Client(
            consumer_key=consumer_key.get_secret_value(),
            consumer_secret=consumer_secret.get_secret_value(),
            access_token=access_token.get_secret_value(),
            access_token_secret=access_token_secret.get_secret_value(),
            return_type=requests.Response,
        )
        self._session = self._client.session = XSession(api_url=self._api_url, timeout=timeout, deadline=deadline)
        self._reader = XReader(self._client, api_url=self._api_url)

    def identify(self) -> Identity:
        """Return the account by its number: the token has it, else X is asked once."""
        return Identity(self.account, self._token_id or self._reader.own_id())

    def prepare(
        self,
        posts: Sequence[Post],
        *,
        sent: Sequence[Receipt],
        name: str,  # noqa: ARG002 - X knows no keys
        now: datetime,
    ) -> Request:
        """Make the request for the first post that is not out yet, as a reply to the one before it."""
        position = len(sent)
        if position >= len(posts):
            raise ValueError("the whole thread is out already")
        draft = Draft(
            text=posts[position].text,
            in_reply_to=sent[-1].remote_id if sent else None,
            prepared_at=now,
        )
        return Request(positions=(position,), body=draft.model_dump(mode="json"))

    def bring(self, picture: Picture, content: bytes) -> None:
        """Do nothing: our posts show no picture there."""

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send the post once.

        Raises DuplicatePostError and ReplyRefusedError besides the three kinds of the protocol.
        """
        draft = _draft(request)
        try:
            response = self._client.create_tweet(
                text=draft.text, in_reply_to_tweet_id=draft.in_reply_to, user_auth=True
            )
        except requests.HTTPError as error:
            raise refused(Answer.of(error.response, now=time.time())) from error
        except requests.RequestException as error:
            raise unanswered(error, api_url=self._api_url) from error
        return (self._receipt(request, _created_id(response)),)

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look for the post on the account's timeline, back to the time at which the request was prepared.

        Raises PermanentError when the same words were up before that: X would refuse them as a duplicate for ever.
        """
        draft, uncertain = _draft(request), None
        for page in self._reader.timeline(self._reader.own_id(), sizes=[PAGE_SIZE] * MAX_PAGES, whole=True):
            for post in page:
                likeness = compare(draft, post)
                if likeness is Likeness.SAME:
                    return (self._receipt(request, _surely_ours(draft, post)),)
                if likeness is Likeness.UNCERTAIN and not (draft.in_reply_to is None and post.is_older_than(draft)):
                    uncertain = post
            if page and page[-1].is_older_than(draft):
                break
        if uncertain is not None:
            raise _links_hidden(uncertain)
        return None

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:
        """Read the timeline, newest first, down to a known post; where none is known, the newest thousand posts."""
        try:
            return self._newer_than(known)
        except UnaskedError as error:
            raise error.before_a_post() from error

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Read no more than ``survey`` does: each post that is read costs money."""
        return self.survey(known)

    def shown(self, stray: Stray) -> ShownPost:
        """Return the post in its own form, with the addresses behind X's short links."""
        post = OwnPost.model_validate(dict(stray.content))
        links = tuple(link.expanded_url for link in post.entities.urls or () if not link.attached)
        return ShownPost(
            remote_id=post.id, url=_url(post.id), text=html.unescape(post.text), parent=post.in_reply_to, links=links
        )

    def recognise(
        self,
        posts: Sequence[Post],
        *,
        sent: Sequence[Receipt],
        name: str,  # noqa: ARG002 - X knows no keys
        strays: Sequence[Stray],
    ) -> tuple[Receipt, ...]:
        """Compare the words, as ``recognise_by_words`` does; what has been deleted since it was seen does not count."""
        seen = [OwnPost.model_validate(dict(stray.content)) for stray in strays]

        def find(position: int, post: Post, parent: Receipt | None) -> Receipt | None:
            draft = _as_draft(post, parent=parent)
            ours = next((item for item in seen if self._is_up_as(draft, item)), None)
            return self._receipt_of(position, ours.id) if ours else None

        look = Look(
            find=find,
            answers=lambda parent: any(item.in_reply_to == parent and self._is_up(item) for item in seen),
            begun=lambda line: next(
                (_url(item.id) for item in seen if has_line(item, line) and self._is_up(item)), None
            ),
            another_thread=self._another_thread,
        )
        return recognise_by_words(posts, sent=sent, look=look)

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Read the post by its number, and compare author, words and parent."""
        found, url = self._reader.post(remote_id), _url(remote_id)
        if found is None:
            raise PermanentError(f"X knows no post at {url}: it was deleted, or the address is wrong; look again")
        ours = self.identify()
        if found.author_id != ours.id:
            raise PermanentError(
                f"{url} is a post of another account, {name_of(found.author_id or 'unknown')}, and {ours.name} posts "
                f"here; it says {in_words(found)}; give the address of our own post"
            )
        draft = _as_draft(post, parent=parent)
        if compare(draft, found) is not Likeness.OTHER:
            return self._receipt_of(position, remote_id)
        if draft.in_reply_to != found.in_reply_to:
            wanted = f"answer {_url(draft.in_reply_to)}" if draft.in_reply_to else "begin a thread"
            answers = f"answers {_url(found.in_reply_to)}" if found.in_reply_to else "answers no post"
            raise PermanentError(f"{url} {answers}, and ours should {wanted}; give the address of the right post")
        raise PermanentError(f"{url} has other words, {in_words(found)}; give the address of the right post")

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Delete the last post, and look whether it is gone; one that X no longer knows is down already."""
        last, ours = receipts[-1], self.identify()
        if last.account is not None and not last.account.is_same_as(ours):
            unseen = self._reader.post(last.remote_id) is None  # deleted, or hidden from us: X says the same of both
            task = f"take {_url(last.remote_id)} down"
            raise WrongAccountError(task, theirs=last.account, ours=ours, unseen=unseen)
        self._delete(last.remote_id)
        if self._reader.post(last.remote_id) is not None:
            raise TransientError(
                f"X took the delete of {_url(last.remote_id)}, and the post is still there; try again later"
            )
        return 1

    def _delete(self, remote_id: str) -> None:
        try:
            self._client.delete_tweet(remote_id, user_auth=True)
        except requests.HTTPError as error:
            answer = Answer.of(error.response, now=time.time())
            if not answer.gone:
                raise not_removed(answer) from error
        except requests.RequestException as error:
            raise TransientError(
                f"no answer from X at {self._api_url} to a delete; it may be repeated, try again later"
            ) from error

    def _receipt(self, request: Request, remote_id: str) -> Receipt:
        (position,) = request.positions
        return self._receipt_of(position, remote_id)

    def _receipt_of(self, position: int, remote_id: str) -> Receipt:
        number = self._token_id or self._reader.known_id
        account = Identity(self.account, number) if number else None
        return Receipt(position=position, remote_id=remote_id, url=_url(remote_id), account=account)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _newer_than(self, known: Container[str]) -> tuple[Stray, ...]:
        strays: list[Stray] = []
        for page in self._reader.timeline(str(self.identify().id), sizes=SURVEY_SIZES, whole=False):
            for post in page:
                if post.id in known:
                    return tuple(strays)
                strays.append(Stray(post.id, post.model_dump(mode="json")))
        return tuple(strays)

    def _another_thread(self, url: str) -> PermanentError:
        return PermanentError(
            f"{self.account} has another thread about this at {url}, with other words; "
            "delete that one on X and publish again, or give this one up"
        )

    def _is_up(self, seen: OwnPost) -> bool:
        return self._reader.post(seen.id) is not None

    def _is_up_as(self, draft: Draft, seen: OwnPost) -> bool:
        """Say whether a post that was seen is the draft, and still there."""
        likeness = compare(draft, seen)
        if likeness is Likeness.OTHER or not self._is_up(seen):
            return False
        if likeness is Likeness.UNCERTAIN:
            raise _links_hidden(seen)
        return True


def _surely_ours(draft: Draft, post: OwnPost) -> str:
    # A reply to our own post is ours whatever the clocks say; a first post may have an older duplicate.
    if draft.in_reply_to is None and post.is_older_than(draft):
        raise PermanentError(
            f"X has a post with the same words since {post.created_at:%Y-%m-%d} ({_url(post.id)}) and takes no second; "
            "delete that one or change the words"
        )
    return post.id


def _created_id(response: requests.Response) -> str:
    try:
        return Named.model_validate_json(response.content).data.id
    except ValidationError as error:
        raise UnknownOutcomeError(
            f"X answered {response.status_code} to a post without naming its id; "
            "it may be out: look at the account before sending it again"
        ) from error


def _draft(request: Request) -> Draft:
    return Draft.model_validate(dict(request.body))


def _as_draft(post: Post, *, parent: Receipt | None) -> Draft:
    """Return the post as it would be sent below ``parent``."""
    return Draft(text=post.text, in_reply_to=parent.remote_id if parent else None, prepared_at=datetime.now(UTC))


def _links_hidden(post: OwnPost) -> UnknownOutcomeError:
    return cannot_tell(f"X shows a post that may be it, {_url(post.id)}, without the addresses in it: try again later")


def _url(remote_id: str) -> str:
    return f"https://x.com/i/status/{remote_id}"
