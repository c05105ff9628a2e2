"""Checks a receipt's file with public keys alone: no server, no account, no clock. Pure.

What holds afterwards: the log's operator has signed that this request was answered so and that
this record stands for it; and, for a proven receipt, that the record is in a checkpoint that the
log and as many witnesses as the policy asks for have signed.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.transparency.checkpoints import Checkpoint, open_checkpoint
from app.transparency.fields import TrustError
from app.transparency.merkle import ProofError, leaf_hash, verify_inclusion
from app.transparency.notes import (
    NoteError,
    SignatureError,
    Verified,
    Verifier,
    parse_note,
    verified,
)
from app.transparency.proofs import HEADER, TlogProof, parse_proof
from app.transparency.quorum import QuorumError, WitnessPolicy
from app.transparency.receipt_text import KEY_SUFFIX, ReceiptText, parse_receipt


class Step(Enum):
    """What is checked, in this order; the first that fails is named."""

    FILE = ("文件既不是回执,也不是入日志证明", "The file is neither a receipt nor a proof of one")
    KEY = ("缺少核验所需的公钥,或公钥不属于同一日志", "A key is missing, or is of another log")
    SIGNATURE = ("回执的签名不成立", "The receipt's signature does not hold")
    RECEIPT = ("回执的内容不成立", "What the receipt says does not hold together")
    CHECKPOINT = ("检查点的签名不成立", "The checkpoint's signature does not hold")
    WITNESSES = ("见证方的共同签署不足", "The witnesses' cosignatures do not suffice")
    INCLUSION = ("记录不在检查点所载的日志中", "The record is not in the log of the checkpoint")
    REQUEST = ("回执答复的不是这个请求", "The receipt answers another request")


class ReceiptError(Exception):
    """A receipt that does not hold: at which step, and what disagrees."""

    def __init__(self, step: Step, detail: str) -> None:
        super().__init__(f"{step.value[1]}: {detail}")
        self.step = step
        self.zh, self.en = step.value
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that the checker has from elsewhere.

    `receipts` signs receipts; `log` signs checkpoints and is needed for proofs only. Without a
    `policy` no witness is asked for.
    """

    receipts: Verifier
    log: Verifier | None = None
    policy: WitnessPolicy | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """Where the record stands: leaf index, the checkpoint, and the witnesses that cosigned it."""

    index: int
    checkpoint: Checkpoint
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt that holds. `proven` is None while there is only the promise."""

    receipt: ReceiptText
    record: dict[str, Any]
    proven: Proven | None


def check_receipt(text: str, trust: Trust) -> Checked:
    """Check the file's text. Raises `ReceiptError`."""
    proof = _proof(text)
    receipt = _receipt(text if proof is None else _promise(proof), trust)
    try:
        record = receipt.record
    except TrustError as error:
        raise ReceiptError(Step.RECEIPT, str(error)) from error
    return Checked(receipt, record, None if proof is None else _proven(proof, receipt, trust))


def check_request(receipt: ReceiptText, body: bytes) -> None:
    """Check that the receipt answers the request with this JSON body. Raises `ReceiptError`."""
    try:
        value = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:
        raise ReceiptError(Step.REQUEST, f"the request is not JSON: {error}") from error
    found = hashlib.sha256(value).hexdigest()
    if found != receipt.request:
        raise ReceiptError(Step.REQUEST, f"its hash is {found}, the receipt's {receipt.request}")


def _proof(text: str) -> TlogProof | None:
    if not text.startswith(HEADER):
        return None
    try:
        return parse_proof(text)
    except TrustError as error:
        raise ReceiptError(Step.FILE, str(error)) from error


def _promise(proof: TlogProof) -> str:
    if proof.extra is None:
        raise ReceiptError(Step.FILE, "the proof carries no receipt")
    try:
        return proof.extra.decode()
    except UnicodeDecodeError as error:
        raise ReceiptError(Step.FILE, "the receipt in the proof is not UTF-8") from error


def _receipt(text: str, trust: Trust) -> ReceiptText:
    try:
        note = parse_note(text)
    except NoteError as error:
        raise ReceiptError(Step.FILE, str(error)) from error
    try:
        signed = verified(note, [trust.receipts])
    except SignatureError as error:
        raise ReceiptError(Step.SIGNATURE, str(error)) from error
    if not signed:
        names = ", ".join(sorted({line.name for line in note.signatures}))
        wanted = f"{trust.receipts.name} (key {trust.receipts.id.hex()})"
        raise ReceiptError(Step.SIGNATURE, f"signed by {names}, not by {wanted}")
    try:
        receipt = parse_receipt(note.text)
    except TrustError as error:
        raise ReceiptError(Step.RECEIPT, str(error)) from error
    if trust.receipts.name != receipt.log + KEY_SUFFIX:
        raise ReceiptError(
            Step.KEY, f"{trust.receipts.name} may not sign receipts of {receipt.log}"
        )
    return receipt


def _proven(proof: TlogProof, receipt: ReceiptText, trust: Trust) -> Proven:
    log, policy = _log_key(receipt, trust), trust.policy or WitnessPolicy()
    try:
        checkpoint, _, found = open_checkpoint(proof.checkpoint, log, policy.verifiers)
    except TrustError as error:
        raise ReceiptError(Step.CHECKPOINT, str(error)) from error
    try:
        policy.check(proof.checkpoint, log)
    except QuorumError as error:
        raise ReceiptError(Step.WITNESSES, str(error)) from error
    try:
        verify_inclusion(
            leaf_hash(receipt.entry.encode()),
            proof.index,
            checkpoint.size,
            proof.hashes,
            checkpoint.root,
        )
    except ProofError as error:
        raise ReceiptError(Step.INCLUSION, str(error)) from error
    return Proven(proof.index, checkpoint, _names(policy, found))


def _log_key(receipt: ReceiptText, trust: Trust) -> Verifier:
    """The key of the receipt's log: given by itself, or by the policy."""
    listed = [one.verifier for one in trust.policy.logs] if trust.policy is not None else []
    known = [trust.log] if trust.log is not None else listed
    found = [key for key in known if key.name == receipt.log]
    if not found:
        names = ", ".join(sorted(key.name for key in known)) or "none"
        raise ReceiptError(Step.KEY, f"the log is {receipt.log}, the keys given are of {names}")
    return found[0]


def _names(policy: WitnessPolicy, found: list[Verified]) -> tuple[str, ...]:
    return tuple(sorted(policy.cosigners(found)))
