"""An address is shown without what may be secret in it, however badly it was written."""

import pytest

from bot.domain.errors import PicksError, TransientError
from bot.domain.redaction import redact, redact_address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", "https://rss.arxiv.org/rss/cs.CL"),
        ("http://127.0.0.1:8080/rss", "http://127.0.0.1:8080/rss"),
        ("http://[::1]:8080/rss", "http://[::1]:8080/rss"),
        ("http://me:s3cret@host/rss", "http://host/rss"),
        ("HTTP://me:s3cret@host/rss", "HTTP://host/rss"),
        ("http://s3cret@host/rss", "http://host/rss"),
        ("http://:s3cret@host/rss", "http://host/rss"),
        ("http://me:s3%40cret@host/rss", "http://host/rss"),
        ("http://me:s3:cret@host:80/rss", "http://host:80/rss"),
        ("http://me:s3%cret@host", "http://host"),
        ("postgresql://picks:half@s3cret@host/db", "postgresql://host/db"),
        ("postgresql://picks:s3/cret@host/db", "postgresql://…@host/db"),
        ("postgresql://picks:12/s3cret@host/db", "postgresql://…@host/db"),
        ("postgresql://picks:s3?cret@host/db", "postgresql://…@host/db"),
        ("postgresql://picks:s3#cret@host/db", "postgresql://…@host/db"),
        ("postgresql://picks:a@s3/cr@et@host/db", "postgresql://…@host/db"),
        ("http://s3/cret@host/rss", "http://…@host/rss"),
        ("http://me:s3 cret@host/rss", "http://host/rss"),
        ("http://me:s3cret", "http://me:…"),
        ("http://me:12s3/cret", "http://me:…"),
        ("http:/me:s3cret@host", "http:/host"),
        ("postgresql+psycopg://picks:s3cret@host/db", "postgresql+psycopg://host/db"),
        ("postgresql://one:5432,two:5433/db", "postgresql://one:5432,two:5433/db"),
        ("postgresql://host/db?user=picks&password=s3cret", "postgresql://host/db?user=…&password=…"),
        ("https://host/hook?s3cret", "https://host/hook?…"),
        ("https://host/hook?key=s3cret/rss/cs.CL", "https://host/hook?key=…"),
        ("https://host/hook#s3cret", "https://host/hook"),
        (
            "https://host/api/query?search_query=cat:cs.CL&start=0",
            "https://host/api/query?search_query=cat:cs.CL&start=0",
        ),
        ("https://mastodon.example/@ada/1", "https://mastodon.example/@ada/1"),
        ("/srv/a@b/feed.xml", "/srv/a@b/feed.xml"),
        ("sqlite:////srv/picks.db", "sqlite:////srv/picks.db"),
        ("sqlite:////srv/a:b@c/picks.db?key=s3cret", "sqlite:////srv/a:b@c/picks.db?key=…"),
        ("at://did:plc:557mdi/app.bsky.feed.post/2ux26x", "at://did:plc:557mdi/app.bsky.feed.post/2ux26x"),
        ("at://did:web:one.example%3A80/a/b", "at://did:web:one.example%3A80/a/b"),
        ("at://one.example/app.bsky.feed.post/2ux26x", "at://one.example/app.bsky.feed.post/2ux26x"),
        ("sqlite://me:s3cret@host/picks.db", "sqlite://host/picks.db"),
        ("https://host/token/abc/rss/cs.CL", "https://host/…/rss/cs.CL"),
        ("https://host/s3cret/atom/cs.LG", "https://host/…/atom/cs.LG"),
        ("https://host/s3cret/api/query?search_query=cat:cs.CL", "https://host/…/api/query?search_query=cat:cs.CL"),
        (
            "https://host/s3cret/xrpc/com.atproto.server.createSession",
            "https://host/…/xrpc/com.atproto.server.createSession",
        ),
        ("https://host/s3cret/2/tweets/12", "https://host/…/2/tweets/12"),
        ("https://me:s3cret@host:8080/token/abc", "https://host:8080/token/…"),
        ("https://host/TOKEN/abc/feed.xml?x=1", "https://host/TOKEN/…?x=…"),
        ("https://host/api-key/abc", "https://host/api-key/…"),
        ("https://host/access_token", "https://host/access_token"),
        ("https://hooks.slack.example/services/T0/B0/abcdef", "https://hooks.slack.example/services/…"),
        ("https://chat.example/api/webhooks/12/abcdef", "https://chat.example/api/webhooks/…"),
        ("https://telegram.example/bot12:abc/sendMessage", "https://telegram.example/…/sendMessage"),
        (
            "https://ping.example/6f1c1d0e-1f6a-4a5e-9b43-2a1b7c9d0e11/fail",
            "https://ping.example/…/fail",
        ),
        ("https://host/a8f3k2m9q7x1z5b4c6/feed.xml", "https://host/…/feed.xml"),
        ("https://host/sk_AbC1dEf2GhI3jKl4MnO5", "https://host/…"),
        ("tgram://12:abc/34", "tgram://…"),
        ("discord://12/abc", "discord://…"),
        ("mailto://me:s3cret@host", "mailto://…"),
        ("https://arxiv.org/abs/2412.11965v2", "https://arxiv.org/abs/2412.11965v2"),
        ("https://export.arxiv.org/api/query", "https://export.arxiv.org/api/query"),
        ("https://host/2024/mechanistic-interpretability-101/", "https://host/2024/mechanistic-interpretability-101/"),
        (
            "https://deer.example/profile/one.example/post/3kabc2xyz4d2q",
            "https://deer.example/profile/one.example/post/3kabc2xyz4d2q",
        ),
        (
            "https://deer.example/profile/did:plc:z72i7hdynmk6r22z27h6tvur",
            "https://deer.example/profile/did:plc:z72i7hdynmk6r22z27h6tvur",
        ),
        (
            "https://github.com/acme/token/tree/4f1c1d0e1f6a4a5e9b432a1b7c9d0e11",
            "https://github.com/acme/token/tree/4f1c1d0e1f6a4a5e9b432a1b7c9d0e11",
        ),
        ("https://mas.example/@ada/113456789012345678", "https://mas.example/@ada/113456789012345678"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_secrets(address: str, shown: str) -> None:
    assert redact_address(address) == shown
    assert redact_address(shown) == shown


@pytest.mark.parametrize("sign", [*list("@/:#%?&=+ '\"\\[]{}<>;,!$^~`|\t"), "@/", "/@", "://", "%40", "1/", "é", "秘"])
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "http", "https", "socks5", "redis"])
def test_no_sign_in_a_password_lets_a_part_of_it_through(sign: str, scheme: str) -> None:
    for password in (f"hidden{sign}canary", f"{sign}canary", f"canary{sign}", f"12{sign}canary{sign}hidden"):
        for end in ("", "/", "/db", ":5432/db", "/db?sslmode=require"):
            shown = redact_address(f"{scheme}://me:{password}@host.example{end}")
            assert ("canary" in shown, "hidden" in shown, "host.example" in shown) == (False, False, True), shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no address: a@b, me:s3cret", "no address: a@b, me:s3cret"),
        (
            "'http://me:s3cret@host/x' is gone; try (http://me:s3cret@host).",
            "'http://host/x' is gone; try (http://host).",
        ),
        ("see https://mastodon.example/@ada, or ask", "see https://mastodon.example/@ada, or ask"),
        ("URL('http://me:s3cret@host/x?key=s3cret')", "URL('http://host/x?key=…')"),
        ("two: http://a:s3cret@one http://b:s3cret@two", "two: http://one http://two"),
        ("a line\nand http://me:s3cret@host\nanother", "a line\nand http://host\nanother"),
    ],
)
def test_addresses_inside_a_text_are_shown_without_secrets(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


def test_no_error_says_what_is_secret_in_an_address() -> None:
    assert str(PicksError("http://me:s3cret@host does not answer")) == "http://host does not answer"
    assert str(TransientError("http://me:s3cret@host does not answer")) == "http://host does not answer"
    assert str(PicksError()) == ""
