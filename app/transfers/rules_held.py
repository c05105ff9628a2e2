"""Pure: whether a giver holds what it proposes, by its own published log.

The ministry's node follows the log of each giver, and keeps of it what tickets hold and what they
are spoken for. A proposal rests on one record of that log, its lock. The ticket is the giver's to
give where its account holds the area m, no more and no less (it leaves whole), and the lock is the
only claim on it.
"""

import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from app.kernel.units import decimal
from app.ledger.rules import AMOUNT_MAX, AccountKind, AccountRef, EntryKind
from app.transfers.rules_messages import Propose, digest

NOT_HELD = "ticket-not-held"
"""The code of an abort because the giver's own log does not hold what it proposed."""

CLAIMS_MAX = 4
"""So many claims on a ticket are named; more than one is too many."""

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_ENTRY = "entry."
_TELL = frozenset(
    {"transfer.requested", "ticket.handed_in", "transfer.released", "transfer.rejected"}
)
"""Records that speak for a ticket, and the two that free it again.

What has left, was handed in or came from elsewhere is not freed.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A record by which a ticket is spoken for, at `leaf` of its log.

    `matter` is the transfer that locks it, as the log names it, and `proposal` the digest of what
    was proposed; both are empty where it lies handed in.
    """

    leaf: int
    province: str
    ticket: str
    matter: str = ""
    proposal: str | None = None


@dataclass(slots=True)
class Tickets:
    """What entries of a log do to tickets, added up. Areas in 0.01 m².

    `lifted` names the matters, by province, that freed their ticket; claims stand behind them.
    """

    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    claims: list[Claim] = field(default_factory=list)
    lifted: list[tuple[str, str]] = field(default_factory=list)


def add_all(tickets: Tickets, first: int, entries: Iterable[bytes]) -> None:
    """Add what entries do from an index on; `ValueError` where one cannot be followed."""
    for leaf, entry in enumerate(entries, first):
        try:
            _add(tickets, leaf, json.loads(entry))
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"entry {leaf} cannot be followed") from error


def _add(tickets: Tickets, leaf: int, record: Mapping[str, Any]) -> None:
    kind = record["kind"]
    if kind.startswith(_ENTRY):
        _add_entry(tickets, leaf, kind.removeprefix(_ENTRY), record["postings"])
    elif kind in _TELL:
        # A record that is not whole speaks for no ticket, and so holds up nobody else's.
        with contextlib.suppress(KeyError, TypeError, AttributeError, ValueError):
            _add_note(tickets, leaf, record)


def _add_note(tickets: Tickets, leaf: int, record: Mapping[str, Any]) -> None:
    province, subject = _text(record["province"]), _text(record["subject"])
    match record["kind"]:
        case "transfer.requested":
            body = record["body"]
            proposal = _digest(body.get("proposal"))
            claim = Claim(leaf, province, _text(body["ticket"]), subject, proposal)
            tickets.claims.append(claim)
        case "ticket.handed_in":
            tickets.claims.append(Claim(leaf, province, subject))
        case _:
            _lift(tickets, province, subject)


def _add_entry(tickets: Tickets, leaf: int, kind: str, postings: Iterable[Any]) -> None:
    for source, target, moved, *_ in postings:
        amount = int(moved)
        if not 0 < amount <= AMOUNT_MAX:
            raise ValueError(f"entry {leaf} moves no amount")
        for code, delta in ((source, -amount), (target, amount)):
            account = AccountRef.of(_text(code))
            if account.kind is not AccountKind.TICKET:
                continue
            tickets.held[account.code] += delta
            if kind == EntryKind.CONVERSION_IN and delta > 0:
                # What came from another province lies handed in, and goes no further.
                tickets.claims.append(Claim(leaf, account.province, account.owner))


def _lift(tickets: Tickets, province: str, matter: str) -> None:
    tickets.claims = [
        claim
        for claim in tickets.claims
        if not claim.matter or (claim.province, claim.matter) != (province, matter)
    ]
    tickets.lifted.append((province, matter))


def _text(value: object) -> str:
    """A text that a database takes: another's log may hold anything."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("not a name")
    return value


def _digest(value: object) -> str | None:
    """What can be the digest of a proposal; anything else is that of none."""
    return value if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def account_of(terms: Propose) -> str:
    """The ticket's account in the giver's books."""
    return AccountRef(AccountKind.TICKET, terms.ticket, terms.giver).code


@dataclass(frozen=True, slots=True)
class Look:
    """What a giver's log says of a proposed ticket; everybody can look there again.

    `leaf` is where the lock lies by its proof, `size` and `root` (in hex) are those of the
    checkpoint up to which the log was read, `held` is what the ticket's account holds there.
    `claims` are the places and proposals of what the ticket is spoken for, `CLAIMS_MAX` of them.
    """

    leaf: int
    size: int
    root: str
    held: int
    claims: tuple[tuple[int, str | None], ...]

    def holds(self, terms: Propose) -> bool:
        """Whether the giver had to give what it proposed: all of the ticket, and once."""
        alone = self.claims == ((self.leaf, digest(terms)),)
        return self.leaf < self.size and self.held == terms.area and alone

    def to_body(self) -> dict[str, object]:
        """Give what the ministry's record of its decision says of it."""
        return {
            "lock_leaf": self.leaf,
            "log_size": self.size,
            "log_root": self.root,
            "held_m2": decimal(self.held),
            "claims": [list(claim) for claim in self.claims],
        }

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """Read what `to_body` gave, of a row or record of this node."""
        return cls(
            leaf=body["lock_leaf"],
            size=body["log_size"],
            root=body["log_root"],
            held=int(body["held_m2"].replace(".", "")),
            claims=tuple((leaf, proposal) for leaf, proposal in body["claims"]),
        )
