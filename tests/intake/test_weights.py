"""Which weights a channel ranks by, and what new ones change: waiting candidates, and nothing a person decided."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select
from structlog.testing import capture_logs

import json_views as views
from bot.curation import decisions
from bot.curation.context import Context, Edits
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.intake.queue import rank
from bot.intake.weights import Origin, weights_of
from bot.ranking import features
from bot.ranking.model import WORDS_ALONE, Calibration, Counts, Model, load_default, probability
from bot.store.database import Database, DatabaseBusyError
from bot.store.learning_tables import WeightsRow
from bot.store.tables import Candidate, PaperRow
from samples import NOON, TUESDAY, announcement, batch, channel

PAPERS = ("Probing", "Probing and Steering", "Cooking with Gas")


def _model(**weights: float) -> Model:
    return Model(
        created=TUESDAY,
        trained_until=TUESDAY,
        data=Counts(approved=1, unlabelled=9),
        calibration=Calibration(bias=-6.0, words=0.95, authors=0.0),
        vocabulary=tuple(weights),
        idf=(2.0,) * len(weights),
        coefficients=tuple(weights.values()),
    )


def _learn(database: Database, model: Model, *, content: str | None = None) -> None:
    with database.transaction() as session:
        session.merge(
            WeightsRow(
                channel="sample",
                digest=model.digest,
                trained_at=NOON,
                trained_until=TUESDAY,
                content=content or model.to_json(),
            )
        )


@pytest.fixture
def stored(database: Database) -> Database:
    """Return a database with a day of three papers, two of which are in the queue."""
    papers = batch(*(announcement(f"2602.0000{number}", title) for number, title in enumerate(PAPERS, 1)))
    ingest(database, [Capture(papers, "test")], channels=[channel()], now=NOON)
    return database


def _scores(database: Database) -> dict[str, float]:
    with database.reading() as session:
        return {row.arxiv_id[-1]: row.score for row in session.exec(select(Candidate))}


def _origin(database: Database, to: Channel) -> Origin:
    with database.reading() as session:
        return weights_of(session, to).origin


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


def _context(database: Database) -> Context:
    return Context(database, channel(), {}, _no_quote, Actor("ada", "test"), NOON)


def test_a_channel_begins_with_its_words_or_with_the_weights_that_it_names(database: Database) -> None:
    shipped = channel(ranking={"weights": "interpretability"})
    assert (_origin(database, channel()), _origin(database, shipped)) == (Origin.WORDS, Origin.SHIPPED)
    with database.reading() as session:
        assert weights_of(session, shipped).digest == load_default().digest


def test_what_a_channel_learned_itself_comes_first(database: Database) -> None:
    _learn(database, _model(cooking=1.0))
    assert _origin(database, channel(ranking={"weights": "interpretability"})) is Origin.OWN
    assert _origin(database, channel("other")) is Origin.WORDS


@pytest.mark.parametrize(
    ("weight", "damage"),
    [
        (1.0, lambda text: text.replace("1.0", "9.0")),
        (1.1, lambda text: "{}"),
        (1.2, lambda text: text[:90]),
        (1.3, lambda text: text.replace(f'"features":{features.VERSION}', f'"features":{features.VERSION + 1}')),
        (1.4, lambda text: text.replace('"format":2', '"format":1')),
        (1.5, lambda text: _model(others=1.5).to_json()),
    ],
)
def test_stored_weights_that_were_altered_or_are_of_another_version_are_not_used_and_stop_nothing(
    database: Database, weight: float, damage: Callable[[str], str]
) -> None:
    # What could not be read is remembered by its digest: another database must not have the same.
    model = _model(altered=weight + 0.05 * (database.url.get_backend_name() == "postgresql"))
    assert damage(model.to_json()) != model.to_json()
    _learn(database, model, content=damage(model.to_json()))
    with capture_logs() as said:
        assert [_origin(database, channel()) for _ in range(3)] == [Origin.WORDS] * 3
        ingest(
            database, [Capture(batch(announcement("2602.00001", "Probing")), "test")], channels=[channel()], now=NOON
        )
    assert [line["event"] for line in said] == ["learned weights not used"], "once a process is enough"
    assert views.why(database, channel(), "2602.00001")["weights"]["origin"] == "words"
    assert list(_scores(database)) == ["1"]


def test_weights_that_another_process_learned_are_used_at_once(stored: Database) -> None:
    with closing(Database(stored.url.render_as_string(hide_password=False))) as other:
        for model in (_model(cooking=1.0), _model(cooking=2.0)):
            _learn(other, model)
            with stored.reading() as session:
                assert weights_of(session, channel()).model == model


def test_new_weights_choose_recent_days_again(stored: Database) -> None:
    assert sorted(_scores(stored)) == ["1", "2"]
    _learn(stored, _model(cooking=90.0, probing=-90.0))
    assert rank(stored, [channel()], days=[], now=NOON) == {"sample": 1}
    assert list(_scores(stored)) == ["3"]


def test_the_same_weights_change_nothing(stored: Database) -> None:
    _learn(stored, _model(cooking=90.0))
    rank(stored, [channel()], days=[], now=NOON)
    before = _scores(stored)
    assert rank(stored, [channel()], days=[TUESDAY], now=NOON) == {"sample": 0}
    assert _scores(stored) == before


def test_days_whose_candidates_have_expired_are_left_alone(stored: Database) -> None:
    _learn(stored, _model(cooking=90.0))
    later = NOON + timedelta(days=channel().queue.expire_after_days + 1)
    assert rank(stored, [channel()], days=[], now=later) == {"sample": 0}


def test_what_a_person_decided_keeps_its_place_and_the_score_by_which_it_was(stored: Database) -> None:
    before = _scores(stored)
    decisions.reject(_context(stored), "2602.00001", reason="known")
    _learn(stored, _model(cooking=90.0, probing=-90.0))
    rank(stored, [channel()], days=[], now=NOON)
    with stored.reading() as session:
        states = {row.arxiv_id[-1]: row.state for row in session.exec(select(Candidate))}
    assert states == {"1": CandidateState.REJECTED, "3": CandidateState.QUEUED}
    assert _scores(stored)["1"] == before["1"]


def test_new_weights_bring_no_newcomers_to_a_day_that_is_done(stored: Database) -> None:
    for name in ("2602.00001", "2602.00002"):
        decisions.reject(_context(stored), name, reason="known")
    of_two = channel(queue={"size": 2, "threshold": 0.001, "expire_after_days": 7})
    _learn(stored, _model(cooking=90.0, probing=-90.0))
    assert rank(stored, [of_two], days=[], now=NOON) == {"sample": 0}
    assert sorted(_scores(stored)) == ["1", "2"]
    _learn(stored, _model(cooking=80.0, probing=-90.0))
    assert rank(stored, [channel()], days=[], now=NOON) == {"sample": 1}, "there is room for a third"


def test_what_a_person_put_into_the_queue_stays_and_is_scored_like_the_others(stored: Database) -> None:
    context = _context(stored)
    decisions.hold(context, "2602.00001", until=TUESDAY + timedelta(days=3))
    _learn(stored, _model(cooking=90.0, probing=-90.0))
    rank(stored, [channel()], days=[], now=NOON)
    scores = _scores(stored)
    assert sorted(scores) == ["1", "3"]
    assert scores["1"] < 0.001 < scores["3"]


def test_what_waits_longer_than_its_day_is_scored_by_new_weights_too(stored: Database) -> None:
    context = _context(stored)
    decisions.hold(context, "2602.00001", until=TUESDAY + timedelta(days=90))
    decisions.note(replace(context, now=NOON + timedelta(days=20)), "2602.00002", Edits(note="Worth a second look."))
    decisions.hold(context, "2602.00003", until=TUESDAY + timedelta(days=90))
    with stored.transaction() as session:
        session.get_one(Candidate, 3).announced = None
    before = _scores(stored)
    _learn(stored, _model(probing=90.0, cooking=-90.0))
    for _ in range(2):
        assert rank(stored, [channel()], days=[], now=NOON + timedelta(days=30)) == {"sample": 0}
    after = _scores(stored)
    assert after.keys() == before.keys()
    assert [after[name] > before[name] for name in "123"] == [True, True, False]


class _Breaking(Database):
    """A database that fails once so many transactions are through."""

    left = 1

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if not self.left:
            raise DatabaseBusyError("busy")
        self.left -= 1
        with super().transaction() as session:
            yield session


def test_days_that_were_not_chosen_again_are_made_up_for(stored: Database) -> None:
    earlier = batch(announcement("2602.00009", "Cooking"), day=TUESDAY - timedelta(days=1))
    ingest(stored, [Capture(earlier, "test")], channels=[channel()], now=NOON)
    _learn(stored, _model(cooking=90.0, probing=-90.0))
    with closing(_Breaking(stored.url.render_as_string(hide_password=False))) as breaking:
        breaking.left = 2
        with pytest.raises(DatabaseBusyError):
            rank(breaking, [channel()], days=[], now=NOON)
    assert sorted(_scores(stored)) == ["1", "2", "9"]
    assert rank(stored, [channel()], days=[], now=NOON) == {"sample": 1}
    assert sorted(_scores(stored)) == ["3", "9"]


def test_a_queue_is_not_ten_papers_of_one_group_also_when_it_is_chosen_again(database: Database) -> None:
    rules = channel(queue={"size": 5, "threshold": 0.0, "expire_after_days": 7})
    group = [announcement(f"2602.0000{place}", "Probing", authors=(f"S. {place}", "P. Head")) for place in range(1, 7)]
    others = [announcement(f"2602.0001{place}", "Cooking", authors=(f"C. {place}",)) for place in range(1, 4)]
    ingest(database, [Capture(batch(*group, *others), "test")], channels=[rules], now=NOON)
    _learn(database, _model(probing=9.0, cooking=1.0))
    for _ in range(2):
        with database.reading() as session:
            titles = [paper.title for paper in session.exec(select(PaperRow).join(Candidate))]
        assert sorted(titles) == ["Cooking"] * 2 + ["Probing"] * 3
        rank(database, [rules], days=[], now=NOON)


def test_an_excluded_paper_is_never_offered(database: Database) -> None:
    rules = channel(ranking={"words": {"probing": 2.0}, "exclude": ["steering"]}, queue={"size": 3, "threshold": 0.0})
    papers = batch(announcement("2602.00001", "Probing"), announcement("2602.00002", "Probing and Steering"))
    ingest(database, [Capture(papers, "test")], channels=[rules], now=NOON)
    assert list(_scores(database)) == ["1"]


def test_papers_of_an_author_who_is_always_shown_are_offered_beside_the_best(database: Database) -> None:
    rules = channel(
        ranking={"words": {"probing": 2.0}, "always": ["Á. Friend"], "exclude": ["steering"]},
        queue={"size": 1, "threshold": 0.5},
    )
    friend = ("A. Friend",)
    papers = batch(
        announcement("2602.00001", "Probing Probing", abstract="probing"),
        announcement("2602.00002", "Cooking", authors=friend),
        announcement("2602.00003", "Cooking Twice", authors=friend),
        announcement("2602.00004", "Steering", authors=friend),
        announcement("2602.00005", "Gas"),
    )
    ingest(database, [Capture(papers, "test")], channels=[rules], now=NOON)
    for _ in range(2):
        with database.reading() as session:
            offered = {row.arxiv_id[-1]: row.reasons for row in session.exec(select(Candidate))}
        assert {name: reasons[:1] for name, reasons in offered.items()} == {
            "2": ["always shown: Á. Friend"],
            "3": ["always shown: Á. Friend"],
        }
        rank(database, [rules], days=[], now=NOON)


def test_why_adds_up_to_the_score(stored: Database) -> None:
    _learn(stored, _model(cooking=90.0, probing=3.0))
    data = views.why(stored, channel(), "2602.00002")
    parts = [part["weight"] for side in ("learned", "channel") for part in data[side]["parts"]]
    assert data["base"] + sum(parts) == pytest.approx(data["log_odds"], abs=0.01)
    assert {part["label"] for part in data["channel"]["parts"]} == {"Probing (title)", "Steering (title)"}
    assert data["weights"] == {
        "origin": "own",
        "digest": _model(cooking=90.0, probing=3.0).digest,
        "trained_at": "2026-02-17T12:00:00Z",
        "trained_until": "2026-02-17",
        "data": Counts(approved=1, unlabelled=9).model_dump(),
    }
    assert (data["id"], data["excluded"], data["threshold"]) == (1, None, 0.001)


def test_why_explains_a_paper_that_nobody_offered(stored: Database) -> None:
    data = views.why(stored, channel(), "2602.00003")
    assert (data["id"], data["offered"], data["learned"]["parts"]) == (None, None, [])
    assert data["score"] == round(probability(WORDS_ALONE.calibration.bias), 6)
