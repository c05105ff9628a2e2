"""Pure: what a home province is owed for a ticket that was sold elsewhere, reckoned by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.kernel.refusal import BetweenNodes
from app.kernel.shares import floor_div
from app.kernel.units import Area, Fen, InvalidAmountError, decimal, hundredths
from app.settlement.rules import Split, TicketShare, split_net
from app.tickets.rules import Ticket
from app.transfers.rules_crossing import arrived_id
from app.transfers.rules_messages import Propose


class ObligationRefusal(BetweenNodes):
    """Refusals of what another province says that it owes."""

    NOT_GONE = (
        "obligation-unknown",
        "该票没有流出至该省,不接受其应付款项。请核对外流编号。",
        "No ticket of this transfer has left for that province. Check the transfer.",
    )
    UNFOUNDED = (
        "obligation-unfounded",
        "报文所依据的日志分录不是该票的成交分录,或与报文不符。请将报文交监督人员。",
        "The entry that it rests on is not the sale of this ticket. Show both to an auditor.",
    )
    DIFFERS = (
        "obligation-differs",
        "成交分录的金额与本省依政策计算的不一致,未入账。请双方核对该标的的结算。",
        "The figures differ from those of this province's rules; nothing is booked. Compare them.",
    )
    TWICE = (
        "obligation-twice",
        "该票的成交已入账,一张票只成交一次。请将两份报文交监督人员。",
        "This ticket's sale is booked already, and it sells once. Show both to an auditor.",
    )


@dataclass(frozen=True, slots=True)
class Stated:
    """What the selling province's entry says. Money in fen, areas in 0.01 m²."""

    lot: str
    price: Fen
    lot_area: Area
    share: Fen
    due: Fen
    parts: tuple[tuple[str, int, int], ...]
    figures: tuple[str, str, str, str]


def read(
    body: Mapping[str, object], record: Mapping[str, Any], terms: Propose
) -> ObligationRefusal | Stated:
    """Read the entry of the sale, which must be of this ticket and say what the message says."""
    ticket = arrived_id(terms.giver, terms.ticket, terms.receiver)
    named = (record.get("kind"), record.get("province"), record.get("subject"))
    if named != ("entry.settlement", terms.receiver, ticket):
        return ObligationRefusal.UNFOUNDED
    try:
        facts = record["facts"]
        stated = Stated(
            lot=str(facts["lot"]),
            price=Fen(hundredths(facts["price"])),
            lot_area=Area(hundredths(facts["lot_area"])),
            share=Fen(hundredths(facts["share"])),
            due=_due(record["postings"], terms),
            parts=tuple(
                (party, weight, hundredths(part)) for party, weight, part, _ in facts["split"]
            ),
            figures=(
                facts["ticket_area"],
                facts["reclamation_cost"],
                facts["financing_cost"],
                facts["net"],
            ),
        )
    except (KeyError, TypeError, ValueError, InvalidAmountError):
        return ObligationRefusal.UNFOUNDED
    said = {"lot": stated.lot, "ticket": ticket, "due_cny": decimal(stated.due)}
    return stated if dict(body) == said else ObligationRefusal.UNFOUNDED


def _due(postings: list[list[str]], terms: Propose) -> Fen:
    owed = f"due_to:{terms.receiver}:{terms.giver}"
    return Fen(sum(int(amount) for _, target, amount, *_ in postings if target == owed))


def as_sold(original: Ticket, terms: Propose) -> Ticket:
    """The ticket as it stood at the receiver, with its parties as its home knows them."""
    return replace(
        original,
        id=arrived_id(terms.giver, terms.ticket, terms.receiver),
        province=terms.receiver,
        area=terms.credit,
    )


def reckon(stated: Stated, sold: Ticket, split: Split) -> ObligationRefusal | TicketShare:
    """The ticket's share by this province's own rules; refused where the entry has other figures.

    The share follows from the price by area; left-over fen go by the other tickets of the lot, so
    one fen above the floor is right as well (R118). All else follows from the share.
    """
    if not 0 < sold.area <= stated.lot_area:
        return ObligationRefusal.DIFFERS
    floor = floor_div(stated.price * sold.area, stated.lot_area)
    if stated.share - floor not in {0, 1} or stated.share < sold.costs:
        return ObligationRefusal.DIFFERS
    net = Fen(stated.share - sold.costs)
    share = TicketShare(sold, stated.share, net, split_net(net, split))
    figures = (
        decimal(sold.area),
        decimal(sold.reclamation_cost),
        decimal(sold.financing_cost),
        decimal(net),
    )
    parts = tuple((part.party.value, part.weight, int(part.amount)) for part in share.parts)
    same = (figures, parts, share.due) == (stated.figures, stated.parts, stated.due)
    return share if same else ObligationRefusal.DIFFERS
