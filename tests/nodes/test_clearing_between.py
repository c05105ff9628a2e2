"""What provinces of different nodes owe each other: stated, agreed, signed, paid by the bank."""

import json
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from app import clearing
from app.audit.records import canonical
from app.audit.schemas_clearing import BETWEEN
from app.audit.stream import audit_records
from app.clearing import Stated, StatedKind, StatedSide, Why, rules_stated, store_bank
from app.clearing.rules import hash_of
from app.clearing.rules_bank import Instruction, InstructionKind
from app.clearing.rules_between import BetweenRefusal
from app.clearing.take_confirmed import take_confirmed
from app.clearing.take_due import take_due
from app.clearing.take_statement import take_statement
from app.kernel.refusal import LetterRefusal, Rejected
from app.kernel.units import Fen, decimal, hundredths
from app.replay.client import NODE
from app.transfers.take_stated import take_stated
from tests.clearing import Line, account_of, register_account, switch_on
from tests.nodes.forgeries_between import FORGERIES
from tests.nodes.reconciled import log_of, run
from tests.nodes.settling import close, file_of, instructions, owed, published, sign, take
from tests.nodes.three import HERE, THERE, again, forged, lost, sell, three_nodes, whole
from tests.story import COLLECTIVES_SHARE, COSTS, COUNTY, THERE_CITY

HOUSEHOLDS = [f"h{n}" for n in range(6)]
DUE = hundredths(COSTS) + hundredths(COLLECTIVES_SHARE)


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with (
        three_nodes(cluster, tmp_path_factory.mktemp("three"), HOUSEHOLDS) as three,
        AsyncExitStack() as stack,
    ):
        for office, province in ((three.here, HERE), (three.there, THERE)):
            await stack.enter_async_context(log_of(three, office))
            await register_account(office.market, province)
        await register_account(three.ministry.market, NODE)
        yield three


async def test_a_debt_between_nodes_is_agreed_signed_paid_in_parts_and_gone(three, monkeypatch):
    story = three.here.story
    await story.must("land_income", county=COUNTY, amount_cny="1000.00")
    ticket = await story.issue("h0", THERE_CITY)
    await story.must("subsidise", household="h0")
    await story.must("outflow", id="x0", ticket=ticket, to=THERE)
    await three.quiet()
    assert "code" not in await three.accept("x0")
    assert "code" not in await three.approve("x0")
    await sell(three, [f"{HERE}-{ticket}/{THERE}"], "l0")
    assert [await office.refused() for office in three.all] == [[], [], []]
    stated = await three.ministry.market.list("/v1/stated-obligations")
    assert [(one["kind"], one["debtor"], one["debtor_cny"], one["state"]) for one in stated] == [
        ("account", HERE, "300.00", "agreed"),
        ("sale", THERE, decimal(DUE), "agreed"),
    ]

    await switch_on(three.ministry.market)
    await three.quiet()
    await is_too_large(three, monkeypatch)
    (statement,) = await close(three, "terms")
    assert (statement["a_owes_cny"], statement["b_owes_cny"]) == (decimal(DUE), "300.00")
    for office in (three.here, three.there):
        (own,) = await office.market.list("/v1/settlement-statements")
        assert own == statement
    await sign(three, statement, three.here)
    assert await instructions(three.here) == []
    await sign(three, statement, three.there)
    assert [await office.refused() for office in three.all] == [[], [], []]

    for office in three.all:
        made = await instructions(office)
        assert {(one["payer"], one["payee"], one["amount_cny"]) for one in made} == {
            (THERE, HERE, decimal(DUE)),
            (HERE, THERE, "300.00"),
        }
    sale = next(one for one in made if one["payer"] == THERE)
    back = next(one for one in made if one["payer"] == HERE)
    path = f"/v1/payment-instructions/{sale['id']}/file"
    pain = await file_of(three.there, path)
    assert account_of(HERE) in pain
    assert account_of(THERE) in pain
    for office in three.all:
        records = await office.rows("SELECT body FROM record")
        assert not any(account_of(HERE).encode() in bytes(row.body) for row in records)
        letters = await office.rows("SELECT note FROM inbox")
        assert not any(account_of(HERE) in row.note for row in letters)

    lines = (
        Line("r1", sale["id"], DUE - 1000, account_of(THERE)),
        Line("r0", sale["id"], 500, "elsewhere1"),
        Line("r2", sale["id"], 1001, account_of(THERE)),
    )
    assert await take(three.here, "f1", *lines) == ["partial", "wrong-debtor", "too-much"]
    await three.quiet()
    assert await owed(three) == {
        f"due_to:{THERE}:{HERE}": 1000,
        f"due_from:{HERE}:{THERE}": -1000,
        f"due_to:{HERE}:{THERE}": 30000,
        f"due_from:{THERE}:{HERE}": -30000,
    }
    assert await take(three.here, "f2", Line("r1", sale["id"], DUE - 1000)) == ["repeated"]
    assert await take(three.here, "f3", Line("r3", sale["id"], 1000)) == ["confirmed"]
    assert await take(three.there, "f1", Line("s1", back["id"], 30000)) == ["confirmed"]
    await three.quiet()
    assert await owed(three) == {}
    for office in three.all:
        assert {one["state"] for one in await instructions(office)} == {"confirmed"}
    assert [await office.refused() for office in three.all] == [[], [], []]
    await whole(three)


