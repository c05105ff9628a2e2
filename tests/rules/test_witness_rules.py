"""A witness signs one history of each log: the protocol's statuses, and what no order gets past."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency.merkle import EMPTY_ROOT, ProofError, verify_consistency
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    Note,
    Signature,
    Verifier,
    parse_note,
    sign,
    verified,
)
from app.transparency.witness import (
    Cosign,
    Fault,
    Submission,
    Witnessed,
    WitnessRefusal,
    decide,
    may_sign_logs,
    read,
)
from tests.small_log import SmallLog

LOG = SmallLog().grow(12)
FORK = LOG.fork(2)
OTHER_KEY = Ed25519Signer(LOG.name, bytes([9]) * 32)
OTHER_ROOT = bytes(range(32))


def state(size, log=LOG, *, there=None):
    """The witness after it has cosigned `size`, asked about `there`."""
    return Witnessed(log.name, log.verifier, size, log.root(size), there)


UNSEEN = Witnessed(LOG.name, LOG.verifier)
UNKNOWN = None


def ask(body, held):
    submission = read(body)
    return submission if isinstance(submission, WitnessRefusal) else decide(held, submission)


def signed(note, value):
    """The note with its first signature's bytes replaced."""
    first = note.signatures[0]
    return Note(note.text, (Signature(first.name, first.id, value), *note.signatures[1:]))


TABLE = [
    # what is asked, what is held, the fault (None: cosigned), the body of the answer
    ("first", LOG.body(0, 5), UNSEEN, None, None),
    ("first and empty", LOG.body(0, 0), UNSEEN, None, None),
    ("growth", LOG.body(5, 9), state(5), None, None),
    ("growth from empty", LOG.body(0, 9), state(0), None, None),
    ("again the same", LOG.body(5, 5), state(5, there=LOG.root(5)), None, None),
    ("unknown origin", LOG.body(0, 5), UNKNOWN, Fault.UNKNOWN_ORIGIN, None),
    ("wrong key", LOG.body(0, 5, note=LOG.note(5, signer=OTHER_KEY)), UNSEEN, "signature", None),
    ("no own line", LOG.body(0, 5, note=LOG.note(5, signer=OTHER_KEY)), state(5), "signature", ""),
    ("broken", LOG.body(0, 5, note=signed(LOG.note(5), bytes(64))), UNSEEN, "signature", None),
    ("old above size", LOG.body(6, 5, proof=[]), state(6), Fault.SIZES, None),
    ("old above size and stale", LOG.body(8, 5, proof=[]), state(6), Fault.SIZES, None),
    ("stale", LOG.body(3, 9), state(5), Fault.STALE, "5\n"),
    ("stale at first", LOG.body(0, 9), state(5), Fault.STALE, "5\n"),
    ("ahead", LOG.body(5, 9), state(3), Fault.STALE, "3\n"),
    ("ahead of nothing", LOG.body(5, 9), UNSEEN, Fault.STALE, "0\n"),
    ("rollback", LOG.body(2, 3), state(5, there=None), Fault.STALE, "5\n"),
    ("empty with a root", LOG.body(0, 0, note=LOG.note(0, root=OTHER_ROOT)), UNSEEN, "empty", None),
    ("proof from nothing", LOG.body(0, 5, proof=[OTHER_ROOT]), UNSEEN, Fault.UNPROVEN, None),
    ("proof for nothing", LOG.body(5, 5, proof=[OTHER_ROOT]), state(5), Fault.UNPROVEN, None),
    ("no proof", LOG.body(5, 9, proof=[]), state(5), Fault.UNPROVEN, None),
    ("another's proof", LOG.body(5, 9, proof=LOG.proof(4, 9)), state(5), Fault.UNPROVEN, None),
    ("fork ahead", FORK.body(5, 9), state(5), Fault.UNPROVEN, None),
    ("fork at the size", FORK.body(5, 5), state(5, there=LOG.root(5)), Fault.FORK, None),
]


