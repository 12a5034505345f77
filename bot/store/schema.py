"""Create and migrate the schema, with Alembic and the scripts in ``migrations``."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.store.database import SCHEMA_REVISION, Database, DatabaseError, is_newer
from bot.store.tables import METADATA


def upgrade(database: Database, *, revision: str = "head") -> tuple[str | None, str]:
    """Bring the schema up to date and return the versions before and after; the same version means nothing to do.

    Raises DatabaseError, with the way out, when the database cannot be used.
    """
    database.make_folder()
    before = database.schema_revision()
    database.require_unicode()
    config = _config()
    if before is not None:
        _require_ours(database, before, config)
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return before, database.schema_revision() or ""


def _require_ours(database: Database, before: str, config: Config) -> None:
    """Raise DatabaseError when the version that a database stands at is newer than this program, or of another one."""
    if is_newer(before):
        raise DatabaseError(
            f"the database {database.display} is at version {before}, newer than this program knows "
            f"({SCHEMA_REVISION}); update daily-picks"
        )
    if before not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        raise DatabaseError(
            f"the database {database.display} is at version {before!r}, which is none of this program's; name a "
            "database of its own in DATABASE_URL"
        )


def newest_revision() -> str:
    """Return the newest migration script's revision."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def differences(database: Database) -> list[object]:
    """Return what the tables have and the migrated database lacks, or the other way round; empty when they agree."""
    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found: list[object] = compare_metadata(context, METADATA)
        return found


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
