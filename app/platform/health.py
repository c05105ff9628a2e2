"""Whether the process lives, and whether it can serve."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.platform import calls
from app.platform.db import Database

router = APIRouter(tags=["health"])

DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


class NotDurableError(RuntimeError):
    """The database may lose what it has acknowledged."""


async def require_durable(db: Database) -> None:
    """Refuse a database that answers before its writes are safe on disk."""
    async with db.read() as reader:
        for name in DURABILITY:
            setting = (
                await reader.run(text("SELECT current_setting(:name)"), {"name": name})
            ).scalar_one()
            if setting == "off":
                raise NotDurableError(
                    f"PostgreSQL runs with {name} = off and can lose acknowledged payments."
                    f" Set {name} = on in postgresql.conf and start again."
                )


class LiveOut(BaseModel):
    """The process lives."""

    status: str = Field(examples=["ok"])


class ReadyOut(LiveOut):
    """The node can serve; `schema` is the migration that its database stands at."""

    revision: str | None = Field(serialization_alias="schema", examples=["0011"])


@router.get("/livez", operation_id="livez", summary="Whether the process lives")
async def livez() -> LiveOut:
    """Answers without the database."""
    return LiveOut(status="ok")


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Whether the node can serve",
    responses={
        503: {
            "model": ReadyOut,
            "description": "The database cannot be reached, or the log is damaged.",
        }
    },
)
async def readyz(
    request: Request, db: Annotated[Database, Depends(calls.database)], response: Response
) -> ReadyOut:
    """Asks the database. Without its log a node would promise what it cannot keep."""
    fault = getattr(getattr(request.app.state, "log", None), "fault", None)
    if fault is not None:
        response.status_code = 503
        return ReadyOut(status=fault, revision=None)
    try:
        async with db.read() as reader:
            revision = (
                await reader.run(text("SELECT version_num FROM alembic_version"))
            ).scalar_one()
    except (SQLAlchemyError, OSError, TimeoutError):
        response.status_code = 503
        return ReadyOut(status="database unavailable", revision=None)
    return ReadyOut(status="ok", revision=revision)
