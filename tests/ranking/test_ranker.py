"""One scale for learned weights and the channel's words: what adds up, what excludes, and what reasons say."""

import math
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.channel_sections import Ranking
from bot.domain.channels import load_channel
from bot.domain.papers import ArxivId, Paper
from bot.ranking.model import WORDS_ALONE, Calibration, Counts, Decided, Model, load_default, probability
from bot.ranking.ranker import Ranker
from bot.ranking.score import REST, Part

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "config" / "interpretability.toml"


def _paper(title: str = "", abstract: str = "", authors: tuple[str, ...] = (), number: int = 1) -> Paper:
    return Paper(ArxivId(f"2602.{number:05}"), 1, title, abstract, authors, ("cs.CL",))


def _ranking(**keys: Any) -> Ranking:
    return Ranking.model_validate({"words": {"nothing at all": 1.0}, **keys})


def _model(**changes: Any) -> Model:
    weights = {"probing": 10.0, "sparse autoencoders": 10.0, "sparse": 2.0, "autoencoders": 4.0, "federated": -9.0}
    given: dict[str, Any] = {
        "created": date(2026, 2, 18),
        "trained_until": date(2026, 2, 17),
        "data": Counts(pick=2, unlabelled=8),
        "calibration": Calibration(bias=-6.0, words=0.5, authors=2.0),
        "vocabulary": tuple(weights),
        "idf": (2.0,) * len(weights),
        "coefficients": tuple(weights.values()),
        "authors": {"a. one": 1.0},
    }
    return Model(**{**given, **changes})


def test_the_parts_add_up_to_the_log_odds() -> None:
    ranker = Ranker(_ranking(words={"probing": 4.0}, authors={"B. Two": 2.0}), _model())
    score = ranker.explain(_paper("Probing", "sparse autoencoders are federated", ("A. One", "B. Two")))
    assert score.base == -6.0
    assert score.base + math.fsum(part.weight for part in score.parts) == pytest.approx(score.log_odds)
    assert score.value == round(probability(score.log_odds), 6)


def test_reasons_are_whole_phrases_weightiest_first() -> None:
    ranker = Ranker(_ranking(), _model())
    score = ranker.explain(_paper("", "sparse autoencoders federated", ("A. One",)))
    # Four terms of one value each make a vector of length 1, so each has half of its coefficient.
    assert score.reasons == ("sparse autoencoders +8.0", "federated -4.5", "author: A. One +1.4")


def test_a_word_of_the_channel_and_the_same_word_learned_are_one_reason() -> None:
    score = Ranker(_ranking(words={"probing": 4.0}), _model()).explain(_paper("", "Probing"))
    assert score.parts == (Part(score.log_odds - score.base, "probing", "probing"),)
    assert score.log_odds == pytest.approx(-6.0 + 0.5 * math.log(1 + 4.0) + 10.0)


def test_two_words_of_the_channel_that_match_the_same_phrase_both_count() -> None:
    score = Ranker(_ranking(words={"circuits": 1.0, "circuit*": 2.0}), _model()).explain(_paper("", "circuits"))
    assert score.log_odds == pytest.approx(-6.0 + 0.5 * math.log(1 + 3.0))
    (part,) = score.parts
    assert part == Part(part.weight, "circuits", "circuits")
    assert part.weight == pytest.approx(0.5 * math.log(1 + 3.0))


def test_an_author_without_a_count_adds_nothing() -> None:
    score = Ranker(_ranking(), _model(authors={"a. one": 0.0})).explain(_paper("", "", ("A. One",)))
    assert score.log_odds == -6.0


def test_a_watched_author_who_is_known_too_is_one_reason() -> None:
    score = Ranker(_ranking(authors={"Ä. One": 2.0}), _model()).explain(_paper("", "", ("A. One",)))
    assert score.reasons == (f"watched author: Ä. One {0.5 * math.log(1 + 2.0) + 2.0 * math.log(1 + 1.0):+.1f}",)


def test_a_word_of_the_channel_shifts_the_learned_score_by_what_words_were_learned_to_be_worth() -> None:
    paper = _paper("", "probing with gas")
    plain = Ranker(_ranking(), _model()).score(paper)
    for weight in (-4.0, 4.0):
        shifted = Ranker(_ranking(words={"gas": weight}), _model()).score(paper)
        assert shifted.log_odds == pytest.approx(plain.log_odds + math.copysign(0.5 * math.log(5), weight))


def test_words_that_cancel_out_add_nothing_and_are_still_told() -> None:
    score = Ranker(_ranking(words={"gas": 2.0, "oil": -2.0}), _model()).explain(_paper("", "gas and oil"))
    assert score.log_odds == -6.0
    assert score.reasons == ("gas +1.0", "oil -1.0")


