"""Pure: what a ticket takes along to another node, and what its three nodes check and refuse.

The protocol (`rules_protocol`) carries it as cargo and does not read it. Whoever receives it reads
it strictly: a ticket whose cargo is not whole is not accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from app.identity.rules import Zone
from app.kernel.calendar import local_date, midnight, wire
from app.kernel.ids import reference
from app.kernel.refusal import BetweenNodes
from app.kernel.units import Area, Fen, InvalidAmountError, decimal, hundredths
from app.ledger.rules import AMOUNT_MAX
from app.policy.rules import Coefficient, Party
from app.tickets.rules import Ticket, TicketState
from app.transfers.rules import Transfer, TransferState
from app.transfers.rules_giver import Giver
from app.transfers.rules_messages import (
    Accept,
    Applied,
    Cancel,
    Message,
    Offer,
    Propose,
    Reject,
    digest,
)
from app.transfers.rules_ministry import Ministry
from app.transfers.rules_receiver import Receiver
from app.transfers.rules_wire import AREA_MAX, Cargo, MalformedError, Rate, pack

VALIDITY = timedelta(days=30)
"""How long the ministry has for a proposal, unless the coefficient ends earlier."""

ID_MAX = 64

NOBODY_TOLD = ""
"""In the place of the letter's digest, where giver and receiver are of one node."""


