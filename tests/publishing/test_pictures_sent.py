"""The picture of a pick: approved with it, brought once, brought again where it was forgotten, and never in the way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions
from bot.curation.context import Context, Edits
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError
from bot.domain.posts import LinkCard, Picture, Platform, Post, Quote, post_from_json, post_to_json
from bot.domain.states import DeliveryState
from bot.platforms.bluesky.records import record_cid, thread_batch
from bot.platforms.memory import MemoryPublisher, Moment
from bot.publishing.embeds import MOST_TRIES
from bot.store.database import Database
from bot.store.picture_tables import PictureRow
from bot.store.tables import Delivery, FrozenPost
from bot.threads.cards.words import Card, CardWords
from publishing_stage import NOTE, PAPER, KilledError, Stage, approved_stage
from samples import NOON


def _draw(words: CardWords) -> Card:
    return Card(f"{words.title}|{words.note}|{words.colour}".encode())


def _context(stage: Stage, draw: Callable[[CardWords], Card] | None = _draw) -> Context:
    return replace(stage.context(), draw=draw)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage whose pick was approved with a picture."""
    stage = approved_stage(sqlite_database)
    decisions.approve(_context(stage), PAPER, Edits(), at=NOON)
    return stage


def _bluesky(stage: Stage) -> views.Json:
    delivery: views.Json = stage.shown()["deliveries"][0]
    return delivery


def _row(stage: Stage) -> PictureRow:
    with stage.database.reading() as session:
        return session.exec(select(PictureRow)).one()


def _publisher(stage: Stage) -> MemoryPublisher:
    return stage.publishers[Platform.BLUESKY]


def _pictures(stage: Stage) -> list[Picture | None]:
    return [item.post.picture for item in _publisher(stage).timeline.posts]


def _brought(stage: Stage) -> list[str]:
    return _publisher(stage).timeline.pictures


def _frozen(stage: Stage) -> list[Post]:
    with stage.database.reading() as session:
        query = select(FrozenPost).join(Delivery).where(Delivery.platform == Platform.BLUESKY)
        return [post_from_json(row.content) for row in session.exec(query)]


def _later(stage: Stage) -> None:
    stage.now += timedelta(hours=1)


def test_a_picture_is_frozen_with_the_posts_and_its_bytes_are_kept(stage: Stage) -> None:
    row, first = _row(stage), _frozen(stage)[0]
    assert first.picture is not None
    assert (first.picture.cid, first.picture.size) == (row.cid, len(row.content))
    assert row.content.startswith(b"Probing|This is sentence")
    assert _bluesky(stage)["posts"][0]["picture"] == {
        "media_type": "image/png",
        "width": 1200,
        "height": 630,
        "alt": f"Probing, by A. One, B. Two. {NOTE}",
    }
    assert not any("picture" in post for post in _bluesky(stage)["posts"][1:])


def test_the_post_without_the_picture_was_approved_beside_it(stage: Stage) -> None:
    first = _frozen(stage)[0]
    assert first.instead is not None
    assert first.instead.picture is None
    assert post_to_json(first.instead) == {
        **{name: part for name, part in post_to_json(first).items() if name != "instead"},
        "card": {name: part for name, part in post_to_json(first)["card"].items() if name != "picture"},  # type: ignore[attr-defined]
    }


def test_a_post_without_a_picture_keeps_the_form_that_it_had_before_there_were_any(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    stored = [post_to_json(post) for post in _frozen(stage)]
    assert set(stored[0]["card"]) == {"url", "title", "description"}  # type: ignore[call-overload]
    assert all("instead" not in post for post in stored)


def test_no_other_platform_shows_it(stage: Stage) -> None:
    assert not any("picture" in post for post in stage.shown()["deliveries"][1]["posts"])


def test_a_picture_is_brought_once_and_goes_out(stage: Stage) -> None:
    assert stage.tick() == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}
    assert _brought(stage) == [_row(stage).cid]
    assert [picture and picture.cid for picture in _pictures(stage)] == [_row(stage).cid, None, None, None]
    assert _bluesky(stage)["unpictured"] is False
    assert stage.out(Platform.BLUESKY) == stage.approved(Platform.BLUESKY)


def test_a_try_that_failed_after_the_picture_was_brought_does_not_bring_it_again(stage: Stage) -> None:
    _publisher(stage).fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    _later(stage)
    stage.tick()
    assert _brought(stage) == [_row(stage).cid]
    assert _bluesky(stage)["state"] == "sent"


def test_another_account_gets_it_too(stage: Stage) -> None:
    _publisher(stage).fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    stage.publishers[Platform.BLUESKY] = MemoryPublisher(Platform.BLUESKY, account="other.test", account_id="did:o")
    _later(stage)
    stage.tick()
    assert _brought(stage) == [_row(stage).cid]
    assert _row(stage).brought_to == "did:o"


