"""Accounts from the environment: complete groups, the channel's own before the plain ones, never mixed."""

from contextlib import chdir
from pathlib import Path

import certifi
import pytest

from bot.settings import Credentials, SettingsError, load_settings, require_network, require_proxies
from samples import channel

PLAIN = {"BLUESKY_HANDLE": "plain.example", "BLUESKY_APP_PASSWORD": "plain-password"}
OWN = {"MY_TOPIC_BLUESKY_HANDLE": "@own.example", "MY_TOPIC_BLUESKY_APP_PASSWORD": "own-password"}
X = {
    "X_CONSUMER_KEY": "key",
    "X_CONSUMER_SECRET": "secret",
    "X_ACCESS_TOKEN": "1-token",
    "X_ACCESS_TOKEN_SECRET": "token-secret",
}


def _credentials(environ: dict[str, str], name: str = "my-topic") -> Credentials:
    return Credentials(channel(name), environ)


def test_without_variables_every_platform_is_off() -> None:
    assert (_credentials({}).bluesky(), _credentials({}).x()) == (None, None)


def test_empty_variables_are_as_good_as_none() -> None:
    assert _credentials({"BLUESKY_HANDLE": " ", "BLUESKY_APP_PASSWORD": ""}).bluesky() is None


def test_the_plain_account_serves_every_channel() -> None:
    account = _credentials(PLAIN).bluesky()
    assert account is not None
    assert (account.service, account.handle) == ("https://bsky.social", "plain.example")
    assert account.app_password.get_secret_value() == "plain-password"


def test_a_channels_own_account_comes_before_the_plain_one() -> None:
    own, other = _credentials({**PLAIN, **OWN}).bluesky(), _credentials({**PLAIN, **OWN}, "other").bluesky()
    assert own is not None
    assert other is not None
    assert (own.handle, other.handle) == ("own.example", "plain.example")


def test_half_of_an_own_account_is_not_filled_up_from_the_plain_one() -> None:
    half = {**PLAIN, "MY_TOPIC_BLUESKY_HANDLE": "own.example"}
    with pytest.raises(SettingsError, match="MY_TOPIC_BLUESKY_HANDLE is set but MY_TOPIC_BLUESKY_APP_PASSWORD is not"):
        _credentials(half).bluesky()


def test_the_applications_keys_may_be_shared_and_the_account_be_the_channels_own() -> None:
    own = {"MY_TOPIC_X_ACCESS_TOKEN": "2-own", "MY_TOPIC_X_ACCESS_TOKEN_SECRET": "own-secret"}
    account = _credentials({**X, **own}).x()
    assert account is not None
    assert (account.consumer_key.get_secret_value(), account.access_token.get_secret_value()) == ("key", "2-own")


def test_an_account_without_application_names_what_is_missing() -> None:
    with pytest.raises(SettingsError, match="missing: X_CONSUMER_KEY, X_CONSUMER_SECRET"):
        _credentials({name: value for name, value in X.items() if "ACCESS" in name}).x()


@pytest.mark.parametrize("value", ["bsky.social", "ftp://bsky.social"])
def test_a_service_must_be_an_address(value: str) -> None:
    with pytest.raises(SettingsError, match=r"BLUESKY_SERVICE must be an address such as https://bsky\.social"):
        _credentials({**PLAIN, "BLUESKY_SERVICE": value}).bluesky()


def test_an_address_may_begin_with_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    account = _credentials({**PLAIN, "BLUESKY_SERVICE": "HTTPS://bsky.social/"}).bluesky()
    assert account is not None
    assert account.service == "HTTPS://bsky.social"
    monkeypatch.setenv("ARXIV_RSS_URL", "HTTP://127.0.0.1")
    assert load_settings().arxiv_rss_url == "HTTP://127.0.0.1"


def test_no_secret_shows_in_the_account() -> None:
    shown = repr(_credentials(PLAIN).bluesky()) + repr(_credentials(X).x())
    assert [secret for secret in ("plain-password", "token-secret") if secret in shown] == []


@pytest.mark.parametrize(
    "name",
    [
        "PICKS_CURATOR",
        "PICKS_CONTACT",
        "PICKS_CONFIG",
        "PICKS_LOG_FORMAT",
        "ARXIV_RSS_URL",
        "ARXIV_API_URL",
        "ARXIV_API_PAUSE",
    ],
)
def test_an_empty_variable_counts_as_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name, raising=False)
    unset = load_settings()
    monkeypatch.setenv(name, "")
    assert load_settings() == unset


