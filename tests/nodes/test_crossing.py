"""A ticket leaves one node and arrives in another: real commands, letters and databases."""

import asyncio
import json
from dataclasses import replace

import pytest

from app.audit.schemas_crossing import CROSSING
from app.audit.stream import audit_records
from app.kernel.refusal import LetterRefusal, Rejected
from app.kernel.units import hundredths
from app.nodes import Received
from app.transfers import apply_credit, apply_debit, apply_decision
from app.transfers.handlers import handle
from app.transfers.refusals import ProtocolRefusal
from app.transfers.rules_messages import Decision, Outcome, Propose, digest
from app.transfers.rules_obligation import ObligationRefusal
from app.transfers.take_obligation import take_obligation
from tests.nodes.three import (
    DOCUMENT,
    HERE,
    START,
    THERE,
    again,
    days,
    forged,
    freed,
    lost,
    sell,
    three_nodes,
    whole,
)
from tests.story import COLLECTIVES_SHARE, COSTS, COUNTY, THERE_CITY, VILLAGERS_SHARE

HOUSEHOLDS = [f"h{n}" for n in range(8)]


@pytest.fixture(scope="module")
async def three(cluster, tmp_path_factory):
    async with three_nodes(cluster, tmp_path_factory.mktemp("three"), HOUSEHOLDS) as three:
        yield three


async def test_a_ticket_crosses_with_its_account_and_is_sold_there(three):
    await three.here.story.must("land_income", county=COUNTY, amount_cny="1000.00")
    ticket = await three.here.story.issue("h0", THERE_CITY)
    await three.here.story.must("subsidise", household="h0")
    await three.here.story.must("outflow", id="x0", ticket=ticket, to=THERE)
    await three.quiet()
    refused = await three.here.story.ask("subsidise", household="h0")
    assert refused.json()["code"] == "account-leaving"
    assert "code" not in await three.accept("x0")
    assert "code" not in await three.approve("x0")

    arrived = f"{HERE}-t.h0/{THERE}"
    assert [await office.refused() for office in three.all] == [[], [], []]
    stands = await three.there.rows("SELECT id, state, area, province FROM ticket")
    assert [tuple(row) for row in stands] == [(arrived, "handed_in", 6666, THERE)]
    assert await three.here.one("SELECT state FROM ticket WHERE id = 't.h0'") == "transferred"
    assert await three.ministry.one("SELECT state FROM crossing") == "done"
    assert await three.here.balance(f"conversion:{HERE}:{THERE}") == 10000
    assert await three.there.balance(f"conversion:{THERE}:{HERE}") == -6666
    assert await three.here.balance(f"due_to:{HERE}:{THERE}") == 30000
    assert await three.there.balance(f"due_from:{THERE}:{HERE}") == -30000
    assert await three.there.balance(f"housing:{THERE}:{HERE}-h0") == 30000
    name = await three.there.one("SELECT name FROM household WHERE id = '500000-h0'")
    assert name == "h0"

    await sell(three, [arrived], "l0")
    assert await three.here.refused() == []
    due = hundredths(COSTS) + hundredths(COLLECTIVES_SHARE)
    assert await three.there.balance(f"due_to:{THERE}:{HERE}") == due
    assert await three.here.balance(f"due_from:{HERE}:{THERE}") == -due
    assert await three.here.balance(f"county:{HERE}:{COUNTY}") == hundredths(COSTS)
    assert await three.here.balance(f"collective:{HERE}:v0") == hundredths(COLLECTIVES_SHARE)
    share = hundredths(VILLAGERS_SHARE)
    assert await three.there.balance(f"housing:{THERE}:{HERE}-h0") == 30000 + share
    await whole(three)
    await seen(three, arrived)


async def seen(three, arrived):
    """What anybody and the parties may read of an arrived ticket and its household is there."""
    for path in (
        f"/v1/tickets/{arrived}",
        f"/v1/tickets/{arrived}/records",
        "/v1/lots/l0/tickets",
        "/v1/lots/l0/payouts",
        "/v1/tickets",
        "/v1/collectives",
        "/v1/positions",
        "/v1/crossings",
        "/v1/housing-accounts",
        "/v1/figures",
        f"/v1/households/{HERE}-h0/dossier",
    ):
        await three.there.market.read(path)
    await three.here.market.read("/v1/households/h0/dossier")
    owed = {
        (p["debtor"], p["creditor"]): p["amount_cny"]
        for p in await three.here.market.list("/v1/positions")
    }
    assert owed == {(HERE, THERE): "300.00", (THERE, HERE): "7250.00"}
    told = [
        (part["role"], part["state"], part["document"], part["reason"])
        for office in three.all
        for part in await office.market.list("/v1/crossings")
    ]
    # Giver and receiver have heard it by letter.
    assert told == [
        ("giver", "debited", DOCUMENT, "approved"),
        ("receiver", "credited", DOCUMENT, "approved"),
        ("ministry", "done", DOCUMENT, "approved"),
    ]


