"""Kinds of accounts and entries, and which moves each kind of entry may make.

The database holds the same declaration in `ledger_account_kind` and `ledger_move`; a test
compares the two.
"""

from enum import StrEnum


class Asset(StrEnum):
    """What an account holds, in whole hundredths: fen, or 0.01 m²."""

    CNY = "CNY"
    M2 = "M2"


class AccountKind(StrEnum):
    """What an account is for. Owners are public ids, never names."""

    # money
    BANK = "bank"  # the outside world: money that came in is negative here
    BIDDER_CASH = "bidder_cash"
    DEPOSIT = "deposit"  # held for one lot, owner `<lot>:<bidder>`
    ESCROW = "escrow"  # the price of a paid lot until it is shared out
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE_COMMITTEE = "village_committee"
    COLLECTIVE = "collective"
    EXCHANGE = "exchange"
    SUBSIDY_POOL = "subsidy_pool"
    HOUSING = "housing"
    DUE_TO = "due_to"  # owed to the province named as owner
    DUE_FROM = "due_from"  # a claim on the province named as owner, negative
    # the right to build, over land: constant inside a province
    LAND_OPENING = "land_opening"
    HOMESTEAD = "homestead"
    ACCEPTED = "accepted"  # reclaimed and accepted, no ticket yet
    TICKET = "ticket"
    CERTIFICATE = "certificate"
    CONSTRUCTION = "construction"
    CONVERSION = "conversion"  # what left for or came from the province named as owner
    # farmland made and taken
    FARMLAND_OPENING = "farmland_opening"
    CROPLAND = "cropland"
    ECOLOGICAL = "ecological"
    FARMLAND_MADE = "farmland_made"
    FARMLAND_TAKEN = "farmland_taken"
    # contracting rights over reclaimed farmland elsewhere
    OFF_SITE_GRANTED = "off_site_granted"
    OFF_SITE_RIGHT = "off_site_right"


_K = AccountKind

ASSET = {
    kind: Asset.M2 if kind in set(list(_K)[list(_K).index(_K.LAND_OPENING) :]) else Asset.CNY
    for kind in _K
}

UNBOUNDED = frozenset(
    {
        _K.BANK,
        _K.DUE_FROM,
        _K.LAND_OPENING,
        _K.CONVERSION,
        _K.FARMLAND_OPENING,
        _K.FARMLAND_MADE,
        _K.OFF_SITE_GRANTED,
    }
)
"""Kinds that stand for the other side of the market and may be negative; all others floor at 0."""

PARTY_KINDS = (
    _K.COUNTY,
    _K.TOWNSHIP,
    _K.VILLAGE_COMMITTEE,
    _K.COLLECTIVE,
    _K.EXCHANGE,
    _K.SUBSIDY_POOL,
)
"""Accounts of parties that hold money of their own, beside households and bidders."""

RIGHT_TO_BUILD = (
    _K.LAND_OPENING,
    _K.HOMESTEAD,
    _K.ACCEPTED,
    _K.TICKET,
    _K.CERTIFICATE,
    _K.CONSTRUCTION,
    _K.CONVERSION,
)
"""These sum to zero in every province: no right to build is made or lost (R117, R177, R198)."""

FARMLAND = (
    _K.FARMLAND_OPENING,
    _K.CROPLAND,
    _K.ECOLOGICAL,
    _K.FARMLAND_MADE,
    _K.FARMLAND_TAKEN,
)
"""These sum to zero in every province (R198)."""

CORRECTABLE = (
    tuple(kind for kind in _K if ASSET[kind] is Asset.CNY),
    RIGHT_TO_BUILD,
    FARMLAND,
    (_K.OFF_SITE_GRANTED, _K.OFF_SITE_RIGHT),
)
"""A correction moves within one of these groups, so it keeps every law of conservation."""


class EntryKind(StrEnum):
    """Why value moved."""

    OPENING_STOCK = "opening_stock"
    CASH_IN = "cash_in"
    DEPOSIT_HOLD = "deposit_hold"
    DEPOSIT_RELEASE = "deposit_release"
    DEPOSIT_FORFEIT = "deposit_forfeit"
    PAYMENT = "payment"
    SETTLEMENT = "settlement"
    SETTLEMENT_HOME = "settlement_home"
    RECLAMATION = "reclamation"
    ISSUE = "issue"
    LAND_INCOME = "land_income"
    SUBSIDY = "subsidy"
    RENT = "rent"
    HOUSING_PAYMENT = "housing_payment"
    CASH_PAYMENT = "cash_payment"
    LAND_SALE = "land_sale"
    CERTIFICATE_RESALE = "certificate_resale"
    CONVERSION_OUT = "conversion_out"
    CONVERSION_IN = "conversion_in"
    ACCOUNT_MOVED_OUT = "account_moved_out"
    ACCOUNT_MOVED_IN = "account_moved_in"
    PROVINCIAL_SETTLEMENT = "provincial_settlement"
    PROVINCIAL_NETTING = "provincial_netting"
    PROVINCIAL_PAYMENT = "provincial_payment"
    CORRECTION = "correction"


