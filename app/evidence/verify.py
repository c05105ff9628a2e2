"""What is kept, held against the records: content by content."""

from app.evidence import store
from app.platform.db import Reader


async def verify_evidence(reader: Reader) -> list[str]:
    """Name each piece that is not the one that was filed, or is gone."""
    odd = await store.list_at_odds(reader)
    return [f"evidence {id_}: what is kept is not what its record says" for id_ in odd]
