"""What an X account is called, told without asking X and without loading its library."""

from pydantic import SecretStr


def public_name(access_token: SecretStr) -> str:
    """Return the account's public address: an access token begins with the account's number and a hyphen."""
    number, hyphen, _ = access_token.get_secret_value().partition("-")
    return f"x.com/i/user/{number}" if hyphen and number.isdecimal() else "the X account"
