"""``picks archive``: the site is built, shown on this machine alone, and kept up to date by the worker."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import pytest

from archive_site import broken_links, write_site
from bot.domain.errors import PicksError
from bot.interfaces.cli.site_server import HOST, SiteServer
from sharing_place import CHANNEL, Place, place
from warm_process import PICKS

pytestmark = pytest.mark.slow

FOLDER = f'{CHANNEL}\n[archive]\nfolder = "site"\nurl = "https://picks.example.org"\n'


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place with one published pick, whose channel file names a folder for the archive."""
    found = place(tmp_path_factory.mktemp("place") / "place", FOLDER)
    found.ok("approve", "2602.00001", "--note", "Worth <b>reading</b>.", "--now")
    found.ok("publish")
    return found


def test_the_archive_is_built_where_somebody_says_or_the_channel_file(here: Place) -> None:
    said = here.json("archive", "build", "elsewhere")
    assert said["folder"] == "elsewhere"
    assert said["picks"] == 1
    assert said["pages"] == len(list((here.folder / "elsewhere").rglob("*.html")))
    assert said["written"] > said["pages"]
    assert here.json("archive", "build", "elsewhere")["written"] == 0
    assert "1 picks on" in here.ok("archive", "build")
    assert broken_links(here.folder / "site") == []
    page = (here.folder / "site/2602.00001/index.html").read_text("utf-8")
    assert "Worth &lt;b&gt;reading&lt;/b&gt;." in page
    assert (here.folder / "site/cards/2602.00001.png").read_bytes().startswith(b"\x89PNG")


def test_the_worker_builds_it_after_a_publication_and_leaves_it_alone_otherwise(tmp_path: Path) -> None:
    here = place(tmp_path / "place", FOLDER)
    here.run("worker", "--once")
    before = (here.folder / "site/index.html").stat()
    here.run("worker", "--once")
    assert (here.folder / "site/index.html").stat().st_mtime_ns == before.st_mtime_ns
    here.ok("approve", "2602.00001", "--note", "Worth reading.", "--now")
    here.run("worker", "--once")
    assert "Worth reading." in (here.folder / "site/2602.00001/index.html").read_text("utf-8")


