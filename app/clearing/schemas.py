"""The wire of terms, windows and statements."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.clearing import rules
from app.clearing.approve_statement import ApproveStatement
from app.clearing.close_window import CloseWindow
from app.clearing.dispute_statement import DisputeStatement
from app.clearing.propose_terms import ProposeTerms
from app.clearing.rules import DisputeReason, Netting, StatementState
from app.clearing.rules_restated import Said, standing
from app.clearing.rules_stated import StatedKind, StatedSide
from app.clearing.store_stated import Matter
from app.kernel.units import hundredths
from app.platform.wire import AmountOut, Id, In, InstantOut, Out


class MatterState(StrEnum):
    """How far a debt between nodes is agreed; a province's node knows its own side alone."""

    STATED = "stated"
    AGREED = "agreed"
    DIFFERS = "differs"


EXAMPLE_STATEMENT = "1-330000-500000"
EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=[EXAMPLE_HASH])]
StatementRef = Annotated[str, Field(pattern=rules.STATEMENT_PATTERN, examples=[EXAMPLE_STATEMENT])]


class ClearingTermsIn(In):
    """How this node clears; a second person of the ministry approves it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "terms-2026", "netting": "gross", "hold_until_paid": False}]
        }
    )

    id: Id
    netting: Netting = Field(strict=False, examples=["gross"])
    hold_until_paid: bool | None = Field(
        default=None,
        examples=[False],
        description="Whether quota that came from another province lands only once that one is "
        "paid for it. Left out: it does not wait.",
    )

    def command(self) -> ProposeTerms:
        """The command this body asks for."""
        return ProposeTerms(self.id, self.netting, hold_until_paid=bool(self.hold_until_paid))


class ClearingTermsApprovalIn(In):
    """A second person of the ministry approves terms."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"terms": "terms-2026"}]})

    terms: Id


class ClearingTermsOut(Out):
    """Terms of clearing; the newest approved ones are in force."""

    id: str = Field(examples=["terms-2026"])
    netting: Netting = Field(examples=["gross"])
    hold_until_paid: bool = Field(examples=[False])
    proposed_by: str = Field(examples=["officer-a"])
    approved_by: str | None = Field(examples=["officer-b"])

    @classmethod
    def of(cls, terms: rules.Terms) -> "ClearingTermsOut":
        """Show terms."""
        return cls(
            id=terms.id,
            netting=terms.netting,
            hold_until_paid=terms.hold_until_paid,
            proposed_by=terms.proposed_by,
            approved_by=terms.approved_by,
        )


class SettlementWindowIn(In):
    """The next window, by the terms in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"terms": "terms-2026", "end": 512}]})

    terms: Id
    end: int | None = Field(
        default=None,
        ge=1,
        le=2**53 - 1,
        examples=[512],
        description="The index of the log that it ends before; left out, all that is published.",
    )

    def command(self) -> CloseWindow:
        """The command this body asks for."""
        return CloseWindow(self.terms, self.end)


class SettlementWindowOut(Out):
    """A closed window: the entries of the log with indexes from `first` on and below `end`."""

    number: int = Field(examples=[1])
    first: int = Field(examples=[0])
    end: int = Field(examples=[512])
    terms: str = Field(examples=["terms-2026"])
    netting: Netting = Field(examples=["gross"])
    closed_at: InstantOut

    @classmethod
    def of(cls, window: rules.Window) -> "SettlementWindowOut":
        """Show a window."""
        return cls(
            number=window.number,
            first=window.first,
            end=window.end,
            terms=window.terms,
            netting=window.netting,
            closed_at=window.closed_at,
        )


class StatementApprovalIn(In):
    """An officer signs a statement by its hash, for the own province."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"statement": EXAMPLE_STATEMENT, "hash": EXAMPLE_HASH}]}
    )

    statement: StatementRef
    hash: Hash

    def command(self) -> ApproveStatement:
        """The command this body asks for."""
        return ApproveStatement(self.statement, self.hash)