async def is_too_large(three, monkeypatch):
    """What no statement between nodes could state is refused, and a smaller window can follow."""
    window = ("ministry", NODE, "/v1/settlement-windows", {"terms": "terms"})
    with monkeypatch.context() as small:
        small.setattr(rules_stated, "OBLIGATIONS_MAX", 1)
        assert (await three.ministry.send(*window))["code"] == "window-too-large"


async def letter_of(office, kind, sender, transfer):
    """A letter that a node has received, as it can be handled once more."""
    (row,) = await office.rows(
        "SELECT note, entry FROM inbox"
        " WHERE type = :kind AND peer = :peer AND transfer = :transfer AND revision = 1",
        kind=kind,
        peer=sender.node.name,
        transfer=transfer,
    )
    return again(row, sender, kind, transfer)


async def refuses(office, handler, received):
    """The code with which a node refuses a letter; nothing is written."""
    records = await office.one("SELECT count(*) FROM record")
    with pytest.raises(Rejected) as refused:
        await office.node.db.transact(handler, received)
    assert await office.one("SELECT count(*) FROM record") == records
    return refused.value.refusal


def saying(received, *, body=None, record=None, **more):
    """A letter that says something else, resting on a record that says the same."""
    entry = json.loads(received.entry)
    for name, value in (record or {}).items():
        entry[name] = entry[name] | value if isinstance(value, dict) else value
    body = dict(received.body) | (body or {})
    return replace(received, body=body, entry=canonical(entry), **more)


async def test_what_a_lying_node_says_of_debts_has_no_effect(three):
    crossing = f"{HERE}-x0"
    stated = await letter_of(three.ministry, "pay.stated", three.here, crossing)
    ministry = three.ministry
    assert await refuses(ministry, take_stated, stated) is BetweenRefusal.STATED_ALREADY
    for change, refusal in (
        ({"body": {"amount_cny": "1.00"}}, BetweenRefusal.NOT_COMMITTED),
        (
            {"body": {"transfer": f"{HERE}-x9"}, "transfer": f"{HERE}-x9"},
            BetweenRefusal.NOT_COMMITTED,
        ),
        ({"body": {"amount_cny": "1.0"}}, LetterRefusal.MALFORMED),
        ({"record": {"postings": []}}, LetterRefusal.UNFOUNDED),
        ({"sender": THERE}, BetweenRefusal.WRONG_PARTY),
    ):
        assert await refuses(ministry, take_stated, saying(stated, **change)) is refusal, change


async def test_a_payer_that_claims_to_have_paid_is_not_believed(three):
    (sale,) = [one for one in await instructions(three.here) if one["payer"] == THERE]
    said = await letter_of(three.there, "pay.confirmed", three.here, sale["id"])
    for office in (three.here, three.ministry):
        claim = replace(said, sender=THERE, revision=9)
        assert await refuses(office, take_confirmed, claim) is BetweenRefusal.WRONG_PARTY
    # The payee itself cannot give up more than it is owed, nor say what its log does not.
    more = replace(said, revision=9)
    assert await refuses(three.there, take_confirmed, more) is BetweenRefusal.PAYMENT_EXCEEDS
    other = replace(said, body=dict(said.body) | {"amount_cny": "1.00"})
    assert await refuses(three.there, take_confirmed, other) is LetterRefusal.UNFOUNDED


