"""What becomes of a deposit, as ledger drafts. A hold is money on an account of its own.

Whatever resolves a hold carries the same ledger key, so it is resolved once and never twice.
"""

from collections.abc import Sequence

from app.auction.rules import Lot
from app.kernel.units import Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Move, move


def cash(bidder: str) -> AccountRef:
    """A bidder's free cash."""
    return AccountRef(AccountKind.BIDDER_CASH, bidder)


def held(lot: Lot, bidder: str) -> AccountRef:
    """A bidder's deposit for a lot."""
    return AccountRef(AccountKind.DEPOSIT, f"{lot.id}:{bidder}", lot.province)


def escrow(lot: Lot) -> AccountRef:
    """The price of a lot, between payment and settlement."""
    return AccountRef(AccountKind.ESCROW, lot.id, lot.province)


def hold(lot: Lot, bidder: str) -> list[Draft]:
    """Hold the deposit of a bidder who registers."""
    return _drafts(
        lot,
        EntryKind.DEPOSIT_HOLD,
        f"deposit-hold:{lot.id}:{bidder}",
        move(cash(bidder), held(lot, bidder), lot.deposit),
    )


def release(lot: Lot, bidders: Sequence[str]) -> list[Draft]:
    """Give deposits back."""
    return [
        draft
        for bidder in bidders
        for draft in _drafts(
            lot,
            EntryKind.DEPOSIT_RELEASE,
            f"deposit-resolved:{lot.id}:{bidder}",
            move(held(lot, bidder), cash(bidder), lot.deposit),
        )
    ]


def forfeit(lot: Lot, bidder: str) -> list[Draft]:
    """The deposit of a winner who did not pay goes to the exchange."""
    return _drafts(
        lot,
        EntryKind.DEPOSIT_FORFEIT,
        f"deposit-resolved:{lot.id}:{bidder}",
        move(
            held(lot, bidder),
            AccountRef(AccountKind.EXCHANGE, lot.province, lot.province),
            lot.deposit,
        ),
    )


def pay(lot: Lot, bidder: str, price: Fen) -> list[Draft]:
    """The price goes to escrow: from the deposit first, then from free cash.

    A deposit above the price is released for the rest.
    """
    from_deposit = min(lot.deposit, price)
    return _drafts(
        lot,
        EntryKind.PAYMENT,
        f"deposit-resolved:{lot.id}:{bidder}",
        move(held(lot, bidder), escrow(lot), from_deposit)
        + move(held(lot, bidder), cash(bidder), lot.deposit - from_deposit)
        + move(cash(bidder), escrow(lot), price - from_deposit),
    )


def _drafts(lot: Lot, kind: EntryKind, key: str, moves: tuple[Move, ...]) -> list[Draft]:
    if not moves:
        return []
    return [
        Draft(
            kind=kind,
            key=key,
            province=lot.province,
            subject=lot.id,
            moves=moves,
            policy=lot.terms.policy,
            facts={
                "lot": lot.id,
                "deposit": decimal(lot.deposit),
                "price": None if lot.price is None else decimal(lot.price),
            },
        )
    ]
