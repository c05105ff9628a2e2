"""The commands behind `POST /v1/probes` and `POST /v1/probe-answers`.

A key that is lost is found in time: before bidding anyone who takes part seals a nonce to a
custodian, and only the holder of the private key can say what it is. The answer is public.
"""

import base64

from app import ledger
from app.auction import rules_probe, store, store_seal
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx


async def ask_custodian(tx: Tx, command: rules_probe.AskCustodian) -> rules_probe.Probe:
    """Ask a custodian of a lot for a sign of its key."""
    lot = await store.find_lot(tx, command.lot)
    if lot is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    named = await store_seal.custodians_of(tx, lot.id, lot.notice)
    if command.custodian not in {custodian.id for custodian in named}:
        raise Rejected(CommonRefusal.NOT_FOUND, "custodian")
    if await store_seal.find_probe(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")
    probe = rules_probe.Probe(
        command.id,
        lot.id,
        command.custodian,
        command.sealed,
        command.nonce_hash,
        await tx.now(),
    )
    await store_seal.insert_probe(tx, probe)
    body = {
        "probe": probe.id,
        "custodian": probe.custodian,
        "sealed": base64.b64encode(probe.sealed).decode(),
        "nonce_hash": probe.nonce_hash,
    }
    await ledger.record(
        tx,
        [
            # A bidder that probes need not show that it takes part.
            ledger.Note(
                kind="custodian.probed",
                province=lot.province,
                subject=lot.id,
                body=body,
                anonymous=True,
            )
        ],
    )
    return probe


async def answer_probe(tx: Tx, command: rules_probe.Answer) -> rules_probe.Probe:
    """Take a custodian's answer; answers with the probe."""
    probe = await store_seal.find_probe(tx, command.probe)
    if probe is None or not tx.by.concerns(probe.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "probe")
    lot = await store.find_lot(tx, probe.lot)
    assert lot is not None, "a probe is for a lot"
    refusal = rules_probe.decide_answer(probe, command.nonce)
    if refusal is not None:
        raise Rejected(refusal)
    await store_seal.insert_answer(tx, probe.id, command.nonce, await tx.now())
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="custodian.answered",
                province=lot.province,
                subject=lot.id,
                body={
                    "probe": probe.id,
                    "custodian": probe.custodian,
                    "nonce": base64.b64encode(command.nonce).decode(),
                },
            )
        ],
    )
    answered = await store_seal.find_probe(tx, probe.id)
    assert answered is not None, "a probe stays"
    return answered
