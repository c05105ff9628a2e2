"""Which fields a record of each kind has. Closed: what is not here may not stand in the log.

That is also how personal data is kept out: there is no field in which a name, a telephone number
or the number of an identity card could stand. What is private stands as a salted SHA-256.
"""

from collections.abc import Sequence

from app.audit.schemas_auction import AUCTION
from app.audit.schemas_clearing import CLEARING, CLEARING_ENTRIES
from app.audit.schemas_crossing import CROSSING, with_crossings
from app.audit.schemas_nodes import NODES
from app.audit.schemas_reconciliation import CORRECTIONS, RECONCILIATION
from app.audit.shapes import (
    Check,
    account,
    amount,
    any_offset,
    closed,
    count,
    day,
    digest,
    flag,
    instant,
    line,
    maybe,
    name,
    one_of,
    region,
    rows,
    ticket,
)

Shape = dict[str, Check]
"""The fields of a body with the form of each."""

PARTIES = ("county", "township", "village_committee", "collective", "villager")
ROLES = (
    "villager",
    "collective",
    "township",
    "county_clerk",
    "county_approver",
    "city",
    "exchange",
    "fund_centre",
    "bidder",
    "bidder_viewer",
    "province",
    "operator",
    "ministry",
    "supervisor",
    "custodian",
    "system_admin",
    "security_admin",
    "audit_admin",
)
REJECTION_REASONS = (
    "no_need",
    "city_withdrew",
    "papers_incomplete",
    "yields_disputed",
    "against_plan",
    "other",
)
APPLICATION_STATES = (
    "applied",
    "revoked",
    "rejected",
    "noticed",
    "determined",
    "approved",
    "accepted",
)

EVIDENCE_KINDS = (
    "application_form",
    "consent",
    "photo_before",
    "vote_record",
    "public_notice",
    "photo_after",
    "acceptance_report",
    "settlement_proof",
    "other",
)
REDEMPTION_KINDS = (
    "affordable_purchase",
    "affordable_resale",
    "public_rental",
    "public_purchase",
    "refund",
    "commercial_purchase",
    "mortgage_offset",
    "cash_withdrawal",
)
REDEMPTION_REASONS = (
    "papers_missing",
    "terms_differ",
    "facts_unconfirmed",
    "payee_unconfirmed",
    "household_unwilling",
)
MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")

PARAMETERS = closed(
    split=rows(one_of(*PARTIES), count),
    cooling_off_days=count,
    notice_days=count,
    homestead_cap=maybe(count),
    min_work_years=count,
    ecological_quota=flag,
    auction_notice_days=count,
    extension_seconds=count,
    min_bidders=count,
    sealed_tie=one_of("earliest", "draw"),
    payment_days=count,
    subsidy_basis=one_of("head", "area"),
    subsidy_rate=count,
    subsidy_pool_share=count,
    option_years=count,
    low_interest_loan_cap=count,
    fee_offset_share=count,
)

_USE: Shape = {
    "cause": name,
    "paid_for_home": amount,
    "paid_in_cash": amount,
    "balance_after": amount,
}
_TERMS: Shape = _USE | {
    "contract": name,
    "price": amount,
    "from_account": amount,
    "gap": amount,
}
_GAP: Shape = {"gap_by": name}
_HOME: Shape = _TERMS | {"surplus": one_of("cash", "keep")}
_RESALE: Shape = _TERMS | {"land_fee": amount, "fee_paid": amount}
_SHOP: Shape = _TERMS | {"loan_asked": amount, "loan_cap": amount, "loan": amount}
_PUBLIC: Shape = _TERMS | {
    "rental": name,
    "option_date": day,
    "owned": amount,
    "rented": amount,
}
CONTRACTS = (
    _HOME,
    _HOME | _GAP,
    _RESALE,
    _SHOP,
    _SHOP | _GAP,
    _PUBLIC,
    _PUBLIC | _GAP,
    _TERMS,
)
_REFUND: Shape = _USE | {"rental": name}
_REDEMPTION: Shape = {"household": name, "kind": one_of(*REDEMPTION_KINDS)}
_CLOSED: Shape = {"cause": name, "share": amount}