def test_a_picture_that_the_server_forgot_is_brought_again(stage: Stage) -> None:
    _publisher(stage).fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    _brought(stage).clear()
    _later(stage)
    stage.tick()
    assert _brought(stage) == [_row(stage).cid]
    assert [bool(picture) for picture in _pictures(stage)] == [True, False, False, False]
    assert _bluesky(stage)["remarks"] == []


def test_a_stored_request_whose_picture_was_forgotten_goes_out_as_it_was_stored(stage: Stage) -> None:
    def die(*_: object) -> None:
        raise KilledError

    publisher = _Doomed(timeline=_publisher(stage).timeline, death=die)
    stage.publishers[Platform.BLUESKY] = publisher
    with pytest.raises(KilledError):
        stage.tick()
    stored = _request(stage)
    assert stored is not None
    publisher.timeline.pictures.clear()
    stage.publishers[Platform.BLUESKY] = _Doomed(timeline=publisher.timeline)
    _later(stage)
    stage.tick()
    assert stage.publishers[Platform.BLUESKY].sent[-1] == stored["body"]  # type: ignore[attr-defined]
    assert _bluesky(stage)["state"] == "sent"
    assert stage.out(Platform.BLUESKY) == stage.approved(Platform.BLUESKY)


def test_a_stored_request_whose_picture_is_refused_gives_way_to_the_approved_form_without(stage: Stage) -> None:
    def die(*_: object) -> None:
        raise KilledError

    publisher = _Doomed(timeline=_publisher(stage).timeline, death=die)
    stage.publishers[Platform.BLUESKY] = publisher
    with pytest.raises(KilledError):
        stage.tick()
    publisher.timeline.pictures.clear()
    again = stage.publishers[Platform.BLUESKY] = MemoryPublisher(Platform.BLUESKY, timeline=publisher.timeline)
    again.fail(Moment.BRING, PermanentError("the server takes no pictures"))
    _later(stage)
    stage.tick()
    assert _bluesky(stage)["state"] == "sent"
    assert _pictures(stage) == [None] * 4
    assert stage.out(Platform.BLUESKY) == stage.approved(Platform.BLUESKY)


def test_a_picture_that_is_refused_after_it_was_forgotten_asks_a_person_where_nothing_else_was_approved(
    stage: Stage,
) -> None:
    with stage.database.transaction() as session:
        for row in session.exec(select(FrozenPost)):
            row.content = {key: value for key, value in row.content.items() if key != "instead"}
            session.add(row)
    _publisher(stage).fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    _brought(stage).clear()
    _publisher(stage).fail(Moment.BRING, PermanentError("the server takes no pictures"))
    _later(stage)
    stage.tick()
    assert _bluesky(stage)["state"] == "refused"
    assert "the server takes no pictures" in _bluesky(stage)["error"]
    assert "picks undo 2602.00001 takes the approval back" in _bluesky(stage)["error"]
    assert _pictures(stage) == []


class _Doomed(MemoryPublisher):
    """Remembers what it sends, and may die in the moment before it does."""

    def __init__(self, *, timeline: object, death: Callable[..., None] = lambda *_: None) -> None:
        super().__init__(Platform.BLUESKY, timeline=timeline)  # type: ignore[arg-type]
        self.sent: list[object] = []
        self._death = death

    def send(self, request):  # type: ignore[no-untyped-def]
        self._death()
        self.sent.append(dict(request.body))
        return super().send(request)


def _request(stage: Stage) -> Mapping[str, object] | None:
    with stage.database.reading() as session:
        return session.exec(select(Delivery.request).where(Delivery.platform == Platform.BLUESKY)).one()


@pytest.mark.parametrize("error", [PermanentError("the server takes no pictures"), None], ids=["refused", "gone"])
def test_a_picture_that_cannot_be_had_keeps_no_thread_back(stage: Stage, error: PicksError | None) -> None:
    if error:
        _publisher(stage).fail(Moment.BRING, error)
    else:
        with stage.database.transaction() as session:
            session.delete(session.exec(select(PictureRow)).one())
    assert stage.tick()["bluesky"] is DeliveryState.SENT
    assert _pictures(stage) == [None] * 4
    shown = _bluesky(stage)
    assert shown["unpictured"] is True
    reason = str(error or "the picture that was approved is no longer stored")
    assert shown["remarks"] == [f"Sent without its picture: {reason}"]
    assert not any("picture" in post for post in shown["posts"])
    assert stage.out(Platform.BLUESKY) == stage.approved(Platform.BLUESKY)


def test_one_post_that_loses_its_picture_loses_its_quote_too_and_says_so(
    sqlite_database: Database,
) -> None:
    stage, url = approved_stage(sqlite_database), "https://bsky.app/profile/name.test/post/3ldg2z7tem227"
    quote = Quote(url=url, uri="at://did:plc:one/app.bsky.feed.post/3ldg2z7tem227", cid="bafyone")
    context = replace(_context(stage), resolve_quote=lambda _: quote)
    decisions.approve(context, PAPER, Edits(note="Worth reading.", thread_url=url), at=NOON)
    _publisher(stage).fail(Moment.BRING, PermanentError("the server takes no pictures"))
    assert stage.tick()["bluesky"] is DeliveryState.SENT
    [item] = _publisher(stage).timeline.posts
    assert (item.post.quote, item.post.picture) == (None, None)
    assert item.post.text.endswith("Worth reading.\n\nAuthors' thread")
    said = "Sent without its picture, and with a plain link instead of the quote: the server takes no pictures"
    assert _bluesky(stage)["remarks"] == [said]


