"""Tell a notice of withdrawal from talk about withdrawal.

A notice is a sentence of its own that says of the paper itself that its authors or arXiv have withdrawn it. It counts
anywhere in a comment; in an abstract it counts where the abstract is nothing else. A paper that was withdrawn from a
conference is alive. What only may be a notice is in doubt: then the paper stays, and people are shown the sentence.
https://info.arxiv.org/help/withdraw.html
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import chain
from typing import Final

from bot.arxiv import withdrawal_words as words

_REMEMBERED: Final = 4096
_LONGEST: Final = 4000
_SHORT: Final = 40  # words; an abstract of one sentence that says what a paper is about
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])[\"”’)\]]?\s+(?=[\"“(\[*]*[^\Wa-z\d_])|;\s+|(?<=[。！？])|\s(?:--+|\|)\s")
_PARTED: Final = re.compile(r"(?:\A|[,:;.!?(\[{*–—|]|(?<!\S)-+|\bpages|\bpp?\.?)\s*\Z", re.IGNORECASE)
_OF_VERSION: Final = re.compile(r"\b(?:version\s+|v\.?\s?)\d{1,2}\s*[:(,–—-]?\s*\Z", re.IGNORECASE)
_NAMED: Final = re.compile(r"arxiv:\s*\S+?[\s,(]*\Z", re.IGNORECASE)
_QUOTING: Final = re.compile(r"[\"“„«‘']\s*\Z")
_BY_OTHERS: Final = re.compile(r"\s*by\s", re.IGNORECASE)
_HAS_BEEN: Final = re.compile(r"\b(?:been|being|is|was|are|were)\b", re.IGNORECASE)
_CAUSE: Final = re.compile(
    r"\s*(?:because|due|owing|since|after|until|pending|following|as|for|in\s+light|in\s+view)\b", re.IGNORECASE
)
_OF: Final = re.compile(r"\b(?:of|in|from|with|for)\s*\Z", re.IGNORECASE)
_FROM: Final = re.compile(r"\s*(?:\w+ly\s+)?from\s+(?!(?:the\s+)?arxiv\b)", re.IGNORECASE)
_YET: Final = re.compile(r"\s*,?\s*but\b", re.IGNORECASE)
_PARTS: Final = re.compile(r"[,:–—]|\s-+\s")


class Place(Enum):
    """Where a text stands in an entry; ``SENTENCE`` is an abstract that is one short sentence and nothing else."""

    TITLE = auto()
    ABSTRACT = auto()
    COMMENT = auto()
    SENTENCE = auto()


_NOTHING_ELSE: Final = frozenset({Place.COMMENT, Place.SENTENCE})
"""Where words about the paper itself are a notice, whatever the reason that they give."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The sentence that says that a paper is withdrawn, or, where it is not ``certain``, that may say so."""

    sentence: str
    certain: bool


class _Kind(Enum):
    """What one sentence is."""

    NOTICE = auto()
    DOUBT = auto()
    OTHER = auto()


def find_notice(*, title: str, abstract: str, comment: str = "", version: int | None = None) -> Notice | None:
    """Return the notice of withdrawal in an entry's plain texts, a certain one before a doubtful one, None without any.

    ``version`` is the entry's own: "version 2 is withdrawn" is a notice in version 2, and history in version 3.
    """
    texts = ((title, Place.TITLE), (abstract, Place.ABSTRACT), (comment, Place.COMMENT))
    found = [notice for text, place in texts if (notice := read(text, place, version=version))]
    return min(found, key=lambda notice: not notice.certain, default=None)


def marks(notice: Notice | None) -> tuple[bool, str | None]:
    """Return what an announcement says of its notice: whether it is certain, and the sentence."""
    return (notice.certain, notice.sentence) if notice else (False, None)


