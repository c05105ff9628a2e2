"""The command behind `POST /v1/plots`.

- the lot, the bidder, the county and the collective, where one is named, exist;
- the county receives quota (R171);
- the bidder's certificate of that lot, in the county's province, has that much free area (R172);
- where the terms of clearing hold quota until it is paid for, the homes of its tickets are paid.
"""

from app import auction, clearing, identity, ledger
from app.kernel.principal import Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import decimal
from app.landing import rules, store
from app.landing.hold_certificate import hold_certificate
from app.platform.db import Tx


async def select_plot(tx: Tx, command: rules.SelectPlot) -> rules.Plot:
    """Reserve the area of a plot on the bidder's certificate."""
    if await auction.find_lot(tx, command.lot) is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    await identity.require_bidder(tx, command.bidder)
    if not tx.by.concerns(Stake(bidder=command.bidder)):
        raise Rejected(CommonRefusal.NOT_FOUND, "bidder")
    county = await identity.require_region(tx, command.county)
    if command.collective is not None:
        await identity.require_collective(tx, command.collective)
    holding = await hold_certificate(tx, command.lot)
    now = await tx.now()

    plot = rules.decide_selection(command, county, holding)
    if isinstance(plot, rules.LandingRefusal):
        raise Rejected(plot)
    await clearing.require_paid(tx, command.lot)
    if await store.find_plot(tx, command.id) is not None:
        raise Rejected(CommonRefusal.ID_TAKEN, "id")

    await store.insert_plot(tx, plot, now)
    await ledger.record(
        tx,
        [
            ledger.Note(
                kind="plot.selected",
                province=plot.province,
                subject=plot.id,
                body={
                    "lot": plot.lot,
                    "bidder": plot.bidder,
                    "county": plot.county,
                    "area_m2": decimal(plot.area),
                    "collective": plot.collective,
                },
            )
        ],
    )
    return plot
