"""What the ministry reads in a giver's log: who is honest holds what it proposes, no other does."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.units import Area
from app.transfers.rules_held import CLAIMS_MAX, Look, Tickets, account_of, add_all
from app.transfers.rules_messages import digest
from tests.model.protocol_parts import GIVER, terms_of

AREA = 2
"""Of every ticket that is issued; a liar may propose other areas."""


def line(kind, subject="", **more):
    record = {"kind": kind, "province": GIVER, "subject": subject} | more
    return json.dumps(record).encode()


def moves(kind, source, target, amount):
    return line(f"entry.{kind}", postings=[[source, target, str(amount), "0", "0"]])


def account(ticket):
    return f"ticket:{GIVER}:{ticket}"


def terms(ticket, matter, area):
    return replace(terms_of(matter, area), ticket=ticket)


WRITTEN = {
    "issue": lambda t, _: moves("issue", f"accepted:{GIVER}:a", account(t), AREA),
    "sell": lambda t, _: moves("settlement", account(t), f"certificate:{GIVER}:c", AREA),
    "leave": lambda t, _: moves("conversion_out", account(t), f"conversion:{GIVER}:330000", AREA),
    "come": lambda t, _: moves("conversion_in", f"conversion:{GIVER}:330000", account(t), AREA),
    "hand_in": lambda t, _: line("ticket.handed_in", t),
    "release": lambda _, x: line("transfer.released", x),
    "approve": lambda _, x: line("transfer.approved", x),
}
"""What a node writes about a ticket, or about the transfer that it asked for."""

events = st.tuples(
    st.sampled_from([*WRITTEN, "lock"]),
    st.sampled_from(["t1", "t2"]),
    st.sampled_from(["x1", "x2"]),
    st.sampled_from([AREA, AREA, AREA + 1]),
)


def entry_of(event):
    kind, ticket, matter, area = event
    if kind != "lock":
        return WRITTEN[kind](ticket, matter)
    body = {"ticket": ticket, "proposal": digest(terms(ticket, matter, area))}
    return line("transfer.requested", matter, body=body)


class Read:
    """What a reader keeps of a log, grown piece by piece as the ministry's database grows."""

    def __init__(self):
        self.size, self.held, self.claims = 0, {}, []

    def grow(self, entries):
        tickets = Tickets()
        add_all(tickets, self.size, entries)
        self.size += len(entries)
        for code, delta in tickets.held.items():
            self.held[code] = self.held.get(code, 0) + delta
        lifted = set(tickets.lifted)
        kept = [c for c in self.claims if not c.matter or (c.province, c.matter) not in lifted]
        self.claims = kept + tickets.claims

    def look(self, proposed, leaf):
        claims = sorted(
            (c.leaf, c.proposal)
            for c in self.claims
            if (c.province, c.ticket) == (proposed.giver, proposed.ticket)
        )
        held = self.held.get(account_of(proposed), 0)
        return Look(leaf, self.size, "00" * 32, held, tuple(claims[:CLAIMS_MAX]))


def read(entries, cut=0):
    log = Read()
    log.grow(entries[:cut])
    log.grow(entries[cut:])
    return log


def stands(history, ticket, matter, area, leaf):
    """The same told by a person who goes through the log from its end, and believes nothing."""
    held = sum(
        {"issue": AREA, "come": AREA, "sell": -AREA, "leave": -AREA}.get(kind, 0)
        for kind, of, _, _ in history
        if of == ticket
    )
    speaking = []
    for at, (kind, of, by, size) in enumerate(history):
        freed = any(k == "release" and x == by for k, _, x, _ in history[at + 1 :])
        if of == ticket and (kind in {"hand_in", "come"} or (kind == "lock" and not freed)):
            speaking.append((at, kind, by, size))
    return held == area and speaking == [(leaf, "lock", matter, area)]