@lru_cache(maxsize=_REMEMBERED)
def read(text: str, place: Place, *, version: int | None = None) -> Notice | None:
    """Return the notice in one text.

    1. Pass over texts without any word of a notice.
    2. Tell for each sentence whether it is a notice, may be one, or is something else.
    3. Take the first notice, else the first that may be one.
    4. It is certain in a comment, and elsewhere where the other sentences explain it or arXiv speaks, unless another
       sentence says that the paper is there again.
    """
    text = text[:_LONGEST]
    if not _is_worth_reading(text):
        return None
    if place is Place.TITLE and (words.LABELLED.fullmatch(text) or words.SHOUTED.match(text)):
        return Notice(text, certain=True)
    sentences = list(_sentences(text))
    if place is Place.ABSTRACT and len(sentences) == 1 and text.count(" ") < _SHORT:
        place = Place.SENTENCE
    kinds = [_kind(sentence, place, version) for sentence in sentences]
    kinds = [kind if kind is not _Kind.OTHER else _pronoun(sentences, at) for at, kind in enumerate(kinds)]
    wanted = _Kind.NOTICE if _Kind.NOTICE in kinds else _Kind.DOUBT
    if wanted not in kinds:
        return None
    at = kinds.index(wanted)
    alive = _is_alive(text, sentences[at + 1 :])
    if wanted is _Kind.DOUBT:
        return None if alive or _is_inside(at, sentences, place) else Notice(sentences[at], certain=False)
    others = [sentence for sentence, kind in zip(sentences, kinds, strict=True) if kind is not _Kind.NOTICE]
    alone = place in _NOTHING_ELSE or words.ADMIN.match(sentences[at]) or all(map(_explains, others))
    if not alone and _is_inside(at, sentences, place):
        return None
    return Notice(sentences[at], certain=bool(alone) and not alive)


def _pronoun(sentences: Sequence[str], at: int) -> _Kind:
    """Return what "It has been withdrawn" is: a notice where no other sentence is of another paper, or of research."""
    said = sentences[at]
    if not _is_worth_reading(said):
        return _Kind.OTHER
    if conclusion := words.SO_WE.search(said):
        return _conclusion(said[: conclusion.start()])
    match = words.PRONOUN.match(said)
    if match is None or _FROM.match(said, match.end()):
        return _Kind.OTHER
    agent = words.AGENT.match(said, match.end())
    if not words.FURTHER.match(said, agent.end() if agent else match.end()):
        return _Kind.OTHER
    others = [*sentences[:at], *sentences[at + 1 :]]
    own = all(_explains(other) and not words.OTHER_PAPER.search(other) for other in others)
    return _Kind.NOTICE if own else _Kind.DOUBT


def _conclusion(lead: str) -> _Kind:
    """Return what "..., so we withdraw it" is: a notice where the reason speaks of the paper."""
    if words.RESEARCH.search(lead) or words.OTHER_PAPER.search(lead) or not words.EXPLAINS.search(lead):
        return _Kind.OTHER
    return _Kind.NOTICE if words.OWN.search(lead) else _Kind.DOUBT


def _is_worth_reading(text: str) -> bool:
    lowered = text.lower()
    return any(stem in lowered for stem in words.STEMS)


def _is_inside(at: int, sentences: Sequence[str], place: Place) -> bool:
    """Say whether a sentence stands within an abstract: notices come first or last."""
    return place is Place.ABSTRACT and 0 < at < len(sentences) - 1


def _explains(sentence: str) -> bool:
    """Say whether a sentence may stand beside a notice: it gives reasons, and says nothing of research."""
    if words.RESEARCH.search(sentence):
        return False
    return bool(words.EXPLAINS.search(sentence) or words.FILLER.fullmatch(sentence))


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences, and the parts between semicolons; an abbreviation ends none."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if text[end.start() - 1 : end.start()] == "." and words.ABBREVIATED.search(text[start : end.start()]):
            continue
        if part := text[start : end.start()].strip():
            yield part
        start = end.end()
    if part := text[start:].strip():
        yield part


