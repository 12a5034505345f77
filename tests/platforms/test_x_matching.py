"""X shows a post in other words than it was sent in; only the same post may be taken for ours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.platforms.x.matching import CLOCK_MARGIN, Draft, OwnPost, Page, has_line, matches
from x_account import Account, as_page, characters

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
PARENT = "1900000000000000001"


def draft(text: str, *, in_reply_to: str | None = None) -> Draft:
    return Draft(text=text, in_reply_to=in_reply_to, prepared_at=NOW)


def own(text: str, *, in_reply_to: str | None = None, **links: str) -> OwnPost:
    """Make a post as X shows it; ``links`` gives the address behind each t.co link by its last part."""
    urls = [{"url": f"https://t.co/{short}", "expanded_url": full} for short, full in links.items()]
    references = [{"type": "replied_to", "id": in_reply_to}] if in_reply_to else []
    return OwnPost.model_validate(
        {
            "id": "1900000000000000002",
            "text": text,
            "created_at": "2026-11-02T15:00:01.000Z",
            "entities": {"urls": urls},
            "referenced_tweets": references,
        }
    )


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain words", "plain words"),
        ("A & B < C > D", "A &amp; B &lt; C &gt; D"),
        ("typed as &amp; it stays", "typed as &amp;amp; it stays"),
        ("a &eacute; b", "a &amp;eacute; b"),
        ("two  spaces\n\nand lines ", "two spaces\nand lines"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_the_same_words_are_recognised_in_the_form_x_gives_them(sent: str, shown: str) -> None:
    assert matches(draft(sent), own(shown))


@pytest.mark.parametrize(
    ("sent", "full"),
    [
        ("https://arxiv.org/abs/2412.11965", "https://arxiv.org/abs/2412.11965"),
        ("https://Example.org", "https://example.org/"),
        ("example.org/a", "http://example.org/a"),
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2"),
        ("https://example.org/ü", "https://example.org/%C3%BC"),
    ],
)
def test_a_link_is_compared_by_the_address_behind_it(sent: str, full: str) -> None:
    assert matches(draft(f"Paper: {sent} (new)"), own("Paper: https://t.co/Ab1 (new)", Ab1=full))


def test_two_links_keep_their_order() -> None:
    shown = own("https://t.co/a1 https://t.co/a12", a1="https://example.org/1", a12="https://example.org/2")
    assert matches(draft("https://example.org/1 https://example.org/2"), shown)
    assert not matches(draft("https://example.org/2 https://example.org/1"), shown)


def test_a_link_to_media_that_x_put_at_the_end_is_ignored() -> None:
    shown = own("words\nhttps://t.co/pic", pic="https://x.com/example_picks/status/1/photo/1")
    assert matches(draft("words"), shown)


def test_a_link_that_we_wrote_at_the_end_is_not_ignored() -> None:
    assert not matches(draft("words"), own("words https://t.co/a1", a1="https://example.org/1"))


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("words", "other words"),
        ("words", "words and more"),
        ("Words", "words"),
        ("1/2 words", "2/2 words"),
        ("see https://example.org/1", "see https://t.co/unknown"),
    ],
)
def test_other_words_are_not_ours(sent: str, shown: str) -> None:
    assert not matches(draft(sent), own(shown))


def test_another_address_is_not_ours() -> None:
    assert not matches(
        draft("Paper: https://arxiv.org/abs/2412.11965"),
        own("Paper: https://t.co/a1", a1="https://arxiv.org/abs/2412.11966"),
    )


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [(None, None, True), (PARENT, PARENT, True), (PARENT, None, False), (None, PARENT, False), (PARENT, "19", False)],
)
def test_the_same_words_below_another_post_are_not_ours(wanted: str | None, found: str | None, same: bool) -> None:
    assert matches(draft("words", in_reply_to=wanted), own("words", in_reply_to=found)) is same


def test_a_quotation_is_no_reply() -> None:
    quoting = OwnPost.model_validate(
        {
            "id": "19",
            "text": "words",
            "created_at": "2026-11-02T15:00:01Z",
            "referenced_tweets": [{"type": "quoted", "id": PARENT}],
        }
    )
    assert quoting.in_reply_to is None


@pytest.mark.parametrize(
    ("before", "older"), [(timedelta(0), False), (CLOCK_MARGIN, False), (CLOCK_MARGIN + timedelta(seconds=1), True)]
)
def test_a_post_is_older_only_beyond_what_clocks_may_differ(before: timedelta, older: bool) -> None:
    post = own("words").model_copy(update={"created_at": NOW - before})
    assert post.is_older_than(draft("words")) is older


TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20),
        st.sampled_from(
            ["https://arxiv.org/abs/2412.11965v2", "cs.CL", "https://example.org/a?b=1&c=<2>", "&lt;", "R&D"]
        ),
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@settings(deadline=None)
@given(TEXTS.filter(str.strip))
def test_whatever_is_sent_is_recognised_when_it_comes_back(text: str) -> None:
    account = Account(length=lambda _: 0, clock=lambda: NOW)
    account.post(text, parent=None)
    shown = as_page(account.live, fields=frozenset({"created_at", "entities"}), next_token=None)
    (post,) = Page.model_validate(shown).data
    assert matches(draft(text), post)


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"errors": [{"title": "Not Found"}]},
        {"meta": {"result_count": 0}, "errors": [{"title": "Not Found"}]},
        {"meta": {"result_count": 1}, "data": [{"id": "19", "text": "words"}]},
        {"meta": {"result_count": 1}, "data": [{"id": "19", "text": "words", "created_at": "2026-11-02T15:00:00"}]},
    ],
    ids=["empty", "errors only", "errors beside an end", "no time", "a time without zone"],
)
def test_a_page_that_is_not_whole_is_no_page(page: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Page.model_validate(page)


def test_a_page_of_an_empty_account_is_whole() -> None:
    assert Page.model_validate({"meta": {"result_count": 0}}).data == ()


def test_the_stand_in_counts_composed_characters() -> None:
    assert characters("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "answers", "same"),
    [
        ("Probing &amp; Steering\nA. One\n\nOther words.", None, True),
        ("Today's pick\n\nProbing  &amp; Steering\n\nA. One", None, True),
        ("Probing &amp; Steering\nA. One", "1", False),
        ("About Probing &amp; Steering\nA. One", None, False),
    ],
)
def test_a_thread_about_the_same_paper_has_the_line_of_its_title(text: str, answers: str | None, *, same: bool) -> None:
    references = [{"type": "replied_to", "id": answers}] if answers else []
    post = OwnPost.model_validate(
        {"id": "2", "text": text, "created_at": "2026-02-17T10:00:00Z", "referenced_tweets": references}
    )
    assert has_line(post, "Probing & Steering") is same
