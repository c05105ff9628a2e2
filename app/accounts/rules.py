"""Pure rules of the housing account: what it holds, what flows in, and the contracts it pays for.

Money is in fen, land in 0.01 m². The account before a step comes in, the account after it comes
out; `rules_homes` and `rules_rental` hold the ways to use it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from app.kernel.calendar import local_date
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Refusal
from app.kernel.shares import floor_div, half_up_div
from app.kernel.units import Area, Fen
from app.ledger.rules import AccountKind, AccountRef
from app.policy.rules import Parameters, SubsidyBasis
from app.tickets.rules import Ticket

ZERO = Fen(0)
WHOLE = 100
"""Shares of a policy are in hundredths, and so are areas: 100 is one whole, or 1 m²."""


class AccountsRefusal(Refusal):
    """Refusals of everything that touches a housing account."""

    NO_ACCOUNT = (
        "no-account",
        "该农户还没有住房账户。账户随复垦票签发而开立,请先办理签发。",
        "The household has no housing account yet. It opens with the issue of its ticket.",
    )
    ACCOUNT_CLOSED = (
        "account-closed",
        "该住房账户已因退还余额而关闭,不能再使用。",
        "The housing account was closed by a refund and can no longer be used.",
    )
    ALREADY_SUBSIDISED = (
        "already-subsidised",
        "该农户本年度已领取补助。请在下一日历年再申请。",
        "The household has had its subsidy of this year. Apply again in the next calendar year.",
    )
    POOL_INSUFFICIENT = (
        "pool-insufficient",
        "本省补助资金池余额不足。请待土地出让金收入入池后再发放。",
        "The subsidy pool of the province is too low. Wait for land income, then try again.",
    )
    GAP_METHOD_MISSING = (
        "gap-method-missing",
        "账户余额不足以支付价款。请在 gap 中选择补齐差价的方式。",
        "The balance is below the price. Choose in `gap` how the rest will be paid.",
    )
    NO_AFFORDABLE_HOME = (
        "no-affordable-home",
        "该农户没有尚未转售的经济适用房。请核对农户编号。",
        "The household owns no affordable home that is not yet resold. Check the household.",
    )
    ASSESSMENT_FAILED = (
        "assessment-failed",
        "未通过城市生存能力审查。请在审查通过后再申请。",
        "The assessment of the ability to live in the city failed. Apply once it is passed.",
    )
    LAND_FEE_UNPAID = (
        "land-fee-unpaid",
        "土地出让金尚未补齐。请缴足后再申请转售。",
        "The land transfer fee is not paid up. Pay it in full, then apply for the resale.",
    )
    LOW_RENT_MERGED = (
        "low-rent-merged",
        "廉租房自2014年起已并入公共租赁住房,不能兑换。请改为申请公租房。",
        "Low-rent homes were merged into public rental in 2014. Apply for public rental instead.",
    )
    ALREADY_RENTING = (
        "already-renting",
        "该农户正在承租一套公租房。请先结束现有租约。",
        "The household rents a public home already. End that rental first.",
    )
    RENTAL_ENDED = (
        "wrong-state",
        "该公租房租约已经结束。请核对租约编号。",
        "This rental has ended. Check its id.",
    )
    FIVE_YEARS_NOT_REACHED = (
        "five-years-not-reached",
        "取得复垦票未满规定年限,尚不能购买所租公租房。请在账户所示的 option_date 起申请。",
        "The years since the issue of the ticket are not full. Apply from `option_date` on.",
    )
    REFUND_NEEDS_PUBLIC_RENTAL = (
        "refund-needs-public-rental",
        "只有承租过公租房的农户才能申请退还余额。请选择其他使用方式。",
        "Only a household that has or had a public rental may be refunded. Choose another use.",
    )
    NOT_FIRST_HOME = (
        "not-first-home",
        "复垦票只能用于购买首套商品房。请选择其他使用方式。",
        "The account pays for a first commercial home only. Choose another use.",
    )
    LOAN_OVER_CAP = (
        "loan-over-cap",
        "低息贷款超过规定额度。请降低 loan_cny。",
        "The low-interest loan is above the cap. Lower `loan_cny`.",
    )
    NOT_ONLY_HOME = (
        "not-only-home",
        "冲抵房贷的住房须为首套且是唯一居所。请核对申报事实。",
        "The home of the mortgage must be the first and the only one. Check the declaration.",
    )
    NO_MORTGAGE = (
        "no-mortgage",
        "没有尚未偿还的房贷本金,无需冲抵。",
        "There is no open principal to be offset.",
    )
    NO_CITY_HOME = (
        "no-city-home",
        "提取现金须已有城镇住房。请选择其他使用方式。",
        "Cash needs a home in the city. Choose another use.",
    )
    MORTGAGE_OPTION_OPEN = (
        "mortgage-option-open",
        "仍有房贷未还。请先冲抵房贷,或声明放弃该方式或急需现金。",
        "A mortgage is open. Offset it, or declare that you decline that or need cash urgently.",
    )


class Standing(StrEnum):
    """Whether an account is of this node; one that is on its way to another does not change."""

    HERE = "here"
    LEAVING = "leaving"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class HousingAccount:
    """A household's housing account (R139-R142).

    Always `base + subsidy + moved = balance + paid out`. `province` is where it stands and whose
    centre pays. `balance` is the ledger's. `housing_paid` counts sellers, lenders and landlords;
    `cash_paid` the household's own hands; `rent_due` is a record of rent that the balance could not
    pay. `moved` is what came along from another node, less what went along to one. `events`
    numbers what happened to the account.
    """

    household: str
    collective: str
    county: str
    home_province: str
    issued_on: date
    province: str
    open: bool = True
    balance: Fen = ZERO
    base: Fen = ZERO
    subsidy: Fen = ZERO
    housing_paid: Fen = ZERO
    cash_paid: Fen = ZERO
    rent_due: Fen = ZERO
    affordable_homes: int = 0
    events: int = 0
    standing: Standing = Standing.HERE
    moved: Fen = ZERO

    @property
    def stakes(self) -> tuple[Stake, Stake]:
        """Whom it concerns: the household and its village, its home, and where it stands."""
        home = Stake(
            household=self.household,
            collective=self.collective,
            county=self.county,
            province=self.home_province,
        )
        return home, Stake(province=self.province)

    @property
    def ref(self) -> AccountRef:
        """The ledger account that holds its balance."""
        return housing_account(self.household, self.province)


def housing_account(household: str, province: str) -> AccountRef:
    """The ledger account of a household's housing money in the books of `province`."""
    return AccountRef(AccountKind.HOUSING, household, province)


