"""The index of words follows the papers, whoever writes them, and finds what reading all texts finds."""

import random
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.curation.search import search
from bot.domain.folding import begins_a_word, folded
from bot.domain.states import CandidateState
from bot.store.copying import back_up, restore
from bot.store.database import Database
from bot.store.database_errors import in_words
from bot.store.queue_sizes import queue_sizes
from bot.store.schema import upgrade
from bot.store.search_index import read_all_odd
from bot.store.tables import Candidate, PaperRow
from samples import NOON, TUESDAY, WEDNESDAY, channel

SAMPLE = channel()
STORED = (
    "sparse autoencoders auto-encoder Poincaré naïve Łukasiewicz Strauß CO₂ α-stable ﬁnite 𝐀ttention 注意力 "
    "한국어 GPT-4o x_1 100% (probing) pro·bing soft\u00adware \u200bhidden l'Hôpital Ångström ½ “quoted” ab abc "
    "interpretability internal state-of-the-art C++ Σ ς \\alpha ΑΒΓ Straße"
)
SOUGHT = (
    "sparse autoenc auto encoder POINCARÉ lukas strauss CO₂ co2 α-stable finite attention 注意 意力 한 gpt-4 4o x_ "
    "100% probing bing software hidden hopital ångstrom 1/2 a interpretabi interna of-the c+ c++ σ αβ zo two "
    "\\alpha alpha 0001 2602.0 gone"
)
WORDS, ASKED = STORED.split(), SOUGHT.split()


def _row(number: int, dice: random.Random) -> PaperRow:
    return PaperRow(
        arxiv_id=f"math/06{number:05}" if number % 10 == 0 else f"2602.{number:05}",
        version=1,
        title=" ".join(dice.choices(WORDS, k=3)),
        abstract=" ".join(dice.choices(WORDS, k=6)),
        authors=[f"Zoë {dice.choice(WORDS)}", 'B. "Two" O\'One'] if number % 3 else ["B. Two"],
        categories=["cs.CL"],
        announced=dice.choice([None, TUESDAY, WEDNESDAY]),
        text_day=TUESDAY,
        first_seen_at=NOON,
    )


def _candidate(arxiv_id: str) -> Candidate:
    state = CandidateState.QUEUED
    return Candidate(channel="sample", arxiv_id=arxiv_id, score=0.5, reasons=[], state=state, queued_at=NOON)


def _texts(database: Database) -> list[tuple[str, str, str]]:
    """Return the id, the folded title and all folded words of each paper, the newest first."""
    with database.reading() as session:
        rows = sorted(session.exec(select(PaperRow)), key=lambda row: row.arxiv_id, reverse=True)
    rows.sort(key=lambda row: (row.announced is None, -(row.announced or TUESDAY).toordinal()))
    texts = []
    for row in rows:
        title = folded(row.title)
        whole = "\n".join([title, folded(row.abstract), folded(", ".join(row.authors)), row.arxiv_id])
        texts.append((row.arxiv_id, title, whole))
    return texts


def _by_reading(texts: list[tuple[str, str, str]], asked: str) -> list[str]:
    """Return what a search finds that knows no index."""
    wanted = folded(asked).split()
    found = [
        (not all(begins_a_word(title, word) for word in wanted), name)
        for name, title, whole in texts
        if all(begins_a_word(whole, word) for word in wanted)
    ]
    return [name for _, name in sorted(found, key=lambda item: item[0])]


def _found(database: Database, *words: str, limit: int | None = None) -> list[str]:
    return [item.arxiv_id for item in search(database, SAMPLE, words, limit=limit)]


