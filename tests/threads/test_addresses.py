"""Where an address in a note begins and ends, as readers see it."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.threads.addresses import find_bare_links, find_links, looks_like_file


def addresses(text: str) -> list[str]:
    found = find_links(text)
    assert [text[link.start : link.end] for link in found] == [link.url for link in found]
    return [link.url for link in found]


def bare(text: str) -> list[str]:
    return [text[link.start : link.end] for link in find_bare_links(text)]


@pytest.mark.parametrize(
    ("note", "links"),
    [
        ("https://a.example/x,https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x;https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x|https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x→https://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/xhttps://b.example/y", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/x(https://b.example/y)", ["https://a.example/x", "https://b.example/y"]),
        ("https://https://a.example/x", ["https://a.example/x"]),
        ("https://a.example/x,github.com/b and", ["https://a.example/x"]),
        ("https://a.example/x;github.com", ["https://a.example/x"]),
    ],
)
def test_an_address_ends_before_another(note: str, links: list[str]) -> None:
    assert addresses(note) == links


@pytest.mark.parametrize(
    "note",
    [
        "https://web.archive.org/web/2024/https://a.example/x",
        "https://a.example/go?to=https://b.example/y&then=http://c.example",
        "https://a.example/#https://b.example",
        "https://a.example/go?sites=github.com,gitlab.com",
        "https://a.example/x,y.zip",
        "https://a.example/x,v1.2",
        "https://a.example/x,y.html",
    ],
)
def test_an_address_inside_another_is_a_part_of_it(note: str) -> None:
    assert addresses(note) == [note]


@pytest.mark.parametrize(
    ("note", "link"),
    [
        ("See https://distill.example/2020’s circuits", "https://distill.example/2020"),
        ("See https://circuits.example's index", "https://circuits.example"),
        ("See https://circuits.example/index's end.", "https://circuits.example/index"),
        ("https://en.example.org/wiki/Moore's_law's end", "https://en.example.org/wiki/Moore's_law"),
    ],
)
def test_an_address_ends_before_a_possessive(note: str, link: str) -> None:
    assert addresses(note) == [link]


@pytest.mark.parametrize("around", ["“{}”", "‘{}’", '"{}"', "'{}'", "«{}»", "„{}“", "「{}」", "『{}』", "《{}》"])
@pytest.mark.parametrize("after", ["", " and", "and", ".", ", then"])
def test_an_address_ends_before_quotes(around: str, after: str) -> None:
    assert addresses(around.format("https://example.org/a") + after) == ["https://example.org/a"]


@pytest.mark.parametrize("around", ["({})", "[{}]", "<{}>", "{{{}}}", "（{}）", "【{}】", "⟨{}⟩", "(see {})."])
@pytest.mark.parametrize("after", ["", " and", "and", "."])
def test_an_address_ends_before_brackets(around: str, after: str) -> None:
    assert addresses(around.format("https://example.org/a") + after) == ["https://example.org/a"]


@pytest.mark.parametrize(
    "note",
    [
        "https://example.org/a_(b)",
        "https://example.org/a_(b_(c))",
        "https://example.org/a?b[0]=1&b[1]=2#c",
        "https://[::1]:8080/a",
    ],
)
def test_brackets_with_a_partner_stay(note: str) -> None:
    assert addresses(note) == [note]
    assert addresses(f"({note})") == [note]


@pytest.mark.parametrize(
    ("note", "links"),
    [
        ("[https://example.org/md](https://example.org/md)", ["https://example.org/md"] * 2),
        ("[here](https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("**https://example.org/a** is", ["https://example.org/a"]),
        ("*https://example.org/a*, and", ["https://example.org/a"]),
        ("_https://example.org/a_", ["https://example.org/a"]),
        ("__https://example.org/a__:", ["https://example.org/a"]),
        ("~~https://example.org/a~~", ["https://example.org/a"]),
        ("`https://example.org/a`", ["https://example.org/a"]),
        ("https://example.org/a**b**", ["https://example.org/a"]),
        ("https://example.org/x.html#object.__init__.", ["https://example.org/x.html#object.__init__"]),
        ("https://example.org/__init__.py", ["https://example.org/__init__.py"]),
        ("https://example.org/~one/a*b", ["https://example.org/~one/a*b"]),
    ],
)
def test_an_address_ends_before_markdown_marks(note: str, links: list[str]) -> None:
    assert addresses(note) == links


@pytest.mark.parametrize("mark", ["🎉", "👩🏽‍🔬", "🇺🇸", "1️⃣", "☝️", "©️", "ℹ️", "→", "™", "²"])
def test_an_address_ends_before_emoji_and_signs(mark: str) -> None:
    assert addresses(f"https://example.org/a{mark}") == ["https://example.org/a"]
    assert addresses(f"https://example.org{mark}") == ["https://example.org"]


@pytest.mark.parametrize("mark", [*".,;:!?…。、！，：；？．｡､〜‥؟،؛۔।॥։፡။៖—·", "...", "?!", ".)", "”.", "）。"])
@pytest.mark.parametrize("after", ["", " and", "\nnext"])
def test_an_address_ends_before_the_punctuation_of_any_script(mark: str, after: str) -> None:
    for link in ("https://example.org/a", "https://example.org", "https://example.org/人工知能"):
        assert addresses(link + mark + after) == [link]


@pytest.mark.parametrize("after", "次다ب")
def test_words_may_follow_the_punctuation_of_their_script_at_once(after: str) -> None:
    for mark in "。、！，；？":
        assert addresses(f"https://example.org/a{mark}{after}") == ["https://example.org/a"]


@pytest.mark.parametrize(
    "path",
    [
        "人工知能",
        "AI倫理",
        "アラン・チューリング",
        "인공지능",
        "ปัญญาประดิษฐ์",
        "ປັນຍາປະດິດ",
        "កៅអី",
        "ဉာဏ်ရည်တု",
        "བོད་ཡིག",
        "कृत्रिम_बुद्धिमत्ता",
        "شبکه‌های_عصبی",
        "בינה_מלאכותית",
        "Искусственный_интеллект",
        "Τεχνητή_νοημοσύνη",
        "Kullback–Leibler_divergence",
        "Größe",
        "col·laboració",
        "人工知能/概要?版=二&b=c#節",
    ],
)
def test_a_path_in_any_script_is_whole(path: str) -> None:
    link = f"https://ja.example.org/wiki/{path}"
    assert addresses(link) == addresses(f"{link}。") == addresses(f"({link}), and") == [link]


@pytest.mark.parametrize(
    ("note", "link"),
    [
        ("コードはhttps://github.com/acme/toolにあります", "https://github.com/acme/tool"),
        ("代码见https://github.com/acme/tool这个网站", "https://github.com/acme/tool"),
        ("https://github.com/acme/tool를 참조", "https://github.com/acme/tool"),
        ("ดูhttps://github.com/acme/toolครับ", "https://github.com/acme/tool"),
        ("https://github.comは", "https://github.com"),
        ("https://日本.example.comは", "https://日本.example.com"),
        ("https://例え.テスト/ö", "https://例え.テスト/ö"),
    ],
)
def test_words_without_spaces_follow_a_latin_address(note: str, link: str) -> None:
    assert addresses(note) == [link]


@pytest.mark.parametrize(
    "note",
    ["https://", "https://.", "xhttps://example.org", "https://one:secret@example.org", "https://x.com@example.org/a"],
)
def test_what_hides_or_lacks_its_host_is_no_address(note: str) -> None:
    assert addresses(note) == []


@pytest.mark.parametrize(
    ("note", "links"),
    [
        ("It is at github.com/acme/tool.", ["github.com/acme/tool"]),
        ("(GitHub.com/acme/tool_(b))", ["GitHub.com/acme/tool_(b)"]),
        ("transformer-circuits.pub/2025, x.ai", ["transformer-circuits.pub/2025", "x.ai"]),
        ("[github.com/a](https://github.com/a)", ["github.com/a"]),
        ("https://github.com/a x.com/b", ["x.com/b"]),
        ("github.com/aを", ["github.com/a"]),
        ("github.com/a,gitlab.com/b;x.com.", ["github.com/a", "gitlab.com/b", "x.com"]),
        ("https://a.example/x,github.com/b", ["github.com/b"]),
        ("github.com/a,README.md", ["github.com/a,README.md"]),
        ("example.org:8080/a’s", ["example.org:8080/a"]),
        ("e.g. i.e. et al.The 1.5B v0.1 cs.CL README.MD one@example.org website.com.jpg Node.js", []),
    ],
)
def test_a_domain_begins_an_address_too(note: str, links: list[str]) -> None:
    assert bare(note) == links


def test_a_domain_may_be_meant_as_a_file() -> None:
    found = find_bare_links("README.md main.py github.com example.md/a")
    assert [looks_like_file(link) for link in found] == [True, True, False, False]


PIECES = st.sampled_from(
    [
        "https://",
        "http://",
        "a.example",
        "/",
        "x",
        "_",
        "'s",
        "(",
        ")",
        "[",
        "]",
        "’",
        "。",
        "日本",
        "を",
        "🎉",
        ",",
        " ",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_addresses_never_overlap_nor_end_in_punctuation(text: str) -> None:
    found = sorted([*find_links(text), *find_bare_links(text)], key=lambda link: link.start)
    assert all(link.url.endswith(text[link.start : link.end]) for link in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert not any(link.url.endswith((".", ",", "。", "’", "'", "(", "🎉")) for link in found)


@pytest.mark.parametrize(
    "text",
    ["https://" * 600, "https://a.b/" + "_" * 5000, "https://a.b/" + "(" * 5000, "a." * 2500, "https://" + "a-" * 2500],
)
def test_no_text_takes_long(text: str) -> None:
    begin = time.perf_counter()
    find_links(text)
    find_bare_links(text)
    assert time.perf_counter() - begin < 1