def opened_by(ticket: Ticket) -> HousingAccount:
    """The account as it opens, empty, with the issue of the household's original ticket."""
    return HousingAccount(
        household=ticket.household,
        collective=ticket.collective,
        county=ticket.county,
        home_province=ticket.home_province,
        issued_on=local_date(ticket.issued_at),
        province=ticket.home_province,
    )


def spend(account: HousingAccount, *, housing: Fen, cash: Fen) -> HousingAccount:
    """The account after paying for a home and in cash."""
    return replace(
        account,
        balance=Fen(account.balance - housing - cash),
        housing_paid=Fen(account.housing_paid + housing),
        cash_paid=Fen(account.cash_paid + cash),
        events=account.events + 1,
    )


def credit(account: HousingAccount, share: Fen) -> HousingAccount:
    """The account after the villager's share came in; a closed one passes it on in cash (R135)."""
    richer = replace(account, balance=Fen(account.balance + share), base=Fen(account.base + share))
    return richer if account.open else spend(richer, housing=ZERO, cash=share)


# ----------------------------------------------------------------------------------- contracts


class ContractKind(StrEnum):
    """What was signed."""

    AFFORDABLE_PURCHASE = "affordable_purchase"
    AFFORDABLE_RESALE = "affordable_resale"
    PUBLIC_PURCHASE = "public_purchase"
    COMMERCIAL_PURCHASE = "commercial_purchase"
    MORTGAGE_OFFSET = "mortgage_offset"


