"""What a verb is: a function whose name, docstring and signature say how people call it.

Loads nothing that a verb works with, so that help and completion cost little. A verb imports its use case when it runs.
"""

import inspect
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin

from bot.domain.roles import Role

if TYPE_CHECKING:
    from bot.curation.context import Context
    from bot.publishing.sender import Outbox


@dataclass(frozen=True)
class Call:
    """What a verb works with; each is made when it is asked for.

    ``choose`` returns the context of the one channel that is meant, and raises PicksError where it could be several;
    ``every`` returns a context for each channel that is meant; ``outbox`` returns what sends. ``busy`` shows some words
    while its block takes its time. ``seen`` is the note that the person had before their eyes while they wrote another
    one, None where nobody knows.
    """

    choose: "Callable[[], Context]"
    every: "Callable[[], Sequence[Context]]"
    outbox: "Callable[[], Outbox]"
    busy: Callable[[str], AbstractContextManager[object]] = nullcontext
    seen: str | None = None

    @cached_property
    def context(self) -> "Context":
        """Return the context of the channel that is meant, always the same; raise PicksError when that is unclear."""
        return self.choose()


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that stands by its place."""

    help: str


class Follows(StrEnum):
    """Where people who write no options give one: as the words that follow, or behind a colon.

    A colon is for what must not be taken for a slip of the finger.
    """

    WORDS = "words"
    COLON = "colon"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that stands behind ``--name``; ``value`` is what the help calls it, if its type does not say it.

    ``follows`` says how the chat takes it without its name.
    """

    help: str
    value: str | None = None
    follows: Follows | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a verb answers: ``data``, a view or a list of views, and ``summary``, which people read besides.

    ``besides`` is what is true whatever papers were named, and is said once. ``view`` says how people see the data, if
    not in the way that bears the verb's name. ``document`` is a text for other programs, which takes the place of what
    people see and is printed as it is; where it is empty nothing is.
    ``count`` says how many there are of what is listed, and how to see the rest. ``failed`` says what could not be done
    although there is something to show: it is an error, and comes last.
    """

    data: Any
    summary: str = ""
    besides: str = ""
    view: str | None = None
    document: str | None = None
    count: str = ""
    failed: str = ""
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb, as its signature says it."""

    name: str
    type: Any
    default: Any
    form: Argument | Option

    @property
    def required(self) -> bool:
        """Say whether the verb needs it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that people can say; ``run`` takes a Call and the parameters by their names.

    ``decides`` marks those that change something and so need to know who speaks, ``operates`` those of the operator.
    ``quiet`` ones load nothing that writes a log. ``spans`` ones show every channel where none is named. ``role`` is
    what a person must be who says it by message.
    """

    name: str
    help: str
    run: Callable[..., Reply]
    decides: bool
    operates: bool
    quiet: bool
    spans: bool
    role: Role

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters after the call."""
        return tuple(map(_parameter, list(inspect.signature(self.run).parameters.values())[1:]))


VERBS: Final[dict[str, Verb]] = {}

Id = Annotated[str, Argument("A queue number, or an arXiv id in any form.")]
"""The parameter that names a paper."""

Ids = Annotated[list[str], Argument("Queue numbers, or arXiv ids in any form.")]
"""The parameter of a verb that takes several papers; a mouth may give one as a string."""


def verb(
    *,
    decides: bool = False,
    operates: bool = False,
    quiet: bool = False,
    spans: bool = False,
    role: Role | None = None,
) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    """Register a function under its name; ``role`` is who may say it by message, if what it does does not tell."""

    def register(run: Callable[..., Reply]) -> Callable[..., Reply]:
        words = inspect.getdoc(run) or ""
        name = run.__name__.rstrip("_")
        needed = role or _role(decides=decides, operates=operates)
        VERBS[name] = Verb(name, words, run, decides=decides, operates=operates, quiet=quiet, spans=spans, role=needed)
        return run

    return register


def _role(*, decides: bool, operates: bool) -> Role:
    if operates:
        return Role.OPERATOR
    return Role.CURATOR if decides else Role.VIEWER


def _parameter(item: inspect.Parameter) -> Parameter:
    if get_origin(item.annotation) is not Annotated:
        raise TypeError(f"the parameter {item.name} of a verb lacks its help")
    kind, form = get_args(item.annotation)
    return Parameter(item.name, kind, item.default, form)
