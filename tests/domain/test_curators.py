"""Curators in a channel file: a handle or a DID, a name for the log, a role; each once."""

from pathlib import Path

import pytest

from bot.domain.channels import ChannelError, load_channel
from bot.domain.curators import Role

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "interpretability.toml"


def _file(tmp_path: Path, *tables: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text("\n".join([SHIPPED.read_text("utf-8"), *(f"[[curators]]\n{table}" for table in tables)]), "utf-8")
    return file


def test_a_curator_has_an_account_a_name_and_a_role(tmp_path: Path) -> None:
    did = "did:plc:" + "a" * 24
    channel = load_channel(
        _file(
            tmp_path,
            'account = "@Ana.Example.com"\nname = "Ana B."',
            f'account = "{did}"\nname = "ben"\nrole = "operator"',
        )
    )
    found = [(curator.account, curator.name, curator.role) for curator in channel.curators]
    assert found == [("ana.example.com", "Ana B.", Role.CURATOR), (did, "ben", Role.OPERATOR)]


@pytest.mark.parametrize(
    "account", ["ana", "ana.", "did:plc:short", "https://bsky.app/profile/ana.example.com", "a b.com", ""]
)
def test_what_is_no_account_is_refused(tmp_path: Path, account: str) -> None:
    with pytest.raises(ChannelError, match=r"curators\.0\.account: .*neither a handle"):
        load_channel(_file(tmp_path, f'account = "{account}"\nname = "ana"'))


@pytest.mark.parametrize("name", ["", " ana", "a\\tb", "\\u202Eana"])
def test_a_name_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ChannelError, match=r"curators\.0\.name"):
        load_channel(_file(tmp_path, f'account = "ana.example.com"\nname = "{name}"'))


@pytest.mark.parametrize(
    ("second", "kind"),
    [('account = "ana.example.com"\nname = "ben"', "account"), ('account = "ben.example.com"\nname = "ana"', "name")],
)
def test_two_curators_share_neither_account_nor_name(tmp_path: Path, second: str, kind: str) -> None:
    with pytest.raises(ChannelError, match=f"two curators have the {kind}"):
        load_channel(_file(tmp_path, 'account = "ana.example.com"\nname = "ana"', second))


def test_a_role_may_do_what_those_before_it_may() -> None:
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