class GapBy(StrEnum):
    """How the part of a price that the account does not pay is paid."""

    LUMP_SUM = "lump_sum"
    MORTGAGE = "mortgage"
    INSTALMENTS = "instalments"
    RENT_REST = "rent_rest"
    LOAN = "loan"
    OWN_MONEY = "own_money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a contract says. `gap = price - from_account`; `gap_by` is None where there is none.

    `loan` is the low-interest loan that is drawn; `owned` and `rented` are of public purchases.
    """

    kind: ContractKind
    price: Fen
    from_account: Fen
    gap: Fen = ZERO
    gap_by: GapBy | None = None
    loan: Fen | None = None
    owned: Area | None = None
    rented: Area | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A signed contract; `number` rises in the order of signing."""

    number: int
    household: str
    terms: Terms
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """An accepted use of an account: the account after it, what was paid, and what was signed."""

    account: HousingAccount
    housing: Fen = ZERO
    cash: Fen = ZERO
    terms: Terms | None = None


# ------------------------------------------------------------------------------------ subsidies


@dataclass(frozen=True, slots=True)
class LandIncome:
    """Land income of a county, of which a share goes to the subsidy pool of its province."""

    county: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class PooledIncome:
    """Land income with what of it goes to the pool of its province, by a policy version."""

    county: str
    province: str
    amount: Fen
    pooled: Fen
    policy: str


@dataclass(frozen=True, slots=True)
class BookedIncome:
    """Land income as booked, under its running number."""

    number: int
    income: PooledIncome


def pooled_share(amount: Fen, share: int) -> Fen:
    """`floor(amount x share)`; the share is in hundredths (R138)."""
    return Fen(floor_div(amount * share, WHOLE))


@dataclass(frozen=True, slots=True)
class Subsidise:
    """Ask for the household's subsidy of this calendar year; `area` counts by basis `area`."""

    household: str
    area: Area | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyBasics:
    """What a subsidy is decided by besides the account: the policy and pool are of its province."""

    subsidised_in: frozenset[int]
    heads: int
    parameters: Parameters
    pool: Fen


@dataclass(frozen=True, slots=True)
class Subsidy:
    """A subsidy that is paid: of one household, for one calendar year, by one policy."""

    account: HousingAccount
    year: int
    amount: Fen


def subsidy_by_head(rate: Fen, heads: int) -> Fen:
    """Rate in fen per head x statutory members of the household (R136)."""
    return Fen(rate * heads)


def subsidy_by_area(rate: Fen, area: Area) -> Fen:
    """Rate in fen per m² x area, rounded half up to the fen (R136)."""
    return Fen(half_up_div(rate * area, WHOLE))


def decide_subsidy(
    account: HousingAccount | None, command: Subsidise, basics: SubsidyBasics, now: datetime
) -> Refusal | Subsidy:
    """One subsidy in a calendar year of Asia/Shanghai, from the pool where the account stands.

    An amount of 0.00 is a subsidy of that year. Refuses with `AccountsRefusal`, or with
    `CommonRefusal.INVALID_REQUEST` where basis `area` lacks the area (R136-R138).
    """
    if account is None:
        return AccountsRefusal.NO_ACCOUNT
    if not account.open:
        return AccountsRefusal.ACCOUNT_CLOSED
    year = local_date(now).year
    if year in basics.subsidised_in:
        return AccountsRefusal.ALREADY_SUBSIDISED
    rate = basics.parameters.subsidy_rate
    if basics.parameters.subsidy_basis is SubsidyBasis.HEAD:
        amount = subsidy_by_head(rate, basics.heads)
    elif command.area is None:
        return CommonRefusal.INVALID_REQUEST
    else:
        amount = subsidy_by_area(rate, command.area)
    if basics.pool < amount:
        return AccountsRefusal.POOL_INSUFFICIENT
    richer = replace(
        account,
        balance=Fen(account.balance + amount),
        subsidy=Fen(account.subsidy + amount),
        events=account.events + 1,
    )
    return Subsidy(richer, year, amount)