def _is_alive(text: str, following: Sequence[str]) -> bool:
    """Say whether something speaks for a paper that is there again."""
    if words.ALIVE.search(words.NOT_YET.sub("", text)):
        return True
    return any(words.ACCEPTED.match(sentence) for sentence in following)


def _kind(sentence: str, place: Place, version: int | None) -> _Kind:
    """Return what a sentence is: the strongest that one of its words makes of it."""
    if not _is_worth_reading(sentence):
        return _Kind.OTHER
    admin = words.ADMIN.match(sentence)
    said = sentence[admin.end() :] if admin else sentence
    found = set(_readings(said, place, version, by_arxiv=admin is not None))
    return next((kind for kind in _Kind if kind in found), _Kind.OTHER)


def _readings(said: str, place: Place, version: int | None, *, by_arxiv: bool) -> Iterator[_Kind]:
    """Yield what each of the forms of a notice makes of a sentence."""
    for match in chain(words.PASSIVE.finditer(said), words.ACTIVE.finditer(said)):
        yield _weigh(match, _before(match, place), place, by_arxiv=by_arxiv)
    for match in words.COMPOUND.finditer(said):
        if words.FAULT.search(match["between"]) and not words.RELATIVE.search(match["between"]):
            yield _weigh(match, _before(match, place), place, by_arxiv=by_arxiv)
    for match in words.BARE.finditer(said):
        yield _weigh_bare(match, place, by_arxiv=by_arxiv)
    for match in words.NUMBERED.finditer(said):
        yield _weigh_numbered(match, place, version, by_arxiv=by_arxiv)
    for match in words.FOREIGN.finditer(said):
        yield _Kind.NOTICE if not match.string[: match.start()].strip() else _Kind.DOUBT
    for match in words.HEDGED.finditer(said):
        elsewhere = words.ELSEWHERE.match(said, match.end())
        yield _Kind.OTHER if elsewhere or _before(match, place) is _Kind.OTHER else _Kind.DOUBT


def _lead(match: re.Match[str]) -> str:
    """Return the words before a notice, without those that only announce it."""
    opening = words.OPENING.match(match.string, 0, match.start())
    return match.string[opening.end() if opening else 0 : match.start()]


def _before(match: re.Match[str], place: Place) -> _Kind:
    """Return what the words before a notice leave of it.

    They may announce it, name the reason, or say in a comment how long the paper is. Words of another paper, a
    subordinate clause or a quotation mark make it no notice.
    """
    lead = _lead(match)
    if words.FILLER.fullmatch(lead) and not _OF.search(lead):
        return _Kind.OTHER if _QUOTING.search(lead) and len(lead) > 1 else _Kind.NOTICE
    if _OF.search(lead) or _QUOTING.search(lead) or words.RESEARCH.search(lead):
        return _Kind.OTHER
    of_another = words.OTHER_PAPER.search(lead)
    reason = words.BECAUSE.match(lead)
    if reason and not of_another and (words.FAULT.search(lead) or not words.RELATIVE.search(lead, reason.end())):
        return _Kind.NOTICE
    if not words.SEPARATED.search(lead):
        return _Kind.OTHER
    own = not match["self"].casefold().startswith("the ")
    if not of_another and ((words.EXPLAINS if own else words.FAULT).search(lead) or (own and place in _NOTHING_ELSE)):
        return _Kind.NOTICE
    return _Kind.DOUBT


