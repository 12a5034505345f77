"""The changelog is ready for what comes next."""

from documents import read


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "## Unreleased" in read("CHANGELOG.md")
