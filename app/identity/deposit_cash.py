"""The command behind `POST /v1/cash-deposits`: money reached the escrow bank account."""

from app import ledger
from app.identity import read, rules
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, LedgerRefusal, move
from app.platform.db import Tx


async def deposit_cash(tx: Tx, command: rules.DepositCash) -> rules.DepositCash:
    """Credit a bidder's free cash; the bank's reference `id` is booked once."""
    await read.require_bidder(tx, command.bidder)
    cash = AccountRef(AccountKind.BIDDER_CASH, command.bidder)
    draft = Draft(
        kind=EntryKind.CASH_IN,
        key=f"cash-in:{command.id}",
        province=cash.province,
        subject=command.bidder,
        moves=move(AccountRef(AccountKind.BANK, "escrow"), cash, command.amount),
        facts={"reference": command.id},
    )
    try:
        (posted,) = await ledger.post(tx, [draft])
    except Rejected as refused:
        # Booked already for another bidder or amount.
        if refused.refusal is LedgerRefusal.KEY_REUSED:
            raise Rejected(CommonRefusal.ID_TAKEN, "id") from refused
        raise
    if posted.repeated:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    return command
