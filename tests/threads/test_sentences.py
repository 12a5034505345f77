"""Where sentences end, what belongs together, and which other places are good for a break."""

import pytest

from bot.threads.sentences import Strength, find_breaks


def pieces(text: str, strength: Strength) -> list[str]:
    """Cut the text at every break that is at least so strong."""
    cuts = [at for at in find_breaks(text) if at.strength >= strength]
    starts = [0, *(at.start for at in cuts)]
    ends = [*(at.end for at in cuts), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


def sentences(text: str) -> list[str]:
    return pieces(text, Strength.SENTENCE)


def units(text: str) -> list[str]:
    return pieces(text, Strength.WORD)


@pytest.mark.parametrize(
    "text",
    [
        "Probes work, e.g. Linear probes on Llama 2.",
        "Some layers, i.e. The last three, matter.",
        "The method of One et al. Outperforms it.",
        "As Fig. 3 shows, and Figs. 4 and 5 confirm, it holds.",
        "Sparse vs. Dense features are compared.",
        "See cf. Two (2024) for more.",
        "It gains 3 resp. Four points.",
        "This takes approx. Ten hours.",
        "The proof is by A. One and B. C. Two.",
        "It drops from 0.5 to 0.25 here.",
        "The paper is arXiv:2406.16254v1 and has code.",
        "Code is at https://example.org/a.B?c=D.E and runs.",
        "It goes on ... The rest is known.",
        "And so on… The rest is known.",
        "Made in the U.S. By a small lab.",
        "The samples are i.i.d. Gaussian.",
        "By Eq. (3) and Sec. 4.1 this holds.",
        "Read cs.CL daily and open README.md first.",
        "Is Yahoo! still there is the question.",
        "It uses dim. reduction on states.",
        "Written by Dr. One for Prof. Two.",
        "Call `fit(x). Then` and ``run(y). Then it`` in this order.",
    ],
)
def test_this_is_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It works. It scales.", ["It works.", "It scales."]),
        ("Does it work? Yes! It does.", ["Does it work?", "Yes!", "It does."]),
        ("It improves quality. p-annealing is proposed.", ["It improves quality.", "p-annealing is proposed."]),
        ("It improves quality. mGPT is next.", ["It improves quality.", "mGPT is next."]),
        ("it rocks really. we like it.", ["it rocks really.", "we like it."]),
        ("They call it “work.” Others do not.", ["They call it “work.”", "Others do not."]),
        ("It works (mostly). Others do not.", ["It works (mostly).", "Others do not."]),
        ("Heads, neurons, etc. The rest is noise.", ["Heads, neurons, etc.", "The rest is noise."]),
        ("The gain is 12. The loss is 0.5.", ["The gain is 12.", "The loss is 0.5."]),
        ("See Fig. 3. The curve rises.", ["See Fig. 3.", "The curve rises."]),
        ("The answer is no. We tried.", ["The answer is no.", "We tried."]),
        ("It is arXiv:2406.16254v1. Read it.", ["It is arXiv:2406.16254v1.", "Read it."]),
        ("Code: https://example.org/x. Read it.", ["Code: https://example.org/x.", "Read it."]),
        ("It works. 🎉 We are glad.", ["It works.", "🎉 We are glad."]),
        ("patterns. 1-5% of neurons fire.", ["patterns.", "1-5% of neurons fire."]),
        ("这个方法有效。它很快！为什么？", ["这个方法有效。", "它很快！", "为什么？"]),
        ("Steps:\n1. Train it.\n2. Test it.", ["Steps:", "1. Train it.", "2. Test it."]),
        ("First part\n\nsecond part", ["First part", "second part"]),
        ("They call it ``work.'' Others do not.", ["They call it ``work.''", "Others do not."]),
        ("Some `work.' Others say `no.' We do.", ["Some `work.'", "Others say `no.'", "We do."]),
        ("यह काम करता है। यह तेज़ है । क्यों? ठीक।", ["यह काम करता है।", "यह तेज़ है ।", "क्यों?", "ठीक।"]),
        ("هل تعمل؟ نعم، تعمل. شكرا", ["هل تعمل؟", "نعم، تعمل.", "شكرا"]),
        ("یہ اچھا ہے۔ کیوں؟ ہاں۔", ["یہ اچھا ہے۔", "کیوں؟", "ہاں۔"]),
        ("Սա լավ է։ Այո։", ["Սա լավ է։", "Այո։"]),
        ("ይህ ጥሩ ነው። እሺ።", ["ይህ ጥሩ ነው።", "እሺ።"]),
        ("នេះល្អ។វាដំណើរការ។", ["នេះល្អ។", "វាដំណើរការ។"]),
        ("ဒါကောင်းတယ်။ အလုပ်လုပ်တယ်။", ["ဒါကောင်းတယ်။", "အလုပ်လုပ်တယ်။"]),
        ("Das zeigt Abb. 3 auf S. 5. Es hält.", ["Das zeigt Abb. 3 auf S. 5.", "Es hält."]),
    ],
)
def test_sentences_end_here(text: str, wanted: list[str]) -> None:
    assert sentences(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a 70 B model", ["a", "70 B", "model"]),
        ("gains 10 %, then", ["gains", "10 %,", "then"]),
        ("in 3 ms.", ["in", "3 ms."]),
        ("see Fig. 3 there", ["see", "Fig. 3", "there"]),
        ("see Table 2, too", ["see", "Table 2,", "too"]),
        ("see Section 4.1 there", ["see", "Section 4.1", "there"]),
        ("in Appendix B there", ["in", "Appendix B", "there"]),
        ("at layer 12 of Llama 2 models", ["at", "layer 12", "of", "Llama 2", "models"]),
        ("by One et al. (2024) first", ["by", "One et al. (2024)", "first"]),
        ("by A. One there", ["by", "A. One", "there"]),
        ("from 70M -> 2.8B params on", ["from", "70M -> 2.8B params", "on"]),
        ("at p < 0.05 only", ["at", "p < 0.05", "only"]),
        ("are 1) slow and 2) big", ["are", "1) slow", "and", "2) big"]),
        ("where $x + y$ is", ["where", "$x + y$", "is"]),
        ("the `pip list` call", ["the", "`pip list`", "call"]),
        ("one\u00a0two three", ["one\u00a0two", "three"]),
        ("this – or that", ["this –", "or", "that"]),
        ("at https://example.org/a-b/c.d?e=f,g there", ["at", "https://example.org/a-b/c.d?e=f,g", "there"]),
    ],
)
def test_units_stay_whole(text: str, wanted: list[str]) -> None:
    assert units(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It works well; it scales: yes, it truly does.", ["It works well;", "it scales:", "yes, it truly does."]),
        ("It needs 1) time and 2) money.", ["It needs", "1) time and", "2) money."]),
        ("A thing (one; two: three) is here.", ["A thing (one; two: three) is here."]),
    ],
)
def test_clauses_end_here(text: str, wanted: list[str]) -> None:
    assert pieces(text, Strength.CLAUSE) == wanted