def _weigh(match: re.Match[str], before: _Kind, place: Place, *, by_arxiv: bool) -> _Kind:
    """Return what a sentence is whose words say of the paper itself that it is withdrawn."""
    tail = match.string[match.end() :]
    agent = words.AGENT.match(tail)
    after = tail[agent.end() :] if agent else tail
    if words.ELSEWHERE.match(after) or words.ELSEWHERE.match(tail):
        return _Kind.DOUBT if "retract" in match[0].casefold() and before is _Kind.NOTICE else _Kind.OTHER
    if not words.FURTHER.match(after):
        by_others = _BY_OTHERS.match(after) and _HAS_BEEN.search(match[0])
        return _Kind.DOUBT if by_others and before is _Kind.NOTICE else _Kind.OTHER
    if before is not _Kind.NOTICE:
        return before
    owned = agent is not None or by_arxiv or words.BY_OWNER.match(match[0]) is not None
    if match.groupdict().get("weak") and not owned:
        return _weigh_weak(match, after, place)
    by_arxiv = by_arxiv or words.BY_ARXIV.search(agent[0] if agent else "") is not None
    return _weigh_rest(match, tail, after, place, by_arxiv=by_arxiv)


def _weigh_rest(match: re.Match[str], tail: str, after: str, place: Place, *, by_arxiv: bool) -> _Kind:
    """Return what a notice is by how it goes on: after its verb (``tail``), and after who withdrew (``after``)."""
    bare = "self" not in match.groupdict()
    if (place is Place.TITLE and _PARTS.search(after)) or (bare and _YET.match(after)):
        return _Kind.DOUBT
    explained = _explained(after, wholly=bare) or (after != tail and _explained(tail, wholly=bare))
    said_of_paper = place is Place.COMMENT or (place is Place.SENTENCE and not bare)
    return _Kind.NOTICE if said_of_paper or by_arxiv or explained else _Kind.DOUBT


def _weigh_weak(match: re.Match[str], after: str, place: Place) -> _Kind:
    """Return what a sentence is that says "removed" and not by whom: much is removed of which papers speak."""
    if words.FAULT.search(after) and (place in _NOTHING_ELSE or _explained(after, wholly=True)):
        return _Kind.NOTICE
    return _Kind.DOUBT if re.match("(?:this|our|my) ", match[0], re.IGNORECASE) else _Kind.OTHER


def _explained(after: str, *, wholly: bool) -> bool:
    """Say whether what follows gives a reason, as in a notice; ``wholly``: in each of its parts."""
    parts = [part for part in _PARTS.split(after) if any(map(str.isalpha, part))]
    reasons = [words.EXPLAINS.search(part) is not None for part in parts]
    if any(map(words.RESEARCH.search, parts)):
        return False
    if not parts or (wholly and len(parts) > 1):
        return all(reasons)
    return any(reasons) or _CAUSE.match(parts[0]) is not None


def _weigh_bare(match: re.Match[str], place: Place, *, by_arxiv: bool) -> _Kind:
    """Return what a sentence is that says "withdrawn" without a subject: alone, or after the number of pages."""
    lead = _lead(match)
    if not _PARTED.search(lead) or _OF_VERSION.search(lead):
        return _Kind.OTHER
    if words.FILLER.fullmatch(lead):
        kind = _weigh(match, _Kind.NOTICE, place, by_arxiv=by_arxiv)
        return _Kind.DOUBT if kind is _Kind.NOTICE and place is Place.TITLE and match["noun"] else kind
    if place is not Place.COMMENT or match["weak"] or words.OTHER_PAPER.search(lead) or _NAMED.search(lead):
        return _Kind.OTHER
    faulty = words.FAULT.search(lead) and not words.RELATIVE.search(lead)
    return _weigh(match, _Kind.NOTICE if faulty else _Kind.DOUBT, place, by_arxiv=by_arxiv)


def _weigh_numbered(match: re.Match[str], place: Place, version: int | None, *, by_arxiv: bool) -> _Kind:
    """Return what a sentence is that names a version: an earlier one is history."""
    number = int(match["number"] or match["named"])
    if version is None or number > version:
        return _weigh(match, _Kind.DOUBT, place, by_arxiv=by_arxiv)
    return _weigh(match, _Kind.NOTICE, place, by_arxiv=by_arxiv) if number == version else _Kind.OTHER
