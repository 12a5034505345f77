"""What somebody wrote becomes a verb of the registry and its values, as its signature says it.

Pure. Whatever is not clear is refused with a line that says what to write: nothing is done by a slip.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from bot.curation.context import UnknownPaperError, parse_id
from bot.domain.errors import UsageError
from bot.interfaces.chat.grammar import Scanner, Token
from bot.interfaces.commands import VERBS, Argument, Follows, Option, Parameter, Verb

_HELP: Final = frozenset({"help", "?"})
_PAPER: Final = "paper"
_SHORT_NOTE: Final = 5
"""Fewer words than these, in answer to the wish for a note, are more likely a remark: "never mind", "not now"."""

_MOST_PAPERS: Final = 50
_QUOTED: Final = 40


@dataclass(frozen=True, slots=True)
class About:
    """The paper that a message answers a card of; ``asks_note`` says that the card asked for its note."""

    arxiv_id: str
    number: int | None = None
    asks_note: bool = False


@dataclass(frozen=True, slots=True)
class Help:
    """The wish for help, about one verb or about all."""

    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A verb with its values; several ``calls`` where several papers are named."""

    verb: Verb
    calls: tuple[Mapping[str, Any], ...]


Said = Help | Run


def parse(text: str, *, about: About | None = None) -> Said:
    """Read a message; raise UsageError, saying what to write, where it cannot be meant."""
    scanner = Scanner(text)
    first = scanner.peek()
    if first is not None and first.word.lstrip("/") == "picks":
        scanner.skip(first)
        first = scanner.peek()
    if first is None:
        raise UsageError("I read words alone, and there are none; help lists those that I know")
    name = first.word.lstrip("/").rstrip(":")
    if name not in VERBS and name not in _HELP:
        return _without_verb(text, first, scanner, about)
    scanner.skip(first)
    if name in _HELP:
        return Help(scanner.rest.lower() or None)
    _require_one_command(text)
    return _Reading(VERBS[name], scanner, about, colon=first.value.endswith(":")).run()


def _without_verb(text: str, first: Token, scanner: Scanner, about: About | None) -> Said:
    """Read a message that begins with no verb: a paper alone, or the note that was asked for."""
    scanner.skip(first)
    if not scanner.rest and _is_id(first):
        return about_paper(VERBS["show"], _id(first))
    if about is not None and about.asks_note:
        if len(text.split()) < _SHORT_NOTE:
            raise UsageError(f"{_quote(text)} is short for a note, so nothing was done; if it is one: approve: {text}")
        _require_one_command(text)
        return about_paper(VERBS["approve"], about.arxiv_id, note=text.strip())
    near = get_close_matches(first.word, [*VERBS, "help"], n=1, cutoff=0.7)
    meant = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"I do not know {_quote(first.value)}; {meant}help lists what I understand")


_AND_ANOTHER: Final = re.compile(r"(?:and|&|,)\s*#?\d", re.IGNORECASE)
"""What joins one more paper to a list of them, in words of people."""


def _require_one_command(text: str) -> None:
    verbs = "|".join(map(re.escape, [*VERBS, *_HELP]))
    if re.search(rf"\n\s*(?:/|picks\s+)?(?:{verbs})(?:\s+#?\d|[ \t]*(?:\n|\Z))", text, re.IGNORECASE):
        raise UsageError("one command a message, please: nothing of it was done")


