"""Whether the process lives, and whether it can serve."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
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


@router.get("/livez", operation_id="livez", summary="Whether the process lives")
async def livez() -> dict[str, str]:
    """Answers without the database."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="readyz",
    summary="Whether the node can serve",
    responses={503: {"description": "The database cannot be reached."}},
)
async def readyz(db: Annotated[Database, Depends(calls.database)]) -> JSONResponse:
    """Asks the database."""
    try:
        async with db.read() as reader:
            revision = (
                await reader.run(text("SELECT version_num FROM alembic_version"))
            ).scalar_one()
    except (SQLAlchemyError, OSError, TimeoutError):
        return JSONResponse({"status": "database unavailable"}, 503)
    return JSONResponse({"status": "ok", "schema": revision})
