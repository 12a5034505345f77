"""Learned weights as plain JSON data: what a weights file may say, read and written.

A weights file is data and never code: it is read by a JSON parser, checked against the form below and against its own
digest. The digest finds accidents and edits by hand; it is no signature. This module scores nothing.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.errors import PermanentError
from bot.domain.wrong_values import in_words
from bot.ranking.features import VERSION, Terms

DEFAULT: Final = "interpretability.json"

_EXTREME: Final = 500.0  # log-odds; exp() overflows above 709
_LARGEST_FILE: Final = 8_000_000  # bytes; a file of the trainer has under 500,000
_REMEDY: Final = "train it again: picks train"


class ModelError(PermanentError):
    """A weights file is missing, or is not what the trainer wrote."""


_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Text = Annotated[str, Field(max_length=1_000)]
_Number = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Weights = Annotated[Mapping[_Name, _Number], Field(max_length=100_000)]
_Numbers = Annotated[tuple[_Number, ...], Field(max_length=100_000)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Calibration(_Plain):
    """How the parts of a score add up to log-odds, fitted on days that the weights had not seen.

    The log-odds are ``bias`` + the terms' coefficients + ``words`` x the levelled points of the channel file +
    ``authors`` x the levelled history of the authors.
    """

    bias: _Number
    words: _Number
    authors: _Number


class Counts(_Plain):
    """What the weights were learned from; ``unlabelled`` are the papers that nobody named."""

    pick: _Count = 0
    related: _Count = 0
    approved: _Count = 0
    rejected: _Count = 0
    expired: _Count = 0
    unlabelled: _Count = 0


class Decided(_Plain):
    """What one decision of a curator has added to the coefficients of single terms; they hold it already."""

    arxiv_id: Annotated[str, Field(max_length=40)]
    title: _Text
    verdict: Literal["approved", "rejected"]
    shares: _Weights


class Model(_Plain):
    """Learned weights with where they come from.

    ``idf`` and ``coefficients`` belong to the terms of ``vocabulary``, in its order; the coefficients are in log-odds.
    ``authors`` counts the chosen papers of each known author, and ``chosen`` are the ids of these papers. No paper
    announced after ``trained_until`` has been seen.
    """

    format: Literal[2] = 2
    features: Literal[3] = VERSION
    created: date
    trained_until: date
    data: Counts
    calibration: Calibration
    vocabulary: Annotated[tuple[_Name, ...], Field(max_length=100_000)] = ()
    idf: _Numbers = ()
    coefficients: _Numbers = ()
    authors: _Weights = {}
    chosen: Annotated[tuple[_Name, ...], Field(max_length=100_000)] = ()
    decisions: Annotated[tuple[Decided, ...], Field(max_length=1_000)] = ()

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if not len(set(self.vocabulary)) == len(self.idf) == len(self.coefficients) == len(self.vocabulary):
            raise ValueError("vocabulary, idf and coefficients do not fit together")
        return self

    @cached_property
    def terms(self) -> Terms:
        """Return each term's inverse document frequency and coefficient."""
        return dict(zip(self.vocabulary, zip(self.idf, self.coefficients, strict=True), strict=True))

    def to_json(self) -> str:
        """Return the file's text: the same model always gives the same bytes."""
        document = {"digest": self.digest, "model": self.model_dump(mode="json")}
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content, in hexadecimal: the model's identity."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


# How likely a pick is by the words of config/interpretability.toml alone, fitted to 38,796 papers: see docs/ranking.md.
WORDS_ALONE: Final = Model(
    created=date(2024, 8, 31),
    trained_until=date.min,
    data=Counts(),
    calibration=Calibration(bias=-8.74, words=3.02, authors=0.0),
)


class _Document(_Plain):
    model: Model
    digest: Annotated[str, Field(max_length=64)]


def probability(log_odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -_EXTREME), _EXTREME)))


def parse(text: str | bytes, *, source: str) -> Model:
    """Read a weights file's text; raise ModelError naming ``source`` when it is not what the trainer wrote."""
    if len(text) > _LARGEST_FILE:
        raise ModelError(f"{source} is too large for a weights file, over {_LARGEST_FILE:,} bytes; {_REMEDY}")
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(f"{source} is not a weights file of this version: {_problem(error)}; {_REMEDY}") from error
    if document.digest != document.model.digest:
        raise ModelError(f"{source} was changed after it was written: its digest does not fit; {_REMEDY}")
    return document.model


def load(file: Path) -> Model:
    """Read a weights file; raise ModelError when it is missing, too large, malformed, altered or of another version."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ModelError(f"cannot read the weights {file}: {error.strerror or error}; {_REMEDY}") from error
    return parse(text, source=str(file))


def save(model: Model, file: Path) -> None:
    """Write a weights file, whole or not at all; raise ModelError when it cannot be written."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.write_text(model.to_json(), "utf-8")
        partial.replace(file)
    except OSError as error:
        raise ModelError(f"cannot write the weights {file}: {error.strerror or error}; name another file") from error


def load_default() -> Model:
    """Return the weights for interpretability that come with the package."""
    return parse(default_text(), source=f"the shipped {DEFAULT}")


def default_text() -> str:
    """Return the text of the weights file that comes with the package."""
    return files("bot.ranking").joinpath(DEFAULT).read_text("utf-8")


def _problem(error: ValidationError) -> str:
    item = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part)[:60] for part in item["loc"])
    return f"{place}: {in_words(item)}" if place else in_words(item)
