"""Books of two nodes that say different things of one debt, and what people do about it."""

from dataclasses import replace

from app.kernel.units import Fen, decimal, hundredths
from app.policy.rules import Party
from app.transfers import rules_obligation
from app.transfers.rules_obligation import ObligationRefusal
from tests.nodes.three import HERE
from tests.story import COLLECTIVES_SHARE, COSTS

DUE = hundredths(COSTS) + hundredths(COLLECTIVES_SHARE)
NEW = f"{HERE}-y0"
DOCUMENT = "渝规资函〔2027〕99号"


def reckons_a_yuan_more(monkeypatch):
    """The home's node has an error: a yuan of a household goes to its collective.

    The letter of the third sale it does not understand at all.
    """
    honest = rules_obligation.reckon

    def wrongly(stated, sold, split):
        share = honest(stated, sold, split)
        if sold.household.endswith("h2"):
            return ObligationRefusal.DIFFERS
        more = {Party.COLLECTIVE: 100, Party.VILLAGER: -100}
        parts = [replace(p, amount=Fen(p.amount + more.get(p.party, 0))) for p in share.parts]
        return replace(share, parts=tuple(parts))

    monkeypatch.setattr(rules_obligation, "reckon", wrongly)


async def matters(office):
    found = await office.market.list("/v1/stated-obligations")
    return {(one["transfer"], one["kind"]): one for one in found}


def sale(name):
    return {"transfer": f"{HERE}-{name}", "kind": "sale"}


def fix(id_, case, source, target, amount, name):
    return {
        "id": id_,
        "case": case["id"],
        "source": source,
        "target": target,
        "amount": decimal(amount),
        "reason": "wrong_amount",
        "document": DOCUMENT,
        "obligation": sale(name),
    }


async def correct(office, body):
    """Two people of a province."""
    office_of = ("province", office.node.name)
    await office.must(*office_of, "/v1/corrections", body)
    await office.must(*office_of, "/v1/correction-approvals", {"correction": body["id"]}, "b")


STATE = """
    INSERT INTO stated_obligation (transfer, kind, side, debtor, creditor, number, before_fen,
        amount_fen, entry_hash, record, at, correction, reason, document)
    VALUES ($1, $2, $3, '330000', '500000', $4, $5, $6,
            encode(sha256(convert_to($3 || ($4::int)::text, 'UTF8')), 'hex'), $7, now(),
            CASE WHEN $4::int > 1 THEN 'f' END, CASE WHEN $4::int > 1 THEN 'r' END,
            CASE WHEN $4::int > 1 THEN 'd' END)
"""
AGREE = """
    INSERT INTO agreed_obligation (transfer, kind, debtor, creditor, amount_fen, record)
    SELECT $1, 'sale', '330000', '500000', $2, max(id) FROM record
"""
AT_ODDS = [
    ("is agreed", [(STATE, f"{HERE}-x0", "sale", "debtor", 2, DUE, DUE + 1, None)]),
    ("begins_at_nothing", [(STATE, NEW, "sale", "debtor", 1, 1, 2, None)]),
    ("something_new", [(STATE, NEW, "sale", "debtor", 2, 2, 2, None)]),
    ("stated_once", [(STATE, NEW, "account", "debtor", 2, 1, 2, None)]),
    (
        "does not begin where",
        [
            (STATE, NEW, "sale", "debtor", 1, 0, 5, None),
            (STATE, NEW, "sale", "debtor", 2, 4, 6, None),
        ],
    ),
    ("is not what is stated", [(STATE, NEW, "sale", "debtor", 1, 0, 5, "own")]),
    (
        "have not stated the same",
        [
            (STATE, NEW, "sale", "debtor", 1, 0, 5, None),
            (STATE, NEW, "sale", "creditor", 1, 0, 6, None),
            (AGREE, NEW, 5),
        ],
    ),
    (
        "have not stated the same",
        [
            (STATE, NEW, "sale", "debtor", 1, 0, 5, None),
            (STATE, NEW, "sale", "creditor", 2, 6, 5, None),
            (AGREE, NEW, 5),
        ],
    ),
]
