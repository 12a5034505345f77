"""What a channel file may say about Mastodon."""

from pydantic import field_validator

from bot.domain.channel_sections import Section, String
from bot.domain.web_addresses import web_address_problem


class MastodonRules(Section):
    """Where the channel's account is: ``instance`` is its server; None where the environment says it."""

    instance: String | None = None

    @field_validator("instance")
    @classmethod
    def _is_a_server(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if problem := web_address_problem(url):
            raise ValueError(f"it {problem}")
        if "@" in url or "?" in url or "#" in url:
            raise ValueError("it must be the address of a server, such as https://mastodon.example, and no more")
        return url.rstrip("/")