@pytest.mark.parametrize("entry", ["medical", "Medic*", "B. TWO"])
def test_an_excluded_word_or_author_rules_a_paper_out_whatever_was_learned(entry: str) -> None:
    paper = _paper("Probing medical models", "", ("A. One", "B. Two"))
    score = Ranker(_ranking(exclude=[entry]), _model()).score(paper)
    assert score.value == 0.0
    assert score.reasons == (f"excluded: {entry}",)
    assert Ranker(_ranking(exclude=["nedical", "B. Twofold"]), _model()).score(paper).value > 0


def test_words_alone_carry_a_channel_without_weights() -> None:
    ranker = Ranker(_ranking(words={"probing": 2.0}))
    none, abstract, both = (ranker.score(_paper(*texts)) for texts in (("",), ("", "probing"), ("Probing", "probing")))
    assert none.value == round(probability(WORDS_ALONE.calibration.bias), 6)
    assert none.value < abstract.value < both.value < 1
    assert ranker.explain(_paper("", "probing")).reasons == ("probing +3.3",)


def test_the_same_score_is_told_with_reasons_and_without() -> None:
    ranker = Ranker(load_channel(SHIPPED).ranking, load_default())
    for paper in (_paper("Cooking", "with gas"), _paper("Sparse Autoencoders Find Circuits", "in language models")):
        short, long = ranker.score(paper), ranker.explain(paper)
        assert (short.value, short.log_odds) == (long.value, long.log_odds)
        for score in (short, long):
            assert score.base + math.fsum(part.weight for part in score.parts) == pytest.approx(ranker.log_odds(paper))


def test_a_day_is_ranked_by_the_sums_and_without_what_is_excluded() -> None:
    ranker = Ranker(_ranking(exclude=("advertisement",)), _model())
    papers = [
        _paper("Cooking", number=3),
        _paper("Probing", "an advertisement", number=4),
        _paper("Cooking", number=2),
        _paper("Probing", number=5),
    ]
    assert [paper.arxiv_id.value for paper in ranker.best_first(papers)] == ["2602.00005", "2602.00002", "2602.00003"]


def test_what_a_decision_added_is_said_and_counted_once() -> None:
    decided = Decided(arxiv_id="2601.00007", title="Steering Cars", verdict="rejected", shares={"probing": -4.0})
    score = Ranker(_ranking(), _model(decisions=(decided,))).explain(_paper("", "probing"))
    assert score.reasons == ("probing +14.0", "because you rejected “Steering Cars” -4.0")
    assert score.log_odds == Ranker(_ranking(), _model()).explain(_paper("", "probing")).log_odds


def test_scores_do_not_depend_on_the_other_papers_nor_their_order() -> None:
    words = ["probing", "sparse", "autoencoders", "federated", "circuits", "language", "models", "vision", "medical"]
    rng = random.Random(7)
    papers = [
        _paper(" ".join(rng.sample(words, 3)), " ".join(rng.choices(words, k=40)), number=number)
        for number in range(50)
    ]
    ranking = load_channel(SHIPPED).ranking
    forwards = Ranker(ranking, load_default())
    first = {paper.arxiv_id: forwards.score(paper) for paper in papers}
    backwards = Ranker(ranking, load_default())
    assert {paper.arxiv_id: backwards.score(paper) for paper in reversed(papers)} == first
    assert forwards.score(papers[25]) == first[papers[25].arxiv_id]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x1b]0;title\x07 probing \u202e gnidoc",
        "probing " * 100_000,
        "\ud800",
        "sparse autoencoders’ " + "ß" * 5_000 + " probing",
        "<script>alert(1)</script> '; DROP TABLE papers; --",
        "İ" * 3_000 + " medical",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_scores(text: str) -> None:
    ranker = Ranker(load_channel(SHIPPED).ranking, load_default())
    paper = Paper(ArxivId("2602.00001"), 1, text, text, (text, text), (text,))
    score = ranker.explain(paper)
    assert 0 <= score.value <= 1
    assert score == ranker.explain(paper)


def test_scoring_loads_neither_scikit_learn_nor_numpy() -> None:
    code = (
        "import sys; from bot.domain.channels import Ranking; from bot.domain.papers import ArxivId, Paper;"
        "from bot.ranking import backtest, examples; from bot.ranking.model import load_default;"
        "from bot.ranking.ranker import Ranker;"
        "ranker = Ranker(Ranking(words={'probing': 1.0}), load_default());"
        "assert ranker.score(Paper(ArxivId('2602.00001'), 1, 'Probing', 'circuits', (), ())).value > 0;"
        "print(sorted(sys.modules.keys() & {'sklearn', 'numpy', 'scipy', 'feedparser', 'sqlmodel', 'pickle'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_part_about_words_is_told_from_one_about_people_and_the_rest() -> None:
    about = [Part(1.0, label, key) for label, key in (("circuits", "circuits"), ("a", "author: a"), (REST, REST))]
    assert [part.is_phrase for part in about] == [True, False, False]
    assert [Part(weight, "circuits", "circuits").speaks_for for weight in (0.3, 0.29, -1.0)] == [True, False, False]
