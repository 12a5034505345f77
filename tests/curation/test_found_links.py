"""The addresses of an abstract, and the one that leads to code."""

import pytest

from bot.curation.found_links import code_among, links_in


@pytest.mark.parametrize(
    ("abstract", "links", "code"),
    [
        ("Code: https://github.com/acme/tool.", ("https://github.com/acme/tool",), "https://github.com/acme/tool"),
        ("See github.com/acme/tool and README.md", ("https://github.com/acme/tool",), "https://github.com/acme/tool"),
        (
            "Page https://acme.example/ and https://www.github.com/a/b (twice: https://acme.example/)",
            ("https://acme.example/", "https://www.github.com/a/b"),
            "https://www.github.com/a/b",
        ),
        ("Our page is https://notgithub.com/x", ("https://notgithub.com/x",), None),
        ("No address, i.e. none.", (), None),
    ],
)
def test_addresses_are_found_once_and_code_by_its_host(abstract: str, links: tuple[str, ...], code: str | None) -> None:
    assert links_in(abstract) == links
    assert code_among(links) == code
