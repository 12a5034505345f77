"""What ``DATABASE_URL`` may be, how it is shown, and what is refused without being said."""

import pytest

from bot.domain.redaction import redact
from bot.store.database import DatabaseError
from bot.store.database_address import display, parse


@pytest.mark.parametrize(
    ("address", "password", "shown"),
    [
        ("sqlite:///picks.db", None, "sqlite:///picks.db"),
        ("sqlite:////srv/a:b@c/picks.db?timeout=3", None, "sqlite:////srv/a:b@c/picks.db"),
        ("postgresql://me:s3cret@host/db", "s3cret", "postgresql://host/db"),
        ("POSTGRES://me:s3cret@host/db", "s3cret", "postgresql://host/db"),
        ("postgresql+asyncpg://me:s3cret@host:5432/db", "s3cret", "postgresql://host:5432/db"),
        ("postgresql://me:s3%40cr%2Fet%25@host/db", "s3@cr/et%", "postgresql://host/db"),
        ("postgresql://me:s3/cret@host/db", "s3/cret", "postgresql://host/db"),
        ("postgresql://me:s3:cr#et@host/db", "s3:cr#et", "postgresql://host/db"),
        ("postgresql://me:s3?cret@host/db", "s3?cret", "postgresql://host/db"),
        ("postgresql://me:100%@host/db", "100%", "postgresql://host/db"),
        ("postgresql://[::1]:5432/db", None, "postgresql://[::1]:5432/db"),
        ("postgresql://host", None, "postgresql://host/"),
        ("postgresql:///db", None, "postgresql://localhost/db"),
        ("postgresql:///db?host=/run/postgresql&password=s3cret", None, "postgresql://localhost/db"),
        ("postgresql://me:s3cret@one,two/db", "s3cret", "postgresql://one,two/db"),
        ("postgresql://me:s3cret@one:1,two:2/db?sslmode=require", "s3cret", "postgresql://one:1,two:2/db"),
        ("postgresql:///db?host=one:1&host=two:2", None, "postgresql://one:1,two:2/db"),
    ],
)
def test_an_address_is_read_and_shown(address: str, password: str | None, shown: str) -> None:
    url = parse(address)
    assert (url.password, display(url)) == (password, shown)
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:half@s3cret@host/db",
        "postgresql://me:half@s3cret/x@host/db",
        "postgresql://me:half@s3cret?x@host/db",
        "postgresql://me:12?s3cret@host/db",
        "postgresql://host:5432/db?password=half@s3cret",
        "postgresql://host/db?password=half@s3cret",
        "postgresql://me@host/db?password=half@s3cret",
        "postgresql://me:pass@host/db?application_name=s3cret@x",
    ],
)
def test_an_at_sign_that_may_belong_to_the_password_is_refused(address: str) -> None:
    with pytest.raises(DatabaseError, match="write @ as %40") as caught:
        parse(address)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["s3cret", "a&s3cret"])
def test_a_parameter_that_may_be_a_part_of_a_password_is_not_named(name: str) -> None:
    with pytest.raises(DatabaseError, match="has a parameter, which PostgreSQL does not know") as caught:
        parse(f"postgresql://host/db?password=half&{name}=1")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("query", ["mode=ro", "foo=s3cret", "uri=true", "isolation_level=NONE", "timeout=3&key=s3cret"])
def test_a_parameter_that_a_file_does_not_take_is_refused(query: str) -> None:
    with pytest.raises(DatabaseError, match="has a parameter that an SQLite file does not take") as caught:
        parse(f"sqlite:///picks.db?{query}")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["exa..mple", ".example", f"{'a' * 70}.example", "one.example,two..example:2"])
def test_a_host_that_cannot_be_looked_up_is_refused(host: str) -> None:
    with pytest.raises(DatabaseError, match="has a host that is no name"):
        parse(f"postgresql://me:s3cret@{host}/db")


def test_a_folder_of_a_socket_and_a_name_in_another_script_are_hosts() -> None:
    assert display(parse("postgresql:///db?host=/run/a..b")) == "postgresql://localhost/db"
    assert display(parse("postgresql://münchen.example/db")) == "postgresql://münchen.example/db"
