"""What a deployment can set, all by environment variables that begin with `HRT_`."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClockKind(StrEnum):
    """Whether time is the database's own or, for replay and tests, set by the operator."""

    SYSTEM = "system"
    SIMULATED = "simulated"


class Settings(BaseSettings):
    """`database_url` is the application's role, which owns nothing; migrations use the owner's."""

    model_config = SettingsConfigDict(env_prefix="HRT_", extra="ignore")

    database_url: str | None = None
    owner_database_url: str | None = None
    home: Path = Path(".hrt")
    host: str = "127.0.0.1"
    port: int = 8000
    clock: ClockKind = ClockKind.SYSTEM
    pool_size: int = 20
    jobs_poll_seconds: int = 1
    require_durable: bool = True
    origin: str = "localhost/hrt/log"
    keys_file: Path | None = None
    log_policy_file: Path | None = None
    log_poll_milliseconds: int = 500
    log_sm3: bool = False
    node_keys_folder: Path | None = None
    link_host: str = "127.0.0.1"
    link_port: int = Field(default=8443, ge=0, le=65535)
    link_poll_milliseconds: int = Field(default=500, ge=10)
    session_hours: int = Field(default=12, ge=1)
    session_idle_minutes: int = Field(default=30, ge=2)
    session_idle_minutes_villager: int = Field(default=720, ge=2)


def sqlalchemy_url(dsn: str) -> str:
    """The same address for SQLAlchemy over asyncpg."""
    scheme, rest = dsn.split("://", 1)
    if scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
        raise ValueError("HRT_DATABASE_URL must begin with postgresql://")
    return f"postgresql+asyncpg://{rest}"