class _Reading:
    """One verb being read."""

    def __init__(self, verb: Verb, scanner: Scanner, about: About | None, *, colon: bool) -> None:
        self._verb, self._scanner, self._about = verb, scanner, about
        self._values: dict[str, Any] = {}
        self._colon = colon
        self._options = {item.name: item for item in verb.parameters if isinstance(item.form, Option)}
        arguments = [item for item in verb.parameters if isinstance(item.form, Argument)]
        self._paper = next((item for item in arguments if item.name == _PAPER), None)
        self._words = next((item for item in arguments if item.name != _PAPER), None)
        self._follows = next((item for item in self._options.values() if _follows(item)), None)

    def run(self) -> Run:
        self._take_options()
        papers = self._take_papers(self._paper) if self._paper else []
        marked = self._scanner.skip_colon() or self._scanner.breaks_line or self._colon
        if self._words:
            self._take_words(self._words)
        elif self._follows and (marked or self._takes_words(self._follows)):
            self._take_words(self._follows)
        self._take_options(bare=True)
        if self._scanner.rest:
            raise UsageError(f"{_quote(self._scanner.rest)} is too much; {self._how()}")
        missing = [item.name for item in self._options.values() if item.required and item.name not in self._values]
        if missing:
            raise UsageError(f"{self._verb.name} needs more; {self._how()}")
        return Run(self._verb, self._calls(papers))

    def _calls(self, papers: list[str]) -> tuple[Mapping[str, Any], ...]:
        if self._paper is None or not papers:
            return (self._values,)
        if _is_list(self._paper):
            return tuple({**self._values, _PAPER: [paper]} for paper in papers)
        return ({**self._values, _PAPER: papers[0]},)

    def _take_papers(self, paper: Parameter) -> list[str]:
        found: list[str] = []
        most = _MOST_PAPERS if _is_list(paper) else 1
        bare = 0
        while len(found) < most and (token := self._scanner.peek()) and _is_id(token):
            if found and self._takes_date and _is_day(token):
                break
            self._scanner.skip(token)
            found.append(_id(token))
            bare += found[-1].isdecimal() and len(found) > 1
            self._colon = token.value.endswith(":")
            if self._colon:
                break
        if found and most > 1 and _AND_ANOTHER.match(self._scanner.rest):
            raise UsageError(
                f"{_quote(self._scanner.rest)} looks like another paper, so nothing was done; {self._how()}"
            )
        if bare and self._scanner.rest and self._reads_on():
            raise UsageError(
                f"I cannot tell papers from words there, so nothing was done; write {self._verb.name} "
                f"{' '.join(found)}: and then the words, or #{found[0]} #{found[1]} and so on"
            )
        if self._about is not None:
            return self._in_answer(found, self._about)
        if not found and paper.required:
            raise UsageError(f"which paper? {self._how()}; or answer the message about it")
        return found

    @property
    def _takes_date(self) -> bool:
        """Say whether what follows the papers is a date."""
        return self._follows is not None and getattr(self._follows.form, "value", None) == "DATE"

    def _reads_on(self) -> bool:
        """Say whether free words follow the papers, with nothing between: a bare number may be the first of them."""
        marked = self._colon or self._scanner.breaks_line or self._scanner.rest.startswith(":")
        return self._follows is not None and not marked and not self._takes_date and self._takes_words(self._follows)

    def _in_answer(self, found: list[str], about: About) -> list[str]:
        """Return the papers of an answer to a card; a bare number that is not the card's could be anything."""
        for paper in found:
            if paper.isdecimal() and int(paper) != about.number:
                raise UsageError(
                    f"you answered the message about #{about.number} and wrote {paper}; nothing was done: write "
                    f"#{paper} if you mean that paper, or #{about.number} first"
                )
        return found or [about.arxiv_id]

    def _take_words(self, item: Parameter) -> None:
        """Take the words that follow, but for options behind them."""
        for name, value in self._scanner.cut_options([name for name in self._options if name != item.name]):
            self._set(self._options[name], value)
        text = self._scanner.rest
        if not text:
            if item.required and isinstance(item.form, Argument):
                raise UsageError(f"{self._verb.name} needs words; {self._how()}")
            return
        if text == "-":
            raise UsageError(f"a - alone is no text; {self._how()}")  # in the shell it is standard input
        self._values[item.name] = text.split() if _is_list(item) else text
        self._scanner.finish()

    def _takes_words(self, item: Parameter) -> bool:
        """Say whether the words that stand here are an option without its name."""
        token = self._scanner.peek()
        named = token is not None and (token.option(self._options) is not None or token.word in self._options)
        return _follows(item) is Follows.WORDS and not named

    def _take_options(self, *, bare: bool = False) -> None:
        """Take the options that stand here; ``bare`` ones need no dashes."""
        while token := self._scanner.peek():
            found = token.option(self._options)
            if found is None and bare and token.word in self._options:
                found = (token.word, None)
            if found is None:
                return
            self._scanner.skip(token)
            item = self._options[found[0]]
            if _base(item.type) is bool:
                self._values[item.name] = True
            else:
                self._set(item, found[1] if found[1] is not None else self._option_value(item))

    def _option_value(self, item: Parameter) -> str:
        """Return what stands behind an option; all of it up to the next where no other words can follow."""
        first = self._scanner.peek()
        if first is None or (first.option(self._options) and not first.quoted):
            raise UsageError(f"--{item.name.replace('_', '-')} needs a value; {self._how()}")
        self._scanner.skip(first)
        if self._words or first.quoted or _base(item.type) is not str:
            return first.value
        words = [first.value]
        while (token := self._scanner.peek()) and not token.option(self._options) and not token.quoted:
            self._scanner.skip(token)
            words.append(token.value)
        return " ".join(words)

    def _set(self, item: Parameter, value: str) -> None:
        if item.name in self._values:
            raise UsageError(f"--{item.name.replace('_', '-')} stands there twice; {self._how()}")
        self._values[item.name] = _converted(item, value)

    def _how(self) -> str:
        return f"write {usage(self._verb)}"


