"""What the log says of a lot's end: its result, the seals it opens, who held which paddle.

With the salts that stand here anyone can check every commitment made before the close.
"""

from collections.abc import Sequence

from app import ledger
from app.auction import rules, rules_seal
from app.auction.rules_close import Result
from app.auction.rules_seal import Opening
from app.kernel.calendar import wire
from app.kernel.units import decimal

BIDS_PER_RECORD = 250
PADDLES_PER_RECORD = 250


def closed(lot: rules.Lot, result: Result) -> ledger.Note:
    """A lot whose bids the node can read: the close is its result."""
    end = {"closed_at": wire(lot.closes_at), "commits": None}
    return _note(lot, "lot.closed", _result(lot, result) | end)


def waiting(lot: rules.Lot, hashes: Sequence[str]) -> ledger.Note:
    """A lot whose bids nobody can read yet: the close fixes which they are, by one hash of all.

    Without it, somebody who holds the keys could choose afterwards which of many commits to open.
    """
    return _note(
        lot,
        "lot.closed",
        {
            "state": lot.state.value,
            "winner": None,
            "price_cny": None,
            "valid_bidders": None,
            "closed_at": wire(lot.closes_at),
            "commits": rules_seal.hash_of_all(hashes),
            "reserve_price_cny": None,
            "reserve_salt": None,
            "payment_due_at": None,
        },
    )


def decided(lot: rules.Lot, result: Result) -> ledger.Note:
    """The result of a lot whose bids have been opened."""
    assert lot.decided_at is not None, "a lot with a result was decided"
    return _note(lot, "lot.decided", _result(lot, result) | {"decided_at": wire(lot.decided_at)})


def seals(lot: rules.Lot, bids: Sequence[tuple[rules.Bid, bytes]]) -> list[ledger.Note]:
    """The prices behind the commitments of sealed bids without custodians."""
    rows = [[bid.number, bid.paddle, decimal(bid.price), salt.hex()] for bid, salt in bids]
    return [
        _note(lot, "lot.opened", {"bids": rows[first : first + BIDS_PER_RECORD]})
        for first in range(0, len(rows), BIDS_PER_RECORD)
    ]


def paddles(lot: rules.Lot, registered: Sequence[rules.Registration]) -> list[ledger.Note]:
    """Who held which paddle."""
    rows = [[r.paddle, r.bidder, r.paddle_salt.hex()] for r in registered]
    return [
        _note(lot, "lot.paddles", {"paddles": rows[first : first + PADDLES_PER_RECORD]})
        for first in range(0, len(rows), PADDLES_PER_RECORD)
    ]


def opened_bids(lot: rules.Lot, openings: Sequence[Opening]) -> list[ledger.Note]:
    """Each sealed bid as it was signed, with the verdict on it, in order of arrival."""
    return [
        _note(
            lot,
            "bid.opened",
            {
                "h": opening.sealed.hash,
                "note": opening.sealed.note,
                "price_cny": None if opening.price is None else decimal(opening.price),
                "void": opening.void,
            },
        )
        for opening in openings
    ]


def _result(lot: rules.Lot, result: Result) -> dict[str, object]:
    return {
        "state": lot.state.value,
        "winner": result.winner,
        "price_cny": None if result.price is None else decimal(result.price),
        "valid_bidders": result.valid_bidders,
        "reserve_price_cny": None if lot.reserve_price is None else decimal(lot.reserve_price),
        "reserve_salt": None if lot.reserve_salt is None else lot.reserve_salt.hex(),
        "payment_due_at": None if lot.payment_due_at is None else wire(lot.payment_due_at),
    }


def _note(lot: rules.Lot, kind: str, body: dict[str, object]) -> ledger.Note:
    return ledger.Note(
        kind=kind, province=lot.province, subject=lot.id, policy=lot.terms.policy, body=body
    )
