"""The command behind `POST /v1/land-sales`: the result of a plot's tender, auction or listing.

- the plot and the winner exist;
- the plot is not sold yet;
- the county has as much cropland as the plot takes;
- a winner other than the certificate's holder pays the ticket cost from its free cash (R175).
"""

from dataclasses import replace

from app import auction, identity, ledger, policy, settlement
from app.kernel.refusal import CommonRefusal, Rejected
from app.kernel.units import Area, Fen
from app.landing import rules, store
from app.landing.hold_certificate import hold_certificate
from app.platform.db import Tx


async def sell_land(tx: Tx, command: rules.SellLand) -> rules.Plot:
    """Use up the certificate, turn cropland into construction land, and offset the fees."""
    plot = await store.lock_plot(tx, command.plot)
    if plot is None or not tx.by.concerns(plot.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "plot")
    await identity.require_bidder(tx, command.winner, "winner")
    await auction.release_what_is_due(tx, command.winner)
    holding = await hold_certificate(tx, plot.lot)
    assert holding is not None, "a plot is selected under a certificate, and those stay"
    cropland, cash = rules.cropland_account(plot), rules.cash_account(command.winner)
    # The holder's cash with the rest, in the ledger's order: two holders who win each other's
    # plots would else each hold what the other waits for.
    held = await ledger.lock_balances(tx, [cropland, cash, rules.cash_account(holding.bidder)])
    now = await tx.now()
    version = await policy.in_force(tx, plot.province, now)
    basis = rules.SaleBasis(
        holding,
        Area(held[cropland]),
        Fen(held[cash]),
        version.parameters.fee_offset_share,
        version.id,
    )

    sale = rules.decide_sale(plot, command, basis)
    if isinstance(sale, rules.LandingRefusal):
        raise Rejected(sale)

    collective = None
    if plot.collective is not None:
        collective = await identity.require_collective(tx, plot.collective)
    sold = replace(plot, sale=sale)
    await ledger.post(
        tx,
        rules.drafts(sold, sale, basis, None if collective is None else collective.province),
    )
    await settlement.use_certificate(tx, plot.lot, sale.ticket_cost)
    await store.mark_sold(tx, plot.id, sale, now)
    return sold
