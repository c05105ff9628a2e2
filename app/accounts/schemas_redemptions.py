"""The wire of requests to redeem: asked, shown with what they would do, decided."""

from typing import Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from app.accounts import rules_redemptions
from app.accounts.decide_redemption import Approved
from app.accounts.explain_redemption import explain_redemption
from app.accounts.rules import AccountsRefusal, Contract, GapBy
from app.accounts.rules_outcome import Outcome
from app.accounts.rules_redemptions import (
    Redemption,
    RedemptionKind,
    RedemptionState,
    RefusalReason,
)
from app.accounts.rules_rental import Rental
from app.accounts.schemas_out import ContractOut, HousingAccountOut, RentalOut
from app.accounts.terms import SCHEMAS, Terms, document_of
from app.kernel.refusal import Refusal
from app.ledger import Line
from app.platform.wire import AmountOut, Id, In, InstantOut, Out

EXAMPLE_TERMS: dict[str, Any] = {"rental": "r1", "price_cny": "120000.00", "gap": "rent_rest"}
NOBODY = Field(examples=[None], description="A person's pseudonym; null while it is open.")


class RedemptionRequestIn(In):
    """Ask the fund centre for a use of the account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "q1",
                    "household": "h1",
                    "kind": "public_purchase",
                    "terms": EXAMPLE_TERMS,
                }
            ]
        }
    )

    id: Id
    household: Id
    kind: RedemptionKind = Field(strict=False)
    terms: Terms = Field(description="The body of the kind's own endpoint, of the same household.")

    @field_validator("terms", mode="wrap")
    @classmethod
    def _of_its_kind(
        cls, value: Any, _any_kind: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Terms:
        # Of a kind that is none its own error is told already, and of its terms nothing is known.
        schema = SCHEMAS.get(info.data.get("kind", ""))
        return value if schema is None else schema.model_validate(value)

    def command(self) -> rules_redemptions.RequestRedemption:
        """The command this body asks for."""
        return rules_redemptions.RequestRedemption(
            self.id, self.household, self.kind, self.terms.command(), document_of(self.terms)
        )


class RedemptionRefIn(In):
    """A request."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"request": "q1"}]})

    request: Id