_E = EntryKind
_PARTIES = (_K.COUNTY, _K.TOWNSHIP, _K.VILLAGE_COMMITTEE, _K.COLLECTIVE)

MOVES: dict[EntryKind, frozenset[tuple[AccountKind, AccountKind]]] = {
    _E.OPENING_STOCK: frozenset(
        {
            (_K.LAND_OPENING, _K.HOMESTEAD),
            (_K.LAND_OPENING, _K.CONSTRUCTION),
            (_K.FARMLAND_OPENING, _K.CROPLAND),
            (_K.FARMLAND_OPENING, _K.ECOLOGICAL),
        }
    ),
    _E.CASH_IN: frozenset({(_K.BANK, _K.BIDDER_CASH)}),
    _E.DEPOSIT_HOLD: frozenset({(_K.BIDDER_CASH, _K.DEPOSIT)}),
    _E.DEPOSIT_RELEASE: frozenset({(_K.DEPOSIT, _K.BIDDER_CASH)}),
    _E.DEPOSIT_FORFEIT: frozenset({(_K.DEPOSIT, _K.EXCHANGE)}),
    _E.PAYMENT: frozenset(
        {
            (_K.DEPOSIT, _K.ESCROW),
            (_K.DEPOSIT, _K.BIDDER_CASH),
            (_K.BIDDER_CASH, _K.ESCROW),
        }
    ),
    # Money and quota of a ticket move in one entry: its two legs are linked (R94).
    _E.SETTLEMENT: frozenset(
        {(_K.ESCROW, k) for k in (*_PARTIES, _K.HOUSING, _K.DUE_TO)} | {(_K.TICKET, _K.CERTIFICATE)}
    ),
    _E.SETTLEMENT_HOME: frozenset({(_K.DUE_FROM, k) for k in _PARTIES}),
    _E.RECLAMATION: frozenset(
        {
            (_K.HOMESTEAD, _K.ACCEPTED),
            (_K.FARMLAND_MADE, _K.CROPLAND),
            (_K.FARMLAND_MADE, _K.ECOLOGICAL),
        }
    ),
    _E.ISSUE: frozenset({(_K.ACCEPTED, _K.TICKET)}),
    _E.LAND_INCOME: frozenset({(_K.BANK, _K.SUBSIDY_POOL)}),
    _E.SUBSIDY: frozenset({(_K.SUBSIDY_POOL, _K.HOUSING)}),
    _E.RENT: frozenset({(_K.HOUSING, _K.BANK)}),
    _E.HOUSING_PAYMENT: frozenset({(_K.HOUSING, _K.BANK)}),
    _E.CASH_PAYMENT: frozenset({(_K.HOUSING, _K.BANK)}),
    _E.LAND_SALE: frozenset(
        {
            (_K.CERTIFICATE, _K.CONSTRUCTION),
            (_K.CROPLAND, _K.FARMLAND_TAKEN),
            (_K.OFF_SITE_GRANTED, _K.OFF_SITE_RIGHT),
        }
    ),
    _E.CERTIFICATE_RESALE: frozenset({(_K.BIDDER_CASH, _K.BIDDER_CASH)}),
    _E.CONVERSION_OUT: frozenset({(_K.TICKET, _K.CONVERSION)}),
    _E.CONVERSION_IN: frozenset({(_K.CONVERSION, _K.TICKET)}),
    _E.ACCOUNT_MOVED_OUT: frozenset({(_K.HOUSING, _K.DUE_TO)}),
    _E.ACCOUNT_MOVED_IN: frozenset({(_K.DUE_FROM, _K.HOUSING)}),
    _E.PROVINCIAL_SETTLEMENT: frozenset(
        {(_K.DUE_TO, _K.BANK), (_K.BANK, _K.DUE_FROM), (_K.DUE_TO, _K.DUE_FROM)}
    ),
    # A debt meets a claim, or becomes one to the agent of multilateral netting; no money moves.
    _E.PROVINCIAL_NETTING: frozenset(
        {(s, t) for s in (_K.DUE_TO, _K.DUE_FROM) for t in (_K.DUE_TO, _K.DUE_FROM)}
    ),
    _E.PROVINCIAL_PAYMENT: frozenset({(_K.DUE_TO, _K.BANK), (_K.BANK, _K.DUE_FROM)}),
    _E.CORRECTION: frozenset({(s, t) for group in CORRECTABLE for s in group for t in group}),
}