def test_a_comma_after_an_opening_phrase_is_no_place_for_a_break() -> None:
    text = "In particular, the method holds, as they show."
    assert pieces(text, Strength.COMMA) == ["In particular, the method holds,", "as they show."]


def test_clauses_of_arabic_end_at_its_own_marks() -> None:
    text = "هذه طريقة جديدة حقا، وهي تعمل؛ لكنها بطيئة"
    assert pieces(text, Strength.COMMA) == ["هذه طريقة جديدة حقا،", "وهي تعمل؛", "لكنها بطيئة"]


@pytest.mark.parametrize("dash", ["—", " —", " –", " -"])
def test_a_dash_is_as_good_a_place_as_a_comma(dash: str) -> None:
    gap = " " if dash.startswith(" ") else ""
    text = f"The first old idea{dash}{gap}a good one{dash}{gap}works."
    assert pieces(text, Strength.COMMA) == [f"The first old idea{dash}", f"a good one{dash}", "works."]


def test_a_comma_in_brackets_is_no_place_for_a_break() -> None:
    text = "It uses many tools (probes, lenses, patching) at once, and well."
    assert pieces(text, Strength.COMMA) == ["It uses many tools (probes, lenses, patching) at once,", "and well."]


def test_a_hard_wrapped_line_is_weaker_than_a_sentence_end_and_stronger_than_a_comma() -> None:
    assert [at.strength for at in find_breaks("one\ntwo")] == [Strength.CLAUSE]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("这个，有效。", ["这个，", "有效。"]),
        ("它使用Transformer模型和70亿参数", ["它", "使用", "Transformer", "模型", "和", "70亿", "参数"]),
        ("人工知能の「解釈」を研究する", ["人工", "知能", "の", "「解釈」", "を", "研究", "する"]),
        ("😀การตีความโครงข่ายประสาทเทียม", ["😀", "การ", "ตีความ", "โครง", "ข่าย", "ประสาท", "เทียม"]),
        ("ปัญญา GPT-4 ทำงาน", ["ปัญญา", "GPT-4", "ทำงาน"]),
        ("ປັນຍາປະດິດເປັນ", ["ປັນຍາ", "ປະດິດ", "ເປັນ"]),
        ("បញ្ញាសិប្បនិម្មិតគឺជា", ["បញ្ញា", "សិប្បនិម្មិត", "គឺជា"]),
        ("သိပ္ပံပညာဖြစ်သည်", ["သိပ္ပံပညာ", "ဖြစ်သည်"]),
        ("བོད་ཀྱི་སྐད་ཡིག", ["བོད་", "ཀྱི་", "སྐད་", "ཡིག"]),
        ("인공지능은 어렵다", ["인공지능은", "어렵다"]),
    ],
)
def test_scripts_without_spaces_break_between_words(text: str, wanted: list[str]) -> None:
    assert units(text) == wanted


@pytest.mark.parametrize("address", ["https://ja.example.org/wiki/人工知能", "github.com/acme/a–b"])
def test_an_address_is_never_broken(address: str) -> None:
    assert units(f"見る {address} です") == ["見る", address, "です"]


def test_breaks_leave_out_nothing_but_white_space() -> None:
    text = "One  two\n\nthree\tfour — five。六 seven"
    assert "".join(pieces(text, Strength.CODE_POINT)).split() == "".join(text.split()).split()
