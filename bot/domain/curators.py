"""Who may do what by message: the curators that a channel file lists, and their roles."""

import re
from typing import Final

from pydantic import Field, field_validator

from bot.domain.channel_sections import Section, String
from bot.domain.handles import bluesky_handle
from bot.domain.roles import Role

__all__ = ["Curator", "Role"]

_DID: Final = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.%-]+)")  # https://atproto.com/specs/did


class Curator(Section):
    """A person of a channel: the Bluesky account, the name that the log shows, and the role.

    ``account`` is a DID, or a handle without the ``@``.
    """

    account: String
    name: String = Field(min_length=1, max_length=80)
    role: Role = Role.CURATOR

    @field_validator("account")
    @classmethod
    def _did_or_handle(cls, account: str) -> str:
        if _DID.fullmatch(account):
            return account
        handle = bluesky_handle(account)
        if handle is None:
            raise ValueError(f"{account!r} is neither a handle, such as ana.example.com, nor a DID, such as did:plc:…")
        return handle

    @field_validator("name")
    @classmethod
    def _readable(cls, name: str) -> str:
        if name != name.strip() or not name.isprintable():
            raise ValueError(f"{name!r} must be words without blanks at the ends")
        return name