class RedemptionRefusalIn(In):
    """A request that is refused, and why."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"request": "q1", "reason": "papers_missing"}]}
    )

    request: Id
    reason: RefusalReason = Field(strict=False)

    def command(self) -> rules_redemptions.RefuseRedemption:
        """The command this body asks for."""
        return rules_redemptions.RefuseRedemption(self.request, self.reason)


class RedemptionOut(Out):
    """A request to redeem. The log holds `commitment`: SHA-256 of the salt and the terms."""

    id: str = Field(examples=["q1"])
    household: str = Field(examples=["h1"])
    kind: RedemptionKind = Field(examples=["public_purchase"])
    terms: dict[str, str | bool] = Field(
        examples=[EXAMPLE_TERMS], description="As they were sent, to the kind's own endpoint."
    )
    province: str = Field(
        examples=["500000"], description="Where the account stands: its fund centre decides."
    )
    state: RedemptionState
    asked_by: str = Field(examples=["p-17"], description="A person's pseudonym.")
    asked_at: InstantOut
    due_at: InstantOut = Field(description="By when it should be decided; it lapses never.")
    reason: RefusalReason | None = Field(examples=[None], description="Of refused ones alone.")
    decided_by: str | None = NOBODY
    decided_at: InstantOut | None
    salt: str = Field(examples=["5e" * 32], description="32 bytes in hex.")
    commitment: str = Field(
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )

    @classmethod
    def of(cls, request: Redemption) -> "RedemptionOut":
        """Show a request."""
        return cls(**_request(request))


class RedemptionLineOut(Out):
    """One step from the balance before to the balance after."""

    zh: str = Field(examples=["账户现有余额"])
    en: str = Field(examples=["The balance now"])
    formula: str = Field(examples=["10549.08"])
    amount: AmountOut
    rule: str = Field(examples=["R141"])

    @classmethod
    def of(cls, line: Line) -> "RedemptionLineOut":
        """Show a line."""
        return cls(zh=line.zh, en=line.en, formula=line.formula, amount=line.amount, rule=line.rule)


class HindranceOut(Out):
    """Why an approval would be refused now."""

    code: str = Field(examples=["five-years-not-reached"])
    zh: str = Field(examples=[AccountsRefusal.FIVE_YEARS_NOT_REACHED.zh])
    en: str = Field(examples=[AccountsRefusal.FIVE_YEARS_NOT_REACHED.en])


class RedemptionOutcomeOut(Out):
    """What an approval would do now. The amounts of the lines add up to the balance after it."""

    balance_cny: AmountOut
    lines: list[RedemptionLineOut]
    balance_after_cny: AmountOut
    for_home_cny: AmountOut = Field(description="To the seller, the lender or the landlord.")
    in_cash_cny: AmountOut = Field(description="To the household.")
    gap_cny: AmountOut | None = Field(description="Of contracts alone: paid otherwise.")
    gap_by: GapBy | None = Field(examples=["rent_rest"])
    loan_cny: AmountOut | None
    owned_m2: AmountOut | None
    rented_m2: AmountOut | None
    charge_cny: AmountOut | None = Field(description="The monthly rent from then on.")
    closes: bool = Field(description="Whether the account is closed by it.")

    @classmethod
    def of(cls, kind: RedemptionKind, outcome: Outcome) -> "RedemptionOutcomeOut":
        """Show what would be."""
        use, rental = outcome.use, outcome.rental
        terms = use.terms
        return cls(
            balance_cny=outcome.before.balance,
            lines=[RedemptionLineOut.of(line) for line in explain_redemption(kind, outcome)],
            balance_after_cny=use.account.balance,
            for_home_cny=use.housing,
            in_cash_cny=use.cash,
            gap_cny=None if terms is None else terms.gap,
            gap_by=None if terms is None else terms.gap_by,
            loan_cny=None if terms is None else terms.loan,
            owned_m2=None if terms is None else terms.owned,
            rented_m2=None if terms is None else terms.rented,
            charge_cny=rental.charge if rental is not None and rental.active else None,
            closes=outcome.before.open and not use.account.open,
        )


class RedemptionDetailOut(RedemptionOut):
    """A request and, while it is open, either what its approval would do or what hinders it."""

    outcome: RedemptionOutcomeOut | None
    hindrance: HindranceOut | None

    @classmethod
    def detail(cls, request: Redemption, judged: Refusal | Outcome | None) -> "RedemptionDetailOut":
        """Show a request with what the rules say of it now; None once it is decided."""
        outcome = hindrance = None
        if isinstance(judged, Refusal):
            hindrance = HindranceOut(code=judged.code, zh=judged.zh, en=judged.en)
        elif judged is not None:
            outcome = RedemptionOutcomeOut.of(request.kind, judged)
        return cls(**_request(request), outcome=outcome, hindrance=hindrance)


class RedemptionApprovalOut(Out):
    """An approved request, and the answer of the command that was run: one of the three."""

    request: RedemptionOut
    contract: ContractOut | None
    rental: RentalOut | None
    account: HousingAccountOut | None

    @classmethod
    def of(cls, approved: Approved) -> "RedemptionApprovalOut":
        """Answer who approved it."""
        done = approved.done
        contract = ContractOut.of(done) if isinstance(done, Contract) else None
        rental = RentalOut.of(done) if isinstance(done, Rental) else None
        account = None
        if not isinstance(done, Contract | Rental):
            account = HousingAccountOut.of(done)
        return cls(
            request=RedemptionOut.of(approved.request),
            contract=contract,
            rental=rental,
            account=account,
        )


def _request(request: Redemption) -> dict[str, Any]:
    return {
        "id": request.id,
        "household": request.household,
        "kind": request.kind,
        "terms": dict(request.terms),
        "province": request.province,
        "state": request.state,
        "asked_by": request.asked_by,
        "asked_at": request.asked_at,
        "due_at": request.due_at,
        "reason": request.reason,
        "decided_by": request.decided_by,
        "decided_at": request.decided_at,
        "salt": request.salt.hex(),
        "commitment": request.commitment,
    }