def usage(verb: Verb) -> str:
    """Return how a verb is written in a message."""
    parts = [verb.name]
    for item in verb.parameters:
        name = "ID" if item.name == _PAPER else item.name.upper()
        if isinstance(item.form, Argument):
            parts.append(f"{name} …" if _is_list(item) and item.name == _PAPER else name)
        elif _follows(item) is Follows.WORDS:
            parts.append(name)
        elif _follows(item) is Follows.COLON:
            parts[-1] += f"[: {name}]"
    return " ".join(parts)


def _follows(item: Parameter) -> Follows | None:
    return item.form.follows if isinstance(item.form, Option) else None


def _is_id(token: Token) -> bool:
    try:
        parse_id(_id(token))
    except UnknownPaperError:
        return False
    return not token.quoted


def _is_day(token: Token) -> bool:
    """Say whether a number is a day of this century without its dashes, 20261201."""
    try:
        return _id(token).startswith("20") and bool(date.fromisoformat(_id(token)))
    except ValueError:
        return False


def _id(token: Token) -> str:
    return token.value.strip(".,;:!")


def _is_list(item: Parameter) -> bool:
    return get_origin(_base(item.type)) is list


def _base(kind: Any) -> Any:
    """Return a type without its None."""
    if get_origin(kind) in {Union, UnionType}:
        return next(item for item in get_args(kind) if item is not type(None))
    return kind


def _converted(item: Parameter, value: str) -> Any:
    kind = _base(item.type)
    if kind is int:
        if not value.isdecimal():
            raise UsageError(f"--{item.name} is a number, and {_quote(value)} is none")
        return int(value[:9])
    if isinstance(kind, type) and issubclass(kind, Enum):
        known = {str(member.value): member for member in kind}
        if value.lower() not in known:
            raise UsageError(f"--{item.name} is one of {', '.join(known)}, and not {_quote(value)}")
        return known[value.lower()]
    return value


def _quote(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= _QUOTED else line[: _QUOTED - 1] + '…'}”"


def about_paper(verb: Verb, arxiv_id: str, **values: Any) -> Run:
    """Return a verb about one paper, as if it had been written."""
    [paper] = [item for item in verb.parameters if item.name == _PAPER]
    return Run(verb, ({**values, _PAPER: [arxiv_id] if _is_list(paper) else arxiv_id},))
