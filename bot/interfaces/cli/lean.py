"""Parameters that cost nothing where they are left out.

typer converts values with pydantic, and loads it for those that nobody gave, too: that would be most of the time that
a usage error takes.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption


class _WhenGiven:
    """Converts a value that was given as typer does, and leaves alone what was not."""

    def __init__(self, prepare: Callable[[], Any]) -> None:
        self._prepare = prepare

    def coerce(self, value: Any, param: TyperOption | TyperArgument, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if ctx.resilient_parsing:  # a completion reads the words, and uses none of the values
            return value
        return self._prepare().coerce(value, param=param, ctx=ctx)


Program = TypeVar("Program", bound=Callable[..., Any])


def make_lean(program: Program) -> Program:
    """Let a group, and all commands of it, convert the values that were given and no others."""
    for command in _commands([program]):
        setattr(command, "get_params", partial(_lean_params, command.get_params))  # noqa: B010 - typer makes the commands
    return program


def _commands(found: Iterable[Any]) -> Iterator[TyperGroup | TyperCommand]:
    for command in found:
        yield command
        if isinstance(command, TyperGroup):
            yield from _commands(command.commands.values())


def _lean_params(get_params: Callable[[Any], list[Any]], context: Any) -> list[Any]:
    """Return a command's parameters, ``--help`` among them, which typer makes when it is asked for them."""
    params = get_params(context)
    for param in params:
        if "get_runtime_param" not in vars(param):
            param.get_runtime_param = partial(_WhenGiven, param.get_runtime_param)
    return params
