"""Money that had come for nothing is on its way back from a province of another node.

It owes nobody anything: the instruction is kept so that the own bank's file is understood.
"""

from app import ledger, nodes
from app.clearing import parties, store_bank
from app.clearing.rules_bank import Instruction, InstructionKind
from app.clearing.rules_between import BetweenRefusal, MalformedError, is_instruction, money
from app.clearing.rules_letters import Due
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.kernel.units import Fen, decimal
from app.platform.db import Tx


async def take_return(tx: Tx, received: nodes.Received) -> None:
    """Keep what is to come back."""
    body, id_ = received.body, received.transfer
    try:
        payer, payee, amount = str(body["payer"]), str(body["payee"]), money(body["amount_cny"])
    except (KeyError, MalformedError) as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    said = {"payer": payer, "payee": payee, "amount_cny": decimal(amount)}
    if dict(body) != said or payer == payee or not is_instruction(id_):
        raise Rejected(LetterRefusal.MALFORMED)
    await parties.require_speaker(tx, received.sender, payer)
    record = parties.record_of(received)
    named = (record.get("kind"), record.get("province"), record.get("subject"))
    told = record.get("body", {})
    means = ("return", payee, decimal(amount))
    if named != ("payment.instructed", payer, id_) or means != (
        told.get("kind"),
        told.get("payee"),
        told.get("amount_cny"),
    ):
        raise Rejected(LetterRefusal.UNFOUNDED)
    if not await parties.hosted_of(tx, {payee}):
        raise Rejected(BetweenRefusal.WRONG_PARTY)
    if id_ in await store_bank.lock_instructions(tx, [id_]):
        raise Rejected(LetterRefusal.UNFOUNDED)

    instruction = Instruction(
        id=id_,
        kind=InstructionKind.RETURN,
        window=None,
        statement=None,
        payer=payer,
        payee=payee,
        amount=amount,
        confirmed=Fen(0),
        payer_account=None,
        payee_account=None,
        at=await tx.now(),
        between_nodes=True,
    )
    await store_bank.insert_instructions(tx, [(instruction, None)])
    due = Due(id_, 0, None, (payer,), ((id_, payer, payee, amount),))
    note = ledger.Note(
        kind="payments.taken",
        province=NODE,
        subject=id_,
        body=due.to_body() | {"window": None},
    )
    await ledger.record(tx, [note])
