"""How the links to other nodes stand, for those who look after them."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.kernel.principal import Role
from app.nodes import read
from app.nodes.schemas import LinkOut
from app.platform import calls, pages

router = APIRouter(prefix="/v1", tags=["nodes"])

Watching = Annotated[
    calls.Query, Depends(calls.queries(Role.SYSTEM_ADMIN, Role.SUPERVISOR, Role.MINISTRY))
]


@router.get(
    "/links",
    operation_id="listLinks",
    summary="How the links to other nodes stand",
    responses=calls.READ_PROBLEMS,
)
async def list_links(
    query: Watching, cursor: pages.Cursor = None, limit: pages.Limit = 50
) -> pages.Page[LinkOut]:
    """In order of the peer's name; empty for a node that has no peers."""
    async with query.read() as reader:
        now = await reader.now()
        found = await read.links(reader, pages.after(cursor), limit + 1)
    return pages.page([LinkOut.of(link, now) for link in found], limit, lambda link: link.peer)
