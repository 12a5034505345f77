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
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bot.domain.errors import PermanentError
from bot.ranking.features import VERSION, Vocabulary

FORMAT: Final = 1
DEFAULT: Final = "interpretability.json"

_EXTREME: Final = 500.0  # log-odds; exp() overflows above 709
_LARGEST_FILE: Final = 8_000_000  # bytes; a file of the trainer has under 1,500,000


class ModelError(PermanentError):
    """A weights file is missing, or is not what the trainer wrote."""


_Name = Annotated[str, Field(min_length=1, max_length=2_100)]
_Text = Annotated[str, Field(max_length=1_000)]
_Number = Annotated[float, Field(ge=-10_000, le=10_000, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0)]
_Weights = Annotated[Mapping[_Name, _Number], Field(max_length=100_000)]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Calibration(_Plain):
    """How the parts of a score add up, and what probability the sum stands for.

    The log-odds are ``bias`` + the learned weights of the text + ``authors`` x author value + ``words`` x points of the
    channel's own words and authors. What lies above ``knee`` counts ``above`` times: high sums promise too much.
    Fitted on days that the weights had not seen; ``papers`` and ``positives`` say on how many.
    """

    bias: _Number
    authors: _Number
    words: _Number
    knee: _Number
    above: Annotated[float, Field(gt=0, le=1)]
    papers: _Count
    positives: _Count

    def probability(self, log_odds: float) -> float:
        """Return the probability of a pick that the sum of a paper's parts stands for."""
        bent = min(log_odds, self.knee) + self.above * max(log_odds - self.knee, 0.0)
        return 1.0 / (1.0 + math.exp(-min(max(bent, -_EXTREME), _EXTREME)))


class Counts(_Plain):
    """What the weights were learned from; ``unlabelled`` are the papers that nobody named."""

    pick: _Count = 0
    related: _Count = 0
    approved: _Count = 0
    rejected: _Count = 0
    expired: _Count = 0
    unlabelled: _Count = 0


class Decided(_Plain):
    """What one decision of a curator has added to the weights of single features; the weights hold it already."""

    arxiv_id: Annotated[str, Field(max_length=40)]
    title: _Text
    verdict: Literal["approved", "rejected"]
    shares: _Weights


class Model(_Plain):
    """Learned weights with where they come from.

    ``weights`` are by feature name, ``authors`` say how much each known author counts. No paper announced after
    ``trained_until`` has been seen.
    """

    format: Literal[1] = FORMAT
    features: _Count = VERSION
    created: date
    trained_until: date
    data: Counts
    calibration: Calibration
    weights: _Weights
    authors: _Weights
    decisions: Annotated[tuple[Decided, ...], Field(max_length=1_000)] = ()

    @field_validator("features")
    @classmethod
    def _known_features(cls, version: int) -> int:
        if version != VERSION:
            raise ValueError(f"its weights are for version {version} of the features, this program has {VERSION}")
        return version

    def to_json(self) -> str:
        """Return the file's text: the same model always gives the same bytes, one weight a line."""
        document = {"digest": self.digest, "model": self.model_dump(mode="json")}
        return json.dumps(document, indent=0, sort_keys=True, separators=(",", ":")) + "\n"

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Return the features that have weights, ready to be found in texts."""
        return Vocabulary(self.weights)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content, in hexadecimal: the model's identity."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


_REMEDY: Final = "train it again: picks train"


class _Document(_Plain):
    model: Model
    digest: Annotated[str, Field(max_length=64)]


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
    return f"{place}: {item['msg']}" if place else str(item["msg"])
