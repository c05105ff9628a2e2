"""Messages about transfers, as they come verified from other nodes, into the machines."""

from collections.abc import Mapping

from app import clearing, nodes, settlement
from app.kernel.refusal import LetterRefusal, Rejected
from app.nodes import Handler, Received
from app.platform.db import Tx
from app.platform.settings import Settings
from app.transfers import crossing, person
from app.transfers.parties import parties_of
from app.transfers.rules_crossing import RESTS_ON, binds
from app.transfers.rules_messages import KINDS, read_message
from app.transfers.rules_wire import MalformedError
from app.transfers.take_obligation import take_obligation
from app.transfers.take_stated import take_stated


async def handle(tx: Tx, received: Received) -> None:
    """Take one message of the protocol; `Rejected` where it is malformed, unfounded or a fault."""
    try:
        message = read_message(received.type, received.transfer, received.body)
    except MalformedError as error:
        raise Rejected(LetterRefusal.MALFORMED) from error
    if message.type in RESTS_ON and not binds(crossing.record_of(received.entry), message):
        raise Rejected(LetterRefusal.UNFOUNDED)
    sender = await parties_of(tx, received.sender)
    await crossing.take(tx, crossing.Letter(sender, message))


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """What is done with each type of message; letters about persons are opened with a key file."""

    async def take_person(tx: Tx, received: Received) -> None:
        own = await nodes.own(tx)
        assert own is not None, "a node that receives messages is initialised"
        keys = nodes.load_node_keys(settings, own.name)
        await person.take_person(tx, received, keys.sealing)

    others: dict[str, Handler] = {
        person.TYPE: take_person,
        settlement.OBLIGATION: take_obligation,
        clearing.STATED: take_stated,
    }
    return dict.fromkeys(KINDS, handle) | others
