"""Find stored papers by words, or by their likeness to one of them.

Reads only. ``search`` asks the store's index which papers may have the words, and looks at their texts: what counts as
a word is decided here alone. It stops once it has more than it shows and counts. ``similar`` reads all texts, which
takes a few seconds at most for 40,000 papers.
"""

import heapq
import math
import string
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.curation.context import locate
from bot.curation.similar_picks import rarity_now
from bot.curation.similarity import Rarity, Vector, cosine, in_common
from bot.domain.channels import Channel
from bot.domain.errors import UsageError
from bot.domain.folding import begins_a_word, folded
from bot.domain.listing import Listing
from bot.domain.papers import ArxivId
from bot.domain.states import CandidateState
from bot.intake.versions import to_paper
from bot.store.database import Database
from bot.store.learning_tables import KnownPick, still_picks
from bot.store.search_index import Filed, all_papers, may_have
from bot.store.tables import Candidate, PaperRow

PICKED: Final = (CandidateState.APPROVED, CandidateState.PUBLISHING, CandidateState.PUBLISHED)

_COUNTED: Final = 50  # papers that are found in any case, to say how many there are

_IN_PORTIONS: Final = {"yield_per": 1_000}  # rows: all texts at once would take hundreds of megabytes
_NAMED_AT_ONCE: Final = 1_000  # databases bound how many values a query may name
_SPACES: Final = str.maketrans(string.punctuation, " " * len(string.punctuation))
_COMMON: Final = 0.1  # a word that more of the papers have says nothing about likeness
_COMPARED: Final = 300  # papers with the rarest words in common, which are compared as a whole
_SHARED: Final = 5  # words and phrases that are named for a likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stored paper that was found; ``id`` and ``state`` are None where it is no candidate of the channel."""

    id: int | None
    arxiv_id: str
    title: str
    authors: tuple[str, ...]
    announced: date | None
    categories: tuple[str, ...]
    state: CandidateState | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class _Hit:
    """A paper that has all words; ``in_title``: its title alone has them."""

    arxiv_id: str
    in_title: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike(Found):
    """A paper that is like another: how much, from 0 to 1, and the words and phrases that weigh most in it."""

    likeness: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Similar:
    """The stored papers and the channel's picks that are most like one paper.

    ``picks_not_stored`` counts the picks that were imported and of whose papers nothing but the title is known.
    """

    arxiv_id: str
    title: str
    similar: Listing[Alike]
    picks: Listing[Alike]
    picks_not_stored: int


def search(database: Database, channel: Channel, words: Sequence[str], *, limit: int | None) -> Listing[Found]:
    """Return the papers that have all words in title, abstract, authors or id: all in the title first, then the newest.

    A word is found where one begins, whatever its case and accents. More than fifty, or than the limit where that
    is higher, are not counted. Raises UsageError when no word is given.
    """
    wanted = _ids_in(words) or [word for given in words for word in folded(given).split()]
    if not wanted:
        raise UsageError("nothing to look for: give words of a title or an abstract, or a name")
    with database.reading() as session:
        most = None if limit is None else max(limit, _COUNTED) + 1
        hits, more = _hits(session, wanted, most=most)
        shown = _described(session, channel, [hit.arxiv_id for hit in hits[:limit]])
        return Listing(shown, total=len(hits), more=more)


def _ids_in(words: Sequence[str]) -> list[str]:
    """Return the arXiv id that the words are, in any form that people paste; nothing where they are no id."""
    try:
        return [str(ArxivId.parse(" ".join(words)))]
    except ValueError:
        return []


def _hits(session: Session, wanted: Sequence[str], *, most: int | None) -> tuple[list[_Hit], bool]:
    """Return the papers that have all words, those first whose titles alone have them, then the newest.

    Says, too, whether there are more than ``most``. Where the index cannot tell anything, all texts are read.
    """
    by_title, by_text = (may_have(session, wanted, in_title=in_title) for in_title in (True, False))
    if by_title is None or by_text is None:
        return sorted(_among(all_papers(session), wanted), key=_beside_titles), False
    titles = (_Hit(paper.arxiv_id, in_title=True) for paper in by_title if _have(folded(paper.title), wanted))
    found: dict[str, _Hit] = {}
    for hit in chain(titles, _among(by_text, wanted)):
        if found.setdefault(hit.arxiv_id, hit) is hit and len(found) == most:
            return sorted(list(found.values())[:-1], key=_beside_titles), True
    return sorted(found.values(), key=_beside_titles), False


def _among(papers: Iterable[Filed], wanted: Sequence[str]) -> Iterator[_Hit]:
    """Yield those papers that have all words."""
    for paper in papers:
        name = folded(paper.title)
        text = "\n".join([name, folded(paper.abstract), folded(", ".join(paper.authors)), paper.arxiv_id])
        if _have(text, wanted):
            yield _Hit(paper.arxiv_id, in_title=_have(name, wanted))


def _have(text: str, words: Sequence[str]) -> bool:
    return all(begins_a_word(text, word) for word in words)


def _beside_titles(hit: _Hit) -> bool:
    return not hit.in_title


def _described(session: Session, channel: Channel, arxiv_ids: Sequence[str]) -> list[Found]:
    papers: dict[str, PaperRow] = {}
    candidates: dict[str, Candidate] = {}
    for start in range(0, len(arxiv_ids), _NAMED_AT_ONCE):
        named = arxiv_ids[start : start + _NAMED_AT_ONCE]
        rows = session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(named)))
        papers.update((row.arxiv_id, row) for row in rows)
        own = select(Candidate).where(Candidate.channel == channel.name, col(Candidate.arxiv_id).in_(named))
        candidates.update((row.arxiv_id, row) for row in session.exec(own))
    return [_item(papers[arxiv_id], candidates.get(arxiv_id)) for arxiv_id in arxiv_ids]


