"""What an X account is called, told without asking X and without loading its library."""

from pydantic import SecretStr


def user_id(access_token: SecretStr) -> str | None:
    """Return the account's number, with which an access token begins; None where it has another form."""
    number, hyphen, _ = access_token.get_secret_value().partition("-")
    return number if hyphen and number.isdecimal() else None


def public_name(access_token: SecretStr) -> str:
    """Return the account's public address, as far as the token tells it."""
    number = user_id(access_token)
    return name_of(number) if number else "the X account"


def name_of(number: str) -> str:
    """Return the public address of the account with this number."""
    return f"x.com/i/user/{number}"