def _unread(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT count(*) FROM search_papers WHERE unread")).scalar_one())


@pytest.fixture
def filled(database: Database) -> Database:
    dice = random.Random(7)
    with database.transaction() as session:
        session.add_all(_row(number, dice) for number in range(60))
    return database


def _all_agree(database: Database) -> None:
    pairs = [" ".join(random.Random(number).sample(ASKED, 2)) for number in range(10)]
    texts = _texts(database)
    wrong = {
        asked: (found, read)
        for asked in [*ASKED, *pairs]
        if (found := _found(database, asked)) != (read := _by_reading(texts, asked))
    }
    assert wrong == {}


def test_the_index_finds_what_reading_finds_before_and_after_odd_letters_are_read(filled: Database) -> None:
    assert _unread(filled) > 30
    _all_agree(filled)
    read_all_odd(filled, portion=50)
    assert _unread(filled) == 0
    _all_agree(filled)


def test_it_follows_changes_of_texts_names_and_days_and_papers_that_go(filled: Database) -> None:
    read_all_odd(filled)
    dice = random.Random(8)
    with filled.transaction() as session:
        for number, row in enumerate(session.exec(select(PaperRow).order_by(PaperRow.arxiv_id)).all()):
            if number % 4 == 0:
                session.delete(row)
            elif number % 4 == 1:
                row.title, row.abstract = f"Changed {dice.choice(WORDS)}", "plain"
            elif number % 4 == 2:
                row.announced = WEDNESDAY
                row.authors = ["Ångström, Only"]
    _all_agree(filled)
    read_all_odd(filled)
    _all_agree(filled)
    assert len(_found(filled, "changed")) == 15
    assert _found(filled, "gone") == []


def test_a_paper_that_another_program_stores_is_found_at_once(database: Database) -> None:
    row = "'2602.00007', 1, '{}', '', '[\"Zo\\u00eb One\"]', '[]', '2026-02-17', '2026-02-17 12:00:00', false, false"
    columns = "arxiv_id, version, title, abstract, authors, categories, text_day, first_seen_at, backfilled, withdrawn"
    with database.connection() as connection:
        connection.exec_driver_sql(f"INSERT INTO papers ({columns}) VALUES ({row.format('Plain words')})")
    assert _found(database, "plain", "zoe") == ["2602.00007"]
    with database.connection() as connection:
        connection.exec_driver_sql("UPDATE papers SET title = 'Été'")
    assert _found(database, "ete") == ["2602.00007"]
    assert _found(database, "plain") == []


def test_an_upgrade_files_what_is_stored_and_says_how_far_it_is(database_address: str) -> None:
    database = Database(database_address)
    upgrade(database, revision="0024")
    dice, said = random.Random(9), list[str]()
    older = Database(database_address, revision="0024")
    with older.transaction() as session:
        session.add_all(_row(number, dice) for number in range(60))
    upgrade(database, say=said.append)
    assert [words for words in said if "search" in words]
    assert _unread(database) == 0
    _all_agree(database)
    for used in (older, database):
        used.close()


def test_a_copy_has_an_index_of_its_own(filled: Database, tmp_path: Any) -> None:
    back_up(filled, tmp_path / "backup.db", say=lambda _: None)
    other = Database(f"sqlite:///{tmp_path}/other.db")
    restore(tmp_path / "backup.db", other, say=lambda _: None)
    assert _unread(other) == 0
    _all_agree(other)
    other.close()


def test_a_shortened_sqlite_file_keeps_its_index(sqlite_database: Database) -> None:
    dice = random.Random(7)
    with sqlite_database.transaction() as session:
        session.add_all(_row(number, dice) for number in range(60))
    with sqlite_database.transaction() as session:
        for row in session.exec(select(PaperRow).limit(20)).all():
            session.delete(row)
    read_all_odd(sqlite_database)
    sqlite_database.close()
    with closing(sqlite3.connect(str(sqlite_database.url.database))) as connection:
        connection.execute("VACUUM")
    _all_agree(sqlite_database)


def test_without_an_index_all_papers_are_read(sqlite_database: Database) -> None:
    dice = random.Random(7)
    with sqlite_database.connection() as connection:
        for name in ("search_add", "search_take", "search_change", "search_read"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        for name in ("search_titles", "search_texts", "search_papers"):
            connection.exec_driver_sql(f"DROP TABLE {name}")
    with sqlite_database.transaction() as session:
        session.add_all(_row(number, dice) for number in range(60))
    read_all_odd(sqlite_database)
    _all_agree(sqlite_database)


def test_more_than_fifty_are_not_counted(database: Database) -> None:
    dice = random.Random(7)
    with database.transaction() as session:
        session.add_all(_row(number, dice) for number in range(120))
    few, all_of_them = (search(database, SAMPLE, ["two"], limit=limit) for limit in (5, None))
    assert (len(few), few.total, few.more) == (5, 50, True)
    assert (len(all_of_them), all_of_them.total, all_of_them.more) == (120, 120, False)
    assert [item.arxiv_id for item in few] == [item.arxiv_id for item in all_of_them[:5]]
    most = search(database, SAMPLE, ["two"], limit=120)
    assert (len(most), most.more) == (120, False)


@pytest.mark.parametrize(
    "word", ["x" * 3_000, "ﷺ" * 500, "\x00", "'; drop", '"', "NEAR(", "a AND b", "-", "*", ":*", "\\"]
)
def test_what_people_type_is_never_a_question_in_itself(filled: Database, word: str) -> None:
    assert _found(filled, word) == _by_reading(_texts(filled), word)


def test_queues_are_counted_as_they_change(database: Database) -> None:
    dice = random.Random(7)
    with database.transaction() as session:
        papers = [_row(number, dice) for number in range(1, 6)]
        session.add_all(papers)
        session.flush()
        for paper in papers:
            session.add(_candidate(paper.arxiv_id))
    with database.transaction() as session:
        first, second, *_ = session.exec(select(Candidate)).all()
        first.state = CandidateState.REJECTED
        session.delete(second)
    with database.reading() as session:
        sizes = {state: size for state, size in queue_sizes(session, "sample").items() if size}
        assert sizes == {CandidateState.QUEUED: 3, CandidateState.REJECTED: 1}
        assert set(queue_sizes(session, "another").values()) == {0}


def test_a_python_without_the_index_is_told_what_it_needs() -> None:
    missing = sqlite3.OperationalError("no such module: fts5")
    missing.sqlite_errorname = "SQLITE_ERROR"
    said = str(in_words(OperationalError("INSERT", {}, missing), display="picks.db"))
    assert said.startswith("picks.db has an index of words that the SQLite of this Python cannot use")
    assert "FTS5" in said