def _item(paper: PaperRow, candidate: Candidate | None) -> Found:
    return Found(
        id=candidate.id if candidate else None,
        arxiv_id=paper.arxiv_id,
        title=paper.title,
        authors=tuple(paper.authors),
        announced=paper.announced,
        categories=tuple(paper.categories),
        state=candidate.state if candidate else None,
        withdrawn=paper.withdrawn,
    )


def similar(database: Database, channel: Channel, text: str, *, limit: int) -> Similar:
    """Return the stored papers most like the one that an ID names, and the channel's picks most like it.

    A likeness is between 0 and 1, by the same measure that marks candidates which are like a pick. Raises
    UnknownPaperError when the ID names nothing.
    """
    with database.reading() as session:
        row, _ = locate(session, channel, text)
        library = _read_through(session, frozenset(_words(f"{row.title} {row.abstract}")))
        measure = rarity_now(session)
        target = _Target(row.arxiv_id, measure.vector(to_paper(row)), measure)
        picks = _picks(session, channel)
        return Similar(
            row.arxiv_id,
            row.title,
            similar=_most_like(session, channel, target, among=library.nearest(), limit=limit),
            picks=_most_like(session, channel, target, among=picks, limit=limit),
            picks_not_stored=len(picks) - _count_stored(session, picks),
        )


def _picks(session: Session, channel: Channel) -> set[str]:
    """Return what the channel has picked, here or before it came here."""
    own = select(Candidate.arxiv_id).where(Candidate.channel == channel.name, col(Candidate.state).in_(PICKED))
    known = select(KnownPick.arxiv_id).where(KnownPick.channel == channel.name, still_picks())
    return {*session.exec(own), *session.exec(known)}


def _count_stored(session: Session, names: Collection[str]) -> int:
    stored = select(func.count()).select_from(PaperRow).where(col(PaperRow.arxiv_id).in_(names))
    return session.exec(stored).one()


@dataclass(frozen=True, slots=True)
class _Library:
    """What was counted while all papers were read: how many have each word, and which have which word of one paper."""

    papers: Sequence[str]
    having: Mapping[str, int]
    places: Mapping[str, "array[int]"]

    def rarity(self, word: str) -> float:
        """Return how much a word weighs; one that no other paper has weighs most."""
        return math.log((1 + len(self.papers)) / (1 + self.having.get(word, 0)))

    def nearest(self) -> set[str]:
        """Return the papers that share the rarest words."""
        shared = [0.0] * len(self.papers)
        for word, places in self.places.items():
            if len(places) <= max(_COMMON * len(self.papers), _COMPARED):
                weight = self.rarity(word) ** 2
                for place in places:
                    shared[place] += weight
        best = heapq.nlargest(_COMPARED, range(len(shared)), key=shared.__getitem__)
        return {self.papers[place] for place in best if shared[place]}


def _read_through(session: Session, words: Collection[str]) -> _Library:
    """Read all papers once; ``words`` are those of the paper for which others are sought."""
    papers: list[str] = []
    having: Counter[str] = Counter()
    places = {word: array("i") for word in words}
    query = select(PaperRow.arxiv_id, PaperRow.title, PaperRow.abstract)
    for arxiv_id, title, abstract in session.exec(query, execution_options=_IN_PORTIONS):
        found = set(_words(f"{title} {abstract}"))
        having.update(found)
        for word in found & places.keys():
            places[word].append(len(papers))
        papers.append(arxiv_id)
    return _Library(papers, having, places)


def _words(text: str) -> list[str]:
    return text.casefold().translate(_SPACES).split()


@dataclass(frozen=True, slots=True)
class _Target:
    """The paper to which others are compared, and by what measure."""

    arxiv_id: str
    vector: Vector
    measure: Rarity


def _most_like(
    session: Session, channel: Channel, target: _Target, *, among: Collection[str], limit: int
) -> Listing[Alike]:
    others = select(PaperRow).where(col(PaperRow.arxiv_id).in_(among), PaperRow.arxiv_id != target.arxiv_id)
    compared = [_compared(target, row) for row in session.exec(others)]
    best = heapq.nsmallest(limit, compared, key=lambda item: (-item[1], item[0]))
    papers = _described(session, channel, [arxiv_id for arxiv_id, *_ in best])
    shown = (_alike(paper, likeness, shared) for paper, (_, likeness, shared) in zip(papers, best, strict=True))
    return Listing(shown, total=len(compared))


def _compared(target: _Target, row: PaperRow) -> tuple[str, float, list[str]]:
    vector = target.measure.vector(to_paper(row))
    return row.arxiv_id, cosine(target.vector, vector), in_common(target.vector, vector, most=_SHARED)


def _alike(paper: Found, likeness: float, shared: Sequence[str]) -> Alike:
    """Return a paper of the result with how alike it is and the words that both have."""
    return Alike(
        id=paper.id,
        arxiv_id=paper.arxiv_id,
        title=paper.title,
        authors=paper.authors,
        announced=paper.announced,
        categories=paper.categories,
        state=paper.state,
        withdrawn=paper.withdrawn,
        likeness=round(min(likeness, 1.0), 3),
        shared=tuple(shared),
    )