async def test_parts_count_in_whatever_order_they_come(three):
    (sale,) = [one for one in await instructions(three.here) if one["payer"] == THERE]
    said = await letter_of(three.there, "pay.confirmed", three.here, sale["id"])
    id_ = "5" * 32

    async def heard(tx, order):
        now = await tx.now()
        back = Instruction(
            id_,
            InstructionKind.RETURN,
            None,
            None,
            THERE,
            HERE,
            Fen(500),
            Fen(0),
            None,
            None,
            now,
            between_nodes=True,
        )
        await store_bank.insert_instructions(tx, [(back, None)])
        for number, amount, remaining in order:
            body = dict(said.body) | {"amount_cny": amount, "remaining_cny": remaining}
            part = saying(said, body=body, record={"subject": id_, "body": body})
            await take_confirmed(tx, replace(part, transfer=id_, revision=number))
        left = (await store_bank.find_instruction(tx, id_)).remaining
        raise AssertionError(f"{left} are left")

    first, second = (1, "2.00", "3.00"), (2, "3.00", "0.00")
    for order in ((first, second), (second, first)):
        with pytest.raises(AssertionError, match=r"^0 are left"):
            await three.there.node.db.transact(heard, order)


async def test_a_statement_that_the_own_books_do_not_bear_out_is_disputed_and_not_signed(three):
    """The ministry's node lies, to one of two and in its log."""
    (told,) = await three.here.rows("SELECT note, entry FROM inbox WHERE type = 'pay.statement'")
    honest = again(told, three.ministry, "pay.statement", f"1-{THERE}-{HERE}")
    document = dict(honest.body["document"])
    lie = document | {
        "window": 7,
        "a_owes_cny": "1.00",
        "b_owes_cny": "0.00",
        "obligations": [[3, f"{HERE}-x0", "sale", THERE, "1.00"]],
    }
    hash_ = hash_of(lie)
    body = json.loads(honest.entry)["body"]
    named = body | {"statements": [[THERE, HERE, "1.00", "0.00", hash_]]}
    forged = replace(honest, transfer=f"7-{THERE}-{HERE}", body={"document": lie})
    forged = saying(forged, record={"subject": "7", "body": named})
    unfounded = replace(forged, entry=honest.entry)
    refusal = await refuses(three.here, take_statement, unfounded)
    assert refusal is LetterRefusal.UNFOUNDED
    # What was stated once is in no second statement, whatever it says of it.
    await three.here.node.db.transact(take_statement, forged)
    statement = {"statement": f"7-{THERE}-{HERE}", "hash": hash_}
    shown = await three.here.market.read(f"/v1/settlement-statements/{statement['statement']}")
    assert [(act["approves"], act["reason"]) for act in shown["acts"]] == [(False, "paid_already")]
    path = "/v1/statement-approvals"
    refused = await three.here.send("province", HERE, path, statement)
    assert refused["code"] == "statement-unbooked"
    await three.quiet()
    assert await three.ministry.refused() == [("pay.disputed", "wrong-party")]
    due = await letter_of(three.here, "pay.due", three.ministry, f"1-{THERE}-{HERE}")
    ahead = {"window": 7, "statement": statement["statement"]}
    unsigned = saying(due, body=ahead, record={"subject": statement["statement"], "body": ahead})
    unsigned = replace(unsigned, transfer=statement["statement"])
    assert await refuses(three.here, take_due, unsigned) is BetweenRefusal.NOT_SIGNED
    assert await refuses(three.here, take_due, due) is BetweenRefusal.NOT_SIGNED


async def hold_until_paid(three):
    """Multilateral terms that let quota land once it is paid for."""
    body = {"id": "agent", "netting": "multilateral", "hold_until_paid": True}
    await three.ministry.must("ministry", NODE, "/v1/clearing-terms", body)
    approval = {"terms": "agent"}
    await three.ministry.must(
        "ministry", NODE, "/v1/clearing-terms-approvals", approval, person="b"
    )
    await three.quiet()