def test_bytes_that_are_not_those_that_were_approved_are_never_brought(stage: Stage) -> None:
    with stage.database.transaction() as session:
        row = session.exec(select(PictureRow)).one()
        row.content = b"something else"
        session.add(row)
    assert stage.tick()["bluesky"] is DeliveryState.SENT
    assert _brought(stage) == []
    assert _pictures(stage) == [None] * 4


def test_a_picture_that_does_not_come_through_is_tried_again_and_then_left_out(stage: Stage) -> None:
    _publisher(stage).fail(Moment.BRING, *[TransientError("not now")] * MOST_TRIES)
    for _ in range(MOST_TRIES - 1):
        assert stage.tick()["bluesky"] is DeliveryState.PLANNED
        assert _pictures(stage) == []
        _later(stage)
    assert stage.tick()["bluesky"] is DeliveryState.SENT
    assert _pictures(stage) == [None] * 4


def test_an_account_that_cannot_upload_rests_and_loses_neither_picture_nor_try(stage: Stage) -> None:
    _publisher(stage).fail(Moment.BRING, *[AccountError("the password is wrong")] * (MOST_TRIES + 2))
    for _ in range(MOST_TRIES + 2):
        stage.tick()
        stage.now += timedelta(hours=7)
    stage.tick()
    assert [bool(picture) for picture in _pictures(stage)] == [True, False, False, False]


def test_a_server_that_forgets_the_picture_at_once_gets_the_thread_without_it(stage: Stage) -> None:
    class Forgetful(MemoryPublisher):
        def bring(self, picture: Picture, content: bytes) -> None:
            super().bring(picture, content)
            self.timeline.pictures.clear()

    stage.publishers[Platform.BLUESKY] = Forgetful(Platform.BLUESKY)
    assert stage.tick()["bluesky"] is DeliveryState.SENT
    assert _pictures(stage) == [None] * 4
    assert len(stage.out(Platform.BLUESKY)) == 4


def test_approving_again_with_other_words_draws_anew(stage: Stage) -> None:
    before, prints = _row(stage).cid, _fingerprint(stage)
    decisions.note(_context(stage), PAPER, Edits(note="Other words."))
    decisions.approve(_context(stage), PAPER, Edits(), at=NOON)
    assert _row(stage).cid != before
    assert _fingerprint(stage) != prints
    stage.tick()
    assert _brought(stage) == [_row(stage).cid]


def test_the_picture_is_part_of_what_was_approved(stage: Stage) -> None:
    before = _fingerprint(stage)
    decisions.approve(_context(stage, lambda words: Card(b"drawn otherwise" + words.note.encode())), PAPER, Edits())
    assert _fingerprint(stage) != before


def _fingerprint(stage: Stage) -> str:
    with stage.database.reading() as session:
        return session.exec(select(Delivery.fingerprint).where(Delivery.platform == Platform.BLUESKY)).one()


def test_what_the_picture_cannot_show_is_a_remark_where_it_is_shown(stage: Stage) -> None:
    context = _context(stage, lambda _: Card(b"png", replaced=("محمد as mhmd",)))
    decisions.approve(context, PAPER, Edits(), at=NOON)
    said = [delivery["remarks"] for delivery in stage.shown()["deliveries"]]
    assert said == [["The picture shows محمد as mhmd: no font has these characters."], []]


def test_a_channel_may_do_without(stage: Stage) -> None:
    context = _context(stage)
    plain = context.channel.model_copy(update={"card": context.channel.card.model_copy(update={"on_bluesky": False})})
    decisions.approve(replace(context, channel=plain), PAPER, Edits(), at=NOON)
    assert [post.picture for post in _frozen(stage)] == [None] * 4


def test_a_record_with_a_picture_names_its_bytes_and_has_another_content_id() -> None:
    picture = Picture.of(b"the bytes", media_type="image/png", width=1200, height=630)
    [first, plain] = [_post(picture), _post(None)]
    batch = thread_batch([first], host="", repo="did:plc:a", keys=["3ldg2z7tem227"], now=NOON)
    other = thread_batch([plain], host="", repo="did:plc:a", keys=["3ldg2z7tem227"], now=NOON)
    record = batch.writes[0]["value"]
    assert record["embed"]["external"]["thumb"] == {  # type: ignore[index]
        "$type": "blob",
        "ref": {"$link": picture.cid},
        "mimeType": "image/png",
        "size": 9,
    }
    assert batch.posts[0].cid == record_cid(record) != other.posts[0].cid  # type: ignore[arg-type]


def _post(picture: Picture | None) -> Post:
    return Post("Words", 5, 300, card=LinkCard("https://arxiv.org/abs/2412.06769", "T", "D", picture))