@pytest.mark.parametrize(("body", "held", "fault", "answer"), [t[1:] for t in TABLE])
def test_each_request_gets_the_status_of_the_protocol(body, held, fault, answer):
    names = {"signature": Fault.BAD_SIGNATURE, "empty": Fault.EMPTY_ROOT}
    fault = names.get(fault, fault)
    decision = ask(body, held)
    if fault is None:
        assert isinstance(decision, Cosign)
        assert decision.checkpoint == LOG.checkpoint(decision.checkpoint.size)
        return
    assert isinstance(decision, WitnessRefusal)
    assert decision.fault is fault
    assert decision.status == fault.status
    assert decision.body == (answer or f"{fault.text}\n")


def test_the_statuses_are_those_of_the_specification():
    assert {fault.name: fault.status for fault in Fault} == {
        "MALFORMED": 400,
        "SIZES": 400,
        "BAD_SIGNATURE": 403,
        "UNKNOWN_ORIGIN": 404,
        "STALE": 409,
        "EMPTY_ROOT": 422,
        "FORK": 422,
        "UNPROVEN": 422,
    }


GOOD = LOG.body(5, 9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" + GOOD,
        GOOD.replace(b"old 5", b"old 05"),
        GOOD.replace(b"old 5", b"old -5"),
        GOOD.replace(b"old 5", b"old  5"),
        GOOD.replace(b"old 5", b"new 5"),
        GOOD.replace(b"old 5\n", b"old 5\r\n"),
        GOOD.replace(b"old 5\n", b"old 5\n" + 64 * (LOG.body(5, 9).split(b"\n")[1] + b"\n")),
        GOOD.replace(b"old 5\n", b"old 5\nAAAA\n"),
        GOOD.replace(b"\n9\n", b"\n09\n"),
        GOOD.replace(b"\n9\n", b"\n99999999999999999999\n"),
        GOOD.removesuffix(b"\n"),
        GOOD.partition(b"\n\n")[0],
        GOOD + b"\n",
    ],
    ids=range(14),
)
def test_a_malformed_request_is_told_so_before_anything_is_looked_up(body):
    refusal = read(body)
    assert isinstance(refusal, WitnessRefusal)
    assert (refusal.fault, refusal.status) == (Fault.MALFORMED, 400)


def test_two_roots_of_one_size_are_evidence_whatever_else_is_wrong_with_the_request():
    for body in (FORK.body(5, 5), FORK.body(3, 5), FORK.body(0, 5)):
        refusal = ask(body, state(9, there=LOG.root(5)))
        assert refusal.fault in {Fault.STALE, Fault.FORK}
        assert refusal.evidence.fault is Fault.FORK
        assert refusal.evidence.checkpoint == FORK.checkpoint(5)
        assert refusal.evidence.held_size == 9


def test_a_signed_checkpoint_whose_proof_fails_is_kept_and_an_old_one_is_not():
    assert ask(FORK.body(5, 9), state(5)).evidence.fault is Fault.UNPROVEN
    assert ask(LOG.body(2, 3), state(5, there=LOG.root(3))).evidence is None
    assert ask(LOG.body(3, 9), state(5)).evidence is None


def test_nobody_but_the_log_can_accuse_it():
    forged = FORK.note(5, signer=OTHER_KEY)
    assert ask(FORK.body(5, 5, note=forged), state(5, there=LOG.root(5))).evidence is None


def test_a_line_by_another_key_is_passed_over_and_not_kept():
    witness = CosignatureSigner("w.example", bytes([3]) * 32)
    note = LOG.note(5)
    noisy = sign(note.text, OTHER_KEY).with_signatures(
        *note.signatures, witness.cosign(note.text, 7)
    )
    decision = ask(LOG.body(0, 5, note=noisy), UNSEEN)
    assert decision.note == note