def test_a_worker_without_a_folder_for_an_archive_builds_none(tmp_path: Path) -> None:
    here = place(tmp_path / "place")
    here.run("worker", "--once")
    assert sorted(path.name for path in here.folder.iterdir()) == ["config", "data", "feed.xml"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("build",), 1, "no channel file names a folder for the archive; run picks archive build DIR"),
        (("build", "config"), 1, "holds test.toml and no archive; name an empty folder"),
        (("build", "feed.xml"), 1, "it is a file; name a folder"),
        (("serve", "config"), 1, "config holds no archive; build one there: picks archive build config"),
        (("serve", "--port", "70000"), 2, "65535"),
        (("--json", "serve"), 2, "picks archive serve has no option --json; leave it out"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    unarchived: Place, words: tuple[str, ...], code: int, said: str
) -> None:
    words = ("--json", "archive", "serve") if words[0] == "--json" else ("archive", *words)
    done = unarchived.run(*words)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def unarchived(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a place whose channel file says nothing of an archive."""
    return place(tmp_path_factory.mktemp("place") / "place")


def test_several_archives_are_built_one_at_a_time(tmp_path: Path) -> None:
    here = place(tmp_path / "place", FOLDER)
    (here.folder / "config/other.toml").write_text(FOLDER.replace('"site"', '"other"'), "utf-8")
    done = here.run("archive", "build")
    assert (done.returncode, done.stderr) == (
        1,
        "picks: several archives are configured: choose one with --channel (other, test)\n",
    )
    assert here.json("archive", "build", "--channel", "other")["folder"].endswith("/other")


@contextmanager
def answering(folder: Path) -> Iterator[HTTPConnection]:
    with SiteServer(folder, 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        connection = HTTPConnection(HOST, server.server_address[1], timeout=10)
        try:
            yield connection
        finally:
            connection.close()
            server.shutdown()


def test_the_server_answers_as_hosts_of_static_sites_do_and_keeps_hidden_files(tmp_path: Path) -> None:
    write_site(tmp_path / "site")
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "site/.well-known").mkdir()
    (tmp_path / "site/.well-known/security.txt").write_text("Contact", "utf-8")
    expected = {
        "/": (200, "text/html"),
        "/2412.00769/": (200, "text/html"),
        "/2412.00769": (301, None),
        "/feed.atom": (200, "application/atom+xml"),
        "/feed.json": (200, "application/feed+json"),
        "/tag/reasoning/feed.json": (200, "application/feed+json"),
        "/cite.bib": (200, "text/x-bibtex; charset=utf-8"),
        "/search.js": (200, "text/javascript"),
        "/.well-known/security.txt": (200, "text/plain"),
        "/.daily-picks.json": (404, "text/html; charset=utf-8"),
        "/%2e%2e/secret": (404, "text/html; charset=utf-8"),
        "/author/": (404, "text/html; charset=utf-8"),
        "/nothing": (404, "text/html; charset=utf-8"),
    }
    with answering(tmp_path / "site") as connection:
        found = {}
        for path in expected:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            found[path] = (answer.status, answer.headers["Content-Type"])
            assert b"secret" not in body
            assert answer.status != 404 or b"There is no such page" in body
    assert found == expected


@pytest.mark.parametrize(
    "target",
    [
        "/%00",
        "/2412.00769/%00",
        "/%ed%a0%80",
        "/%ff",
        "/%",
        "/..%2fsecret",
        "/%2e%2e/%2e%2e/secret",
        "/2412.00769/../../secret",
        "/%5c..%5csecret",
        "//[",
        "http://[/",
        f"/{'a' * 5000}",
        f"/{'a/' * 5000}",
    ],
)
def test_what_names_no_file_of_the_site_is_not_there_and_no_error_of_the_server(
    looked_at: HTTPConnection, target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for method in ("GET", "HEAD"):
        looked_at.putrequest(method, target, skip_host=True)
        looked_at.endheaders()
        answer = looked_at.getresponse()
        body = answer.read()
        assert answer.status == 404
        assert (b"There is no such page" in body) is (method == "GET")
    assert capfd.readouterr() == ("", "")


def test_an_overlong_request_is_refused(looked_at: HTTPConnection) -> None:
    looked_at.request("GET", f"/{'a' * 70_000}")
    answer = looked_at.getresponse()
    answer.read()
    assert answer.status == 414


def test_the_head_of_a_page_is_that_of_the_page(looked_at: HTTPConnection) -> None:
    heads = []
    for method in ("GET", "HEAD"):
        looked_at.request(method, "/2412.00769/")
        answer = looked_at.getresponse()
        heads.append((answer.status, answer.headers["Content-Type"], answer.headers["Content-Length"]))
        assert bool(answer.read()) is (method == "GET")
    assert heads[0] == heads[1]


def test_a_browser_that_goes_away_leaves_no_words_in_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with SiteServer(tmp_path, 0) as server:
        _fails(server, BrokenPipeError())
        assert capfd.readouterr() == ("", "")
        _fails(server, ZeroDivisionError())
    assert "ZeroDivisionError" in capfd.readouterr().err


def _fails(server: SiteServer, error: Exception) -> None:
    """Let the answer to a request fail."""
    try:
        raise error
    except type(error):
        server.handle_error(None, None)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HTTPConnection]:
    """Return a connection to a server of a site with a secret beside it."""
    folder = tmp_path_factory.mktemp("served")
    write_site(folder / "site")
    (folder / "secret").write_text("secret", "utf-8")
    with answering(folder / "site") as connection:
        yield connection


def test_a_port_that_is_taken_is_said_with_the_way_out(tmp_path: Path) -> None:
    with (
        SiteServer(tmp_path, 0) as server,
        pytest.raises(PicksError, match=r"port \d+ is in use on 127\.0\.0\.1; choose another with --port"),
    ):
        SiteServer(tmp_path, server.server_address[1])


@pytest.mark.slow
def test_serve_shows_the_present_state_from_a_temporary_folder_until_it_is_interrupted(here: Place) -> None:
    environ = {"LANG": "C.UTF-8", "PICKS_DATA": str(here.folder / "data"), "PATH": "/usr/bin:/bin"}
    command = [str(PICKS), "archive", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=here.folder, env=environ, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        address, folder = line.split()[0], Path(line.split()[2].rstrip(";"))
        connection = HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=10)
        connection.request("GET", "/2602.00001/")
        assert b"Worth &lt;b&gt;reading" in connection.getresponse().read()
        connection.close()
        assert folder.is_dir()
        process.send_signal(2)
        assert process.wait(timeout=20) == 130
    assert not folder.exists()