class StatementDisputeIn(In):
    """An officer disputes a statement, for the own province."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"statement": EXAMPLE_STATEMENT, "reason": "amount_differs"}]
        }
    )

    statement: StatementRef
    reason: DisputeReason = Field(strict=False, examples=["amount_differs"])

    def command(self) -> DisputeStatement:
        """The command this body asks for."""
        return DisputeStatement(self.statement, self.reason)


class SettlementStatementOut(Out):
    """What two provinces owe each other by one window."""

    id: str = Field(examples=[EXAMPLE_STATEMENT])
    window: int = Field(examples=[1])
    a: str = Field(examples=["330000"])
    b: str = Field(examples=["500000"])
    a_owes_cny: AmountOut
    b_owes_cny: AmountOut
    hash: str = Field(
        examples=[EXAMPLE_HASH], description="SHA-256 of the document's canonical JSON."
    )
    state: StatementState = Field(examples=["open"])

    @classmethod
    def of(cls, statement: rules.Statement) -> "SettlementStatementOut":
        """Show a statement."""
        return cls(**_statement(statement))


class ActOut(Out):
    """What an officer did with a statement."""

    province: str = Field(examples=["330000"])
    approves: bool = Field(examples=[True])
    reason: DisputeReason | None = Field(examples=[None])
    at: InstantOut


class ObligationOut(Out):
    """What one entry of the log made one of the two owe the other.

    Between nodes the entry is the ministry's agreement of what both have stated of a transfer.
    """

    entry: int = Field(examples=[41], description="Its index in the log.")
    transfer: str | None = Field(examples=["500000-x1"], description="Between nodes alone.")
    kind: str = Field(
        examples=["account_moved_out"], description="Between nodes: `account` or `sale`."
    )
    debtor: str = Field(examples=["500000"])
    amount_cny: AmountOut


class StatedRevisionOut(Out):
    """One statement of a side: the first by the entry of the debt, each later by a correction."""

    number: int = Field(examples=[2])
    amount_cny: AmountOut
    entry: str = Field(examples=[EXAMPLE_HASH])
    at: InstantOut
    correction: str | None = Field(examples=["fix-1"])
    reason: str | None = Field(examples=["wrong_amount"])
    document: str | None = Field(examples=["渝规资函〔2026〕88号"])

    @classmethod
    def of(cls, said: Said) -> "StatedRevisionOut":
        """Show a statement."""
        return cls(
            number=said.stated.number,
            amount_cny=said.stated.amount,
            entry=said.entry,
            at=said.at,
            correction=None if said.why is None else said.why.correction,
            reason=None if said.why is None else said.why.reason,
            document=None if said.why is None else said.why.document,
        )


class StatedObligationOut(Out):
    """What both sides of a transfer between nodes have stated of a debt.

    An entry is the SHA-256 leaf hash of what a side's books say, in that side's log. An amount is
    what a side's statements come to: null while one of them has not come. `agreed` is final.
    """

    transfer: str = Field(examples=["500000-x1"])
    kind: StatedKind = Field(examples=["sale"])
    debtor: str = Field(examples=["330000"])
    creditor: str = Field(examples=["500000"])
    debtor_cny: AmountOut | None
    creditor_cny: AmountOut | None
    debtor_entry: str | None = Field(examples=[EXAMPLE_HASH])
    creditor_entry: str | None = Field(examples=[EXAMPLE_HASH])
    debtor_revisions: list[StatedRevisionOut]
    creditor_revisions: list[StatedRevisionOut]
    state: MatterState = Field(examples=["agreed"])
    statement: str | None = Field(examples=[EXAMPLE_STATEMENT])

    @classmethod
    def of(cls, matter: Matter) -> "StatedObligationOut":
        """Show what was stated."""
        debtor, creditor = (matter.of(side) for side in StatedSide)
        last = [standing(said) for said in (debtor, creditor)]
        amounts = [None if stated is None else stated.amount for stated in last]
        entries = [
            next((one.entry for one in said if one.stated.number == 1), None)
            for said in (debtor, creditor)
        ]
        open_ = MatterState.STATED if None in amounts else MatterState.DIFFERS
        return cls(
            transfer=matter.first.transfer,
            kind=matter.first.kind,
            debtor=matter.first.debtor,
            creditor=matter.first.creditor,
            debtor_cny=amounts[0],
            creditor_cny=amounts[1],
            debtor_entry=entries[0],
            creditor_entry=entries[1],
            debtor_revisions=[StatedRevisionOut.of(one) for one in debtor],
            creditor_revisions=[StatedRevisionOut.of(one) for one in creditor],
            state=MatterState.AGREED if matter.agreed else open_,
            statement=matter.statement,
        )


class SettlementStatementDetailOut(SettlementStatementOut):
    """A statement with its obligations, and what was done with it."""

    first: int = Field(examples=[0])
    end: int = Field(examples=[512])
    netting: Netting = Field(examples=["gross"])
    obligations: list[ObligationOut]
    acts: list[ActOut]

    @classmethod
    def with_document(
        cls, statement: rules.Statement, document: dict[str, Any], acts: list[rules.Act]
    ) -> "SettlementStatementDetailOut":
        """Show a statement with its document."""
        return cls(
            **_statement(statement),
            first=document["first"],
            end=document["end"],
            netting=Netting(document["netting"]),
            obligations=[
                ObligationOut(
                    entry=leaf,
                    transfer=next(iter(transfer), None),
                    kind=kind,
                    debtor=debtor,
                    amount_cny=hundredths(amount),
                )
                for leaf, *transfer, kind, debtor, amount in document["obligations"]
            ],
            acts=[
                ActOut(province=a.province, approves=a.approves, reason=a.reason, at=a.at)
                for a in acts
            ],
        )


def _statement(statement: rules.Statement) -> dict[str, Any]:
    return {
        "id": statement.id,
        "window": statement.window,
        "a": statement.a,
        "b": statement.b,
        "a_owes_cny": statement.a_owes,
        "b_owes_cny": statement.b_owes,
        "hash": statement.hash,
        "state": statement.state,
    }
