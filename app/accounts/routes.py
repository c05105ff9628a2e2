"""Housing accounts over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from app import policy
from app.accounts import read, schemas, schemas_out, store
from app.accounts.book_land_income import book_land_income
from app.accounts.buy_affordable import buy_affordable
from app.accounts.buy_commercial import buy_commercial
from app.accounts.buy_public import buy_public
from app.accounts.end_rental import end_rental
from app.accounts.exchange_low_rent import exchange_low_rent
from app.accounts.offset_mortgage import offset_mortgage
from app.accounts.refund_account import refund_account
from app.accounts.rent_public import rent_public
from app.accounts.resell_affordable import resell_affordable
from app.accounts.rules_redemptions import RedemptionRefusal
from app.accounts.subsidise_household import subsidise_household
from app.accounts.withdraw_cash import withdraw_cash
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts

router = APIRouter(prefix="/v1", tags=["housing accounts"])

NUMBER_DIGITS = 19

Housing = Annotated[
    calls.Call, Depends(calls.commands(Role.VILLAGER, Role.FUND_CENTRE, Role.OPERATOR))
]


async def _of_a_program(request: Request, call: Housing) -> calls.Call:
    """A program sends what it is trusted with; people in a browser ask, and another decides."""
    if "authorization" not in request.headers:
        raise Rejected(RedemptionRefusal.REQUEST_NEEDED)
    return call


Redeeming = Annotated[calls.Call, Depends(_of_a_program)]
Treasury = Annotated[
    calls.Call, Depends(calls.commands(Role.COUNTY_CLERK, Role.PROVINCE, Role.OPERATOR))
]
Subsidiser = Annotated[
    calls.Call, Depends(calls.commands(Role.FUND_CENTRE, Role.PROVINCE, Role.OPERATOR))
]
Anyone = Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))]
PathId = Annotated[str, Path(pattern=ID_PATTERN, examples=["h1"])]


@router.post(
    "/land-incomes",
    status_code=201,
    operation_id="bookLandIncome",
    summary="Book land income, a share of which fills the subsidy pool",
    response_model=receipts.with_receipt(schemas_out.LandIncomeOut),
    responses=calls.PROBLEMS,
)
async def post_land_income(call: Treasury, body: schemas.LandIncomeIn) -> Response:
    """The share is rounded down to the fen."""
    return await call.run(
        book_land_income, body.command(), schemas_out.LandIncomeOut.of, receipt="land_income.booked"
    )


@router.post(
    "/subsidies",
    status_code=201,
    operation_id="subsidiseHousehold",
    summary="Pay a household's subsidy of this calendar year",
    response_model=receipts.with_receipt(schemas_out.SubsidyOut),
    responses=calls.PROBLEMS,
)
async def post_subsidy(call: Subsidiser, body: schemas.SubsidyIn) -> Response:
    """By head or by area, from the pool of the province where the account stands."""
    return await call.run(
        subsidise_household, body.command(), schemas_out.SubsidyOut.of, receipt="subsidy.paid"
    )


@router.post(
    "/affordable-purchases",
    status_code=201,
    operation_id="buyAffordable",
    summary="Buy an affordable home",
    response_model=receipts.with_receipt(schemas_out.ContractOut),
    responses=calls.PROBLEMS,
)
async def post_affordable_purchase(call: Redeeming, body: schemas.AffordablePurchaseIn) -> Response:
    """What the balance has beyond the price is paid out or kept, as chosen."""
    return await call.run(
        buy_affordable, body.command(), schemas_out.ContractOut.of, receipt="contract.signed"
    )


@router.post(
    "/affordable-resales",
    status_code=201,
    operation_id="resellAffordable",
    summary="Resell an affordable home",
    response_model=receipts.with_receipt(schemas_out.ContractOut),
    responses=calls.PROBLEMS,
)
async def post_affordable_resale(call: Redeeming, body: schemas.AffordableResaleIn) -> Response:
    """With the assessment passed and the land fee paid up; each home once."""
    return await call.run(
        resell_affordable, body.command(), schemas_out.ContractOut.of, receipt="contract.signed"
    )


# It has no success: the answer is the refusal, which names the option that is open instead.
@router.post(
    "/low-rent-exchanges",
    status_code=409,
    operation_id="exchangeLowRent",
    summary="Ask for a low-rent home: always refused, with the reason",
    response_model=None,
    responses=calls.PROBLEMS,
)
async def post_low_rent_exchange(call: Housing, body: schemas.LowRentExchangeIn) -> Response:
    """Low-rent homes were merged into public rental; rent one of those instead."""
    return await call.run(exchange_low_rent, body.household, schemas_out.HousingAccountOut.of)


@router.post(
    "/rentals",
    status_code=201,
    operation_id="rentPublic",
    summary="Rent a public home",
    response_model=receipts.with_receipt(schemas_out.RentalOut),
    responses=calls.PROBLEMS,
)
async def post_rental(call: Redeeming, body: schemas.RentalIn) -> Response:
    """The first month is charged at once, the next at midnight of the same day of the month."""
    return await call.run(
        rent_public, body.command(), schemas_out.RentalOut.of, receipt="rental.begun"
    )


@router.post(
    "/rental-ends",
    status_code=201,
    operation_id="endRental",
    summary="Give a rented home back",
    response_model=receipts.with_receipt(schemas_out.RentalOut),
    responses=calls.PROBLEMS,
)
async def post_rental_end(call: Housing, body: schemas.RentalEndIn) -> Response:
    """Nothing more is charged."""
    return await call.run(end_rental, body.rental, schemas_out.RentalOut.of, receipt="rental.ended")


@router.post(
    "/public-purchases",
    status_code=201,
    operation_id="buyPublic",
    summary="Buy the rented public home, whole or in part",
    response_model=receipts.with_receipt(schemas_out.ContractOut),
    responses=calls.PROBLEMS,
)
async def post_public_purchase(call: Redeeming, body: schemas.PublicPurchaseIn) -> Response:
    """From the account's `option_date` on."""
    return await call.run(
        buy_public, body.command(), schemas_out.ContractOut.of, receipt="contract.signed"
    )


