"""The composition root: the one module that knows every slice, its router, jobs and explainers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import (
    accounts,
    auction,
    clearing,
    dossiers,
    evidence,
    identity,
    landing,
    ledger,
    matching,
    nodes,
    papers,
    policy,
    reconciliation,
    reports,
    sessions,
    settlement,
    tickets,
    transfers,
    transparency,
    withdrawal,
)
from app.kernel.ids import NODE
from app.ledger import Explain
from app.platform import client, clock, health, jobs, logs, openapi, outcomes, problems
from app.platform.db import Database, Reader
from app.platform.settings import ClockKind, Settings

JOBS = (
    auction.MAXIMUM_JOB,
    auction.CLOSE_JOB,
    auction.OPEN_JOB,
    auction.DEFAULT_JOB,
    accounts.RENT_JOB,
    transfers.LAPSE_JOB,
    transfers.ASK_JOB,
    reconciliation.JOB,
)
"""In the order in which events of one instant are done."""

EXPLAINERS: dict[str, Explain] = {
    kind.value: explain
    for explainers in (
        auction.EXPLAINERS,
        settlement.EXPLAINERS,
        accounts.EXPLAINERS,
        landing.EXPLAINERS,
        transfers.EXPLAINERS,
    )
    for kind, explain in explainers.items()
}


def message_handlers(settings: Settings) -> dict[str, nodes.Handler]:
    """What messages of other nodes do, by type; those about the nodes themselves are `nodes`' own.

    Letters that are sealed for this node are opened with the key that the settings name.
    """
    return {
        **policy.HANDLERS,
        **transfers.handlers(settings),
        **clearing.handlers(settings),
        **reconciliation.HANDLERS,
    }


ROUTERS = (
    identity.router,
    sessions.router,
    policy.router,
    withdrawal.router,
    evidence.router,
    # Before the tickets: an id of theirs may contain a slash, so it would take the longer path.
    dossiers.public_router,
    papers.router,
    tickets.router,
    auction.router,
    auction.sealed_router,
    auction.feed_router,
    auction.own_router,
    auction.firms_router,
    settlement.router,
    accounts.router,
    accounts.redemptions_router,
    landing.router,
    clearing.router,
    clearing.bank_router,
    transfers.router,
    dossiers.router,
    reports.router,
    reconciliation.router,
    matching.router,
    ledger.router,
    nodes.router,
    transparency.router,
    transparency.sm3_router,
    transparency.receipts_router,
    clock.router,
    outcomes.router,
    problems.router,
    health.router,
)

PROTOCOLS = (transparency.witness_router,)
"""What other programs speak with the node beside its API, in the form of their own standards."""

CLIENT = Path(__file__).resolve().parents[1] / "web" / "dist"
"""Where `make web` builds the browser client."""

DESCRIPTION = """
宅基地复垦票交易所 · the exchange for Homestead Reclamation Tickets.

Money and areas are decimal strings with two places, times RFC 3339. Every POST but those of a
session carries an `Idempotency-Key`; send the same key when you repeat a request whose answer was
lost. Refusals are RFC 9457 problems: `code` is stable, the texts say in Chinese and English what to
do, and `/v1/problems` lists them all.
"""


async def verify_node(
    reader: Reader, memories: Sequence[transparency.Memory] = ()
) -> ledger.Verification:
    """The ledger recomputed from its postings, what slices count beside it, and the log.

    `memories` are checkpoints of the log that were kept outside the database.
    """
    elsewhere = {code for peer in await nodes.peers(reader) for code in peer.provinces}
    if await nodes.ministry(reader) is not None:
        # The agent of multilateral netting, whose books the ministry's node keeps.
        elsewhere.add(NODE)
    found = await ledger.verify(reader, elsewhere)
    for finding in await accounts.verify_counters(reader):
        found.fault(finding, log=False)
    for finding in await transfers.verify_crossings(reader):
        found.fault(finding, log=False)
    for finding in await evidence.verify_evidence(reader):
        found.fault(finding, log=False)
    for finding in await clearing.verify_clearing(reader):
        found.fault(finding, log=False)
    for finding in await reconciliation.verify_frozen(reader):
        found.fault(finding, log=False)
    for finding in await transparency.verify_log(reader, memories):
        found.fault(finding, log=True)
    return found


def create_app(db: Database, settings: Settings) -> FastAPI:
    """Build the ASGI application over a database that is already migrated."""
    keys = transparency.load_keys(settings)
    feed = auction.Feed(db)
    givers = transfers.givers_of(db, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if settings.require_durable:
            await health.require_durable(db)
        async with (
            transparency.running(db, settings, keys) as standing,
            nodes.running(db, settings, message_handlers(settings)),
            reconciliation.running(db, settings),
            transfers.running(givers),
        ):
            app.state.log = standing
            running: asyncio.Task[None] | None = None
            if db.clock is ClockKind.SYSTEM:
                running = asyncio.create_task(
                    jobs.run_forever(db, JOBS, settings.jobs_poll_seconds)
                )
            yield
            if running is not None:
                running.cancel()
            await feed.close()
        await db.close()

    # Serves the assets of /docs itself: the page works without the Internet.
    app = FastAPIOffline(
        title="Homestead Reclamation Ticket exchange",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
    )
    app.state.db = db
    app.state.settings = settings
    app.state.keys = keys
    app.state.sign_receipt = transparency.ReceiptSigner(keys.receipts, settings.origin)
    app.state.authenticate = identity.authenticate
    app.state.find_visit = sessions.visits(settings)
    app.state.explainers = EXPLAINERS
    app.state.feed = feed
    app.state.givers = givers
    app.state.jobs = JOBS
    app.state.verify = verify_node
    problems.install(app)
    for router in (*ROUTERS, *PROTOCOLS):
        # Its routes as they stand: including the router would make each of them again for every
        # app, and look through the routers at every request before the routes.
        app.router.routes.extend(router.routes)
    openapi.install(app)
    client.install(app, CLIENT)
    app.add_middleware(logs.RequestLog, larger={evidence.PATH: evidence.BODY_BYTES_MAX})
    return app
