"""What an approved transfer writes: m leaves one province's books, n arrives in another's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from app.kernel.ids import transferred_ticket
from app.kernel.units import Area, Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Note, move
from app.transfers import rules
from app.transfers.rules_crossing import Goods, arrived_id, local_of
from app.transfers.rules_messages import Propose
from app.transfers.rules_wire import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a transfer converts. Areas in 0.01 m²; `extra` stands in the facts beside the others.

    `ticket` and `new_ticket` are its ids at home and where it arrives.
    """

    transfer: str
    home: str
    receiver: str
    ticket: str
    new_ticket: str
    coefficient: str
    rate: Rate
    sent: Area
    received: Area
    extra: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, terms: Propose, decision: str, *, stays: bool) -> Self:
        """What a committed transfer converts, under the names of its home.

        `stays` says that the receiving province is of the same node.
        """
        name = transferred_ticket if stays else partial(arrived_id, terms.giver)
        return cls(
            transfer=local_of(terms),
            home=terms.giver,
            receiver=terms.receiver,
            ticket=terms.ticket,
            new_ticket=name(terms.ticket, terms.receiver),
            coefficient=Goods.from_cargo(terms.cargo).coefficient,
            rate=terms.rate,
            sent=terms.area,
            received=terms.credit,
            extra={"decision": decision},
        )

    @property
    def facts(self) -> dict[str, str | int]:
        """The figures of both entries."""
        return {
            "ticket": self.ticket,
            "new_ticket": self.new_ticket,
            "coefficient": self.coefficient,
            "document": self.rate.document,
            "yield_out": self.rate.yield_out,
            "yield_in": self.rate.yield_in,
            "sent_m2": decimal(self.sent),
            "received_m2": decimal(self.received),
            **self.extra,
        }

    def leaves(self) -> Draft:
        """In the home province's books."""
        return Draft(
            kind=EntryKind.CONVERSION_OUT,
            key=f"conversion-out:{self.transfer}",
            province=self.home,
            subject=self.transfer,
            moves=move(
                AccountRef(AccountKind.TICKET, self.ticket, self.home),
                rules.conversion_account(self.receiver, self.home),
                self.sent,
            ),
            facts=self.facts,
        )

    def arrives(self) -> Draft:
        """In the receiving province's books."""
        return Draft(
            kind=EntryKind.CONVERSION_IN,
            key=f"conversion-in:{self.transfer}",
            province=self.receiver,
            subject=self.transfer,
            moves=move(
                rules.conversion_account(self.home, self.receiver),
                AccountRef(AccountKind.TICKET, self.new_ticket, self.receiver),
                self.received,
            ),
            facts=self.facts,
        )

    def approval(self, balance: Fen) -> Note:
        """What the home province's log says of the approved transfer."""
        return Note(
            kind="transfer.approved",
            province=self.home,
            subject=self.transfer,
            body={
                "ticket": self.ticket,
                "to": self.receiver,
                "new_ticket": self.new_ticket,
                "coefficient": self.coefficient,
                "sent_m2": decimal(self.sent),
                "received_m2": decimal(self.received),
                "balance_moved_cny": decimal(balance),
                **self.extra,
            },
        )
