"""What every publisher must do, the fakes like the real ones.

A platform takes part with one fixture that returns a ``Stage``, named in ``STAGES``.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.console import ConsolePublisher
from bot.platforms.mastodon.publisher import MastodonPublisher
from bot.platforms.memory import MemoryPublisher, MemorySessionStore, Moment
from bot.platforms.publisher import Publisher, Receipt, Request
from bot.platforms.x.publisher import XPublisher
from harness_mastodon import mastodon_publisher_for
from harness_pds import Pds, bluesky_publisher
from harness_x import publisher_for
from mastodon_standin import MastodonStandin
from x_standin import XStandin

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
CLOSED_PORT = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Stage:
    """One platform with a fresh account.

    ``shown`` returns the texts that readers see, in the order of the thread. ``refused`` is a post that the platform
    does not take, ``unreachable`` a publisher whose platform does not answer; None where there is no such thing.
    """

    publisher: Publisher
    shown: Callable[[], list[str]]
    refused: Post | None = None
    unreachable: Publisher | None = None


NODE = pytest.mark.node
STAGES = {
    "memory_bluesky_stage": (),
    "memory_x_stage": (),
    "memory_mastodon_stage": (),
    "console_stage": (),
    "bluesky_stage": (NODE,),
    "x_stage": (),
    "mastodon_stage": (),
}
WITHOUT_KEYS = ("memory_x_stage", "x_stage", "memory_mastodon_stage", "mastodon_stage")


def stages(*, without: Sequence[str] = ()) -> list[Any]:
    return [pytest.param(name, marks=marks) for name, marks in STAGES.items() if name not in without]


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Stage:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Stage)
    return found


on_every_platform = pytest.mark.parametrize("stage", stages(), indirect=True)
where_posts_are_kept = pytest.mark.parametrize("stage", stages(without=["console_stage"]), indirect=True)
where_keys_tell_requests_apart = pytest.mark.parametrize("stage", stages(without=WITHOUT_KEYS), indirect=True)


def memory_stage(platform: Platform) -> Stage:
    publisher = MemoryPublisher(platform)
    unreachable = MemoryPublisher(platform)
    unreachable.fail(Moment.PREPARE, TransientError("the platform does not answer; try again later"))
    return Stage(
        publisher=publisher,
        shown=lambda: [published.post.text for published in publisher.timeline.posts],
        refused=post("x" * 301),
        unreachable=unreachable,
    )


@pytest.fixture
def memory_bluesky_stage() -> Stage:
    return memory_stage(Platform.BLUESKY)


@pytest.fixture
def memory_x_stage() -> Stage:
    return memory_stage(Platform.X)


@pytest.fixture
def memory_mastodon_stage() -> Stage:
    return memory_stage(Platform.MASTODON)


@pytest.fixture
def console_stage() -> Stage:
    stream = io.StringIO()
    return Stage(
        publisher=ConsolePublisher(stream),
        shown=lambda: [line[2:] for line in stream.getvalue().splitlines() if line.startswith("│ ")],
    )


@pytest.fixture
def bluesky_stage(pds: Pds) -> Iterator[Stage]:
    account = pds.create_account()
    publisher = bluesky_publisher(pds, account)
    unreachable = BlueskyPublisher(
        service=CLOSED_PORT,
        handle=account.handle,
        app_password=SecretStr(account.app_password),
        sessions=MemorySessionStore(),
    )
    yield Stage(
        publisher=publisher,
        shown=lambda: [record["value"]["text"] for record in pds.records(account.did)],
        refused=post("x" * 301),
        unreachable=unreachable,
    )
    publisher.close()
    unreachable.close()


@pytest.fixture
def x_stage(x_standin: XStandin, x_publisher: XPublisher) -> Iterator[Stage]:
    unreachable = publisher_for(x_standin, api_url=CLOSED_PORT)
    yield Stage(
        publisher=x_publisher,
        shown=lambda: [accepted.text for accepted in x_standin.live],
        refused=post("x" * 301),
        unreachable=unreachable,
    )
    unreachable.close()


@pytest.fixture
def mastodon_stage(mastodon_standin: MastodonStandin, mastodon_publisher: MastodonPublisher) -> Iterator[Stage]:
    unreachable = mastodon_publisher_for(mastodon_standin, server=CLOSED_PORT)
    yield Stage(
        publisher=mastodon_publisher,
        shown=lambda: [accepted.text for accepted in mastodon_standin.live],
        refused=post("x" * 501),
        unreachable=unreachable,
    )
    unreachable.close()


def post(text: str) -> Post:
    return Post(text=text, length=len(text), limit=300, langs=("en",))


THREAD = tuple(post(f"{word} post of the thread") for word in ("First", "Second", "Third"))


@where_posts_are_kept
def test_a_thread_is_taken_down_whole_and_what_is_gone_counts_as_down(stage: Stage) -> None:
    receipts = [receipt for _, sent in send_all(stage.publisher, THREAD) for receipt in sent]
    left = list(receipts)
    while left:
        removed = stage.publisher.remove(left)
        del left[-removed:]
    assert stage.shown() == []
    assert stage.publisher.remove(receipts) >= 1


def stored(request: Request) -> Request:
    """Take the request through JSON, as the database does."""
    adapter = TypeAdapter(Request)
    return adapter.validate_json(adapter.dump_json(request))


def send_all(publisher: Publisher, posts: Sequence[Post]) -> list[tuple[Request, tuple[Receipt, ...]]]:
    steps: list[tuple[Request, tuple[Receipt, ...]]] = []
    out: list[Receipt] = []
    while len(out) < len(posts):
        request = stored(publisher.prepare(posts, sent=out, name="a thread", now=NOW))
        receipts = publisher.send(request)
        steps.append((request, receipts))
        out += receipts
    return steps


@on_every_platform
def test_a_thread_goes_out_whole_and_in_order(stage: Stage) -> None:
    send_all(stage.publisher, THREAD)
    assert stage.shown() == [item.text for item in THREAD]


@on_every_platform
def test_every_post_gets_a_receipt_with_an_id_and_an_address_of_its_own(stage: Stage) -> None:
    receipts = [receipt for _, step in send_all(stage.publisher, THREAD) for receipt in step]
    assert [receipt.position for receipt in receipts] == [0, 1, 2]
    assert len({receipt.remote_id for receipt in receipts}) == len(THREAD)
    assert len({receipt.url for receipt in receipts if receipt.url}) == len(THREAD)


@on_every_platform
def test_preparing_sends_nothing(stage: Stage) -> None:
    stage.publisher.prepare(THREAD, sent=(), name="a thread", now=NOW)
    assert stage.shown() == []


@on_every_platform
def test_what_was_sent_is_found_with_the_same_receipts(stage: Stage) -> None:
    for request, receipts in send_all(stage.publisher, THREAD):
        assert stage.publisher.find(request) == receipts


@on_every_platform
def test_what_was_never_sent_is_not_found(stage: Stage) -> None:
    request = stored(stage.publisher.prepare(THREAD, sent=(), name="a thread", now=NOW))
    assert stage.publisher.find(request) is None


@on_every_platform
def test_another_request_for_the_same_thread_is_not_taken_for_the_first_one(stage: Stage) -> None:
    first = stage.publisher.prepare(THREAD, sent=(), name="a thread", now=NOW)
    other = stage.publisher.prepare([post("Another thread")], sent=(), name="another thread", now=NOW)
    stage.publisher.send(first)
    assert stage.publisher.find(other) is None


@where_keys_tell_requests_apart
def test_an_idempotent_platform_shows_a_repeated_request_once(stage: Stage) -> None:
    assert stage.publisher.idempotent
    request = stored(stage.publisher.prepare(THREAD, sent=(), name="a thread", now=NOW))
    receipts = stage.publisher.send(request)
    with suppress(UnknownOutcomeError):
        stage.publisher.send(request)
    assert stage.shown() == [item.text for item in THREAD]
    assert stage.publisher.find(request) == receipts


@on_every_platform
def test_an_account_has_a_lasting_id_and_its_receipts_bear_it(stage: Stage) -> None:
    identity = stage.publisher.identify()
    assert identity.id
    assert identity == stage.publisher.identify()
    receipts = [receipt for _, step in send_all(stage.publisher, THREAD) for receipt in step]
    assert [receipt.account for receipt in receipts] == [identity] * len(THREAD)


@where_posts_are_kept
def test_a_thread_that_nobody_remembers_is_recognised(stage: Stage) -> None:
    publisher = stage.publisher
    assert publisher.recognise(THREAD, sent=(), name="a thread", strays=publisher.survey(())) == ()
    receipts = tuple(receipt for _, step in send_all(publisher, THREAD) for receipt in step)
    strays = publisher.survey(())
    assert publisher.recognise(THREAD, sent=(), name="a thread", strays=strays) == receipts
    assert publisher.recognise([post("Other words")], sent=(), name="another thread", strays=strays) == ()
    with pytest.raises(PermanentError, match="delete that one"):
        publisher.recognise([THREAD[0], post("Other words")], sent=(), name="a thread", strays=strays)
    assert publisher.survey([receipt.remote_id for receipt in receipts]) == ()


@where_posts_are_kept
def test_posts_below_a_thread_that_is_out_are_sent_found_recognised_and_taken_down_with_it(stage: Stage) -> None:
    publisher = stage.publisher
    whole, sent = (*THREAD, post("A post below it")), send_all(publisher, THREAD)
    receipts = [receipt for _, step in sent for receipt in step]
    assert publisher.recognise(whole, sent=receipts, name="a thread", strays=publisher.survey(())) == ()
    request = stored(publisher.prepare(whole, sent=receipts, name="a thread", now=NOW))
    [below] = publisher.send(request)
    assert below.position == len(THREAD)
    assert stage.shown() == [item.text for item in whole]
    assert publisher.find(request) == (below,)
    assert publisher.recognise(whole, sent=receipts, name="a thread", strays=publisher.survey(())) == (below,)
    left = [*receipts, below]
    while left:
        del left[-publisher.remove(left) :]
    assert stage.shown() == []


@where_posts_are_kept
def test_what_is_on_the_account_and_not_known_is_listed_with_its_words_and_parents(stage: Stage) -> None:
    publisher = stage.publisher
    receipts = [receipt for _, step in send_all(publisher, THREAD) for receipt in step]
    ids = [receipt.remote_id for receipt in receipts]
    found = {item.remote_id: item for item in map(publisher.shown, publisher.inventory(()))}
    assert [found[name].text for name in ids] == [item.text for item in THREAD]
    assert [found[name].parent for name in ids] == [None, *ids[:-1]]
    assert [found[name].url for name in ids] == [receipt.url for receipt in receipts]
    assert publisher.inventory(ids) == ()


@where_posts_are_kept
def test_a_post_that_a_person_names_is_ours_only_with_its_words_in_its_place(stage: Stage) -> None:
    first, second, _ = (receipt for _, step in send_all(stage.publisher, THREAD) for receipt in step)

    def confirm(position: int, parent: Receipt | None) -> Receipt:
        return stage.publisher.confirm(THREAD[position], remote_id=second.remote_id, position=position, parent=parent)

    assert confirm(1, first) == second
    for position, parent in ((0, None), (2, second), (1, None)):
        with pytest.raises(PermanentError, match=re.escape(second.remote_id)):
            confirm(position, parent)


@where_posts_are_kept
def test_a_refused_post_is_a_permanent_error_and_leaves_nothing(stage: Stage) -> None:
    assert stage.refused is not None
    request = stage.publisher.prepare([stage.refused], sent=(), name="a thread", now=NOW)
    with pytest.raises(PermanentError):
        stage.publisher.send(request)
    assert stage.shown() == []
    assert stage.publisher.find(request) is None


@where_posts_are_kept
def test_a_platform_that_does_not_answer_is_a_transient_error(stage: Stage) -> None:
    assert stage.unreachable is not None
    with pytest.raises(TransientError):
        send_all(stage.unreachable, THREAD)
    assert stage.shown() == []