async def test_what_the_receiver_declines_is_free_at_home_and_may_be_asked_for_anew(three):
    ticket = await three.leave("h1", "x1")
    body = {"transfer": f"{HERE}-x1", "by": "receiver", "reason": "no_need"}
    await three.there.must("province", THERE, "/v1/transfer-rejections", body)
    await three.quiet()
    await freed(three, ticket, "x1")
    (part,) = (await three.here.market.read(f"/v1/crossings?crossing={HERE}-x1"))["items"]
    assert (part["state"], part["reason"], part["code"]) == ("released", "rejected", "no_need")
    await three.here.story.must("outflow", id="x1.again", ticket=ticket, to=THERE)
    await three.quiet()
    assert "code" not in await three.accept("x1.again")
    assert "code" not in await three.approve("x1.again")
    assert await three.here.one("SELECT state FROM ticket WHERE id = 't.h1'") == "transferred"


async def test_what_the_giver_takes_back_is_free_only_when_the_ministry_has_said_so(three):
    ticket = await three.leave("h2", "x2")
    await three.accept("x2")
    await lost(three.ministry)
    asked = {"transfer": "x2"}
    await three.here.must("province", HERE, "/v1/transfer-cancellations", asked)
    assert await three.here.one("SELECT state FROM ticket WHERE id = 't.h2'") == "locked"
    twice = await three.here.send("province", HERE, "/v1/transfer-cancellations", asked)
    assert twice["code"] == "wrong-state"
    three.ministry.node.line.heal()
    await three.quiet()
    await freed(three, ticket, "x2")


async def test_the_ministry_approves_only_what_was_accepted_and_under_a_document(three):
    ticket = await three.leave("h3", "x3")
    assert (await three.approve("x3"))["code"] == "not-accepted-by-receiver"
    await three.accept("x3")
    assert (await three.approve("x3", document=None))["code"] == "document-missing"
    assert (await three.accept("x3"))["code"] == "wrong-state"
    here = {"transfer": "x3"}
    for role, party, path in (
        ("province", THERE, "/v1/transfer-acceptances"),
        ("ministry", "000000", "/v1/transfer-approvals"),
    ):
        assert (await three.here.send(role, party, path, here))["code"] == "decided-elsewhere"
    reject = {"transfer": f"{HERE}-x3", "by": "ministry", "reason": "against_plan"}
    await three.ministry.must("ministry", "000000", "/v1/transfer-rejections", reject)
    await three.quiet()
    await freed(three, ticket, "x3")


async def test_what_nobody_answers_is_ended_by_decision(three):
    ticket = await three.leave("h4", "x4")
    await three.clock(await three.here.now() + days(2))
    await three.quiet()
    await freed(three, ticket, "x4")
    decision = "SELECT decision->>'reason' FROM crossing WHERE id = :id"
    assert await three.ministry.one(decision, id=f"{HERE}-x4") == "receiver_silent"


async def test_a_commit_that_comes_late_or_twice_is_applied_once(three):
    await three.leave("h5", "x5")
    await three.accept("x5")
    await lost(three.there)
    body = {"transfer": f"{HERE}-x5", "document": "文号"}
    await three.ministry.must("ministry", "000000", "/v1/transfer-approvals", body)
    state = "SELECT state FROM crossing WHERE id = :id"
    crossing = {"id": f"{HERE}-x5"}
    for _ in range(200):
        if await three.here.one(state, **crossing) == "debited":
            break
        await asyncio.sleep(0.05)
    assert await three.here.one(state, **crossing) == "debited"
    assert await three.there.one(state, **crossing) == "accepted"
    three.there.node.line.heal()
    await three.quiet()
    assert await three.there.one(state, **crossing) == "credited"
    assert await three.ministry.one(state, **crossing) == "done"
    (letter,) = await three.there.rows(
        "SELECT note, entry FROM inbox WHERE type = 'xfer.decision' AND transfer = :id", **crossing
    )
    received = again(letter, three.ministry, "xfer.decision", crossing["id"])
    before = await three.there.one("SELECT count(*) FROM record")
    await three.there.node.db.transact(handle, received)
    assert await three.there.one("SELECT count(*) FROM record") == before


