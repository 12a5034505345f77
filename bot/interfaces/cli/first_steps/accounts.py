"""Whether a platform lets the account in, said in a sentence."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from bot.domain.channels import Channel
from bot.domain.errors import AccountError, PicksError, TransientError
from bot.domain.posts import Platform

if TYPE_CHECKING:
    from bot.app import App
    from bot.platforms.sign_in import SignIn

VARIABLES: Final = {
    Platform.BLUESKY: ("BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD"),
    Platform.X: ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"),
    Platform.MASTODON: ("MASTODON_ACCESS_TOKEN",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a sign-in; ``wrong``: typing it again may help; ``fine``: nothing is to be mended."""

    said: str
    fine: bool = False
    wrong: bool = False


def given(environ: Mapping[str, str], channel: Channel, platform: Platform) -> bool:
    """Say whether the environment names an account, or a part of one, for the channel or for all."""
    names = VARIABLES[platform]
    return any(environ.get(prefix + name, "").strip() for name in names for prefix in ("", channel.env_prefix))


def try_account(
    channel: Channel, platform: Platform, *, environ: Mapping[str, str], typed: Mapping[str, SecretStr]
) -> Verdict:
    """Sign in as the environment says, with what was typed above it; nothing is posted and no session is kept."""
    app = _app({**environ, **{name: value.get_secret_value() for name, value in typed.items()}})
    try:
        with closing(app.sign_in(channel, platform)) as account:
            return _asked(account)
    except PicksError as error:
        return Verdict(str(error), wrong=True)
    finally:
        app.close()


def _asked(account: "SignIn") -> Verdict:
    try:
        name = account.sign_in()
        missing = [item for item in account.rights() if item.needed and item.allowed is False]
    except AccountError as error:
        return Verdict(str(error), wrong=error.needs_person)
    except TransientError as error:
        return Verdict(f"not checked: {error}")
    if missing:
        return Verdict("; ".join(f"signed in as {name}, but {item.detail}; {item.next}" for item in missing))
    return Verdict(f"signed in as {name}", fine=True)


def _app(environ: Mapping[str, str]) -> "App":
    from bot.app import App
    from bot.interfaces.cli.first_steps.texts import STARTER
    from bot.settings import Settings

    # Made of these lines alone: a sign-in opens no database, and the channel may be a file yet to be written.
    settings = Settings.model_construct(config=STARTER.parent, data=STARTER.parent)
    return App(settings, environ=environ)
