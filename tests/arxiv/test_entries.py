"""What entries say in words of their own, whoever wrote them: notices of withdrawal."""

import pytest

from bot.arxiv.entries import tells_withdrawal


@pytest.mark.parametrize(
    "words",
    [
        "Withdrawn.",
        "Withdrawn by the authors due to an error",
        "This submission has been removed by arXiv administrators because of a copyright claim",
        "arXiv admin note: This paper has been withdrawn by arXiv",
        "The authors have withdrawn this paper",
    ],
)
def test_a_notice_of_withdrawal_is_known(words: str) -> None:
    assert tells_withdrawal(words)


@pytest.mark.parametrize(
    "words",
    [
        "Withdrawn from ICLR 2024; now under review",
        "This paper was withdrawn from NeurIPS 2023 and is accepted at ACL 2024",
        "This submission was withdrawn from EMNLP",
        "Withdrawn residents of care homes speak less.",
        "The authors have withdrawn from the shared task.",
    ],
)
def test_what_was_withdrawn_from_elsewhere_is_alive(words: str) -> None:
    assert not tells_withdrawal(words)
