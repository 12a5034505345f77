"""What the chat says of itself: what a person may write, read from the registry."""

from typing import Final

from bot.domain.errors import UsageError
from bot.interfaces.chat.mouth import Standing
from bot.interfaces.chat.parsing import usage
from bot.interfaces.commands import VERBS, Option, Verb

STRANGER: Final = (
    "This account is a bot. It takes commands from its curators alone, and nobody reads messages here; "
    "its posts and their replies are the place to talk. You get this line once a day at most."
)
GROUPS: Final = (
    "I work in conversations of two alone, and do nothing of what is written in a group. Write to me directly: help "
    "lists what I understand."
)


def help_text(topic: str | None, standing: Standing) -> str:
    """Return what a person may write, or how one verb works."""
    if topic is None:
        return _all(standing)
    verb = VERBS.get(topic.strip("/ .").removeprefix("picks "))
    if verb is None:
        raise UsageError(f"I do not know {topic[:30]}; help lists what I understand")
    return _one(verb)


def _all(standing: Standing) -> str:
    own = [verb for verb in VERBS.values() if standing.curator.role.includes(verb.role)]
    rules = standing.channel.chat
    emoji = " ".join(filter(None, [rules.approve, rules.reject, rules.hold]))
    lines = [f"{usage(verb)}: {_first_line(verb)}" for verb in own]
    return "\n".join(
        [
            f"{standing.curator.name}, {standing.curator.role} of {standing.channel.name}. One command a message:",
            "",
            *lines,
            "",
            "ID is the number in the queue, or an arXiv id. In an answer to a message about one paper leave it out"
            + (f"; a reaction to such a card decides too: {emoji}" if emoji else "")
            + ". help VERB tells more.",
        ]
    )


def _one(verb: Verb) -> str:
    options = [
        f"--{item.name.replace('_', '-')}: {item.form.help}"
        for item in verb.parameters
        if isinstance(item.form, Option)
    ]
    return "\n".join([usage(verb), verb.help, *options])


def _first_line(verb: Verb) -> str:
    return verb.help.splitlines()[0].rstrip(".")
