"""The picture of a pick: nothing overflows, nothing is a box, the same words are the same bytes."""

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import bot.threads.cards
from bot.domain.posts import content_id
from bot.threads.cards import fonts
from bot.threads.cards.drawing import draw, readable
from bot.threads.cards.fonts import HEADLINE, LABEL, TEXT, Face
from bot.threads.cards.layout import Style, filled, largest, one_line_of
from bot.threads.cards.letters import drawable, runs
from bot.threads.cards.words import HEIGHT, WIDTH, CardWords

FOLDER = Path(bot.threads.cards.__file__).parent / "fonts"
HOSTILE = "<script>alert(1)</script> ]]> javascript:alert(1) \u202eevil\u202c \x00\x07 \\input{x} & {\\bf x}"


def words(**changes: object) -> CardWords:
    given = {
        "arxiv_id": "2412.06769",
        "title": "Training Large Language Models to Reason in a Continuous Latent Space",
        "authors": ("Ana Müller", "Li Wei", "Łukasz Żółć"),
        "note": "A note about the paper, with some words in it.",
        "channel": "A channel",
        "colour": "#2456c8",
    }
    return CardWords(**{**given, **changes})  # type: ignore[arg-type]


def image(card_words: CardWords) -> Image.Image:
    return Image.open(io.BytesIO(draw(card_words).png)).convert("RGB")


def test_a_card_is_a_small_png_of_the_size_that_previews_want() -> None:
    card = draw(words())
    with Image.open(io.BytesIO(card.png)) as found:
        assert (found.format, found.size) == ("PNG", (WIDTH, HEIGHT))
    assert len(card.png) < 60_000
    assert card.picture.cid == content_id(card.png)
    assert card.picture.size == len(card.png)
    assert card.replaced == ()


def test_the_same_words_are_the_same_bytes_and_other_words_are_others() -> None:
    assert draw(words()).png == draw(words()).png
    assert draw(words()).png != draw(words(note="Another note.")).png
    assert draw(words()).png != draw(words(colour="#c82456")).png


EXTREMES = {
    "a title as long as the longest": words(title="A Very Long Title About Everything and the Rest of It " * 12),
    "one word without an end": words(title="w" * 900, note="w" * 900, authors=("w" * 900,), channel="w" * 900),
    "narrow letters": words(title="il" * 500, note="il.," * 500, authors=("il" * 500,), channel="il" * 400),
    "hundreds of authors": words(authors=tuple(f"Author Number {number}" for number in range(400))),
    "mathematics": words(title="∑∫∏√⟨𝒪(n²)⟩≠𝔼[θ∣𝒟] ‖x̂‖₂ " * 20, note="α⊗β↦γ∈ℝⁿ " * 90),
    "Chinese, Japanese and Korean": words(title="大型语言模型" * 40, note="日本語のメモです。한국어 " * 60),
    "emoji": words(title="🚀🤖👩‍🔬🇩🇪❤️1️⃣👍🏽" * 20, note="🎉🔥✅" * 200),
    "marks upon marks": words(title="Z" + "\u0351\u0352\u0316" * 200, note="a\u0302\u0301" * 300),
    "hostile words": words(title=HOSTILE * 4, authors=(HOSTILE,), note=HOSTILE * 9, channel=HOSTILE),
    "nothing at all": words(title="", authors=("",), note="", channel=""),
}


@pytest.mark.parametrize("extreme", EXTREMES.values(), ids=list(EXTREMES))
def test_nothing_leaves_its_margins(extreme: CardWords) -> None:
    found = image(extreme)
    for edge in ((WIDTH - 70, 0, WIDTH, HEIGHT), (20, 0, 72, HEIGHT), (20, HEIGHT - 44, WIDTH, HEIGHT)):
        assert set(found.crop(edge).get_flattened_data()) == {found.getpixel((WIDTH - 1, 0))}, edge


