"""Brings the schema of a database up to date, as its owner."""

from pathlib import Path

from app.platform.settings import sqlalchemy_url

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(owner_dsn: str) -> None:
    """Run every migration that the database has not seen."""
    # Here, because a node that only serves starts a fifth sooner without Alembic.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    # Alembic reads its options as templates, in which a percent sign is doubled.
    config.set_main_option("sqlalchemy.url", sqlalchemy_url(owner_dsn).replace("%", "%%"))
    command.upgrade(config, "head")
