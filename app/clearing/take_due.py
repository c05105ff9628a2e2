"""What the ministry's node has made payable comes to a node of one of its parties.

The node believes nothing that its own officers have not signed: it nets the own statements again,
and books and pays what follows from them, or nothing.
"""

from app import ledger, nodes
from app.clearing import parties, rules_letters, store, store_bank, store_between
from app.clearing.complete import complete
from app.clearing.instruct import debts, drafts, keep
from app.clearing.rules import AGENT, Netting, Statement, StatementState, Window, standing
from app.clearing.rules_between import BetweenRefusal, MalformedError
from app.clearing.rules_letters import Due, read_due
from app.clearing.rules_netting import Netted, net
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.platform.db import Tx


async def take_due(tx: Tx, received: nodes.Received) -> None:
    """Net the own side of approved statements, and keep the payments of the own provinces."""
    await parties.require_ministry(tx, received.sender)
    try:
        due = read_due(received.transfer, received.body)
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    record = parties.record_of(received)
    named = (record.get("kind"), record.get("subject"))
    if named != ("payments.due", due.cause) or record.get("body") != due.to_body():
        raise Rejected(LetterRefusal.UNFOUNDED)
    window = await store.window_if_any(tx, due.window)
    if window is None or not window.received or not rules_letters.follows(window, due):
        raise Rejected(BetweenRefusal.NOT_SIGNED)
    acting = await _signed(tx, due)
    codes = {code for one in acting for code in one.parties} | {AGENT}
    hosted = await parties.hosted_of(tx, codes)
    netted = _netted(window, acting, due, hosted)

    for one in acting:
        await store.approve_statement(tx, one.id)
    rows = rules_letters.own_payments(due, hosted)
    own = Due(due.cause, due.window, due.statement, due.elsewhere, tuple(rows))
    note = ledger.Note(kind="payments.taken", province=NODE, subject=due.cause, body=own.to_body())
    await ledger.record(tx, [note])
    await ledger.post(tx, drafts(due.cause, due.window, netted, hosted))
    await store_between.hold_instructions(tx, [id_ for id_, *_ in rows])
    messages = await keep(tx, own, hosted)
    held = await store_bank.lock_instructions(tx, [id_ for id_, *_ in rows])
    for instruction in held.values():
        await complete(tx, instruction)
    await nodes.send(tx, messages)


async def _signed(tx: Tx, due: Due) -> list[Statement]:
    """The own statements that are carried out, held; each is open and signed by its own side."""
    statements = await store.lock_window(tx, due.window)
    acting = [one for one in statements if due.statement in {None, one.id}]
    acts = await store.list_acts(tx, [one.id for one in acting])
    for one in acting:
        approving = [code for code, act in standing(acts[one.id]).items() if act.approves]
        hosted = await parties.hosted_of(tx, one.parties)
        signed = rules_letters.is_signed(one, approving, hosted)
        if one.state is not StatementState.OPEN or not signed:
            raise Rejected(BetweenRefusal.NOT_SIGNED)
    if not acting:
        raise Rejected(BetweenRefusal.NOT_SIGNED)
    return acting


def _netted(window: Window, acting: list[Statement], due: Due, hosted: set[str]) -> Netted:
    """What follows from the own statements, which must be what the message says."""
    netted = net(Netting(window.netting), debts(acting))
    own = sorted(
        (one.payer, one.payee, one.amount)
        for one in netted.payments
        if {one.payer, one.payee} & hosted
    )
    told = sorted(
        (payer, payee, amount)
        for _, payer, payee, amount in rules_letters.own_payments(due, hosted)
    )
    if own != told:
        raise Rejected(BetweenRefusal.DUE_DIFFERS)
    return netted
