"""The ledger over HTTP: accounts, movements, explanations, verification."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field

from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger import queries
from app.ledger.explanation import Explain, explain_plainly
from app.ledger.kinds import ASSET
from app.platform import calls, pages
from app.platform.db import Reader
from app.platform.wire import AmountOut, InstantOut, Out

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

AccountCode = Annotated[
    str,
    Path(
        pattern=r"^[a-z_]+:[0-9]{6}:[A-Za-z0-9._:/-]{1,160}$",
        description="An account's code.",
        examples=["housing:500000:h1"],
    ),
]

ENTRY_MAX = 2**53 - 1
"""As far as every JSON reader counts exactly."""


class AccountOut(Out):
    """A ledger account. Money is in yuan, land in m²."""

    code: str = Field(examples=["housing:500000:h1"])
    asset: str = Field(examples=["CNY"])
    balance: AmountOut


class MovementOut(Out):
    """What one entry did to the account."""

    entry: int = Field(examples=[17])
    kind: str = Field(examples=["settlement"])
    subject: str = Field(examples=["t1"])
    at: InstantOut
    policy: str | None = Field(examples=["500000.1"])
    amount: AmountOut
    balance: AmountOut


class LineOut(Out):
    """One step of an explanation; the amounts of all lines add up to the amount explained."""

    zh: str = Field(examples=["成交价"])
    en: str = Field(examples=["Hammer price of the lot"])
    formula: str = Field(examples=["62000.00"])
    amount: AmountOut
    rule: str = Field(examples=["R133"])
    policy: str | None = Field(examples=["500000.1"])
    inputs: dict[str, Any] = Field(examples=[{"lot": "l1"}])
    entries: list[int] = Field(examples=[[17]])


class ExplanationOut(Out):
    """Why the account was credited or debited by this entry."""

    account: str = Field(examples=["housing:500000:h1"])
    entry: int = Field(examples=[17])
    kind: str = Field(examples=["settlement"])
    amount: AmountOut
    lines: list[LineOut]


class VerificationOut(Out):
    """The whole ledger recomputed from its postings."""

    balanced: bool
    log_verified: bool
    records: int = Field(examples=[120])
    entries: int = Field(examples=[60])
    postings: int = Field(examples=[140])
    findings: list[str] = Field(examples=[[]])


class PartyOut(Out):
    """What a party other than a household or bidder holds."""

    party: str = Field(examples=["collective:v1"])
    account: str = Field(examples=["collective:500000:v1"])
    balance_cny: AmountOut


async def _account(reader: Reader, query: calls.Query, code: str) -> queries.Account:
    account = await queries.find_account(reader, code)
    if account is None or not query.principal.concerns(account.stake):
        raise Rejected(CommonRefusal.NOT_FOUND)
    return account


# The longer paths stand first: a code may contain slashes, so the shortest would take them all.
@router.get(
    "/accounts/{code:path}/movements/{entry}/explanation",
    operation_id="explainMovement",
    summary="Why this amount: every step from its source to the fen",
    responses=calls.READ_PROBLEMS,
)
async def get_explanation(
    request: Request,
    code: AccountCode,
    entry: Annotated[int, Path(ge=1, le=ENTRY_MAX, examples=[17])],
    query: Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))],
) -> ExplanationOut:
    """Signed lines with inputs, formula, rule and policy version; their sum is the amount."""
    async with query.read() as reader:
        account = await _account(reader, query, code)
        credited = await queries.find_credit(reader, account, entry)
    if credited is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "entry")
    explainers: dict[str, Explain] = request.app.state.explainers
    lines = explainers.get(credited.kind, explain_plainly)(credited)
    total = sum(line.amount for line in lines)
    assert total == credited.amount, "an explanation must add up to the amount it explains"
    return ExplanationOut(
        account=code,
        entry=entry,
        kind=credited.kind,
        amount=credited.amount,
        lines=[
            LineOut(
                zh=line.zh,
                en=line.en,
                formula=line.formula,
                amount=line.amount,
                rule=line.rule,
                policy=credited.policy,
                inputs=dict(line.inputs),
                entries=[credited.id],
            )
            for line in lines
        ],
    )


@router.get(
    "/accounts/{code:path}/movements",
    operation_id="listMovements",
    summary="An account's movements, newest first",
    responses=calls.READ_PROBLEMS,
)
async def get_movements(
    code: AccountCode,
    query: Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))],
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> pages.Page[MovementOut]:
    """Each with its signed amount and the balance after it."""
    before = pages.after_number(cursor, first=pages.BIGINT_MAX)
    async with query.read() as reader:
        account = await _account(reader, query, code)
        found = await queries.list_movements(reader, account, before, limit + 1)
    rows = [
        MovementOut(
            entry=m.entry,
            kind=m.kind,
            subject=m.subject,
            at=m.at,
            policy=m.policy,
            amount=m.amount,
            balance=m.balance,
        )
        for m in found
    ]
    return pages.page(rows, limit, lambda row: str(row.entry))


@router.get(
    "/accounts/{code:path}",
    operation_id="getLedgerAccount",
    summary="An account and its balance",
    responses=calls.READ_PROBLEMS,
)
async def get_account(
    code: AccountCode,
    query: Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))],
) -> AccountOut:
    """Shown to the party it belongs to, its province, and the supervisor."""
    async with query.read() as reader:
        account = await _account(reader, query, code)
    return AccountOut(code=account.code, asset=ASSET[account.kind], balance=account.balance)


@router.get(
    "/parties",
    operation_id="listPartyBalances",
    summary="What counties, villages, exchanges and subsidy pools hold",
    responses=calls.READ_PROBLEMS,
)
async def get_parties(
    query: Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))],
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> pages.Page[PartyOut]:
    """Each principal sees its own; roles of the node see all. In order of account."""
    async with query.read() as reader:
        rows = await queries.list_party_accounts(
            reader, query.principal, pages.after(cursor), limit + 1
        )
    page = pages.page(rows, limit, lambda account: account.code)
    return pages.Page(
        items=[
            PartyOut(party=f"{a.kind}:{a.owner}", account=a.code, balance_cny=a.balance)
            for a in page.items
        ],
        next=page.next,
    )


@router.get(
    "/verification",
    operation_id="verifyLedger",
    summary="Recompute every balance and both conservation laws from the postings",
    responses=calls.READ_PROBLEMS,
)
async def get_verification(
    request: Request,
    query: Annotated[
        calls.Query,
        Depends(calls.queries(Role.SUPERVISOR, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN)),
    ],
) -> VerificationOut:
    """Reads the whole ledger in one snapshot; findings name the entry or account at fault."""
    # The whole ledger: what is missing from view would look as if it were missing.
    async with query.db.read() as reader:
        found = await request.app.state.verify(reader)
    return VerificationOut(
        balanced=found.balanced,
        log_verified=found.log_verified,
        records=found.records,
        entries=found.entries,
        postings=found.postings,
        findings=found.findings,
    )
