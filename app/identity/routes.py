"""Parties and credentials over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app import ledger
from app.identity import read, schemas, store
from app.identity.deposit_cash import deposit_cash
from app.identity.issue_credential import issue_credential
from app.identity.register_bidder import register_bidder
from app.identity.register_collective import register_collective
from app.identity.register_custodian import register_custodian
from app.identity.register_household import register_household
from app.identity.register_region import register_region
from app.identity.revoke_credential import revoke_credential
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import READERS_OF_BIDDERS, READERS_OF_HOUSEHOLDS, Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.ledger.rules import AccountKind, AccountRef
from app.platform import calls, pages, receipts
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["parties"])

Registrar = Annotated[calls.Call, Depends(calls.commands(Role.SYSTEM_ADMIN, Role.PROVINCE))]
Exchange = Annotated[calls.Call, Depends(calls.commands(Role.EXCHANGE))]
Security = Annotated[calls.Call, Depends(calls.commands(Role.SECURITY_ADMIN))]
Anyone = Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))]
Household = Annotated[calls.Query, Depends(calls.queries(*READERS_OF_HOUSEHOLDS))]
Public = Annotated[Database, Depends(calls.database)]
PathId = Annotated[str, Path(pattern=ID_PATTERN, examples=["h1"])]


@router.post(
    "/regions",
    status_code=201,
    operation_id="registerRegion",
    summary="Register a province or a county",
    response_model=receipts.with_receipt(schemas.RegionOut),
    responses=calls.PROBLEMS,
)
async def post_region(call: Registrar, body: schemas.RegionIn) -> Response:
    """A county's land opens in the ledger."""
    return await call.run(
        register_region, body.command(), schemas.RegionOut.of, receipt="region.registered"
    )


@router.get("/regions", operation_id="listRegions", summary="Provinces and counties")
async def get_regions(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.RegionOut]:
    """In order of code, with their land as it is now."""
    kinds = (AccountKind.CROPLAND, AccountKind.CONSTRUCTION, AccountKind.ECOLOGICAL)
    async with db.read() as reader:
        rows = await store.list_regions(reader, pages.after(cursor), limit + 1)
        refs = {r.code: [AccountRef(kind, r.code, r.province) for kind in kinds] for r in rows}
        held = await ledger.balances(reader, [ref for three in refs.values() for ref in three])
    page = pages.page(rows, limit, lambda region: region.code)
    return pages.Page(
        items=[
            schemas.RegionOut.of(
                r, (held[refs[r.code][0]], held[refs[r.code][1]], held[refs[r.code][2]])
            )
            for r in page.items
        ],
        next=page.next,
    )


@router.post(
    "/collectives",
    status_code=201,
    operation_id="registerCollective",
    summary="Register a village collective",
    response_model=receipts.with_receipt(schemas.CollectiveOut),
    responses=calls.PROBLEMS,
)
async def post_collective(call: Registrar, body: schemas.CollectiveIn) -> Response:
    """Its homestead land opens in the ledger."""
    command = body.command()
    return await call.run(
        register_collective,
        command,
        lambda collective: schemas.CollectiveOut.of(collective, command.homestead),
        receipt="collective.registered",
    )


@router.get("/collectives", operation_id="listCollectives", summary="Village collectives")
async def get_collectives(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.CollectiveOut]:
    """In order of id, with their land as it is now."""
    async with db.read() as reader:
        rows = await store.list_collectives(reader, pages.after(cursor), limit + 1)
        homestead = {c.id: AccountRef(AccountKind.HOMESTEAD, c.id, c.province) for c in rows}
        off_site = {c.id: AccountRef(AccountKind.OFF_SITE_RIGHT, c.id, c.province) for c in rows}
        held = await ledger.balances(reader, [*homestead.values(), *off_site.values()])
    page = pages.page(rows, limit, lambda collective: collective.id)
    return pages.Page(
        items=[
            schemas.CollectiveOut.of(c, held[homestead[c.id]], held[off_site[c.id]])
            for c in page.items
        ],
        next=page.next,
    )


@router.post(
    "/households",
    status_code=201,
    operation_id="registerHousehold",
    summary="Register a household",
    response_model=receipts.with_receipt(schemas.HouseholdOut),
    responses=calls.PROBLEMS,
)
async def post_household(call: Registrar, body: schemas.HouseholdIn) -> Response:
    """Its name is shown only to those it concerns."""
    return await call.run(
        register_household,
        body.command(),
        schemas.HouseholdOut.registered,
        receipt="household.registered",
    )


@router.get(
    "/households/{household}",
    operation_id="getHousehold",
    summary="A household",
    responses=calls.READ_PROBLEMS,
)
async def get_household(query: Household, household: PathId) -> schemas.HouseholdOut:
    """Shown to itself, its village, township, county and province, and the supervisor."""
    async with query.read() as reader:
        found = await read.require_household(reader, household)
    if not query.principal.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "household")
    return schemas.HouseholdOut.of(found)