@given(st.lists(events, max_size=12), st.integers(0, 12), st.data())
def test_a_ticket_is_held_where_its_account_has_the_area_and_the_lock_alone_speaks_for_it(
    history, cut, data
):
    entries = [entry_of(event) for event in history]
    log = read(entries, cut)
    locks = [at for at, event in enumerate(history) if event[0] == "lock"]
    leaf = data.draw(st.sampled_from(locks)) if locks else data.draw(st.integers(0, 12))
    _, ticket, matter, area = history[leaf] if locks else data.draw(events)
    proposed = terms(ticket, matter, area)
    found = log.look(proposed, leaf).holds(proposed)
    assert found == stands(history, ticket, matter, area, leaf)
    assert found == read(entries).look(proposed, leaf).holds(proposed), "however it was cut"
    assert Look.from_body(log.look(proposed, leaf).to_body()) == log.look(proposed, leaf)


HONEST = {
    "issued": ("hand_in", "lock"),
    "locked": ("release", "leave"),
    "handed_in": ("sell",),
    "left": (),
    "sold": (),
}
THEN = {"hand_in": "handed_in", "lock": "locked", "release": "issued", "leave": "left"}


@given(st.lists(st.tuples(st.sampled_from(["t1", "t2"]), st.integers(0, 5)), max_size=20))
def test_what_an_honest_giver_has_locked_it_holds_until_it_is_decided(choices):
    states, log, locked, n = {}, Read(), {}, 0
    for ticket, choice in choices:
        state = states.get(ticket)
        ways = ("issue",) if state is None else HONEST[state]
        if not ways:
            continue
        kind = ways[choice % len(ways)]
        matter = locked[ticket][0] if kind in {"release", "leave"} else f"x{n}"
        if kind == "lock":
            locked[ticket] = (matter, log.size)
        n += 1
        log.grow([entry_of((kind, ticket, matter, AREA))])
        states[ticket] = "issued" if kind == "issue" else THEN.get(kind, "sold")
        for of, at in states.items():
            if at == "locked":
                by, leaf = locked[of]
                proposed = terms(of, by, AREA)
                assert log.look(proposed, leaf).holds(proposed)
                more = terms(of, by, AREA + 1)
                assert not log.look(more, leaf).holds(more), "what the lock does not say"
    for of, at in states.items():
        if at in {"sold", "left", "handed_in"} and of in locked:
            proposed = terms(of, *locked[of][:1], AREA)
            assert not log.look(proposed, locked[of][1]).holds(proposed)


def test_a_log_that_is_not_read_beyond_the_lock_says_nothing():
    proposed = terms("t1", "x1", AREA)
    look = Look(4, 5, "00" * 32, AREA, ((4, digest(proposed)),))
    assert look.holds(proposed)
    assert not replace(look, size=4).holds(proposed)
    assert not replace(look, held=AREA + 1).holds(proposed)
    other = replace(proposed, area=Area(AREA + 1))
    assert not replace(look, claims=((4, digest(other)),)).holds(proposed)


@pytest.mark.parametrize(
    "entry",
    [
        b"?",
        b"[]",
        b"{}",
        moves("issue", "accepted:1:a", account("t"), -1),
        moves("issue", "accepted:1:a", account("t"), 2**63),
        moves("issue", "accepted:1:a", account("t\x00"), 1),
        moves("issue", "accepted:1:a", "t", 1),
        line("entry.issue", postings=None),
    ],
)
def test_an_entry_that_cannot_be_followed_ends_the_reading(entry):
    with pytest.raises(ValueError):  # noqa: PT011 - whatever says that it is no entry
        add_all(Tickets(), 0, [entry])


@pytest.mark.parametrize(
    "entry",
    [
        line("transfer.requested", "x1"),
        line("transfer.requested", "x1", body={"ticket": 7}),
        line("transfer.requested", "x\x00", body={"ticket": "t"}),
        line("transfer.requested", "x1", body="t"),
        b'{"kind":"ticket.handed_in"}',
        b'{"kind":"transfer.released","province":[],"subject":"x"}',
    ],
)
def test_a_record_that_is_not_whole_speaks_for_no_ticket(entry):
    tickets = Tickets()
    add_all(tickets, 0, [entry])
    assert tickets == Tickets()
