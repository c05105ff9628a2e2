"""The terms of a request to redeem: exactly the fields of the command that it asks for.

They are kept as they were sent, and read again by the same schema when the request is approved.
"""

from collections.abc import Mapping

from app.accounts import schemas
from app.accounts.rules_outcome import Redeem
from app.accounts.rules_redemptions import RedemptionKind
from app.kernel.units import decimal

Terms = (
    schemas.AffordablePurchaseIn
    | schemas.AffordableResaleIn
    | schemas.RentalIn
    | schemas.PublicPurchaseIn
    | schemas.RefundIn
    | schemas.CommercialPurchaseIn
    | schemas.MortgageOffsetIn
    | schemas.CashWithdrawalIn
)

SCHEMAS: Mapping[RedemptionKind, type[Terms]] = {
    RedemptionKind.AFFORDABLE_PURCHASE: schemas.AffordablePurchaseIn,
    RedemptionKind.AFFORDABLE_RESALE: schemas.AffordableResaleIn,
    RedemptionKind.PUBLIC_RENTAL: schemas.RentalIn,
    RedemptionKind.PUBLIC_PURCHASE: schemas.PublicPurchaseIn,
    RedemptionKind.REFUND: schemas.RefundIn,
    RedemptionKind.COMMERCIAL_PURCHASE: schemas.CommercialPurchaseIn,
    RedemptionKind.MORTGAGE_OFFSET: schemas.MortgageOffsetIn,
    RedemptionKind.CASH_WITHDRAWAL: schemas.CashWithdrawalIn,
}
"""The body of each kind's own endpoint."""


def document_of(terms: Terms) -> dict[str, str | bool]:
    """Terms as they are sent: their whole numbers are amounts, and what was left out stays out."""
    fields = terms.model_dump(mode="json", exclude_none=True)
    return {name: decimal(value) if type(value) is int else value for name, value in fields.items()}


def command_of(kind: RedemptionKind, document: Mapping[str, object]) -> Redeem:
    """The command that kept terms ask for."""
    return SCHEMAS[kind].model_validate(document).command()
