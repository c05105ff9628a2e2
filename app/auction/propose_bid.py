"""The commands behind `POST /v1/bid-proposals` and its withdrawal: a bid that two persons make.

- a firm has one open proposal for a lot; a newer one takes its place;
- nothing is recorded: that somebody thinks of bidding is nobody's business but the firm's;
- ids are the firm's own, so that no refusal tells another one that there is a proposal.
"""

from dataclasses import replace

from app.auction import rules_firms, rules_seal, store, store_bids, store_firms
from app.auction.rules_firms import Proposal, ProposalState
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def propose_bid(tx: Tx, command: rules_firms.ProposeBid) -> Proposal:
    """Propose a bid to the other persons of one's own firm."""
    firm = tx.by.party
    at_fault = rules_firms.malformed(command)
    if at_fault is not None:
        raise Rejected(CommonRefusal.INVALID_REQUEST, at_fault)
    if command.note is not None and rules_seal.read_envelope(command.note) is None:
        raise Rejected(CommonRefusal.INVALID_REQUEST, "note")
    await store_firms.lock_firm(tx, firm)
    lot = await store.find_lot(tx, command.lot)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    registration = await store_bids.find_registration(tx, lot.id, firm)
    now = await tx.now()

    refusal = rules_firms.decide_proposal(
        lot, command, firm, now, registered=registration is not None
    )
    if refusal is not None:
        raise Rejected(refusal)
    if await store_firms.find_proposal(tx, firm, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    replaced = await store_firms.open_proposal(tx, firm, lot.id)
    if replaced is not None:
        await store_firms.decide_proposal(tx, replaced, ProposalState.WITHDRAWN, now)
    proposal = Proposal(
        firm=firm,
        id=command.id,
        lot=lot.id,
        kind=command.kind,
        price=command.price,
        note=command.note,
        proposed_by=tx.actor,
        proposed_at=now,
    )
    await store_firms.insert_proposal(tx, proposal)
    return proposal


async def withdraw_proposal(tx: Tx, proposal: str) -> Proposal:
    """Withdraw a proposal of one's own firm, or decline it."""
    firm = tx.by.party
    await store_firms.lock_firm(tx, firm)
    found = await store_firms.find_proposal(tx, firm, proposal)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "proposal")
    refusal = rules_firms.decide_withdrawal(found)
    if refusal is not None:
        raise Rejected(refusal)

    now = await tx.now()
    await store_firms.decide_proposal(tx, found, ProposalState.WITHDRAWN, now)
    return replace(found, state=ProposalState.WITHDRAWN, decided_by=tx.actor, decided_at=now)
