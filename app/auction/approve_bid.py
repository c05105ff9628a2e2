"""The command behind `POST /v1/bid-proposal-approvals`: a second person makes the bid.

- the amount is the proposal's, the instant the approval's: it is placed, judged, recorded and
  receipted as any bid, by the same commands;
- a bid that is refused leaves its proposal open: it can be approved again, or withdrawn;
- of two approvals at once one finds the proposal decided, under the firm's lock.
"""

from dataclasses import dataclass

from app.auction import (
    firms,
    rules,
    rules_firms,
    rules_maximum,
    rules_seal,
    store,
    store_firms,
)
from app.auction.place_bid import place_bid
from app.auction.place_sealed_bid import place_sealed_bid
from app.auction.rules_firms import Proposal, ProposalKind, ProposalState
from app.auction.set_maximum import set_maximum
from app.kernel.refusal import CommonRefusal, Refused, Rejected
from app.platform.db import Tx


@dataclass(frozen=True, slots=True)
class Approved:
    """A proposal, and the one of these that it became, each with the lot after it."""

    proposal: Proposal
    bid: tuple[rules.Bid, rules.Lot] | None = None
    maximum: tuple[rules_maximum.Setting, rules.Lot] | None = None
    sealed: rules_seal.SealedBid | None = None


async def approve_bid(tx: Tx, proposal: str) -> Approved | Refused:
    """Place what another person of one's own firm has proposed, or answer with its refusal."""
    firm = tx.by.party
    await store_firms.lock_firm(tx, firm)
    found = await store_firms.find_proposal(tx, firm, proposal)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "proposal")
    # Before anything asks for the instant, which is that of the bid.
    await store.find_lot(tx, found.lot, lock=True)
    proposer_acts = await firms.acts_for(tx, found.proposed_by, firm)
    refusal = rules_firms.decide_approval(found, tx.actor, proposer_acts=proposer_acts)
    if refusal is not None:
        raise Rejected(refusal)

    approved = await _place(tx, found)
    if isinstance(approved, Approved):
        await store_firms.decide_proposal(tx, found, ProposalState.PLACED, await tx.now())
    return approved


async def _place(tx: Tx, proposal: Proposal) -> Approved | Refused:
    lot, firm, price, note = proposal.lot, proposal.firm, proposal.price, proposal.note
    if note is not None:
        sealed = await place_sealed_bid(tx, rules_seal.PlaceSealedBid(lot, firm, note), by_two=True)
        return sealed if isinstance(sealed, Refused) else Approved(proposal, sealed=sealed)
    assert price is not None, "what is not sealed has a price"
    if proposal.kind is ProposalKind.MAXIMUM:
        wanted = rules_maximum.SetMaximum(lot, firm, price)
        return Approved(proposal, maximum=await set_maximum(tx, wanted, by_two=True))
    bid = await place_bid(tx, rules.PlaceBid(lot, firm, price), by_two=True)
    return bid if isinstance(bid, Refused) else Approved(proposal, bid=bid)
