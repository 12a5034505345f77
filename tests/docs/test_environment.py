"""``.env.example`` is the list of the environment's variables: complete, with the true defaults, and readable."""

import re

import pytest
from pydantic_core import PydanticUndefined

from bot.domain.channels import load_channel
from bot.settings import Credentials, Settings
from documents import ROOT, documents, read

OURS = r"(?:PICKS|BLUESKY|X|HF|ARXIV|DATABASE|MASTODON)_[A-Z][A-Z_]*"
OF_ONE_CHANNEL = "INTERPRETABILITY_"
OTHERS = {"ARXIV_ID"}
"""What looks like a variable in the documents and is none."""

THE_TERMINALS = {"COLORFGBG", "EDITOR", "PAGER", "TERM", "VISUAL"}
"""What the program reads and other programs read as well."""


def _example() -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z_]+)=(.*)$", read(".env.example"), flags=re.MULTILINE))


def _read_by_the_program() -> set[str]:
    """Return the variables of the settings, and those that stand as words in the program."""
    own = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    texts = (file.read_text("utf-8") for file in (ROOT / "bot").rglob("*.py"))
    return own | {name for text in texts for name in re.findall(rf'"({OURS})"', text)}


def test_the_example_has_every_variable_and_no_other() -> None:
    plain = {name for name in _example() if not name.startswith(OF_ONE_CHANNEL)}
    assert plain == _read_by_the_program()


def test_no_variable_of_any_other_name_is_read() -> None:
    texts = [file.read_text("utf-8") for file in (ROOT / "bot").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r'(?:environ(?:\.get\(|\[)|getenv\()f?"([A-Za-z_]+)"', text)}
    assert named >= {"DATABASE_URL", "TERM"}
    assert named - set(_example()) == THE_TERMINALS


def test_every_variable_has_words_above_it() -> None:
    groups = re.split(r"\n\n|\n(?=# )", read(".env.example"))
    assert [group for group in groups if re.search(r"^#[A-Z_]+=", group, re.MULTILINE) and "# " not in group] == []


@pytest.mark.parametrize("name", [*documents(), "CHANGELOG.md"])
def test_no_document_names_a_variable_that_is_not_read(name: str) -> None:
    named = set(re.findall(rf"(?<![A-Z_]){OURS}(?![A-Z_])", read(name)))
    assert named - _read_by_the_program() - OTHERS == set()


def test_what_the_example_says_is_the_default() -> None:
    example = _example()
    defaults = {
        str(field.validation_alias or name).upper(): str(field.default)
        for name, field in Settings.model_fields.items()
        if field.default not in {None, PydanticUndefined}
    }
    plain = Credentials(load_channel(ROOT / "config" / "interpretability.toml"), {})
    defaults |= {"BLUESKY_SERVICE": plain.bluesky_service, "BLUESKY_APPVIEW": str(plain.bluesky_appview)}
    assert defaults["ARXIV_RSS_URL"]
    assert {name: example[name] for name in defaults} == {
        name: value.removesuffix(".0") for name, value in defaults.items()
    }


def test_the_example_is_read_when_its_signs_are_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {name: value or "value" for name, value in _example().items()}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert Settings().database_address == given["DATABASE_URL"]
    accounts = Credentials(load_channel(ROOT / "config" / "interpretability.toml"), given)
    bluesky, x, mastodon = accounts.bluesky(), accounts.x(), accounts.mastodon()
    assert bluesky is not None
    assert x is not None
    assert mastodon is not None
    assert mastodon.server == given["MASTODON_URL"]
    assert (bluesky.service, x.api_url) == (given["BLUESKY_SERVICE"], given["X_API_URL"])
    assert list(accounts.digest_addresses()) == ["mailto"]
