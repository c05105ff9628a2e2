"""Every fen of a price goes somewhere, and the same somewhere every time."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.ledger import Credited
from app.ledger.rules import AccountKind, AccountRef, EntryKind, judge
from app.policy.rules import Party
from app.settlement import rules
from app.settlement.explain import explain_settlement
from app.tickets.rules import Ticket, TicketState

HERE, AWAY = "500000", "330000"
CHONGQING = ((Party.COLLECTIVE, 15), (Party.VILLAGER, 85))
GUANGDONG = (
    (Party.COUNTY, 5),
    (Party.TOWNSHIP, 5),
    (Party.VILLAGE_COMMITTEE, 5),
    (Party.COLLECTIVE, 10),
    (Party.VILLAGER, 75),
)


def ticket(n, area, reclamation=0, financing=0, home=HERE):
    return Ticket(
        id=f"t{n}",
        application=f"a{n}",
        household=f"h{n}",
        collective="v1",
        county="500236",
        home_province=home,
        province=HERE,
        area=area,
        reclamation_cost=reclamation,
        financing_cost=financing,
        issued_at=datetime(2026, 1, 1, tzinfo=UTC),
        state=TicketState.SOLD,
    )


parties = [Party.COUNTY, Party.TOWNSHIP, Party.VILLAGE_COMMITTEE, Party.COLLECTIVE]
splits = st.lists(
    st.tuples(st.sampled_from(parties), st.integers(1, 4)), max_size=4, unique_by=lambda p: p[0]
).flatmap(lambda some: st.integers(1, 4).map(lambda w: (*some, (Party.VILLAGER, w))))


@st.composite
def sales(draw):
    """Tickets with small areas and costs, and a price no less than one that covers each."""
    areas = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    bundle = [
        ticket(
            n,
            area,
            draw(st.integers(0, 3)),
            draw(st.integers(0, 3)),
            draw(st.sampled_from([HERE, AWAY])),
        )
        for n, area in enumerate(areas)
    ]
    total = sum(areas)
    least = max(-(-t.costs * total // t.area) for t in bundle)
    price = max(1, least) + draw(st.integers(0, 4))
    return price, bundle, {t.id: draw(splits) for t in bundle}


@given(sales())
def test_a_price_is_shared_out_to_the_last_fen(sale):
    price, bundle, split_of = sale
    shares = rules.settle(price, bundle, split_of)
    assert sum(s.share for s in shares) == price
    for s in shares:
        assert s.net >= 0
        assert s.share == s.ticket.costs + s.net
        assert s.net == sum(p.amount for p in s.parts)
        assert all(p.amount >= 0 for p in s.parts)


@given(sales(), st.randoms())
def test_the_order_in_which_tickets_are_named_changes_nothing(sale, rng):
    price, bundle, split_of = sale
    shuffled = list(bundle)
    rng.shuffle(shuffled)
    first = {s.ticket.id: s for s in rules.settle(price, bundle, split_of)}
    second = {s.ticket.id: s for s in rules.settle(price, shuffled, split_of)}
    assert first == second


@given(sales())
def test_the_entries_of_a_sale_empty_escrow_and_balance_between_the_provinces(sale):
    price, bundle, split_of = sale
    area = sum(t.area for t in bundle)
    paid = rules.Sale("l1", HERE, "b1", price, area)
    escrow = AccountRef(AccountKind.ESCROW, "l1", HERE)
    balances = {escrow.code: price}
    for t in bundle:
        balances[AccountRef(AccountKind.TICKET, t.id, HERE).code] = t.area
    for share in rules.settle(price, bundle, split_of):
        home = AccountRef(AccountKind.HOUSING, share.ticket.household, HERE)
        for draft in rules.drafts(paid, share, home, "policy"):
            running = judge(draft, balances)
            assert isinstance(running, list), running
            for m, (source, target) in zip(draft.moves, running, strict=True):
                balances[m.source.code], balances[m.target.code] = source, target
            _explanations_add_up(draft)
    assert balances[escrow.code] == 0
    certificate = AccountRef(AccountKind.CERTIFICATE, "l1:b1", HERE)
    assert balances[certificate.code] == area
    due_to = AccountRef(AccountKind.DUE_TO, AWAY, HERE).code
    due_from = AccountRef(AccountKind.DUE_FROM, HERE, AWAY).code
    assert balances.get(due_to, 0) + balances.get(due_from, 0) == 0


def _explanations_add_up(draft):
    postings = [(m.source.code, m.target.code, m.amount) for m in draft.moves]
    for account in {target for _, target, _ in postings}:
        amount = sum(a for _, t, a in postings if t == account)
        credited = Credited(
            1, EntryKind(draft.kind), account, amount, "t", "p", draft.facts, postings
        )
        assert sum(line.amount for line in explain_settlement(credited)) == amount


def test_fifteen_to_eighty_five_of_an_odd_fen():
    collective, villager = rules.split_net(10001, CHONGQING)
    assert (collective.amount, villager.amount) == (1500, 8501)


def test_five_parties_share_a_million():
    amounts = [p.amount for p in rules.split_net(100_000_000, GUANGDONG)]
    assert amounts == [5_000_000, 5_000_000, 5_000_000, 10_000_000, 75_000_000]


def test_equal_remainders_go_to_the_party_later_in_the_list_and_the_smaller_ticket_id():
    even = ((Party.COLLECTIVE, 1), (Party.VILLAGER, 1))
    assert [p.amount for p in rules.split_net(3, even)] == [1, 2]
    # Ids are compared as text: t10 stands before t2.
    assert rules.share_price(3, [ticket(2, 1), ticket(10, 1)]) == [1, 2]
