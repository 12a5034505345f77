"""The curators' verbs as commands: their parameters are read from their signatures in ``commands``."""

import inspect
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer

from bot.domain.errors import PicksError, UsageError
from bot.domain.listing import Listing
from bot.interfaces.cli import completion, terminal
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.options import (
    COMMON_FLAGS,
    CURATOR,
    OPERATOR,
    AsOption,
    ChannelOption,
    ConfigOption,
    JsonOption,
    PagerOption,
    cli,
)
from bot.interfaces.commands import VERBS, Argument, Call, Parameter, Verb


def add_verbs(*, operates: bool) -> None:
    """Make commands of the verbs of one panel."""
    for verb in VERBS.values():
        if verb.operates is operates:
            _add_verb(verb)


def _add_verb(verb: Verb) -> None:
    """Make a command of a verb: its own parameters, then the common options."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(_typer_parameter(item) for item in verb.parameters),
        inspect.Parameter("config", keyword, default=None, annotation=ConfigOption),
        inspect.Parameter("channel_name", keyword, default=None, annotation=ChannelOption),
        inspect.Parameter("as_json", keyword, default=False, annotation=JsonOption),
    ]
    if verb.decides:
        parameters.append(inspect.Parameter("curator", keyword, default=None, annotation=AsOption))
    else:
        parameters.append(inspect.Parameter("no_pager", keyword, default=False, annotation=PagerOption))

    def run(context: typer.Context, **values: Any) -> None:
        common = {name: values.pop(name) for name in (*COMMON_FLAGS, "no_pager") if name in values}
        with shell(context, log_level=None if verb.quiet else logging.CRITICAL, **common) as opened:
            _run_verb(opened, verb, values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    run.__doc__ = verb.help
    cli.command(verb.name, rich_help_panel=OPERATOR if verb.operates else CURATOR)(run)


def _typer_parameter(item: Parameter) -> inspect.Parameter:
    form: Any
    if isinstance(item.form, Argument):
        name = "ID" if item.name == "paper" else item.name.upper()
        form = typer.Argument(
            help=item.form.help,
            metavar=name,
            autocompletion=completion.ids if item.name == "paper" else None,
        )
    else:
        name = f"--{item.name.replace('_', '-')}"
        form = typer.Option(name, help=item.form.help, metavar=item.form.value, show_default=bool(item.default))
    annotation = Annotated.__class_getitem__((item.type, form))  # type: ignore[attr-defined]  # types known at run time
    return inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default, annotation=annotation)


def _run_verb(opened: Shell, verb: Verb, values: dict[str, Any]) -> None:
    call = opened.call
    if verb.name == "note":
        with _note_text(call, values) as (text, seen):
            reply = verb.run(replace(call, seen=seen), **{**values, "text": text})
    else:
        reply = verb.run(call, **values)
    if reply.document is not None and not opened.as_json:
        terminal.write(reply.document)
        if reply.summary:
            terminal.mention(reply.summary)
    else:
        words = "\n".join(filter(None, (reply.summary, reply.besides, reply.count)))
        opened.say(reply.data, words, view=reply.view or verb.name, paged=not verb.decides)
    if opened.as_json and isinstance(reply.data, Listing) and reply.data.cut:
        terminal.mention(reply.count)
    if reply.page and not opened.as_json:
        from bot.interfaces.cli.browser import open_page

        open_page(reply.page)
    _fail(reply.failed)


def _fail(failed: str) -> None:
    """Say what could not be done, a line each; raise PicksError with the last of them."""
    *before, last = failed.splitlines() or [""]
    for line in before:
        terminal.mention(line)
    if last:
        raise PicksError(last)


@contextmanager
def _note_text(call: Call, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """Give the note's text from where the curator wants to write it, and the note that they saw there.

    No text leaves the note as it is. Only an editor shows the note that it changes.
    """
    if values["text"] == "-":
        yield _standard_input(), None
        return
    if any(values[name] is not None for name in ("text", "thread", "code")):
        yield values["text"], None
        return
    if not sys.stdin.isatty():
        raise UsageError("no terminal for an editor: give the text behind the ID, or - to read standard input")
    from bot.interfaces.cli.editor import edited
    from bot.interfaces.commands.note_sheet import note_sheet

    sheet = note_sheet(call.context, values["paper"])
    with edited(sheet) as text:
        yield text, sheet.seen


def _standard_input() -> str:
    try:
        text = sys.stdin.read()
    except OSError as error:
        raise PicksError(f"cannot read standard input: {error.strerror}; the note stays as it was") from error
    if not terminal.is_text(text):
        raise PicksError(f"standard input is not text in {sys.stdin.encoding}; the note stays as it was")
    return text


add_verbs(operates=False)