@router.post(
    "/refunds",
    status_code=201,
    operation_id="refundAccount",
    summary="Pay the whole balance in cash and close the account",
    response_model=receipts.with_receipt(schemas_out.HousingAccountOut),
    responses=calls.PROBLEMS,
)
async def post_refund(call: Redeeming, body: schemas.RefundIn) -> Response:
    """For households that have or had a public rental."""
    return await call.run(
        refund_account, body.household, schemas_out.HousingAccountOut.of, receipt="account.refunded"
    )


@router.post(
    "/commercial-purchases",
    status_code=201,
    operation_id="buyCommercial",
    summary="Buy the first commercial home",
    response_model=receipts.with_receipt(schemas_out.ContractOut),
    responses=calls.PROBLEMS,
)
async def post_commercial_purchase(call: Redeeming, body: schemas.CommercialPurchaseIn) -> Response:
    """With a low-interest loan up to the cap, drawn up to the gap."""
    return await call.run(
        buy_commercial, body.command(), schemas_out.ContractOut.of, receipt="contract.signed"
    )


@router.post(
    "/mortgage-offsets",
    status_code=201,
    operation_id="offsetMortgage",
    summary="Pay the lender of the only home",
    response_model=receipts.with_receipt(schemas_out.ContractOut),
    responses=calls.PROBLEMS,
)
async def post_mortgage_offset(call: Redeeming, body: schemas.MortgageOffsetIn) -> Response:
    """Up to the open principal."""
    return await call.run(
        offset_mortgage, body.command(), schemas_out.ContractOut.of, receipt="contract.signed"
    )


@router.post(
    "/cash-withdrawals",
    status_code=201,
    operation_id="withdrawCash",
    summary="Take the whole balance in cash",
    response_model=receipts.with_receipt(schemas_out.HousingAccountOut),
    responses=calls.PROBLEMS,
)
async def post_cash_withdrawal(call: Redeeming, body: schemas.CashWithdrawalIn) -> Response:
    """For households with a city home; the account stays open."""
    return await call.run(
        withdraw_cash, body.command(), schemas_out.HousingAccountOut.of, receipt="account.withdrawn"
    )


@router.get(
    "/housing-accounts",
    operation_id="listHousingAccounts",
    summary="Housing accounts",
    responses=calls.READ_PROBLEMS,
)
async def get_housing_accounts(
    query: Anyone, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_out.HousingAccountOut]:
    """In order of household, those that concern the caller."""
    async with query.read() as reader:
        rows = await read.list_accounts(reader, query.principal, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda account: account.household)
    return pages.Page(
        items=[schemas_out.HousingAccountOut.of(a) for a in page.items], next=page.next
    )


@router.get(
    "/housing-accounts/{household}",
    operation_id="getHousingAccount",
    summary="A housing account and what comes next",
    responses=calls.READ_PROBLEMS,
)
async def get_housing_account(
    query: Anyone, household: PathId
) -> schemas_out.HousingAccountDetailOut:
    """With the first day of the purchase option and the next rent; not found before the ticket."""
    async with query.read() as reader:
        account = await read.find_account(reader, household)
        if account is None or not query.principal.concerns(*account.stakes):
            raise Rejected(CommonRefusal.NOT_FOUND, "household")
        now = await reader.now()
        version = await policy.in_force(reader, account.home_province, now)
        rentals = await store.active_rentals(reader, [household])
    return schemas_out.HousingAccountDetailOut.detail(
        account, version.parameters.option_years, rentals[0] if rentals else None
    )


@router.get(
    "/contracts",
    operation_id="listContracts",
    summary="Contracts signed over housing accounts",
    responses=calls.READ_PROBLEMS,
)
async def get_contracts(
    query: Anyone, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_out.ContractOut]:
    """In order of signing, those that concern the caller."""
    behind = pages.after_number(cursor)
    async with query.read() as reader:
        rows = await store.list_contracts(reader, query.principal, behind, limit + 1)
    page = pages.page(rows, limit, lambda contract: f"{contract.number:0{NUMBER_DIGITS}}")
    return pages.Page(items=[schemas_out.ContractOut.of(c) for c in page.items], next=page.next)


@router.get(
    "/rentals",
    operation_id="listRentals",
    summary="Public rentals",
    responses=calls.READ_PROBLEMS,
)
async def get_rentals(
    query: Anyone, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas_out.RentalOut]:
    """In order of id, those that concern the caller."""
    async with query.read() as reader:
        rows = await store.list_rentals(reader, query.principal, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda rental: rental.id)
    return pages.Page(items=[schemas_out.RentalOut.of(r) for r in page.items], next=page.next)