async def test_a_crash_in_the_middle_of_a_step_leaves_it_to_be_done_once(three, monkeypatch):
    """Each step that a letter asks for breaks off once, after all that it wrote."""
    crashed = set()

    def breaking(module, place):
        whole_step = module.apply

        async def apply(tx, *args):
            leaf = await whole_step(tx, *args)
            after = args[place]
            step = (module.__name__, after.phase, getattr(after, "applied", None))
            if tx.principal is None and step not in crashed:
                crashed.add(step)
                raise ConnectionAbortedError("as if the process had ended here")
            return leaf

        monkeypatch.setattr(module, "apply", apply)

    breaking(apply_debit, 2)
    breaking(apply_credit, 1)
    breaking(apply_decision, 2)
    ticket = await three.leave("h7", "x7")
    assert "code" not in await three.accept("x7")
    assert "code" not in await three.approve("x7")
    assert {(name.rsplit(".", 1)[-1], phase) for name, phase, _ in crashed} == {
        ("apply_credit", "offered"),
        ("apply_credit", "credited"),
        ("apply_debit", "debited"),
        ("apply_decision", "offered"),
        ("apply_decision", "accepted"),
        ("apply_decision", "committed"),
        ("apply_decision", "done"),
    }
    assert await three.ministry.one("SELECT state FROM crossing WHERE id = '500000-x7'") == "done"
    came = f"{HERE}-{ticket}/{THERE}"
    assert await three.there.balance(f"ticket:{THERE}:{came}") == 6666


async def test_a_home_books_no_sale_whose_figures_are_not_those_of_its_own_rules(three):
    arrived = f"{HERE}-t.h5/{THERE}"
    await sell(three, [arrived], "l5")
    (letter,) = await three.here.rows(
        "SELECT note, entry FROM inbox WHERE type = 'pay.obligation' AND transfer = :id",
        id=f"{HERE}-x5",
    )
    told = again(letter, three.there, "pay.obligation", f"{HERE}-x5")
    records = await three.here.one("SELECT count(*) FROM record")
    with pytest.raises(Rejected) as twice:
        await three.here.node.db.transact(take_obligation, told)
    assert twice.value.refusal is ObligationRefusal.TWICE
    entry = json.loads(told.entry)
    for facts, refusal in (
        ({"share": "19999.99"}, ObligationRefusal.DIFFERS),
        ({"reclamation_cost": "3999.99"}, ObligationRefusal.DIFFERS),
        ({"split": [["villager", 100, "15000.00", "x"]]}, ObligationRefusal.DIFFERS),
        ({"lot": "l6"}, ObligationRefusal.UNFOUNDED),
    ):
        lie = json.dumps(entry | {"facts": entry["facts"] | facts}).encode()
        with pytest.raises(Rejected) as refused:
            await three.here.node.db.transact(take_obligation, replace(told, entry=lie))
        assert refused.value.refusal is refusal
    assert await three.here.one("SELECT count(*) FROM record") == records


