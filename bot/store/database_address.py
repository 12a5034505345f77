"""``DATABASE_URL``: read and checked before anything is opened, and shown without its secrets.

No error of this module quotes a part of the address: a password that was not percent-encoded is read as something else.
"""

import re
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store.database_errors import DatabaseError

_ENCODING: Final = "in a user name or a password write @ as %40, / as %2F, ? as %3F, # as %23 and % as %25"
_EXAMPLES: Final = "sqlite:///picks.db or postgresql://host/name, with user:password@ before the host"
_POSTGRES: Final = frozenset({"postgres", "postgresql"})
_HOST_WITH_NUMBER: Final = re.compile(r"[^:/?]*(:\d*)?(/[^?]*)?")
_SQLITE_KNOWS: Final = frozenset({"timeout", "check_same_thread", "cached_statements"})
_INSTEAD: Final = {
    "schema": "a schema is chosen by options=-csearch_path%3DNAME",
    "currentSchema": "a schema is chosen by options=-csearch_path%3DNAME",
    "ssl": "encryption is asked for by sslmode=require",
    "pgbouncer": "a pooler needs no word of it, and has to keep sessions: pool_mode = session",
}


def parse(address: str) -> URL:
    """Return the address with the driver that we use; raise DatabaseError when it is none of ours."""
    kind, mark, rest = address.partition("://")
    backend = kind.partition("+")[0].lower()
    if not mark:
        raise DatabaseError(f"DATABASE_URL is not a database address; write it as {_EXAMPLES}")
    if backend in _POSTGRES:
        return _postgres(rest)
    if backend == "sqlite":
        return _sqlite(rest)
    named = backend if backend.isalnum() else "another kind"
    raise DatabaseError(f"DATABASE_URL names {named}; only sqlite and postgresql are supported")


def display(url: URL) -> str:
    """Return an address that ``parse`` has made without user, password and query; a socket's folder is this machine."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host
    hosts = [name for name in url.normalized_query.get("host", (host or "",)) if name and not name.startswith("/")]
    place = (",".join(hosts) or "localhost") + (f":{url.port}" if url.port else "")
    return f"postgresql://{place}/{url.database or ''}"


def _sqlite(rest: str) -> URL:
    url = _made("sqlite+pysqlite", rest)
    if url.username or url.password or url.host or url.port:
        raise DatabaseError(
            "DATABASE_URL names a host, which SQLite has none of; name a file, such as sqlite:///picks.db"
        )
    if not url.database or url.database == ":memory:":
        raise DatabaseError("DATABASE_URL names a database in memory, which ends with the command; name a file")
    if set(url.query) - _SQLITE_KNOWS:
        # Not named: what stands behind ? may be a secret.
        raise DatabaseError(
            "DATABASE_URL has a parameter that an SQLite file does not take; leave out what stands behind ?"
        )
    return url


def _postgres(rest: str) -> URL:
    """Return a PostgreSQL server's address; several hosts stand in its query, where the library wants them."""
    if _is_unclear(rest):
        raise DatabaseError(f"DATABASE_URL has an @ that may belong to the password or not; {_ENCODING}")
    user, at, place = rest.rpartition("@")
    hosts, rest_of_place = re.match(r"([^/?]*)(.*)", place, re.DOTALL).groups()  # type: ignore[union-attr]  # matches all
    if "," not in hosts:
        url = _made("postgresql+psycopg", rest)
    else:
        url = _made("postgresql+psycopg", user + at + rest_of_place).update_query_dict({"host": hosts.split(",")})
    _require_known(url)
    _require_names(url)
    return url


def _is_unclear(rest: str) -> bool:
    """Say whether a password may end at more than one place: it ends at the only ``@``, before any query."""
    before, _, query = rest.partition("?")
    if "@" not in query:
        return rest.count("@") > 1
    return "@" in before or "=" in query.partition("@")[0] or _HOST_WITH_NUMBER.fullmatch(before) is not None


def _made(driver: str, rest: str) -> URL:
    try:
        return make_url(f"{driver}://{rest}")
    except ArgumentError:
        raise DatabaseError(f"DATABASE_URL cannot be read; write it as {_EXAMPLES}") from None
    except ValueError:
        raise DatabaseError(
            f"the port in DATABASE_URL is no number; write it as postgresql://host:5432/name; {_ENCODING}, and an IPv6 "
            "address as [::1]"
        ) from None


def _require_names(url: URL) -> None:
    """Raise DatabaseError when a host is none that can be looked up: that would end in an error of the look-up."""
    for host in (url.host or "", *url.normalized_query.get("host", ())):
        try:
            (host if not host.startswith("/") else "").encode("idna")
        except UnicodeError:
            raise DatabaseError(
                "DATABASE_URL has a host that is no name: between its dots something is empty or too long"
            ) from None


def _require_known(url: URL) -> None:
    """Raise DatabaseError when the query has a parameter that PostgreSQL's library does not know."""
    from psycopg.pq import Conninfo  # noqa: PLC0415  # whoever keeps to SQLite does not load it

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    for name in url.query:
        if name in known:
            continue
        # Where a password stands in the query, the name may be a part of it.
        shown = "a parameter" if "password" in "".join(url.query) else f"the parameter {name}"
        instead = f" ({_INSTEAD[name]})" if name in _INSTEAD else ""
        raise DatabaseError(f"DATABASE_URL has {shown}, which PostgreSQL does not know; leave it out{instead}")
