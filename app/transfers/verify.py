"""What left for other nodes, and came from them, compared with the books that say the same."""

from collections import defaultdict

from app import ledger
from app.ledger.rules import AccountRef
from app.platform.db import Reader
from app.transfers import rules, store, store_crossing
from app.transfers.rules_messages import Side


async def verify_crossings(reader: Reader) -> list[str]:
    """Name each account between nodes that does not hold what its transfers and sales add up to.

    Quota that left or came is in the conversion accounts; what a home has been told of sales of
    tickets that left is its claim, as long as nothing is paid.
    """
    wanted: dict[AccountRef, int] = defaultdict(int)
    for home, receiver, sent, received in await store.sum_conversions(reader):
        wanted[rules.conversion_account(receiver, home)] += sent
        wanted[rules.conversion_account(home, receiver)] -= received
    for role, phase in ((Side.GIVER, "debited"), (Side.RECEIVER, "credited")):
        for home, receiver, area in await store_crossing.sum_areas(reader, role, phase):
            if role is Side.GIVER:
                wanted[rules.conversion_account(receiver, home)] += area
            else:
                wanted[rules.conversion_account(home, receiver)] -= area
    held = await ledger.balances(reader, wanted)
    findings = [
        f"account {ref.code}: it holds {held[ref]}, its transfers give {area}"
        for ref, area in wanted.items()
        if held[ref] != area
    ]
    return findings + await _unbooked_sales(reader)


async def _unbooked_sales(reader: Reader) -> list[str]:
    """Sales of tickets that left whose entry is missing, or says another sum."""
    return [
        f"ticket {ticket}: its sale at another node owes {due}, its entry books {booked}"
        for ticket, due, booked in await store.home_settlements(reader)
        if due != booked
    ]