_CHARGE: Shape = {
    "month": count,
    "area": amount,
    "rent_per_m2": amount,
    "subsidy_per_m2": amount,
    "charge": amount,
    "paid": amount,
}
_SUBSIDY: Shape = {
    "year": count,
    "basis": one_of("head", "area"),
    "rate": amount,
    "amount": amount,
}
_SUBSIDIES = (_SUBSIDY | {"heads": count}, _SUBSIDY | {"area": amount})
_INCOME: Shape = {"income": count, "amount": amount, "share": amount, "pooled": amount}
_CONVERSION: Shape = {
    "ticket": ticket,
    "new_ticket": ticket,
    "coefficient": name,
    "document": line,
    "yield_out": count,
    "yield_in": count,
    "sent_m2": amount,
    "received_m2": amount,
}
_REJECTED: Shape = {"ticket": ticket, "by": one_of("receiver", "ministry")}
_MOVED: Shape = {"transfer": name, "from": region, "to": region, "balance": amount}
_NETTING: Shape = {
    "payer": region,
    "payee": region,
    "payer_owes_cny": amount,
    "payee_owes_cny": amount,
    "netted_cny": amount,
    "paid_cny": amount,
}
_SHARE: Shape = {
    "lot": name,
    "price": amount,
    "lot_area": amount,
    "ticket": ticket,
    "ticket_area": amount,
    "share": amount,
    "reclamation_cost": amount,
    "financing_cost": amount,
    "cost_account": account,
    "net": amount,
    "split": rows(one_of(*PARTIES), count, amount, account),
}
_PLOT_COST: Shape = {
    "plot": name,
    "lot": name,
    "area_m2": amount,
    "remaining_area_m2": amount,
    "remaining_cost_cny": amount,
    "ticket_cost_cny": amount,
}
_LAND_SALE: Shape = _PLOT_COST | {
    "quota": one_of("off_plan"),
    "winner": name,
    "new_land_fee_cny": amount,
    "reclamation_fee_cny": amount,
    "fee_offset_share": amount,
    "offset_cny": amount,
}
_DEPOSIT: Shape = {"lot": name, "deposit": amount, "price": maybe(amount)}
_PARCEL: Shape = {"parcel": digest}
_APPLIED: Shape = {
    "household": name,
    "collective": name,
    "area_m2": amount,
    "floor_m2": maybe(amount),
    "lawful_m2": amount,
    "co_owners": count,
    "cooling_off_ends_at": instant,
}
_RECLAIMED: Shape = {
    "accepted_m2": amount,
    "lawful_m2": amount,
    "to": one_of("cropland", "forest", "grass"),
    "reclamation_cost_cny": amount,
    "financing_cost_cny": amount,
}

_NOTHING: Shape = {}

