"""Weights files: plain data, the same bytes for the same model, and nothing else is taken for one."""

import json
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import PermanentError
from bot.ranking.model import (
    Calibration,
    Counts,
    Decided,
    Model,
    ModelError,
    load,
    load_default,
    parse,
    probability,
    save,
)

CALIBRATION = Calibration(bias=-6.0, words=0.25, authors=1.0)


def _model(**changes: Any) -> Model:
    given: dict[str, Any] = {
        "created": date(2026, 2, 18),
        "trained_until": date(2026, 2, 17),
        "data": Counts(pick=2, unlabelled=8),
        "calibration": CALIBRATION,
        "vocabulary": ("linear probing", "probing"),
        "idf": (3.25, 2.5),
        "coefficients": (1.5, -0.75),
        "authors": {"a. one": 1.0},
        "decisions": (Decided(arxiv_id="2602.00001", title="A Paper", verdict="rejected", shares={"probing": -0.5}),),
    }
    return Model(**{**given, **changes})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    save(_model(), tmp_path / "weights.json")
    assert load(tmp_path / "weights.json") == _model()
    assert [file.name for file in tmp_path.iterdir()] == ["weights.json"]


def test_a_weights_file_is_plain_json() -> None:
    text = _model().to_json()
    assert '"vocabulary":["linear probing","probing"]' in text
    assert '"coefficients":[1.5,-0.75],' in text
    assert text.endswith("}\n")
    assert json.loads(text)["model"]["trained_until"] == "2026-02-17"


def test_each_term_has_its_idf_and_its_weight() -> None:
    assert _model().terms == {"linear probing": (3.25, 1.5), "probing": (2.5, -0.75)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-0.75]", "-0.76]"),
        ("[3.25,", "[3.26,"),
        ('"linear probing"', '"linear steering"'),
        ('"a. one":1.0', '"b. two":1.0'),
        ('"bias":-6.0', '"bias":-5.0'),
        ('"created":"2026-02-18"', '"created":"2026-02-19"'),
        ('"verdict":"rejected"', '"verdict":"approved"'),
        ('"digest":"' + _model().digest[:8], '"digest":"00000000'),
    ],
)
def test_a_file_that_was_changed_is_refused(old: str, new: str) -> None:
    text = _model().to_json()
    assert old in text
    with pytest.raises(
        ModelError, match=r"^w\.json was changed after it was written: .*; train it again: picks train$"
    ):
        parse(text.replace(old, new), source="w.json")


def _wrong(change: str, value: object) -> str:
    document = json.loads(_model().to_json())
    place = document
    *path, last = change.split("/")
    for part in path:
        place = place[part]
    place[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "value", "hint"),
    [
        ("model/format", 1, "model.format: it must be 2"),
        ("model/features", 99, "model.features: it must be 3"),
        ("model/surprise", 1, "model.surprise: it is not known here"),
        ("model/idf", ["2.5", 1.0], "model.idf.0: it must be a number"),
        ("model/coefficients", [1e9, 1.0], "model.coefficients.0: it must be at most 10000"),
        ("model/coefficients", [None, 1.0], "model.coefficients.0"),
        ("model/coefficients", [1.0], "model: vocabulary, idf and coefficients do not fit together"),
        ("model/vocabulary", ["probing", "probing"], "model: vocabulary, idf and coefficients"),
        ("model/vocabulary", {"probing": 1.0}, "model.vocabulary"),
        ("model/trained_until", "soon", "model.trained_until"),
        ("model/calibration/words", True, "model.calibration.words: it must be a number"),
        ("model/data/pick", -1, "model.data.pick"),
        ("model/decisions", [{"verdict": "liked"}], "model.decisions.0"),
        ("digest", 7, "digest"),
        ("model", None, "model"),
    ],
)
def test_a_wrong_form_is_refused_with_the_place(change: str, value: object, hint: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse(_wrong(change, value), source="w.json")
    assert str(caught.value).startswith(f"w.json is not a weights file of this version: {hint}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"model": NaN}',
        pickle.dumps({"model": 1}),
        b'{"model": {"idf": [Infinity]}}',
    ],
)
def test_what_is_no_weights_file_is_refused(text: bytes) -> None:
    with pytest.raises(ModelError, match=r"^w\.json is not a weights file of this version: "):
        parse(text, source="w.json")


def test_an_infinite_weight_is_refused_though_its_digest_fits() -> None:
    with pytest.raises(ModelError, match="it must be a number, not inf or nan"):
        parse(_model().to_json().replace("3.25", "Infinity"), source="w.json")


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as stream:
        stream.truncate(3_000_000_000)
    with pytest.raises(ModelError, match="too large for a weights file"):
        load(large)


def test_a_missing_file_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"cannot read the weights .*none\.json: No such file"):
        load(tmp_path / "none.json")


def test_a_folder_that_is_missing_is_said_when_writing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot write the weights"):
        save(_model(), tmp_path / "none" / "weights.json")


def test_the_weights_that_ship_are_whole_and_say_where_they_come_from() -> None:
    model = load_default()
    assert model.data.pick > 50
    assert model.data.related > 100
    assert len(model.vocabulary) > 1_000
    assert len(model.to_json().encode()) <= 500_000


def test_a_sum_of_any_size_is_a_probability() -> None:
    values = [probability(log_odds) for log_odds in (-1e9, -50.0, -3.0, 0.0, 50.0, 1e9)]
    assert values == sorted(values)
    assert 0 <= values[0] < values[-1] <= 1
