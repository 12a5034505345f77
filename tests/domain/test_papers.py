"""arXiv ids in every form in which people paste them."""

import pytest

from bot.domain.papers import AnnounceType, ArxivId, split_id


@pytest.mark.parametrize(
    "text",
    [
        "2412.11965",
        "2412.11965v2",
        "arXiv:2412.11965v2",
        "arxiv: 2412.11965",
        "oai:arXiv.org:2412.11965v1",
        "https://arxiv.org/abs/2412.11965",
        "http://www.arxiv.org/abs/2412.11965v3?context=cs",
        "https://arxiv.org/pdf/2412.11965v2.pdf",
        "https://arxiv.org/html/2412.11965v1#S3",
        "  arxiv.org/abs/2412.11965/ ",
        "https://doi.org/10.48550/arXiv.2412.11965",
        "http://dx.doi.org/10.48550/ARXIV.2412.11965",
        "doi.org/10.48550/arxiv.2412.11965",
        "doi:10.48550/arXiv.2412.11965",
        "DOI: 10.48550/arXiv.2412.11965",
        "10.48550/arXiv.2412.11965",
        "arXiv:2412.11965v1 [cs.CL]",
        "arXiv:2412.11965v1  [cs.CL]  16 Dec 2024",
        "2412.11965 [cs.CL]",
        "[2412.11965]",
        "<https://arxiv.org/abs/2412.11965>.",
        "(arXiv:2412.11965)",
        "arXiv 2412.11965",
        "arXiv preprint arXiv:2412.11965 (2024)",
        "arXiv preprint arXiv:2412.11965, 2024.",
        "https://arxiv.org/abs/arXiv:2412.11965",
        "abs/arXiv:2412.11965v1",
        "abs/2412.11965",
        "html/2412.11965v2",
        "https://export.arxiv.org/e-print/2412.11965",
        "https://ar5iv.labs.arxiv.org/html/2412.11965",
        "https://ar5iv.org/abs/2412.11965v1",
        "https://www.alphaxiv.org/abs/2412.11965",
        "alphaxiv.org/ja/overview/2412.11965v3",
        "https://huggingface.co/papers/2412.11965",
        "hf.co/papers/2412.11965#community",
        "https://www.semanticscholar.org/arxiv/2412.11965",
        "https://scirate.com/arxiv/2412.11965",
        "https://papers.cool/arxiv/2412.11965",
        "https://www.doi.org/10.48550/arXiv.2412.11965",
        "HTTPS://ARXIV.ORG/ABS/2412.11965V2",
        "//arxiv.org//abs/2412.11965",
        "/abs/2412.11965",
        "https://arxiv.org/html/2412.11965v1/x1.png",
        "https://doi.org/10.48550%2FarXiv.2412.11965",
        "https://arxiv.org/abs/2412.11965%20",
        "https://api.semanticscholar.org/arXiv:2412.11965",
        "https://ui.adsabs.harvard.edu/abs/arXiv:2412.11965",
        "https://inspirehep.net/arxiv/2412.11965",
        "https://www.connectedpapers.com/main/arxiv/2412.11965",
        "arXiv e-prints, arXiv:2412.11965",
        "CoRR, abs/2412.11965, 2024",
        "eprint arXiv:2412.11965",
        "arXiv.2412.11965",
        "2412.11965v1 (cs.CL)",
        "`2412.11965`",
        "*2412.11965*:",
        "[2412.11965] Probing Attention Heads, 2nd Part",
        "\ufeff2412.\u200b11965\u00a0",
        "ａｒＸｉｖ：２４１２．１１９６５",
    ],
)
def test_every_form_names_the_same_paper(text: str) -> None:
    assert ArxivId.parse(text) == ArxivId("2412.11965")


@pytest.mark.parametrize(
    "text",
    ["nlin/0408039", "arXiv:nlin/0408039v1", "https://arxiv.org/abs/nlin/0408039", "doi:10.48550/arXiv.nlin/0408039"],
)
def test_ids_of_the_old_scheme_are_read_too(text: str) -> None:
    assert ArxivId.parse(text) == ArxivId("nlin/0408039")


@pytest.mark.parametrize(
    "text",
    [
        "MATH.GT/0309136",
        "math.gt/0309136v2",
        "https://arxiv.org/abs/Math.GT/0309136",
        "arXiv:math.GT/0309136v1 8 Sep 2003",
        "math/0309136",
        "MATH/0309136v3",
        "https://arxiv.org/pdf/math.gt/0309136v1.pdf",
        "doi:10.48550/arXiv.math.GT/0309136",
    ],
)
def test_an_id_of_the_old_scheme_in_any_case_and_with_its_subject_class_is_one_paper(text: str) -> None:
    assert ArxivId.parse(text) == split_id(text)[0] == ArxivId("math/0309136")
    assert ArxivId.parse(text.upper()) == ArxivId("math/0309136")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "٢٤١٢.١١٩٦٥",
        "2412.11965 2412.11966",
        "https://huggingface.co/datasets/2412.11965",
        "https://arxiv.org.example.org/abs/2412.11965",
        "https://example.org/?u=arxiv.org/abs/2412.11965",
        "2413.00001",
        "2412.1",
        "https://example.org/abs/2412.11965",
        "2412.11965 x",
        "10.48550/2412.11965",
        "https://doi.org/2412.11965",
        "https://doi.org/10.1000/arXiv.2412.11965",
        "doi:2412.11965",
        "arxiv.org/0309136",
        "example.GT.org/0309136",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 2412\.11965"):
        ArxivId.parse(text)


@pytest.mark.parametrize(("text", "version"), [("2412.11965", 1), ("2412.11965v7", 7), ("nlin/0408039v12", 12)])
def test_the_version_is_what_the_id_carries(text: str, version: int) -> None:
    assert split_id(text)[1] == version


def test_new_and_cross_listed_papers_are_seen_for_the_first_time() -> None:
    assert [kind for kind in AnnounceType if kind.first_seen] == [AnnounceType.NEW, AnnounceType.CROSS]