@pytest.mark.parametrize("contact", ["mailto:é@example.org", "two\nlines", "\udcff"])
def test_a_contact_that_no_header_can_hold_is_named(contact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKS_CONTACT", contact)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == (
        "the environment variable PICKS_CONTACT is wrong: "
        "it may hold plain ASCII characters only, such as mailto:picks@example.org"
    )


def test_a_plain_contact_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICKS_CONTACT", "https://example.org/~picks (A. One)")
    assert load_settings().contact == "https://example.org/~picks (A. One)"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost"])
def test_an_api_on_this_machine_may_be_asked_without_a_pause(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARXIV_API_URL", url)
    monkeypatch.setenv("ARXIV_API_PAUSE", "0")
    assert load_settings().arxiv_api_pause == 0


@pytest.mark.parametrize(
    "url", [None, "https://export.arxiv.org", "http://localhost.example.org", "http://127.0.0.1@x"]
)
def test_arxiv_is_never_asked_faster_than_it_wants(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARXIV_API_URL", raising=False)
    monkeypatch.delenv("ARXIV_API_PAUSE", raising=False)
    assert load_settings().arxiv_api_pause == 3
    if url:
        monkeypatch.setenv("ARXIV_API_URL", url)
    monkeypatch.setenv("ARXIV_API_PAUSE", "5")
    assert load_settings().arxiv_api_pause == 5
    monkeypatch.setenv("ARXIV_API_PAUSE", "2.9")
    message = "the environment variable ARXIV_API_PAUSE is wrong: arXiv wants 3 seconds or more"
    with pytest.raises(SettingsError, match=message):
        load_settings()


@pytest.mark.parametrize("pause", ["nan", "inf", "-1", "61", "soon"])
def test_a_pause_that_is_none_is_named(pause: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARXIV_API_URL", "http://localhost")
    monkeypatch.setenv("ARXIV_API_PAUSE", pause)
    with pytest.raises(SettingsError, match="ARXIV_API_PAUSE"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PICKS_LOG_FORMAT", "xml", "it must be 'auto', 'json' or 'text'"),
        ("ARXIV_RSS_URL", "rss.arxiv.org", "it must be an address that begins with https:// or http://"),
        ("ARXIV_API_URL", "ftp://arxiv.org", "it must be an address that begins with https:// or http://"),
        ("ARXIV_API_PAUSE", "three", "it must be a number"),
        ("ARXIV_API_PAUSE", "61", "it must be at most 60"),
    ],
)
def test_a_wrong_variable_is_named_with_what_it_may_be(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value) == f"the environment variable {name} is wrong: {reason}"


@pytest.mark.parametrize(
    ("environ", "appview"),
    [
        ({}, "https://public.api.bsky.app"),
        ({"BLUESKY_SERVICE": "https://pds.example.org"}, "https://public.api.bsky.app"),
        ({"BLUESKY_SERVICE": "http://127.0.0.1:2583"}, None),
        ({"BLUESKY_SERVICE": "http://127.0.0.1:2583", "BLUESKY_APPVIEW": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
    ],
)
def test_the_server_that_shows_the_network_is_the_public_one_but_for_a_network_of_ones_own(
    environ: dict[str, str], appview: str | None
) -> None:
    assert Credentials(channel(), environ).bluesky_appview == appview


@pytest.mark.parametrize("host", ["exa..mple", ".example", f"{'a' * 70}.example"])
def test_a_host_that_cannot_be_looked_up_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARXIV_RSS_URL", f"https://{host}/rss")
    with pytest.raises(SettingsError, match="ARXIV_RSS_URL is wrong: it cannot be read: its host or its port is none"):
        load_settings()


@pytest.mark.parametrize("name", ["ARXIV_RSS_URL", "ARXIV_API_URL"])
@pytest.mark.parametrize("password", ["half/c4nary", "half#c4nary", "half?c4nary", "12/c4nary", "half c4nary"])
def test_a_password_that_is_not_percent_encoded_is_refused_and_not_said(
    name: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://me:{password}@host")
    with pytest.raises(
        SettingsError, match=f"{name} is wrong: it (cannot be read: .* write @ as %40|must be an address wit)"
    ) as caught:
        load_settings()
    assert "c4nary" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://me:c4nary@host", "http://me:half%2Fc4nary@host:80/x", "http://c4nary@host", "http://[::1]:80"]
)
def test_a_password_that_is_percent_encoded_is_taken(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARXIV_RSS_URL", url)
    assert load_settings().arxiv_rss_url == url


@pytest.mark.parametrize(
    "url",
    [
        "https://me:c4nary@pds.example",
        "https://pds.example/?key=c4nary",
        "https://pds.example/#c4nary",
        "https://c4nary/x@pds.example",
        "https://pds.example:c4nary",
    ],
)
def test_an_account_signs_in_with_its_own_variables_and_not_in_the_address(url: str) -> None:
    for name in ("BLUESKY_SERVICE", "X_API_URL", "BLUESKY_APPVIEW"):
        credentials = _credentials({**PLAIN, **X, name: url})
        with pytest.raises(SettingsError, match=f"{name} must be an address such as https://") as caught:
            _ = credentials.bluesky(), credentials.x(), credentials.bluesky_appview
        assert "c4nary" not in str(caught.value)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value",
    [
        "http://me:half/c4nary@proxy:3128",
        "ftp://me:c4nary@proxy",
        "proxy:c4nary",
        "socks5://me:c4nary@proxy",
        "http://",
    ],
)
def test_a_proxy_through_which_nothing_can_go_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is wrong: it .*; name a proxy such as") as caught:
        require_proxies({"PATH": "/bin", name: value})
    assert "c4nary" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["", " ", "http://proxy:3128", "https://me:c4nary@proxy", "proxy:3128", "me:c4nary@proxy:3128"]
)
def test_a_proxy_is_taken_as_the_library_takes_it(value: str) -> None:
    require_proxies({"HTTPS_PROXY": value, "NO_PROXY": "localhost,127.0.0.1"})


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SSL_CERT_FILE", "missing.pem", "missing.pem cannot be read (No such file or directory); correct it"),
        ("SSL_CERT_FILE", "notes.txt", "notes.txt is no file of certificates; correct it"),
        ("SSL_CERT_FILE", ".", ". cannot be read (Is a directory)"),
        ("SSL_CERT_DIR", "missing", "missing is no folder of certificates; correct it, or leave it out"),
        ("SSLKEYLOGFILE", "missing/keys.log", "missing/keys.log cannot be written (No such file or directory)"),
    ],
)
def test_what_the_environment_says_of_certificates_must_be_there(
    tmp_path: Path, name: str, value: str, problem: str
) -> None:
    (tmp_path / "notes.txt").write_text("no certificate", "utf-8")
    with chdir(tmp_path), pytest.raises(SettingsError) as caught:
        require_network({"PATH": "/bin", name: value})
    assert f"the environment variable {name} is wrong: {problem}" in str(caught.value)


def test_certificates_that_are_there_are_taken(tmp_path: Path) -> None:
    require_network({"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": str(tmp_path), "SSLKEYLOGFILE": ""})
    require_network({"SSLKEYLOGFILE": str(tmp_path / "keys.log")})


def _digest_addresses(environ: dict[str, str], name: str = "my-topic") -> dict[str, str]:
    found = _credentials(environ, name).digest_addresses()
    return {key: url.get_secret_value() for key, url in found.items()}


def test_addresses_of_the_digest_are_named_by_their_service() -> None:
    urls = "slack://a/b/c  mailto://me:secret@example.org\n\tslack://d/e/f JSON://host"
    assert _digest_addresses({"PICKS_DIGEST_URL": urls}) == {
        "slack": "slack://a/b/c",
        "mailto": "mailto://me:secret@example.org",
        "slack 2": "slack://d/e/f",
        "json": "JSON://host",
    }
    assert (_digest_addresses({}), _digest_addresses({"PICKS_DIGEST_URL": "  "})) == ({}, {})


def test_a_channels_own_addresses_of_the_digest_come_before_the_plain_ones() -> None:
    environ = {"PICKS_DIGEST_URL": "json://plain", "MY_TOPIC_PICKS_DIGEST_URL": "json://own"}
    assert (_digest_addresses(environ), _digest_addresses(environ, "other")) == (
        {"json": "json://own"},
        {"json": "json://plain"},
    )


@pytest.mark.parametrize("wrong", ["xoxb-secret", "secret@example.org", "://secret", "json://"])
def test_what_is_no_address_for_the_digest_is_named_by_its_number(wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _digest_addresses({"PICKS_DIGEST_URL": f"json://host {wrong}"})
    assert str(caught.value) == (
        "PICKS_DIGEST_URL is wrong: number 2 of 2 is no address such as mailto://…; "
        "write blanks between addresses, and %20 for a blank in one"
    )


THERE = {"MASTODON_URL": "https://plain.example", "MASTODON_ACCESS_TOKEN": "plain-token"}


def _on(instance: str | None, environ: dict[str, str]) -> Credentials:
    section = {"instance": instance} if instance else {}
    return Credentials(channel("my-topic", mastodon=section), environ)


def test_without_a_token_mastodon_is_off() -> None:
    assert _on("https://file.example", {"MASTODON_URL": "https://file.example"}).mastodon() is None


@pytest.mark.parametrize(
    ("instance", "environ", "server", "name"),
    [
        (None, THERE, "https://plain.example", "the account on plain.example"),
        (
            "https://file.example/",
            {"MASTODON_ACCESS_TOKEN": "t"},
            "https://file.example",
            "the account on file.example",
        ),
        ("https://plain.example", THERE, "https://plain.example", "the account on plain.example"),
        (
            None,
            {**THERE, "MY_TOPIC_MASTODON_ACCESS_TOKEN": "own"},
            "https://plain.example",
            "my-topic's account on plain.example",
        ),
        (
            "https://file.example",
            {**THERE, "MY_TOPIC_MASTODON_ACCESS_TOKEN": "own"},
            "https://file.example",
            "my-topic's account on file.example",
        ),
        (
            None,
            {**THERE, "MY_TOPIC_MASTODON_ACCESS_TOKEN": "own", "MY_TOPIC_MASTODON_URL": "https://own.example"},
            "https://own.example",
            "my-topic's account on own.example",
        ),
    ],
)
def test_a_mastodon_token_goes_to_the_server_that_is_named_for_it(
    instance: str | None, environ: dict[str, str], server: str, name: str
) -> None:
    account = _on(instance, environ).mastodon()
    assert account is not None
    assert (account.server, account.name) == (server, name)


def test_a_mastodon_token_without_a_server_or_with_two_goes_nowhere() -> None:
    with pytest.raises(SettingsError, match=r"set MASTODON_URL, or mastodon\.instance in the channel file"):
        _on(None, {"MASTODON_ACCESS_TOKEN": "token"}).mastodon()
    with pytest.raises(SettingsError, match=r"MASTODON_URL is https://plain\.example, and mastodon\.instance"):
        _on("https://file.example", THERE).mastodon()


@pytest.mark.parametrize(
    "url",
    [
        "mastodon.example",
        "https://me:word@mastodon.example",
        "https://mastodon.example/?a=1",
        "https://mastodon.example/@picks",
        "https://mastodon.example/home",
    ],
)
def test_a_server_of_mastodon_is_named_by_its_address_and_no_more(url: str) -> None:
    with pytest.raises(ValueError, match="it must be"):
        channel(mastodon={"instance": url})
    with pytest.raises(SettingsError, match=r"MASTODON_URL.* must be"):
        _on(None, {**THERE, "MASTODON_URL": url}).mastodon()


@pytest.mark.parametrize("url", ["HTTPS://Plain.Example", "https://plain.example/", "https://plain.example"])
def test_a_server_of_mastodon_is_the_same_however_its_address_is_written(url: str) -> None:
    account = _on("https://PLAIN.example/", {**THERE, "MASTODON_URL": url}).mastodon()
    assert account is not None
    assert account.server == "https://plain.example"


@pytest.mark.parametrize("token", ["tökén", "two words", "a\nb", '"quoted"'])
def test_what_cannot_be_a_token_is_said_and_not_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="MASTODON_ACCESS_TOKEN holds a sign that no token has") as caught:
        _on(None, {**THERE, "MASTODON_ACCESS_TOKEN": token}).mastodon()
    assert token not in str(caught.value)
