"""Links between the documents lead somewhere."""

import re

import pytest

from documents import ROOT, documents, read


def _anchors(name: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", read(name), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", documents())
def test_every_link_within_the_project_leads_to_a_file_and_a_heading(name: str) -> None:
    folder = (ROOT / name).parent
    prose = re.sub(r"^    .*$", "", read(name), flags=re.MULTILINE)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        file = (folder / path).resolve() if path else ROOT / name
        if not file.exists() or (anchor and anchor not in _anchors(str(file.relative_to(ROOT)))):
            broken.append(target)
    assert broken == []


def test_every_test_that_a_document_names_exists() -> None:
    named = {
        path
        for name in documents()
        for path in re.findall(r"`(?:tests/)?([a-z]+/(?:[a-z]+/)?test_\w+\.py)`", read(name))
    }
    assert len(named) > 50
    assert sorted(path for path in named if not (ROOT / "tests" / path).exists()) == []
