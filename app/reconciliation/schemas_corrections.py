"""The wire of corrections, and of the debts between nodes that they state anew."""

from pydantic import ConfigDict, Field

from app.clearing import StatedKind
from app.ledger.rules import AccountRef
from app.platform.wire import AmountOut, Id, In, Out, PositiveMoney, Text
from app.reconciliation import rules
from app.reconciliation.propose_correction import ProposeCorrection
from app.reconciliation.rules import CorrectionReason, Debt
from app.reconciliation.schemas import EXAMPLE_ACCOUNT, Code

TRANSFER_PATTERN = r"^[1-9][0-9]0000-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class NamedObligation(In):
    """A debt between nodes by its transfer and kind, as `GET /v1/stated-obligations` lists it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"transfer": "330000-x1", "kind": "sale"}]}
    )

    transfer: str = Field(pattern=TRANSFER_PATTERN, examples=["330000-x1"])
    kind: StatedKind = Field(strict=False, examples=["sale"])


class CorrectionIn(In):
    """An entry that cures a case: an amount from one account to another, in yuan or m²."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "fix-1",
                    "case": "case-1-1",
                    "source": EXAMPLE_ACCOUNT,
                    "target": "housing:500000:h1",
                    "amount": "100.00",
                    "reason": "posted_in_error",
                    "document": "渝规资函〔2026〕88号",
                    "obligation": {"transfer": "330000-x1", "kind": "sale"},
                }
            ]
        }
    )

    id: Id
    case: Id
    source: Code
    target: Code
    amount: PositiveMoney
    reason: CorrectionReason = Field(strict=False, examples=["posted_in_error"])
    document: Text = Field(examples=["渝规资函〔2026〕88号"])
    obligation: NamedObligation | None = Field(
        default=None,
        description="The debt between nodes that was stated wrongly because of what is corrected."
        " With the approval it is stated anew, so that it can be agreed. Left out: none is.",
    )

    def command(self) -> ProposeCorrection:
        """The command this body asks for."""
        return ProposeCorrection(
            self.id,
            self.case,
            AccountRef.of(self.source),
            AccountRef.of(self.target),
            self.amount,
            self.reason,
            self.document,
            None
            if self.obligation is None
            else Debt(self.obligation.transfer, self.obligation.kind.value),
        )


class CorrectionApprovalIn(In):
    """A second officer approves a correction."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"correction": "fix-1"}]})

    correction: Id


class NamedObligationOut(Out):
    """The debt between nodes that a correction states anew."""

    transfer: str = Field(examples=["330000-x1"])
    kind: StatedKind = Field(examples=["sale"])


class CorrectionOut(Out):
    """A correction; it is booked once it is approved."""

    id: str = Field(examples=["fix-1"])
    case: str = Field(examples=["case-1-1"])
    province: str = Field(examples=["500000"])
    source: str = Field(examples=[EXAMPLE_ACCOUNT])
    target: str = Field(examples=["housing:500000:h1"])
    amount: AmountOut
    reason: CorrectionReason = Field(examples=["posted_in_error"])
    document: str = Field(examples=["渝规资函〔2026〕88号"])
    obligation: NamedObligationOut | None
    proposed_by: str = Field(examples=["officer-a"])
    approved_by: str | None = Field(examples=["officer-b"])

    @classmethod
    def of(cls, one: rules.Correction) -> "CorrectionOut":
        """Show a correction."""
        return cls(
            id=one.id,
            case=one.case,
            province=one.province,
            source=one.source.code,
            target=one.target.code,
            amount=one.amount,
            reason=one.reason,
            document=one.document,
            obligation=None
            if one.obligation is None
            else NamedObligationOut(
                transfer=one.obligation.transfer, kind=StatedKind(one.obligation.kind)
            ),
            proposed_by=one.proposed_by,
            approved_by=one.approved_by,
        )
