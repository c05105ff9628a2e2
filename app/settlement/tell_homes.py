"""What is due to the home of a sold ticket that came from another node goes there by a message.

It rests on the entry of the sale, so the home books what the selling province's log has proven and
its own rules confirm (`transfers.take_obligation`). The debt is stated to the
ministry's node as well.
"""

from collections.abc import Mapping, Sequence

from app import clearing, nodes
from app.clearing import Stated, StatedKind, StatedSide
from app.kernel.refusal import Rejected
from app.kernel.units import decimal
from app.platform.db import Tx
from app.settlement import rules

TYPE = "pay.obligation"
REVISION = 1


async def tell_homes(
    tx: Tx, sale: rules.Sale, shares: Sequence[rules.TicketShare], leaves: Mapping[str, int]
) -> None:
    """Write to each home node; `leaves` are the entries of the sale by their keys.

    Raises `Rejected` where a home's node is not known any more: nothing is sold that its home
    would not be paid for.
    """
    messages: list[nodes.Message] = []
    for share in shares:
        ticket = share.ticket
        if ticket.arrival is None:
            continue
        home = await nodes.peer_of(tx, ticket.home_province)
        if home is None:
            raise Rejected(rules.SettlementRefusal.HOME_UNKNOWN)
        leaf = leaves[rules.settlement_key(sale.lot, ticket.id)]
        messages.append(
            nodes.Message(
                to=home.name,
                type=TYPE,
                transfer=ticket.arrival,
                revision=REVISION,
                body={"lot": sale.lot, "ticket": ticket.id, "due_cny": decimal(share.due)},
                leaf=leaf,
            )
        )
        stated = Stated(
            transfer=ticket.arrival,
            kind=StatedKind.SALE,
            side=StatedSide.DEBTOR,
            debtor=sale.province,
            creditor=ticket.home_province,
            amount=share.due,
        )
        messages += await clearing.state(tx, stated, leaf)
    await nodes.send(tx, messages)