async def test_debts_through_the_agent_are_netted_at_each_node_and_quota_waits_for_the_money(three):
    arrived = await three.cross("h1", "x1")
    await sell(three, [arrived], "l1")
    await hold_until_paid(three)
    body = {"id": "p1", "lot": "l1", "bidder": "b0", "county": THERE_CITY, "area_m2": "66.66"}
    refused = await three.there.send("bidder", "b0", "/v1/plots", body)
    assert refused["code"] == "quota-unpaid"
    here = await three.here.send("ministry", NODE, "/v1/settlement-windows", {"terms": "agent"})
    assert here["code"] == "decided-elsewhere"

    (statement,) = await close(three, "agent")
    dispute = {"statement": statement["id"], "reason": "amount_differs"}
    await three.here.must("province", HERE, "/v1/statement-disputes", dispute)
    await lost(three.here)
    await sign(three, statement, three.there, wait=False)
    # The approval waits for the line, behind a dispute that was made before it.
    await sign(three, statement, three.here, wait=False)
    late = await three.here.send("province", HERE, "/v1/statement-disputes", dispute)
    assert late["code"] == "wrong-state"
    three.here.node.line.heal()
    await three.quiet()
    new = [[one for one in await instructions(o) if one["window"] == 2] for o in three.all]
    sums = [{(one["payer"], one["payee"], one["amount_cny"]) for one in made} for made in new]
    pays, paid = (THERE, NODE, decimal(DUE)), (NODE, HERE, decimal(DUE))
    assert sums == [{paid}, {pays}, {pays, paid}]
    assert await owed(three) == {f"due_to:{THERE}:{NODE}": DUE, f"due_from:{HERE}:{NODE}": -DUE}

    ids = {one["payer"]: one["id"] for one in new[2]}
    lines = [
        Line("m1", ids[THERE], DUE, account_of(THERE)),
        Line("m2", "no such", 700, account_of(THERE)),
    ]
    assert await take(three.ministry, "f9", *lines) == ["confirmed", "unknown-instruction"]
    await three.quiet()
    assert (await three.there.must("bidder", "b0", "/v1/plots", body))["lot"] == "l1"
    assert await take(three.here, "f9", Line("h9", ids[NODE], DUE, account_of(NODE))) == [
        "confirmed"
    ]
    resolution = {"id": "r9", "file": "f9", "entry": 2, "kind": "return"}
    await three.ministry.must("ministry", NODE, "/v1/evidence-resolutions", resolution)
    approval = {"resolution": "r9"}
    path = "/v1/evidence-resolution-approvals"
    await three.ministry.must("ministry", NODE, path, approval, person="b")
    await three.quiet()
    back = [one for one in await instructions(three.there) if one["kind"] == "return"]
    assert [(one["payer"], one["amount_cny"]) for one in back] == [(NODE, "7.00")]
    assert await take(three.there, "f9", Line("t9", back[0]["id"], 700)) == ["confirmed"]
    await three.quiet()
    assert await owed(three) == {}
    for office in three.all:
        assert {one["state"] for one in await instructions(office)} == {"confirmed"}


async def test_what_the_two_sides_state_differently_is_told_and_in_no_window(three):
    """Two honest nodes reckon alike, so both are spoken for here, at the ministry's node."""
    await three.cross("h2", "x2")
    for side, number, before, amount in (
        (StatedSide.DEBTOR, 1, 0, 400),
        (StatedSide.CREDITOR, 1, 0, 500),
        (StatedSide.CREDITOR, 2, 500, 450),
    ):
        said = Stated(
            transfer=f"{HERE}-x2",
            kind=StatedKind.SALE,
            side=side,
            debtor=THERE,
            creditor=HERE,
            amount=Fen(amount),
            number=number,
            before=Fen(before),
        )

        async def hear(tx, stated):
            why = None if stated.number == 1 else Why("fix-1", "wrong_amount", "文号")
            await clearing.hear(tx, stated, f"{stated.amount:064}", why)

        await three.ministry.node.db.transact(hear, said)
    matters = await three.ministry.market.list("/v1/stated-obligations")
    (one,) = [matter for matter in matters if matter["transfer"] == f"{HERE}-x2"]
    assert (one["state"], one["debtor_cny"], one["creditor_cny"]) == ("differs", "4.00", "4.50")
    await published(three)
    body = {"terms": "agent"}
    refused = await three.ministry.send("ministry", NODE, "/v1/settlement-windows", body)
    assert refused["code"] == "window-empty"


async def test_what_is_netted_and_paid_agrees_in_all_books_night_after_night(three):
    for _ in range(2):
        assert (await run(three))["outcome"] == "agreed"


async def test_at_last_every_node_agrees_with_itself_and_every_kind_was_told(three):
    told = set()
    for office in three.all:
        told |= {row.kind for row in await office.rows("SELECT DISTINCT kind FROM record")}
    assert set(BETWEEN) <= told
    assert [await office.refused() for office in (three.here, three.there)] == [[], []]
    await whole(three)


async def test_what_is_forged_of_payments_between_nodes_is_named(three):
    missed = []
    for office, kind, changed, rule in FORGERIES:
        rows = await getattr(three, office).rows("SELECT body FROM record ORDER BY id")
        report = audit_records(forged([bytes(row.body) for row in rows], kind, **changed))
        if rule not in report.counts:
            missed.append((office, kind, changed, rule, dict(report.counts)))
    assert missed == []
