"""The wire of dossiers."""

from datetime import datetime

from pydantic import Field

from app import withdrawal
from app.dossiers import rules
from app.platform.wire import AmountOut, InstantOut, Out
from app.withdrawal.rules import HoldOutcome, HoldReason


class DossierObjectionOut(Out):
    """An objection to the household's application; `upheld` is null until it is ruled on."""

    id: str = Field(examples=["o1"])
    raised_at: InstantOut
    upheld: bool | None = Field(examples=[None])
    ruled_at: InstantOut | None = Field(examples=[None])


class DossierHoldOut(Out):
    """A hold on the household's application; `outcome` is null while it stands."""

    id: str = Field(examples=["s1"])
    reason: HoldReason = Field(examples=["signature_not_mine"])
    placed_at: InstantOut
    outcome: HoldOutcome | None = Field(examples=[None])
    ended_at: InstantOut | None = Field(examples=[None])


class EventOut(Out):
    """A record of the household's matter."""

    kind: str = Field(examples=["entry.issue"], description="As in the log.")
    subject: str = Field(examples=["t1"], description="What it is about.")
    at: InstantOut
    entry: int | None = Field(
        examples=[42],
        description="Its index in the log: `/log/proof/{index}` proves it. Null for a second.",
    )


class DossierOut(Out):
    """What became of a household's homestead, by ids; what they name has endpoints of its own."""

    household: str = Field(examples=["h1"])
    application: str | None = Field(
        examples=["a1"], description="The one that is not ended, else the latest."
    )
    original_ticket: str | None = Field(examples=["t1"])
    ticket: str | None = Field(
        examples=["t1"], description="The one that stands now; another one after a transfer."
    )
    lots: list[str] = Field(examples=[["l1"]], description="In the order of their opening.")
    objections: list[DossierObjectionOut]
    holds: list[DossierHoldOut] = Field(description="In the order in which they were placed.")
    parcel: withdrawal.ParcelOut | None = Field(
        description="The homestead's outline; null where the bureau has given none."
    )
    events: list[EventOut] = Field(description="In the order in which they happened.")

    @classmethod
    def of(cls, dossier: rules.Dossier, parcel: withdrawal.Parcel | None) -> "DossierOut":
        """Show a dossier."""
        return cls(
            household=dossier.household,
            application=dossier.application,
            original_ticket=dossier.original_ticket,
            ticket=dossier.ticket,
            lots=list(dossier.lots),
            parcel=None if parcel is None else withdrawal.ParcelOut.of(parcel),
            objections=[
                DossierObjectionOut(
                    id=o.id, raised_at=o.raised_at, upheld=o.upheld, ruled_at=o.ruled_at
                )
                for o in dossier.objections
            ],
            holds=[
                DossierHoldOut(
                    id=h.id,
                    reason=h.reason,
                    placed_at=h.placed_at,
                    outcome=h.outcome,
                    ended_at=h.ended_at,
                )
                for h in dossier.holds
            ],
            events=[
                EventOut(kind=e.kind, subject=e.subject, at=e.at, entry=e.entry)
                for e in dossier.events
            ],
        )


class StatementLineOut(Out):
    """One movement of the year."""

    entry: int = Field(examples=[17], description="In the ledger, which explains it.")
    log_entry: int | None = Field(examples=[42], description="In the log, which proves it.")
    account: str = Field(examples=["housing:500000:h1"])
    kind: str = Field(examples=["settlement"])
    subject: str = Field(examples=["t1"])
    at: InstantOut
    amount_cny: AmountOut
    balance_cny: AmountOut

    @classmethod
    def of(cls, line: rules.Line) -> "StatementLineOut":
        """Show a line."""
        movement = line.movement
        return cls(
            entry=movement.entry,
            log_entry=movement.log_entry,
            account=movement.account,
            kind=movement.kind,
            subject=movement.subject,
            at=movement.at,
            amount_cny=movement.amount,
            balance_cny=line.balance,
        )


class StatementOut(Out):
    """A calendar year of a household's account: opening + in - out = closing."""

    household: str = Field(examples=["h1"])
    year: int = Field(examples=[2026])
    as_of: InstantOut = Field(description="What is not over yet may still change.")
    opening_cny: AmountOut
    paid_in_cny: AmountOut
    paid_out_cny: AmountOut
    closing_cny: AmountOut
    lines: list[StatementLineOut]

    @classmethod
    def of(cls, statement: rules.Statement, now: datetime) -> "StatementOut":
        """Show a statement as it is at an instant."""
        return cls(
            household=statement.household,
            year=statement.year,
            as_of=now,
            opening_cny=statement.opening,
            paid_in_cny=statement.paid_in,
            paid_out_cny=statement.paid_out,
            closing_cny=statement.closing,
            lines=[StatementLineOut.of(line) for line in statement.lines],
        )