class CrossingRefusal(BetweenNodes):
    """Refusals of transfers to and from other nodes, beside those of every transfer."""

    NO_MINISTRY = (
        "ministry-unknown",
        "接收省份在另一节点,而本节点尚未登记部级节点。请联系运维登记其名片。",
        "The province is another node's, and no ministry's node is known here. Register its card.",
    )
    NO_RECEIVER = (
        "receiver-unknown",
        "接收省份的节点尚未登记,无法外流。请联系运维登记其名片。",
        "No node of the receiving province is known here. Register its card.",
    )
    ID_TOO_LONG = (
        "id-too-long",
        "编号过长,不能流出至另一节点(连同省代码不得超过 64 个字符)。请使用较短的编号。",
        "An id is too long for another node: 64 characters with the province's code. Shorten it.",
    )
    DOCUMENT_MISSING = (
        "document-missing",
        "跨节点外流的批准须注明批准文号。请填写 document。",
        "An approval between nodes names its document number (文号). Fill in `document`.",
    )
    PERSON_MISSING = (
        "person-missing",
        "转出省份的住户资料尚未送达或无法解密。请稍后再试;仍未送达请联系转出省份。",
        "What says who the household is has not come, or does not open. Try again later.",
    )
    CARGO_MALFORMED = (
        "cargo-malformed",
        "该外流申请所附票据资料不完整,不能接收。请退回。",
        "What the giver says of the ticket is not whole, so it cannot be accepted. Reject it.",
    )
    NAME_TAKEN = (
        "guest-name-taken",
        "本节点已有同名编号的住户或集体。请退回,并联系运维。",
        "A household of this node has the name that the guest would have. Reject the transfer.",
    )
    OTHER_COEFFICIENT = (
        "coefficient-differs",
        "申请所用调节系数不是当前有效的系数。请退回,由转出省份重新申请。",
        "The proposal's coefficient is not the one in force. Reject it, to be asked for anew.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A ticket and its household's account as their home knows them.

    Ids are the home's own. `split` is of the policy version that its application named, `person`
    the digest of the sealed letter that says who the household is.
    """

    application: str
    household: str
    collective: str
    county: str
    zone: Zone
    heads: int
    city: str
    issued_at: datetime
    reclamation_cost: Fen
    financing_cost: Fen
    coefficient: str
    policy: str
    split: tuple[tuple[Party, int], ...]
    open: bool
    affordable_homes: int
    subsidised: tuple[int, ...]
    person: str

    def to_cargo(self) -> Cargo:
        """Pack it."""
        return pack(
            {
                "application": self.application,
                "household": self.household,
                "collective": self.collective,
                "county": self.county,
                "zone": self.zone.value,
                "heads": self.heads,
                "city": self.city,
                "issued_at": wire(self.issued_at),
                "reclamation_cost_cny": decimal(self.reclamation_cost),
                "financing_cost_cny": decimal(self.financing_cost),
                "coefficient": self.coefficient,
                "policy": self.policy,
                "split": ",".join(f"{party.value}:{weight}" for party, weight in self.split),
                "open": int(self.open),
                "affordable_homes": self.affordable_homes,
                "subsidised": ",".join(str(year) for year in self.subsidised),
                "person": self.person,
            }
        )

    @classmethod
    def from_cargo(cls, cargo: Cargo) -> Self:
        """Unpack it; `MalformedError` where it is not whole."""
        members: Mapping[str, Any] = dict(cargo)
        try:
            goods = cls(
                application=members["application"],
                household=members["household"],
                collective=members["collective"],
                county=members["county"],
                zone=Zone(members["zone"]),
                heads=members["heads"],
                city=members["city"],
                issued_at=datetime.fromisoformat(members["issued_at"]),
                reclamation_cost=Fen(hundredths(members["reclamation_cost_cny"])),
                financing_cost=Fen(hundredths(members["financing_cost_cny"])),
                coefficient=members["coefficient"],
                policy=members["policy"],
                split=tuple(_weight(part) for part in members["split"].split(",")),
                open=bool(members["open"]),
                affordable_homes=members["affordable_homes"],
                subsidised=tuple(int(year) for year in members["subsidised"].split(",") if year),
                person=members["person"],
            )
            if goods.to_cargo() != cargo:
                raise MalformedError("cargo has another spelling")
        except (KeyError, TypeError, ValueError, AttributeError, InvalidAmountError) as cause:
            raise MalformedError(f"cargo is not whole: {cause}") from cause
        return goods

    @property
    def costs(self) -> Fen:
        """Both costs, repaid to the home's county before anything is shared (R133)."""
        return Fen(self.reclamation_cost + self.financing_cost)


def _weight(part: str) -> tuple[Party, int]:
    party, _, weight = part.partition(":")
    if int(weight) < 1:
        raise MalformedError("a weight is below one")
    return Party(party), int(weight)


def arrived_id(home: str, ticket: str, receiver: str) -> str:
    """The id under which a ticket of another node stands at its receiver: `500000-t1/330000`."""
    return f"{reference(home, ticket)}/{receiver}"


def arrived_ticket(terms: Propose, goods: Goods) -> Ticket:
    """The ticket as it stands at the receiver: all it names but its province is its home's."""
    home = terms.giver
    return Ticket(
        id=arrived_id(home, terms.ticket, terms.receiver),
        application=reference(home, goods.application),
        household=reference(home, goods.household),
        collective=reference(home, goods.collective),
        county=goods.county,
        home_province=home,
        province=terms.receiver,
        area=terms.credit,
        reclamation_cost=goods.reclamation_cost,
        financing_cost=goods.financing_cost,
        issued_at=goods.issued_at,
        state=TicketState.HANDED_IN,
        arrival=terms.transfer,
    )


def decide_names(home: str, *ids: str) -> CrossingRefusal | None:
    """Every id must fit behind the code of its province."""
    if any(len(reference(home, id_)) > ID_MAX for id_ in ids):
        return CrossingRefusal.ID_TOO_LONG
    return None


def last_day(coefficient: Coefficient, now: datetime) -> datetime:
    """Until when the ministry may approve: the coefficient must be in force on that day (R183)."""
    ends = midnight(coefficient.valid_to + timedelta(days=1))
    return min(midnight(local_date(now + VALIDITY)), ends)


def rate_of(coefficient: Coefficient) -> Rate:
    """The coefficient as messages name it."""
    return Rate(coefficient.yield_out, coefficient.yield_in, coefficient.document)


def converts(coefficient: Coefficient | None, area: Area) -> bool:
    """Whether a coefficient gives an area that can be kept and told to other nodes."""
    return coefficient is not None and 0 < coefficient.convert(area) <= min(AMOUNT_MAX, AREA_MAX)


def object_to(terms: Propose, coefficient: Coefficient | None) -> str | None:
    """The code of what a node finds against a proposal in its own books; None: nothing."""
    if coefficient is None or rate_of(coefficient) != terms.rate:
        return CrossingRefusal.OTHER_COEFFICIENT.code
    try:
        goods = Goods.from_cargo(terms.cargo)
    except MalformedError:
        return CrossingRefusal.CARGO_MALFORMED.code
    if goods.coefficient != coefficient.id:
        return CrossingRefusal.OTHER_COEFFICIENT.code
    names = (goods.application, goods.household, goods.collective, terms.ticket)
    refusal = decide_names(terms.giver, *names)
    return None if refusal is None else refusal.code


# What the record says that a message rests on: its kind, and the member that binds the message.
RESTS_ON = {
    "xfer.propose": (("transfer.requested",), "proposal"),
    "xfer.offer": (("crossing.offered",), "proposal"),
    "xfer.accept": (("arrival.accepted",), "proposal"),
    "xfer.reject": (("arrival.rejected",), "proposal"),
    "xfer.cancel": (("transfer.recalled",), "crossing"),
    "xfer.decision": (("crossing.decided",), "decision"),
    "xfer.applied": (
        (
            "transfer.approved",
            "transfer.released",
            "ticket.arrived",
            "entry.conversion_in",
            "arrival.closed",
        ),
        "decision",
    ),
}


def binds(record: Mapping[str, Any], message: Message) -> bool:
    """Whether a record of the sender's log says the same as the message that rests on it."""
    kinds, member = RESTS_ON[message.type]
    # An entry says in its facts what other records say in their bodies.
    said = record.get("body") or record.get("facts") or {}
    return record.get("kind") in kinds and said.get(member) == _bound(message)


def _bound(message: Message) -> str:
    match message:
        case Offer():
            return digest(message.terms)
        case Accept() | Reject():
            return message.propose
        case Applied():
            return message.decision
        case Cancel():
            return message.transfer
        case _:
            return digest(message)


def local_of(terms: Propose) -> str:
    """The transfer's id at its giver."""
    return terms.transfer.removeprefix(f"{terms.giver}-")


_STATE_OF: dict[str, TransferState] = {
    "locked": TransferState.REQUESTED,
    "offered": TransferState.REQUESTED,
    "accepted": TransferState.ACCEPTED,
    "debited": TransferState.APPROVED,
    "committed": TransferState.APPROVED,
    "done": TransferState.APPROVED,
    "credited": TransferState.APPROVED,
}


def as_transfer(id_: str, machine: Giver | Ministry | Receiver) -> Transfer:
    """A transfer between nodes in the words of every transfer, as one of its three nodes knows it.

    Raises `ValueError` for what the ministry has never been proposed.
    """
    terms = machine.terms
    if terms is None:
        raise ValueError("nothing was proposed")
    state = _STATE_OF.get(machine.phase.value, TransferState.REJECTED)
    approved = state is TransferState.APPROVED
    return Transfer(
        id=id_,
        ticket=reference(terms.giver, terms.ticket),
        home=terms.giver,
        receiver=terms.receiver,
        state=state,
        sent=terms.area,
        received=terms.credit if approved else None,
        coefficient=Goods.from_cargo(terms.cargo).coefficient if approved else None,
        crosses=True,
    )
