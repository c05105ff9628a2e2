"""Policy files: read strictly, and a quorum is what its definition says, counted by keys."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import sha256
from app.transparency.notes import (
    CosignatureSigner,
    Ed25519Signer,
    Note,
    SignatureError,
    Verifier,
    sign,
    vkey,
)
from app.transparency.quorum import (
    Group,
    Log,
    PolicyError,
    QuorumError,
    Witness,
    WitnessPolicy,
    parse_policy,
)

LOG = Ed25519Signer("log.example/1", sha256(b"log"))
LOG_2 = Ed25519Signer("log.example/1", sha256(b"a second key of the same log"))
WITNESSES = {
    name: CosignatureSigner(f"{name}.example", sha256(name.encode()))
    for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
L = vkey(LOG)
W = {name: vkey(signer) for name, signer in WITNESSES.items()}
NOTE = sign(Checkpoint(LOG.name, 3, sha256(b"root")).text(), LOG)
EXAMPLE = (
    f"# as in the specification\nlog {L}\n\n"
    f"witness X1 {W['X1']}\nwitness X2 {W['X2']}\nwitness X3 {W['X3']}\n"
    "group X-witnesses 2 X1 X2 X3\n\n"
    f"witness Y1 {W['Y1']}\n\t witness\tY2  {W['Y2']} \nwitness Y3 {W['Y3']} https://y3.example\n"
    "group Y-witnesses any Y1 Y2 Y3\n  # both\ngroup X-and-Y all X-witnesses Y-witnesses\n"
    "quorum X-and-Y\n"
)


def cosigned(names):
    return NOTE.with_signatures(*(WITNESSES[n].cosign(NOTE.text, 7) for n in names)).encode()


def test_the_example_of_the_specification_means_what_it_says():
    policy = parse_policy(EXAMPLE)
    assert policy.logs == (Log(Verifier.of(LOG)),)
    assert policy.witnesses[5] == Witness("Y3", Verifier.of(WITNESSES["Y3"]), "https://y3.example")
    assert policy.groups[0] == Group("X-witnesses", 2, ("X1", "X2", "X3"))
    for size in range(7):
        for names in itertools.combinations(WITNESSES, size):
            enough = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
            assert policy.satisfied_by(names) == enough
            if enough:
                assert policy.check(cosigned(names)).size == 3
            else:
                with pytest.raises(QuorumError, match="X-and-Y is not met"):
                    policy.check(cosigned(names))


def test_a_group_cannot_sign_by_its_name():
    assert not parse_policy(EXAMPLE).satisfied_by({"X-and-Y", "X-witnesses", "Y-witnesses"})


def test_one_witness_counts_once():
    policy = parse_policy(EXAMPLE)
    lines = [WITNESSES["X1"].cosign(NOTE.text, time) for time in (1, 2, 3)]
    lines.append(WITNESSES["Y1"].cosign(NOTE.text, 1))
    with pytest.raises(QuorumError, match="cosigned by X1, Y1"):
        policy.check(NOTE.with_signatures(*lines).encode())


def test_a_witness_without_a_cosignature_on_this_text_does_not_count():
    policy = parse_policy(EXAMPLE)
    other = sign(Checkpoint("log.example/9", 3, sha256(b"root")).text(), LOG)
    strange = WITNESSES["Y1"].cosign(other.text, 7)
    note = NOTE.with_signatures(*(WITNESSES[n].cosign(NOTE.text, 7) for n in ("X1", "X2")))
    with pytest.raises(SignatureError, match=r"Y1\.example"):
        policy.check(note.with_signatures(strange).encode())


def test_no_quorum_asks_for_no_witness_but_for_the_log():
    policy = parse_policy(f"log {L}\nquorum none\n")
    assert policy.check(NOTE.encode()).size == 3
    with pytest.raises(SignatureError, match="not signed"):
        policy.check(Note(NOTE.text, (WITNESSES["X1"].cosign(NOTE.text, 7),)).encode())
    with pytest.raises(QuorumError, match="not asked for"):
        policy.check(sign(Checkpoint("log.example/9", 3, sha256(b"")).text(), LOG).encode())
    assert parse_policy("quorum none").check(NOTE.encode(), Verifier.of(LOG)).size == 3
    with pytest.raises(QuorumError):
        parse_policy("quorum none").check(NOTE.encode())


def test_any_of_a_logs_keys_will_do():
    policy = parse_policy(f"log {vkey(LOG_2)}\nlog {L}\nquorum none\n")
    assert policy.check(NOTE.encode()).size == 3


def test_a_single_witness_can_be_the_quorum():
    policy = parse_policy(f"witness X1 {W['X1']}\nlog {L}\nquorum X1\n")
    assert policy.check(cosigned(["X1"])).size == 3
    assert not policy.satisfied_by([])


NAMES = st.lists(st.sampled_from(sorted(WITNESSES)), min_size=1, unique=True)


@given(NAMES, st.data())
def test_a_policy_is_written_and_read_back(names, data):
    k = data.draw(st.integers(1, len(names)))
    policy = WitnessPolicy(
        (Log(Verifier.of(LOG), data.draw(st.sampled_from([None, "https://log.example"]))),),
        tuple(Witness(n, Verifier.of(WITNESSES[n])) for n in names),
        (Group("g", k, tuple(names)),),
        data.draw(st.sampled_from(["g", "none", names[0]])),
    )
    assert parse_policy(policy.text()) == policy
    signed = data.draw(NAMES)
    enough = {"none": True, "g": len({*names} & {*signed}) >= k}
    assert policy.satisfied_by(signed) == enough.get(policy.quorum, names[0] in signed)


TWO = f"witness X1 {W['X1']}\nwitness X2 {W['X2']}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", None),
        (f"log {L}\n", None),
        ("quorum X1\n", 1),
        ("quorum none\nquorum none\n", 2),
        ("quorum\n", 1),
        ("quorum none none\n", 1),
        (f"quorum X1\nwitness X1 {W['X1']}\n", 1),
        (f"log {L} a b\nquorum none\n", 1),
        (f"log {L}\nlog {L}\nquorum none\n", 2),
        (f"log {W['X1']}\nquorum none\n", 1),
        (f"log {L}x\nquorum none\n", 1),
        (f"witness X1 {L}\nquorum none\n", 1),
        (f"witness none {W['X1']}\nquorum none\n", 1),
        (f"witness X1 {W['X1']}\nwitness X2 {W['X1']}\nquorum none\n", 2),
        (f"witness X1 {W['X1']}\nwitness X1 {W['X2']}\nquorum none\n", 2),
        (TWO + "group g 3 X1 X2\nquorum g\n", 3),
        (TWO + "group g 0 X1 X2\nquorum g\n", 3),
        (TWO + "group g 01 X1 X2\nquorum g\n", 3),
        (TWO + "group g some X1 X2\nquorum g\n", 3),
        (TWO + "group g any\nquorum g\n", 3),
        (TWO + "group g any none\nquorum g\n", 3),
        (TWO + "group g any g\nquorum g\n", 3),
        (TWO + "group g any X1 X1\nquorum g\n", 3),
        (TWO + "group g any X1\ngroup h any X1\nquorum g\n", 4),
        (TWO + "group X1 any X2\nquorum X1\n", 3),
        (TWO + "group none any X2\nquorum none\n", 3),
        (TWO + "witnesses X1\nquorum none\n", 3),
        ("quorum\u00a0none\n", 1),
        ("quorum none\r\n", 1),
        ("# bell \x07\nquorum none\n", 1),
    ],
)
def test_what_is_no_policy_is_refused_and_its_line_named(text, line):
    with pytest.raises(PolicyError, match="no quorum line" if line is None else f"^line {line}: "):
        parse_policy(text)