@router.post(
    "/bidders",
    status_code=201,
    operation_id="registerBidderParty",
    summary="Register a bidder",
    response_model=receipts.with_receipt(schemas.BidderOut),
    responses=calls.PROBLEMS,
)
async def post_bidder(call: Exchange, body: schemas.BidderIn) -> Response:
    """It has no cash yet."""
    return await call.run(
        register_bidder, body.command(), schemas.BidderOut.registered, receipt="bidder.registered"
    )


@router.get(
    "/bidders",
    operation_id="listBidders",
    summary="Bidders with cash, deposits held and certificates",
    responses=calls.READ_PROBLEMS,
)
async def get_bidders(
    query: Annotated[
        calls.Query,
        Depends(calls.queries(*READERS_OF_BIDDERS)),
    ],
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> pages.Page[schemas.BidderOut]:
    """A bidder sees itself alone."""
    principal = query.principal
    only = principal.party if principal.level == "bidder" else None
    async with query.read() as reader:
        rows = await store.list_bidders(reader, only, pages.after(cursor), limit + 1)
        ids = [bidder.id for bidder in rows]
        cash = {b: AccountRef(AccountKind.BIDDER_CASH, b) for b in ids}
        free = await ledger.balances(reader, cash.values())
        held = await ledger.holdings(reader, AccountKind.DEPOSIT, ids)
        certificates = await ledger.holdings(reader, AccountKind.CERTIFICATE, ids)
    page = pages.page(rows, limit, lambda bidder: bidder.id)
    return pages.Page(
        items=[
            schemas.BidderOut.of(b, free[cash[b.id]], held.get(b.id, 0), certificates.get(b.id, 0))
            for b in page.items
        ],
        next=page.next,
    )


@router.post(
    "/custodians",
    status_code=201,
    operation_id="registerCustodian",
    summary="Register a custodian of sealed bids",
    response_model=schemas.CustodianOut,
    responses=calls.PROBLEMS,
)
async def post_custodian(call: Security, body: schemas.CustodianIn) -> Response:
    """It is independent of the exchange; a lot's notice names the ones that keep its keys."""
    return await call.run(register_custodian, body.command(), schemas.CustodianOut.registered)


@router.get("/custodians", operation_id="listCustodians", summary="Custodians of sealed bids")
async def get_custodians(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.CustodianOut]:
    """Public, in order of id."""
    async with db.read() as reader:
        rows = await store.list_custodians(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda custodian: custodian.id)
    return pages.Page(items=[schemas.CustodianOut.of(c) for c in page.items], next=page.next)


@router.post(
    "/cash-deposits",
    status_code=201,
    operation_id="depositCash",
    summary="Book money that reached the escrow account for a bidder",
    response_model=receipts.with_receipt(schemas.CashDepositOut),
    responses=calls.PROBLEMS,
)
async def post_cash_deposit(call: Exchange, body: schemas.CashDepositIn) -> Response:
    """The bank's reference is booked once."""
    return await call.run(
        deposit_cash, body.command(), schemas.CashDepositOut.of, receipt="entry.cash_in"
    )


@router.post(
    "/credentials",
    status_code=201,
    operation_id="issueCredential",
    summary="Issue a credential for a party in a role",
    response_model=schemas.CredentialOut,
    responses=calls.PROBLEMS,
)
async def post_credential(call: Security, body: schemas.CredentialIn) -> Response:
    """The token is in the first answer only: a repetition under the same key does not show it."""
    return await call.run(
        issue_credential,
        body.command(),
        lambda issued: schemas.CredentialOut.of(*issued),
        shown_once=frozenset({"token"}),
    )


@router.get(
    "/credentials",
    operation_id="listCredentials",
    summary="Credentials, without their secrets",
    responses=calls.READ_PROBLEMS,
)
async def get_credentials(
    query: Annotated[calls.Query, Depends(calls.queries(Role.SECURITY_ADMIN, Role.AUDIT_ADMIN))],
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
) -> pages.Page[schemas.CredentialOut]:
    """In order of id."""
    async with query.read() as reader:
        rows = await store.list_credentials(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda credential: credential.id)
    return pages.Page(items=[schemas.CredentialOut.of(c) for c in page.items], next=page.next)


@router.post(
    "/credential-revocations",
    status_code=201,
    operation_id="revokeCredential",
    summary="Revoke a credential",
    response_model=schemas.CredentialOut,
    responses=calls.PROBLEMS,
)
async def post_revocation(call: Security, body: schemas.RevocationIn) -> Response:
    """It is refused from now on."""
    return await call.run(revoke_credential, body.credential, schemas.CredentialOut.of)