def test_a_bad_line_of_the_log_spoils_a_note_that_has_a_good_one_too():
    note = LOG.note(5)
    bad = Signature(note.signatures[0].name, note.signatures[0].id, bytes(64))
    assert ask(LOG.body(0, 5, note=note.with_signatures(bad)), UNSEEN).fault is Fault.BAD_SIGNATURE


def test_a_known_key_under_another_origin_is_unknown():
    other = SmallLog("log.example/b").grow(3)
    assert ask(other.body(0, 3), UNSEEN).fault is Fault.UNKNOWN_ORIGIN


def test_a_witness_key_is_not_a_log_key():
    assert may_sign_logs(LOG.verifier)
    assert not may_sign_logs(Verifier.of(CosignatureSigner("w", bytes(32))))


def test_what_is_cosigned_verifies_under_the_witness_key():
    witness = CosignatureSigner("w.example", bytes([3]) * 32)
    decision = ask(LOG.body(0, 5), UNSEEN)
    whole = decision.note.with_signatures(witness.cosign(decision.note.text, 1_700_000_000))
    found = verified(parse_note(whole.encode()), [LOG.verifier, Verifier.of(witness)])
    assert [(v.name, v.time) for v in found] == [(LOG.name, None), ("w.example", 1_700_000_000)]


class Memory:
    """A witness with its memory, as the store keeps it."""

    def __init__(self):
        self.held = UNSEEN
        self.roots = {}

    def submit(self, body):
        submission = read(body)
        assert isinstance(submission, Submission)
        there = self.roots.get(submission.checkpoint.size)
        held = Witnessed(LOG.name, LOG.verifier, self.held.size, self.held.root, there)
        decision = decide(held, submission)
        if isinstance(decision, Cosign):
            checkpoint = decision.checkpoint
            self.roots.setdefault(checkpoint.size, checkpoint.root)
            self.held = Witnessed(LOG.name, LOG.verifier, checkpoint.size, checkpoint.root)
        return decision


histories = st.sampled_from([LOG, LOG.fork(0), LOG.fork(3), LOG.fork(11)])
sizes = st.integers(0, 12)
requests = st.tuples(histories, sizes, sizes, st.booleans())


@given(st.lists(requests, max_size=12))
def test_whatever_is_asked_in_whatever_order_all_that_is_cosigned_is_one_history(asked):
    memory, cosigned = Memory(), []
    for log, old, size, names_our_size in asked:
        known = memory.held.size if names_our_size else old
        decision = memory.submit(log.body(known, size))
        if isinstance(decision, Cosign):
            cosigned.append((log, decision.checkpoint))
        elif decision.fault is Fault.STALE:
            assert decision.size == memory.held.size != known
    assert [c.size for _, c in cosigned] == sorted(c.size for _, c in cosigned)
    for (_, before), (log, after) in itertools.pairwise(cosigned):
        proof = log.proof(before.size, after.size)
        verify_consistency(before.size, after.size, before.root, after.root, proof)


@given(st.integers(0, 12), st.integers(0, 12), st.data())
def test_an_honest_log_is_always_cosigned_and_a_spoilt_proof_never(old, new, data):
    old, new = sorted((old, new))
    held = state(old)
    assert isinstance(ask(LOG.body(old, new), held), Cosign)
    proof = LOG.proof(old, new)
    spoilt = [bytes(32), *proof]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        spoilt = data.draw(
            st.sampled_from(
                [
                    proof[:at] + proof[at + 1 :],
                    [*proof, proof[at]],
                    [*proof[:at], bytes(32), *proof[at + 1 :]],
                ]
            )
        )
    with pytest.raises(ProofError):
        verify_consistency(old, new, LOG.root(old), LOG.root(new), spoilt)
    assert ask(LOG.body(old, new, proof=spoilt), held).fault is Fault.UNPROVEN


def test_the_empty_root_is_the_hash_of_nothing():
    assert LOG.root(0) == EMPTY_ROOT
