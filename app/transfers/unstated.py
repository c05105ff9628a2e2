"""The debt that a home province may state first by a correction: it has refused the sale's letter.

The home books a sale elsewhere by its own reckoning, and nothing where it comes to another figure
(`take_obligation`). Once people have found what is right, their corrections are all that its books
say of that debt.
"""

from app import nodes
from app.clearing import Stated, StatedKind, StatedSide
from app.kernel.units import Fen
from app.platform.db import Reader
from app.transfers import store_crossing
from app.transfers.rules_giver import GiverPhase
from app.transfers.rules_messages import Side


async def unstated_sale(reader: Reader, transfer: str, province: str) -> Stated | None:
    """What `province` claims so far for a ticket that has left for another node: nothing yet."""
    found = await store_crossing.find(reader, Side.GIVER, transfer)
    terms = None if found is None else found.terms
    if found is None or terms is None or found.machine.phase is not GiverPhase.DEBITED:
        return None
    if terms.giver != province or await nodes.hosts(reader, terms.receiver):
        return None
    return Stated(
        transfer=transfer,
        kind=StatedKind.SALE,
        side=StatedSide.CREDITOR,
        debtor=terms.receiver,
        creditor=terms.giver,
        amount=Fen(0),
        number=0,
    )
