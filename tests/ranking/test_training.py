"""Training: what counts, what is hidden, and that the same examples always give the same file."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

import ranking_samples
from bot.domain.channel_sections import Ranking
from bot.intake.listings import read_listings
from bot.ranking.examples import Example, Label, TrainingError
from bot.ranking.features import terms
from bot.ranking.model import WORDS_ALONE, Model, load_default, parse, probability
from bot.ranking.ranker import Ranker
from bot.ranking.training import BACKGROUND, TERMS, train

pytestmark = [pytest.mark.slow, ranking_samples.TRAINING]

ROOT = Path(__file__).resolve().parents[2]
CREATED = date(2026, 3, 1)
RANKING = Ranking.model_validate({"words": {"steering": 1.0}})
EXAMPLES = tuple(ranking_samples.examples())
DAYS = 20


def _train(examples: Sequence[Example] = EXAMPLES, until: date | None = None) -> Model:
    return train(examples, created=CREATED, until=until, ranking=RANKING)


def _log_odds(model: Model, kind: str) -> float:
    ranker = Ranker(RANKING, model)
    return (
        sum(ranker.score(ranking_samples.paper(kind, number, authors=())).log_odds for number in range(900, 910)) / 10
    )


def _decisions(
    label: Label, kind: str, *, reason: str | None = None, first: int = DAYS, count: int = 6, number: int = 700
) -> list[Example]:
    papers = [ranking_samples.paper(kind, number + place, authors=()) for place in range(count)]
    return [Example(paper, ranking_samples.day(first), label, ranking_samples.day(first), reason) for paper in papers]


def _by(author: str, label: Label) -> Example:
    return Example(ranking_samples.paper("circuits", 690, authors=(author,)), ranking_samples.day(2), label)


def test_papers_like_the_picks_come_first() -> None:
    model = _train()
    liked = _log_odds(model, "circuits")
    assert all(liked > _log_odds(model, kind) + 1 for kind in ranking_samples.KINDS if kind != "circuits")
    assert (model.data.pick, model.data.unlabelled) == (20, 380)
    assert (model.created, model.trained_until) == (CREATED, ranking_samples.day(DAYS - 1))


def test_training_twice_gives_the_same_bytes() -> None:
    assert _train().to_json() == _train().to_json()


def test_the_order_of_the_examples_does_not_matter() -> None:
    assert _train(EXAMPLES[::-1]).to_json() == _train().to_json()


@pytest.mark.slow
def test_other_hash_seeds_give_the_same_bytes() -> None:
    code = (
        "import test_training as here; import hashlib;"
        "print(hashlib.sha256(here._train().to_json().encode()).hexdigest())"
    )
    search = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "ranking")])
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": search, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_trained_model_is_a_weights_file_that_can_be_read() -> None:
    model = _train([*EXAMPLES, *_decisions(Label.REJECTED, "steering")])
    assert parse(model.to_json(), source="w.json") == model


def test_a_rejected_kind_sinks_though_it_was_liked_once() -> None:
    liked = [*EXAMPLES, *_decisions(Label.PICK, "steering", first=3, number=600, count=3)]
    before = _train([*liked, *_decisions(Label.UNLABELLED, "steering")])
    after = _train([*liked, *_decisions(Label.REJECTED, "steering")])
    assert _log_odds(after, "steering") < _log_odds(before, "steering") - 0.1
    ahead = [_log_odds(model, "circuits") - _log_odds(model, "steering") for model in (before, after)]
    assert ahead[1] > ahead[0] + 0.1


def test_a_rejection_with_a_reason_counts_more() -> None:
    plain = _train([*EXAMPLES, *_decisions(Label.REJECTED, "steering", count=1)])
    told = _train([*EXAMPLES, *_decisions(Label.REJECTED, "steering", count=1, reason="off topic")])
    assert _log_odds(told, "steering") < _log_odds(plain, "steering")


def test_what_was_left_to_expire_sinks_less_than_what_was_rejected() -> None:
    ignored, expired, rejected = (
        _log_odds(_train([*EXAMPLES, *_decisions(label, "steering", count=30)]), "steering")
        for label in (Label.UNLABELLED, Label.EXPIRED, Label.REJECTED)
    )
    assert rejected < expired < ignored


def test_an_approved_kind_rises() -> None:
    before = _train([*EXAMPLES, *_decisions(Label.UNLABELLED, "robots")])
    after = _train([*EXAMPLES, *_decisions(Label.APPROVED, "robots")])
    assert _log_odds(after, "robots") > _log_odds(before, "robots") + 1
    assert after.data.approved == 6


def test_reasons_name_the_decision_that_they_come_from() -> None:
    model = _train([*EXAMPLES, *_decisions(Label.REJECTED, "steering", count=1)])
    (decided,) = model.decisions
    score = Ranker(RANKING, model).explain(ranking_samples.paper("steering", 905, authors=()))
    (part,) = [part for part in score.parts if part.key == f"decision: {decided.arxiv_id}"]
    assert part.label == f"because you rejected “{decided.title}”"
    assert part.weight < 0


def test_authors_of_picks_are_known() -> None:
    model = _train([*EXAMPLES, *_decisions(Label.RELATED, "circuits", count=2), _by("C. Three", Label.RELATED)])
    assert model.authors == {"a. one": 20.0, "b. two": 20.0, "c. three": 0.5}
    assert model.calibration.authors >= 0


def test_a_related_paper_counts_less_than_a_pick() -> None:
    others = [item for item in EXAMPLES if item.day < ranking_samples.day(10)]
    pick, related = (
        _log_odds(
            _train([*others, *(replace(item, label=label) for item in _decisions(Label.PICK, "robots", first=5))]),
            "robots",
        )
        for label in (Label.PICK, Label.RELATED)
    )
    assert pick > related


def test_later_days_cannot_be_seen_not_even_their_words() -> None:
    until = ranking_samples.day(9)
    poison = [
        Example(ranking_samples.paper(kind, 5_000 + number), ranking_samples.day(10 + number % 10), label)
        for number, (kind, label) in enumerate([("vision", Label.PICK), ("circuits", Label.REJECTED)] * 40)
    ]
    early = [item for item in EXAMPLES if item.day <= until]
    known = _train(early, until).to_json()
    assert _train(EXAMPLES, until).to_json() == known
    assert _train([*early, *poison], until).to_json() == known


def test_a_label_that_was_given_later_cannot_be_seen() -> None:
    until = ranking_samples.day(9)
    early = [item for item in EXAMPLES if item.day <= until]
    relabelled = [
        replace(item, label=Label.REJECTED, decided=ranking_samples.day(12)) if item.label is Label.UNLABELLED else item
        for item in early
    ]
    assert _train(relabelled, until).to_json() == _train(early, until).to_json()


@pytest.mark.parametrize("known", [[], [item for item in EXAMPLES if item.label is Label.UNLABELLED]])
def test_without_a_pick_there_is_nothing_to_learn_from(known: list[Example]) -> None:
    with pytest.raises(
        TrainingError, match=r"there is nothing to learn from: \d+ known and no paper that is a pick or related; name"
    ):
        _train(known)


def test_picks_alone_are_nothing_to_learn_from() -> None:
    with pytest.raises(
        TrainingError, match="20 known up to 2026-02-01 and no paper that nobody chose; they come with picks fetch"
    ):
        _train([item for item in EXAMPLES if item.label is Label.PICK], date(2026, 2, 1))


def test_papers_without_a_word_in_common_are_nothing_to_learn_from() -> None:
    strange = [
        Example(
            replace(item.paper, title=f"word{number}", abstract="", categories=(), authors=()), item.day, item.label
        )
        for number, item in enumerate(EXAMPLES)
    ]
    with pytest.raises(TrainingError, match="no word stands in 3 of the 400 papers, and not in most of them"):
        _train(strange)


def test_a_single_pick_is_too_little_because_it_cannot_be_held_back() -> None:
    (first, *others) = [replace(item, label=Label.UNLABELLED) for item in EXAMPLES]
    with pytest.raises(TrainingError, match="400 known and only one paper that is a pick or related; name picks"):
        _train([replace(first, label=Label.PICK), *others])


def test_two_picks_are_enough() -> None:
    (first, second, *others) = [replace(item, label=Label.UNLABELLED) for item in EXAMPLES]
    model = _train([replace(first, label=Label.PICK), replace(second, label=Label.PICK), *others])
    assert model.data.pick == 2


def test_of_the_papers_that_nobody_named_some_stand_for_all() -> None:
    many = [
        Example(ranking_samples.paper("vision", number), ranking_samples.day(1)) for number in range(BACKGROUND + 500)
    ]
    known = [item for item in EXAMPLES if item.label is Label.PICK]
    model = _train([*known, *many])
    assert model.data.unlabelled == BACKGROUND + 500
    assert _train([*many[::-1], *known]) == model


def test_any_names_and_categories_fit_into_the_weights_file() -> None:
    strange = Example(
        replace(ranking_samples.paper("circuits", 680), authors=("\ufdfa" * 400, "x" * 5_000), categories=("y" * 400,)),
        ranking_samples.day(3),
        Label.PICK,
    )
    assert parse(_train([*EXAMPLES, strange]).to_json(), source="w.json").data.pick == 21


def test_a_training_does_what_its_recipe_says_of_the_librarys_parts(shared_data: Path) -> None:
    """Real papers, learned by scikit-learn alone in a few lines, and by the trainer: their scores are the same."""
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear = pytest.importorskip("sklearn.linear_model")
    selection = pytest.importorskip("sklearn.model_selection")
    numpy = pytest.importorskip("numpy")
    listing = shared_data / "arxiv" / "listings" / "2024-06.jsonl.gz"
    listed = sorted(islice(read_listings([listing]), 1_500), key=lambda item: (item.day, item.paper.arxiv_id))
    papers = [replace(item.paper, authors=()) for item in listed]
    wanted = numpy.array(["interpretab" in paper.abstract for paper in papers])
    assert wanted.sum() > 10
    vectorizer = text.TfidfVectorizer(analyzer=terms, min_df=3, max_df=0.5, max_features=TERMS, sublinear_tf=True)
    values = vectorizer.fit_transform(papers)
    worth = numpy.where(wanted, (~wanted).sum() / wanted.sum(), 1.0)
    first = linear.LogisticRegression(C=10.0, max_iter=1000)
    answers = selection.cross_val_predict(
        first, values, wanted, cv=5, method="decision_function", params={"sample_weight": worth}
    )
    first.fit(values, wanted, sample_weight=worth)
    second = linear.LogisticRegression(max_iter=1000).fit(answers[:, None], wanted)
    expected = second.predict_proba(first.decision_function(values)[:, None])[:, 1]
    model = train(
        Example(paper, item.day, Label.PICK if chosen else Label.UNLABELLED)
        for paper, item, chosen in zip(papers, listed, wanted, strict=True)
    )
    ranker = Ranker(Ranking.model_construct(), model)
    found = [probability(ranker.total(paper)) for paper in papers]
    assert max(found) > 0.5
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


def test_plain_scoring_gives_the_numbers_of_the_library(shared_data: Path) -> None:
    """The text's part of real papers' log-odds: scikit-learn with the exported numbers, and the ranker without it."""
    text = pytest.importorskip("sklearn.feature_extraction.text")
    numpy = pytest.importorskip("numpy")
    model = load_default()
    vectorizer = text.TfidfVectorizer(analyzer=terms, vocabulary=model.vocabulary, sublinear_tf=True)
    vectorizer.idf_ = numpy.array(model.idf)
    listing = shared_data / "arxiv" / "listings" / "2024-06.jsonl.gz"
    papers = [replace(item.paper, authors=()) for item in islice(read_listings([listing]), 300)]
    expected = vectorizer.transform(papers) @ numpy.array(model.coefficients) + model.calibration.bias
    wordless = Ranker(Ranking.model_construct(), model)
    assert [wordless.total(paper) for paper in papers] == pytest.approx(expected.tolist(), abs=1e-6)


# What a channel's own decisions teach beside the weights that it began with.


def _base() -> Model:
    return _train(until=ranking_samples.day(DAYS - 1))


def _taught(own: Sequence[Example], base: Model) -> Model:
    others = [
        Example(ranking_samples.paper(kind, 1_000 + number, authors=()), ranking_samples.day(DAYS + 1))
        for kind in ranking_samples.KINDS
        for number in range(20)
    ]
    return train([*own, *others], created=CREATED, ranking=RANKING, base=base)


def test_two_approvals_leave_the_weights_nearly_as_they_were() -> None:
    base = _base()
    after = _taught(_decisions(Label.APPROVED, "circuits", count=2), base)
    for kind in ranking_samples.KINDS:
        assert _log_odds(after, kind) == pytest.approx(_log_odds(base, kind), abs=0.6)


def test_a_few_approvals_and_rejections_do_not_flatten_the_probabilities() -> None:
    base = _base()
    # More than the base expects of so many papers: three or four.
    own = [*_decisions(Label.APPROVED, "circuits", count=5), *_decisions(Label.REJECTED, "vision", count=5)]
    after = _taught(own, base)
    assert _log_odds(after, "circuits") > _log_odds(base, "circuits")
    before, now = (_log_odds(model, "circuits") - _log_odds(model, "vision") for model in (base, after))
    assert now > before


def test_many_decisions_carry_another_taste() -> None:
    own = [*_decisions(Label.APPROVED, "robots", count=60), *_decisions(Label.REJECTED, "circuits", count=60)]
    base, after = _base(), _taught(own, _base())
    assert _log_odds(base, "circuits") > _log_odds(base, "robots") + 2
    assert _log_odds(after, "robots") > _log_odds(after, "circuits") + 3


def test_own_decisions_are_counted_on_top_and_read_by_the_terms_of_the_base() -> None:
    base = _base()
    after = _taught(_decisions(Label.APPROVED, "robots", count=3), base)
    assert after.data.approved == 3
    assert after.data.pick == base.data.pick
    assert (after.vocabulary, after.idf) == (base.vocabulary, base.idf)
    assert after.trained_until == ranking_samples.day(DAYS + 1)


def test_what_the_base_has_learned_already_does_not_count_twice() -> None:
    base = _base()
    again = [item for item in EXAMPLES if item.label is Label.PICK]
    own = _decisions(Label.APPROVED, "robots", count=3)
    assert base.chosen == tuple(str(item.paper.arxiv_id) for item in again)
    assert _taught([*own, *again], base) == _taught(own, base)
    assert _taught(own, base).chosen == (*base.chosen, *(str(item.paper.arxiv_id) for item in own))


def test_a_pick_of_the_base_that_is_rejected_now_counts_as_rejected() -> None:
    own = _decisions(Label.APPROVED, "robots", count=3)
    first = replace(next(item for item in EXAMPLES if item.label is Label.PICK), label=Label.REJECTED)
    assert _taught([*own, first], _base()).data.rejected == 1


def test_an_approval_of_what_the_base_knows_counts_and_its_expiry_does_not() -> None:
    base = _base()
    own = _decisions(Label.APPROVED, "robots", count=3)
    first = next(item for item in EXAMPLES if item.label is Label.PICK)
    assert _taught([*own, replace(first, label=Label.APPROVED)], base).data.approved == 4
    assert _taught([*own, replace(first, label=Label.EXPIRED)], base) == _taught(own, base)


def test_what_counts_against_a_paper_is_left_out_and_the_rest_is_fitted_again() -> None:
    """The channel's words stand in papers that nobody chose alone, and the probabilities still sum to the picks."""
    ranking = Ranking.model_validate({"words": {"patients": 5.0, "camera": 5.0, "grasping": 5.0}})
    model = train(EXAMPLES, ranking=ranking)
    ranker = Ranker(ranking, model)
    assert model.calibration.words == 0
    assert sum(probability(ranker.total(item.paper)) for item in EXAMPLES) == pytest.approx(20, rel=0.35)


def test_weights_that_years_of_nights_have_taught_stay_under_500_kilobytes(shared_data: Path) -> None:
    listing = shared_data / "arxiv" / "listings" / "2024-08.jsonl.gz"
    papers = list(islice(read_listings([listing]), 3_000))
    labels = [Label.APPROVED] * 600 + [Label.REJECTED] * 900 + [Label.UNLABELLED] * 1_500
    days = [ranking_samples.day(number // 10) for number in range(len(papers))]
    own = [Example(item.paper, day, label) for item, day, label in zip(papers, days, labels, strict=True)]
    taught = train(own, base=load_default())
    assert len(taught.to_json().encode()) < 500_000
    assert len(load_default().to_json().encode()) < 500_000


def test_a_channel_of_words_alone_finds_its_own_terms() -> None:
    after = _taught(_decisions(Label.APPROVED, "robots", count=10), WORDS_ALONE)
    assert {"robots", "grasping"} <= set(after.vocabulary)
    assert after.calibration.words > 0.5 * WORDS_ALONE.calibration.words
    assert _log_odds(after, "robots") > _log_odds(after, "vision")
