"""The folder of a site: changed in one step, whatever happens meanwhile, and nothing of others' is lost."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_entries import entry
from archive_site import archived, broken_links, hostile_entry, picks, site_of, write_site
from bot.archive import swapping
from bot.archive.build import write
from bot.archive.cards import Cards, SiteCard
from bot.archive.entries import Entry, OurDocument
from bot.archive.folder import FolderBusyError, FolderError, SiteFolder
from bot.archive.listing import LIST, is_ours, read_stamp
from bot.archive.pages import pages
from bot.archive.places import file_of

pytestmark = pytest.mark.slow

SUPPORT = Path(__file__).resolve().parents[1] / "support"
KILLED = """
import os, signal, sys
from pathlib import Path
import archive_site
from bot.archive import folder, swapping

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def before(module, name):
    setattr(module, name, die)

def after(module, name):
    done = getattr(module, name)
    setattr(module, name, lambda *given, **more: (done(*given, **more), die()))

def before_renaming(end):
    swapping._exchanged = lambda *_: False
    rename = Path.rename
    Path.rename = lambda self, target: die() if self.name.endswith(end) else rename(self, target)

DEATHS = {
    "writing": lambda: before(folder.SiteFolder, "finish"),
    "before the swap": lambda: before(folder, "put_in_place"),
    "after the swap": lambda: after(folder, "put_in_place"),
    "before the first rename": lambda: before_renaming("site"),
    "between two renames": lambda: before_renaming(".new"),
    "before the last rename": lambda: before_renaming(".old"),
}
for site, moment in zip(sys.argv[1::2], sys.argv[2::2]):
    child = os.fork()
    if not child:
        DEATHS[moment]()
        archive_site.write_site(Path(site), archive_site.entry("2412.00002"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
MOMENTS = (
    "writing",
    "before the swap",
    "after the swap",
    "before the first rename",
    "between two renames",
    "before the last rename",
)


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_same_picks_give_the_same_bytes(tmp_path: Path) -> None:
    write_site(tmp_path / "one")
    write_site(tmp_path / "two")
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_what_changed_alone_is_written_and_gives_the_same_bytes_as_the_whole(tmp_path: Path) -> None:
    before, now = picks()[1:], picks()
    whole = write_site(tmp_path / "whole", *now)
    write_site(tmp_path / "site", *before)
    changed = write_site(tmp_path / "site", *now, anew=False)
    assert files_of(tmp_path / "whole") == files_of(tmp_path / "site")
    assert 0 < changed.written < whole.written / 2
    assert write_site(tmp_path / "site", *now, anew=False).written == 0
    assert write_site(tmp_path / "site", *now).written == 0


def test_pages_of_what_is_gone_go_too(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry(authors=("Ana Gone",)))
    write_site(tmp_path / "site", entry(authors=("Ana There",)), anew=False)
    assert [path.name for path in (tmp_path / "site/author").iterdir()] == ["ana-there"]


def test_a_file_that_somebody_damaged_is_mended_when_all_is_built_anew(tmp_path: Path) -> None:
    write_site(tmp_path / "site")
    page = tmp_path / "site/2412.00769/index.html"
    good = page.read_bytes()
    page.write_text("broken", "utf-8")
    assert write_site(tmp_path / "site").written == 1
    assert page.read_bytes() == good


def test_a_reader_in_a_loop_finds_a_whole_site_at_every_moment(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, entry("2412.00001"))
    stopping, wrong, reads = threading.Event(), list[str](), 0

    def read() -> None:
        nonlocal reads
        while not stopping.is_set():
            for page in ("index.html", "2412.00001/index.html", "feed.atom"):
                try:
                    body = (site / page).read_bytes()
                except OSError as error:
                    wrong.append(str(error))
                else:
                    reads += 1
                    if not body.rstrip().endswith((b"</html>", b"</feed>")):
                        wrong.append(page)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(12):
            write_site(site, entry("2412.00001", note=f"Note {number}"), entry("2412.00002"), anew=False)
    finally:
        stopping.set()
        reader.join()
    assert reads > 36
    assert wrong == []


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return sites that somebody built anew who was killed at a moment, by that."""
    sites = {moment: tmp_path_factory.mktemp("killed") / "site" for moment in MOMENTS}
    for site in sites.values():
        write_site(site, entry("2412.00001"))
    words = [str(word) for moment, site in sites.items() for word in (site, moment)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words],
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(MOMENTS)
    return sites


@pytest.mark.parametrize(
    ("moment", "name", "pick"),
    [
        ("writing", "site", "2412.00001"),
        ("before the swap", "site", "2412.00001"),
        ("after the swap", "site", "2412.00002"),
        ("before the first rename", "site", "2412.00001"),
        ("between two renames", ".site.old", "2412.00001"),
        ("before the last rename", "site", "2412.00002"),
    ],
)
def test_a_kill_leaves_the_old_site_or_the_new_and_the_next_build_mends_the_rest(
    killed: dict[str, Path], moment: str, name: str, pick: str
) -> None:
    site = killed[moment]
    found = site.with_name(name)
    assert [path.name for path in found.iterdir() if path.name.startswith("2412")] == [pick]
    assert broken_links(found) == []
    write_site(site, entry("2412.00003"))
    assert (site / "2412.00003").is_dir()
    assert [path.name for path in site.parent.iterdir()] == ["site"]


@pytest.mark.parametrize("renamed", [0, 1, 2, 3])
def test_two_renames_that_stop_at_any_step_keep_no_later_ones_from_their_work(tmp_path: Path, renamed: int) -> None:
    site, new, aside = tmp_path / "site", tmp_path / ".site.new", tmp_path / ".site.old"
    site.mkdir()
    (site / "old").touch()
    new.mkdir()
    (new / "new").touch()
    for source, target in ((site, aside), (new, site), (aside, new))[:renamed]:
        source.rename(target)
    swapping.recover(site)
    assert site.exists()
    assert not aside.exists()
    new.mkdir(exist_ok=True)
    swapping._rename_both(new, site)
    assert site.exists()


def test_what_stands_aside_half_removed_is_removed_at_the_next_build(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry())
    (tmp_path / ".site.old/2412.00001").mkdir(parents=True)
    write_site(tmp_path / "site", entry())
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def _fail_half_way(target: SiteFolder) -> None:
    target.write("index.html", b"half", "key")
    raise ZeroDivisionError


def test_an_error_while_building_leaves_the_old_site_alone(tmp_path: Path) -> None:
    site = tmp_path / "parent" / "site"
    write_site(site, entry())
    old = files_of(site)
    with pytest.raises(ZeroDivisionError), SiteFolder.changing(site) as target:
        _fail_half_way(target)
    assert files_of(site) == old
    assert [path.name for path in site.parent.iterdir()] == ["site"]


def test_files_of_others_stay_as_they_are(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, entry())
    (site / "CNAME").write_text("picks.example.org", "utf-8")
    (site / ".well-known").mkdir()
    (site / ".well-known/security.txt").write_text("Contact: mailto:ana@example.org", "utf-8")
    (site / "link").symlink_to("CNAME")
    (site / ".git/objects").mkdir(parents=True)
    (site / ".git/HEAD").write_text("ref: refs/heads/main", "utf-8")
    write_site(site, entry(note="Another note."), anew=False)
    assert (site / "CNAME").read_text("utf-8") == "picks.example.org"
    assert (site / ".well-known/security.txt").exists()
    assert (site / "link").is_symlink()
    assert (site / ".git/HEAD").read_text("utf-8") == "ref: refs/heads/main"
    assert (site / ".git/objects").is_dir()


def test_a_folder_with_other_things_in_it_is_never_taken(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.tex").write_text("years of work", "utf-8")
    with pytest.raises(FolderError, match=r"holds thesis\.tex and no archive; name an empty folder"):
        write_site(tmp_path / "home")
    assert files_of(tmp_path / "home") == {"thesis.tex": b"years of work"}


def test_an_empty_folder_and_a_fresh_repository_may_become_a_site(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_site(tmp_path / "empty", entry())
    (tmp_path / "repository/.git").mkdir(parents=True)
    (tmp_path / "repository/README.md").write_text("Pages", "utf-8")
    write_site(tmp_path / "repository", entry())
    assert (tmp_path / "empty/index.html").is_file()
    assert (tmp_path / "repository/README.md").read_text("utf-8") == "Pages"


def test_a_place_that_cannot_be_written_is_said_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(FolderError, match="it is a file; name a folder"):
        write_site(tmp_path / "file")
    with pytest.raises(FolderError, match=r"cannot write the archive to .*: .*; .*name another folder"):
        write_site(tmp_path / "file" / "site")


def test_two_processes_never_change_one_site_at_once(tmp_path: Path) -> None:
    with (
        SiteFolder.changing(tmp_path / "site"),
        pytest.raises(
            FolderBusyError, match=r"another process is writing the archive in .*/site; try again in a minute"
        ),
    ):
        write_site(tmp_path / "site")
    write_site(tmp_path / "site")


def test_two_sites_side_by_side_are_changed_at_once(tmp_path: Path) -> None:
    with SiteFolder.changing(tmp_path / "one") as target:
        write_site(tmp_path / "two", entry())
        target.finish("test")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_lock_that_its_owner_removes_while_another_waits_lets_one_in_at_a_time(tmp_path: Path) -> None:
    inside, most, done = list[int](), list[int](), list[bool]()

    def change() -> None:
        while len(done) < 40:
            try:
                with SiteFolder.changing(tmp_path / "site"):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
                    done.append(True)
            except FolderBusyError:
                continue

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


def test_a_symbolic_link_to_the_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "public").symlink_to("real")
    write_site(tmp_path / "public", entry())
    assert (tmp_path / "public").is_symlink()
    assert (tmp_path / "real/index.html").is_file()


def test_where_names_cannot_be_exchanged_two_renames_do_it(tmp_path: Path) -> None:
    for name in ("new", "site"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    swapping._rename_both(tmp_path / "new", tmp_path / "site")
    assert (tmp_path / "site/new").exists()
    assert (tmp_path / "new/site").exists()


def test_a_picture_is_drawn_once_although_the_build_that_drew_it_was_killed(tmp_path: Path) -> None:
    drawn = list[str]()
    cards = _cards(drawn, dies_at="2412.00002")
    given = [entry(f"2412.0000{number}") for number in range(1, 4)]
    with pytest.raises(KeyboardInterrupt):
        write(site_of(*given), tmp_path / "site", stamp="x", cards=cards)
    assert drawn == ["2412.00003", "2412.00002"]
    cards = _cards(drawn)
    write(site_of(*given), tmp_path / "site", stamp="x", cards=cards)
    assert drawn == ["2412.00003", "2412.00002", "2412.00002", "2412.00001"]
    assert (tmp_path / "site/cards/2412.00001.png").read_bytes() == b"picture of 2412.00001"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    write(site_of(*given), tmp_path / "other", stamp="x", cards=cards, elsewhere=[tmp_path / "site"])
    assert (tmp_path / "other/cards/2412.00003.png").read_bytes() == b"picture of 2412.00003"
    assert len(drawn) == 4


def test_a_picture_that_a_power_cut_has_cut_short_is_drawn_again(tmp_path: Path) -> None:
    drawn = list[str]()
    (tmp_path / ".site.cards").mkdir()
    (tmp_path / ".site.cards/2412.06769").write_bytes(b"")
    write(site_of(entry()), tmp_path / "site", stamp="x", cards=_cards(drawn))
    assert (tmp_path / "site/cards/2412.06769.png").read_bytes() == b"picture of 2412.06769"


def _cards(drawn: list[str], *, dies_at: str | None = None) -> Cards:
    """Return cards that note down when they are drawn."""

    def card(pick: Entry) -> SiteCard:
        def draw() -> bytes:
            drawn.append(pick.arxiv_id)
            if pick.arxiv_id == dies_at:
                raise KeyboardInterrupt
            return f"picture of {pick.arxiv_id}".encode()

        return SiteCard(f"cards/{pick.arxiv_id}.png", pick.arxiv_id, draw)

    return card


def test_a_list_that_is_damaged_is_no_site_to_build_on(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry())
    assert read_stamp(tmp_path / "site") == "test"
    for text in ("", "[]", '{"form": 2}', '{"form": 1, "files": []}'):
        (tmp_path / "site" / LIST).write_text(text, "utf-8")
        assert read_stamp(tmp_path / "site") is None
    write_site(tmp_path / "site", entry())
    assert read_stamp(tmp_path / "site") == "test"


def test_every_file_of_a_site_is_known_by_its_name() -> None:
    channels = (archived("sample"), archived("other"))
    names = [f"Ana {chr(65 + number % 26)}{number}" for number in range(420)]
    many = [entry(f"2412.{number:05}", authors=tuple(names[number % 14 :: 14])) for number in range(250)]
    document = OurDocument("at://did:plc:a/site.standard.document/b", "at://did:plc:a/site.standard.publication/c")
    shared = [*many, entry("cs/0112017", channel="other"), hostile_entry(), entry("2501.00001", document=document)]
    made = pages(
        site_of(*shared, channels=channels),
        lambda pick: SiteCard(f"cards/{pick.channel}/{pick.arxiv_id}.png", "key", lambda: b"picture"),
    )
    assert len(made) > 1000
    assert [page.place for page in made if not is_ours(file_of(page.place))] == []


@pytest.mark.parametrize("lose", [lambda file: file.unlink(), lambda file: file.write_text("{", "utf-8")])
def test_a_list_that_is_lost_or_damaged_keeps_no_page_for_ever_and_nothing_of_others_goes(
    tmp_path: Path, lose: Callable[[Path], object]
) -> None:
    site = tmp_path / "site"
    write_site(site, entry("2412.00001", authors=("Ana Gone",)), entry("2412.00002"))
    others = ("CNAME", "photos/index.html", "essay.html", "author/notes.txt", ".git/HEAD", "2412.00001/notes.txt")
    for name in others:
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("theirs", "utf-8")
    lose(site / LIST)
    write_site(site, entry("2412.00002"), anew=False)
    write_site(tmp_path / "fresh", entry("2412.00002"))
    assert files_of(site) == {**files_of(tmp_path / "fresh"), **dict.fromkeys(others, b"theirs")}


def test_a_site_that_is_not_ours_is_not_taken_although_its_pages_have_such_names(tmp_path: Path) -> None:
    for name in ("index.html", "feed.atom", "style.css"):
        (tmp_path / name).write_text("theirs", "utf-8")
    with pytest.raises(FolderError, match="and no archive"):
        write_site(tmp_path)
