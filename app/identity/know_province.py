"""A province that another node hosts becomes known here, so that transfers can name it."""

from app import ledger
from app.identity import read, store
from app.identity.rules import Region
from app.platform.db import Tx


async def know_province(tx: Tx, code: str, name: str) -> bool:
    """Register a province on the word of its node's card; False when it is known already."""
    if await read.find_region(tx, code) is not None:
        return False
    await store.insert_region(tx, Region(code, name, None))
    note = ledger.Note(kind="region.registered", province=code, subject=code, body={"zone": None})
    await ledger.record(tx, [note])
    return True
