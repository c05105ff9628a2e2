"""A statement of the ministry's node comes to that of one of its provinces, and is recomputed.

It rests on the record of the closed window, so all nodes have been told the same. What the own
books do not say is disputed at once, by the node itself and on record; nobody can sign it then.
"""

from app import ledger, nodes
from app.clearing import parties, rules, rules_stated, store, store_between, store_stated
from app.clearing.dispute_statement import put_dispute
from app.clearing.rules import Act, DisputeReason, Statement, Window
from app.clearing.rules_between import MalformedError
from app.clearing.rules_stated import Told
from app.kernel.ids import NODE
from app.kernel.refusal import LetterRefusal, Rejected
from app.platform.db import Tx


async def take_statement(tx: Tx, received: nodes.Received) -> None:
    """Keep a statement, open for the officers of the own province."""
    await parties.require_ministry(tx, received.sender)
    try:
        told = rules_stated.read_document(received.body.get("document"))
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    id_, hash_ = rules.statement_id(told.window[0], told.pair), rules.hash_of(told.document)
    hosted = await parties.hosted_of(tx, told.pair)
    named = (set(received.body), received.transfer) == ({"document"}, id_) and hosted
    record = parties.record_of(received)
    if not named or not rules_stated.is_stated_in(told, hash_, record):
        raise Rejected(LetterRefusal.UNFOUNDED)
    await _keep_window(tx, told, str(record["body"]["terms"]))
    statement = rules.statement_of(told.document, between_nodes=True, received=True)
    await store.insert_statements(tx, [(statement, told.document)])
    note = ledger.Note(
        kind="settlement_statement.received",
        province=NODE,
        subject=id_,
        body={"hash": hash_, "document": told.document},
    )
    await ledger.record(tx, [note])
    objection = await find_objection(tx, statement)
    if objection is not None:
        act = Act(min(hosted), objection, tx.actor, await tx.now())
        await nodes.send(tx, await put_dispute(tx, statement, act))


async def find_objection(tx: Tx, statement: Statement) -> DisputeReason | None:
    """What is wrong with a received statement by the own books.

    Where nothing is, its obligations are kept, and are in no other statement from then on.
    """
    if await store_between.is_booked(tx, statement.id):
        return None
    told = rules_stated.read_document(await store.read_document(tx, statement.id))
    transfers = sorted({one.transfer for one in told.owed})
    # No correction states one of them anew between the comparison and its effect.
    await store_stated.hold_matters(tx, transfers)
    objection = rules_stated.object_to(
        told,
        await store_stated.own_stated(tx, transfers),
        await parties.hosted_of(tx, statement.parties),
        await store_between.stated_before(tx, transfers, statement.id),
    )
    if objection is None:
        await store_between.insert_between(tx, statement.id, told.owed)
    return objection


async def _keep_window(tx: Tx, told: Told, terms: str) -> None:
    """The window of a statement; of several that are told, each one names it."""
    known = await store.window_if_any(tx, told.window[0])
    if known is None:
        window = Window(*told.window, terms, told.netting, await tx.now(), received=True)
        await store.insert_window(tx, window)
        return
    same = (known.first, known.end, known.netting) == (*told.window[1:], told.netting)
    if not known.received or not same:
        raise Rejected(LetterRefusal.UNFOUNDED)