@pytest.mark.parametrize("face", {face.file: face for face in HEADLINE + TEXT + LABEL}.values(), ids=lambda it: it.file)
def test_which_characters_a_font_has_is_read_as_the_reference_reads_it(face: Face) -> None:
    assert fonts._characters(face.file) == set(TTFont(FOLDER / face.file).getBestCmap())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_every_letter_that_is_drawn_has_a_picture_in_its_font(text: str) -> None:
    drawn, _ = drawable(text, HEADLINE)
    for run in runs(drawn, HEADLINE):
        assert run.face.has(run.text), run
    assert "\n" not in drawn


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=120))
def test_lines_are_never_wider_than_they_may_be(text: str) -> None:
    drawn, _ = drawable(text, TEXT)
    style = Style(TEXT, 30)
    block = largest(drawn, [style, Style(TEXT, 24)], width=300, height=120, lines=3)
    assert all(block.style.width(line) <= 300 for line in block.lines)
    assert block.height <= 120


@pytest.mark.parametrize(
    ("written", "drawn", "said"),
    [
        ("Łukasz Żółć, Ngô Bảo Châu", "Łukasz Żółć, Ngô Bảo Châu", ()),
        ("Étienne in two characters: E\u0301", "Étienne in two characters: É", ()),
        ("李伟 and 김민수 and 山田", "李伟 and 김민수 and 山田", ()),
        ("محمد", "mhmd", ("محمد as mhmd",)),
        ("عالم", "`lm", ("عالم as `lm",)),
        ("🇩🇪", "DE", ("🇩🇪 as DE",)),
        ("👍🏽", "👍", ("👍🏽 as 👍",)),
        ("1️⃣", "1", ()),
        ("❤️ and ✅", "❤ and ✅", ()),
        ("ﬁne ﬂow", "ﬁne ﬂow", ()),
        ("\ue000 private", "? private", ("\ue000 as ?",)),
        ("x̂ ≤ 𝔼[y]", "x̂ ≤ 𝔼[y]", ()),
    ],
)
def test_what_no_font_has_is_written_in_simpler_letters_and_said(
    written: str, drawn: str, said: tuple[str, ...]
) -> None:
    assert drawable(written, HEADLINE) == (drawn, said)


def test_a_card_says_what_it_cannot_show_wherever_that_stands() -> None:
    card = draw(words(title="A שלום", authors=("दीपक",), note="ไทย"))
    assert [said.partition(" as ")[0] for said in card.replaced] == ["שלום", "दीपक", "ไทย"]


def test_hostile_words_are_words() -> None:
    drawn, replaced = drawable(HOSTILE, HEADLINE)
    assert drawn == "<script>alert(1)</script> ]]> javascript:alert(1) evil \\input{x} & {\\bf x}"
    assert replaced == ()


def test_the_lines_of_a_title_are_even() -> None:
    block = largest("Universal Neurons in GPT2 Language Models", [Style(HEADLINE, 76)], width=1048, height=300, lines=4)
    widths = [block.style.width(line) for line in block.lines]
    assert len(widths) == 2
    assert min(widths) > 0.6 * max(widths)


def test_what_has_no_room_ends_in_an_ellipsis() -> None:
    style = Style(TEXT, 30)
    assert one_line_of("A short text", style, width=400) == "A short text"
    assert one_line_of("A text that is much longer than its line", style, width=300).endswith("…")
    block = filled("A text that is much longer than the lines that it has. " * 5, style, width=300, lines=2)
    assert len(block.lines) == 2
    assert block.lines[1].endswith("…")
    assert not block.lines[0].endswith("…")


@pytest.mark.parametrize("colour", ["#ffffff", "#ffcc00", "#2456c8", "#000000", "#00ff00"])
def test_the_name_of_the_channel_can_be_read_whatever_its_colour(colour: str) -> None:
    def luminance(value: str) -> float:
        parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert (luminance("#fcfbf7") + 0.05) / (luminance(readable(colour)) + 0.05) >= 4.45
    shown = image(words(colour=colour)).getpixel((5, 300))
    assert isinstance(shown, tuple)
    assert all(abs(part - wanted) <= 8 for part, wanted in zip(shown, bytes.fromhex(colour[1:]), strict=True))


def test_the_fonts_come_with_their_licences_and_stay_small() -> None:
    assert {file.name for file in FOLDER.iterdir()} >= {"LICENSE-OFL.txt", "LICENSE-APACHE.txt", "README.md"}
    readme = (FOLDER / "README.md").read_text("utf-8")
    files = list(FOLDER.glob("*.ttf"))
    assert all(f"`{file.name}`" in readme for file in files)
    assert sum(file.stat().st_size for file in files) < 3_500_000