_MARKET: dict[str, Sequence[Shape]] = {
    "region.registered": [{"zone": maybe(one_of("urbanised", "farm_product", "ecological"))}],
    "collective.registered": [{"county": region, "members": count, "name_commitment": digest}],
    "household.registered": [{"collective": name, "heads": count, "name_commitment": digest}],
    "bidder.registered": [{"name_commitment": digest}],
    "credential.issued": [{"role": one_of(*ROLES), "party": name}],
    "credential.revoked": [_NOTHING],
    "login.created": [_NOTHING],
    "password.reset": [_NOTHING],
    "policy.proposed": [{"valid_from": any_offset, "parameters": PARAMETERS}],
    "policy.approved": [_NOTHING],
    "coefficient.proposed": [
        {
            "from": region,
            "to": region,
            "yield_out": count,
            "yield_in": count,
            "valid_from": day,
            "valid_to": day,
            "document": line,
        }
    ],
    "coefficient.approved": [_NOTHING],
    "application.applied": [_APPLIED, _APPLIED | _PARCEL],
    "application.revoked": [_NOTHING],
    "application.reviewed": [
        {
            "votes_for": count,
            "members": count,
            "state": one_of(*APPLICATION_STATES),
            "notice_ends_at": maybe(instant),
        }
    ],
    "objection.raised": [{"application": name}],
    "objection.ruled": [
        {"application": name, "upheld": flag, "state": one_of(*APPLICATION_STATES)}
    ],
    "application.determined": [_NOTHING],
    "application.approved": [{"area_m2": amount, "lawful_m2": amount}],
    "application.city_approved": [
        {
            "city": region,
            "work_years": count,
            "min_work_years": count,
            "income_proof": flag,
            "long_term": flag,
        }
    ],
    "application.held": [{"hold": name}],
    "application.hold_ended": [
        {
            "hold": name,
            "outcome": one_of("taken_back", "confirmed", "withdrawn", "lapsed"),
            "state": one_of(*APPLICATION_STATES),
        }
    ],
    "evidence.filed": [
        {
            "application": name,
            "number": count,
            "kind": one_of(*EVIDENCE_KINDS),
            "media_type": one_of(*MEDIA_TYPES),
            "size": count,
            "commitment": digest,
            "replaces": maybe(name),
        }
    ],
    "ticket.handed_in": [{"application": name, "city": region, "area_m2": amount}],
    "lot.settled": [
        {"price": amount, "area": amount, "tickets": count, "costs": amount, "villagers": amount}
    ],
    "land_income.booked": [_INCOME],
    "subsidy.paid": _SUBSIDIES,
    "rental.begun": [
        {"household": name, "area": amount, "rent_per_m2": amount, "subsidy_per_m2": amount}
    ],
    "rental.charged": [_CHARGE | {"household": name, "rent_due": amount}],
    "rental.ended": [{"household": name, "charges": count}],
    "contract.signed": CONTRACTS,
    "account.refunded": [_REFUND],
    "account.withdrawn": [_USE],
    "account.moved": [_MOVED],
    "redemption.requested": [_REDEMPTION | {"commitment": digest, "due_at": instant}],
    "redemption.approved": [_REDEMPTION],
    "redemption.refused": [_REDEMPTION | {"reason": one_of(*REDEMPTION_REASONS)}],
    "redemption.withdrawn": [_REDEMPTION],
    "transfer.requested": [{"ticket": ticket, "to": region, "city": region, "area_m2": amount}],
    "transfer.accepted": [{"ticket": ticket, "from": region}],
    "transfer.rejected": [_REJECTED, _REJECTED | {"reason": one_of(*REJECTION_REASONS)}],
    "transfer.approved": [
        {
            "ticket": ticket,
            "to": region,
            "new_ticket": ticket,
            "coefficient": name,
            "sent_m2": amount,
            "received_m2": amount,
            "balance_moved_cny": amount,
        }
    ],
    "provinces.settled": [_NETTING | {"number": count}],
    "plot.selected": [
        {
            "lot": name,
            "bidder": name,
            "county": region,
            "area_m2": amount,
            "collective": maybe(name),
        }
    ],
}
NOTES: dict[str, Sequence[Shape]] = (
    with_crossings(_MARKET | AUCTION | CLEARING) | CROSSING | NODES | RECONCILIATION
)
"""Records of events that moved no value."""

_ENTRIES: dict[str, Sequence[Shape]] = {
    "entry.opening_stock": [_NOTHING],
    "entry.cash_in": [{"reference": name}],
    "entry.deposit_hold": [_DEPOSIT],
    "entry.deposit_release": [_DEPOSIT],
    "entry.deposit_forfeit": [_DEPOSIT],
    "entry.payment": [_DEPOSIT],
    "entry.settlement": [_SHARE],
    "entry.settlement_home": [_SHARE],
    "entry.reclamation": [_RECLAIMED, _RECLAIMED | _PARCEL],
    "entry.issue": [
        {
            "application": name,
            "household": name,
            "area_m2": amount,
            "reclamation_cost_cny": amount,
            "financing_cost_cny": amount,
        }
    ],
    "entry.land_income": [_INCOME],
    "entry.subsidy": _SUBSIDIES,
    "entry.rent": [_CHARGE],
    "entry.housing_payment": CONTRACTS,
    "entry.cash_payment": [*CONTRACTS, _REFUND, _USE, _CLOSED],
    "entry.land_sale": [_LAND_SALE],
    "entry.certificate_resale": [_PLOT_COST],
    "entry.conversion_out": [_CONVERSION],
    "entry.conversion_in": [_CONVERSION],
    "entry.account_moved_out": [_MOVED],
    "entry.account_moved_in": [_MOVED],
    "entry.provincial_settlement": [_NETTING],
}
ENTRIES: dict[str, Sequence[Shape]] = with_crossings(_ENTRIES) | CLEARING_ENTRIES | CORRECTIONS
"""Records of entries of the ledger, by their facts."""