async def test_the_ministry_aborts_what_its_own_table_does_not_give(three):
    """A giver that writes another coefficient, and a proposal that its log does not hold."""
    (row,) = await three.ministry.rows(
        "SELECT proposal FROM crossing WHERE id = :id", id=f"{HERE}-x5"
    )
    honest = Propose.from_body(row.proposal)
    lie = replace(
        honest, transfer=f"{HERE}-lie", ticket="t.lie", rate=replace(honest.rate, yield_out=600)
    )
    lie = replace(lie, credit=lie.rate.convert(lie.area))
    entry = {"kind": "transfer.requested", "body": {"proposal": digest(lie)}}
    said = Received(
        HERE,
        "xfer.propose",
        lie.transfer,
        1,
        dict(lie.to_body()),
        START,
        "00" * 32,
        json.dumps(entry).encode(),
        "",
    )
    with pytest.raises(Rejected) as unfounded:
        await three.ministry.node.db.transact(handle, replace(said, entry=b"{}"))
    assert unfounded.value.refusal is LetterRefusal.UNFOUNDED
    await three.ministry.node.db.transact(handle, said)
    await three.quiet()
    decision = "SELECT decision->>'code' FROM crossing WHERE id = :id"
    assert await three.ministry.one(decision, id=lie.transfer) == "coefficient-differs"
    # Its giver knows nothing of it: it keeps the abort, and gives the id to nothing else.
    state = "SELECT state FROM crossing WHERE id = :id"
    assert await three.here.one(state, id=lie.transfer) == "released"
    decided = "SELECT decision FROM crossing WHERE id = :id"
    aborted = Decision.from_body(await three.ministry.one(decided, id=lie.transfer))
    forged = replace(aborted, outcome=Outcome.COMMIT, document="文号")
    record = {"kind": "crossing.decided", "body": {"decision": digest(forged)}}
    told = replace(said, sender="ministry", type="xfer.decision", body=dict(forged.to_body()))
    proven = replace(told, entry=json.dumps(record).encode())
    with pytest.raises(Rejected) as second:
        await three.here.node.db.transact(handle, proven)
    assert second.value.refusal is ProtocolRefusal.SECOND_DECISION


async def test_an_id_behind_anothers_code_is_not_given_here(three):
    body = {"id": f"{HERE}-h9", "name": "某户", "collective": "w0", "heads": 3}
    refused = await three.there.send("system_admin", "000000", "/v1/households", body)
    assert refused["code"] == "id-taken"


async def test_coefficients_are_the_ministrys_alone(three):
    body = {"id": "k9", "from": HERE, "to": "410000", "yield_out": 1, "yield_in": 1}
    body |= {"valid_from": "2027-01-01", "valid_to": "2027-12-31", "document": "文号"}
    refused = await three.here.send("ministry", "000000", "/v1/coefficients", body)
    assert refused["code"] == "decided-elsewhere"


async def test_at_last_every_node_agrees_with_itself_and_every_kind_was_told(three):
    told = set()
    for office in three.all:
        told |= {row.kind for row in await office.rows("SELECT DISTINCT kind FROM record")}
    assert set(CROSSING) - told == set()
    await whole(three)


FORGERIES = [
    ("there", "ticket.arrived", {"received_m2": "6667.00"}, "crossing"),
    ("there", "ticket.arrived", {"household": "h0"}, "crossing"),
    ("there", "arrival.accepted", {}, "crossing"),
    ("there", "arrival.offered", {"received_m2": "6667.00"}, "conversion"),
    ("there", "arrival.offered", {"yield_out": 600}, "coefficient-in-force"),
    ("there", "entry.conversion_in", {"received_m2": "6667.00"}, "conversion"),
    ("there", "entry.conversion_in", {}, "incomplete"),
    ("there", "entry.account_moved_in", {"balance": "300.01"}, "account-moved"),
    ("here", "transfer.requested", {"balance_cny": "0.00"}, "crossing"),
    ("here", "transfer.approved", {"decision": "00" * 32}, "transfer"),
    ("here", "entry.conversion_out", {"received_m2": "6667.00"}, "conversion"),
    ("here", "entry.settlement_home", {"share": "20000.02"}, "split"),
    ("here", "entry.settlement_home", {"reclamation_cost": "3999.99"}, "split"),
    ("ministry", "crossing.accepted", {}, "crossing"),
    ("ministry", "crossing.decided", {"acceptance": "00" * 32}, "crossing"),
    ("ministry", "crossing.decided", {"document": None}, "crossing"),
    ("ministry", "crossing.decided", {"held_m2": "99.99"}, "crossing"),
    ("ministry", "crossing.decided", {"claims": []}, "crossing"),
    ("ministry", "crossing.offered", {"received_m2": "6667.00"}, "conversion"),
    ("ministry", "crossing.applied", {"decision": "00" * 32}, "crossing"),
]


async def test_what_is_forged_between_nodes_is_named(three):
    missed = []
    for office, kind, changed, rule in FORGERIES:
        rows = await getattr(three, office).rows("SELECT body FROM record ORDER BY id")
        report = audit_records(forged([bytes(row.body) for row in rows], kind, **changed))
        if rule not in report.counts:
            missed.append((office, kind, changed, rule, dict(report.counts)))
    assert missed == []
