"""The verbs, each once: its name, its help, its arguments, what it does.

A mouth (the shell, later chat) reads the parameters from the signature, makes a Call, runs the verb, shows the reply.
A verb never prints and never asks; it raises PicksError with one line for the person.
"""

from bot.interfaces.commands import looking  # importing a module registers its verbs, in the order of the help

# isort: split
from bot.interfaces.commands import curating

# isort: split
from bot.interfaces.commands import correcting

# isort: split
from bot.interfaces.commands import sending
from bot.interfaces.commands.calls import make_call
from bot.interfaces.commands.registry import VERBS, Argument, Call, Follows, Option, Parameter, Reply, Verb

__all__ = [
    "VERBS",
    "Argument",
    "Call",
    "Follows",
    "Option",
    "Parameter",
    "Reply",
    "Verb",
    "correcting",
    "curating",
    "looking",
    "make_call",
    "sending",
]
