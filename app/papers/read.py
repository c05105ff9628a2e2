"""What papers are made of, each read in one snapshot for whoever asks."""

from app import auction, dossiers, identity, settlement, tickets, transparency
from app.kernel.principal import Principal, Stake
from app.kernel.refusal import CommonRefusal, Rejected
from app.papers import rules_household, rules_lot
from app.papers.figures import Language
from app.papers.rules import Desk, Paper, Proof, entry_of
from app.platform.db import Reader
from app.transparency.fields import encode64


async def make_desk(reader: Reader, language: Language, pages: str) -> Desk:
    """The reader's instant, and the newest checkpoint that it can see."""
    shown = await transparency.shown_checkpoint(reader)
    proof = None if shown is None else Proof(shown.origin, shown.size, encode64(shown.root))
    return Desk(language, await reader.now(), pages, proof)


async def read_confirmation(reader: Reader, principal: Principal, lot: str, desk: Desk) -> Paper:
    """The confirmation of a sold lot, for its winner and its exchange."""
    return rules_lot.confirmation(await _sale(reader, principal, lot), desk)


async def read_certificate(reader: Reader, principal: Principal, lot: str, desk: Desk) -> Paper:
    """The certificate of a paid lot, for its holder and its exchange."""
    sale = await _sale(reader, principal, lot)
    found = await settlement.find_certificate(reader, lot)
    if found is None:
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    trace = await dossiers.trace_lot(reader, lot)
    quota = rules_lot.Quota(
        area=found.area,
        remaining=found.remaining,
        cost=found.cost,
        remaining_cost=found.remaining_cost,
        entry=entry_of(trace.events, "lot.settled"),
    )
    return rules_lot.certificate(sale, quota, desk)


async def _sale(reader: Reader, principal: Principal, id_: str) -> rules_lot.Sale:
    lot = await auction.find_lot(reader, id_)
    if (
        lot is None
        or lot.state not in rules_lot.CONFIRMED
        or not principal.concerns(lot.stake, Stake(bidder=lot.winner))
    ):
        raise Rejected(CommonRefusal.NOT_FOUND, "lot")
    assert lot.winner is not None, "a sold lot has a winner"
    assert lot.price is not None, "a sold lot has a price"
    registration = await auction.find_registration(reader, lot.id, lot.winner)
    trace = await dossiers.trace_lot(reader, lot.id)
    return rules_lot.Sale(
        lot=lot,
        price=lot.price,
        winner=await identity.require_bidder(reader, lot.winner),
        province=await identity.require_region(reader, lot.province),
        paddle=None if registration is None else registration.paddle,
        entry=entry_of(trace.events, "lot.decided", "lot.closed"),
    )


async def read_ticket(reader: Reader, principal: Principal, id_: str, desk: Desk) -> Paper:
    """The ticket of a household, for whom the household concerns."""
    ticket = (await tickets.find(reader, [id_])).get(id_)
    household = None if ticket is None else await identity.find_household(reader, ticket.household)
    if ticket is None or household is None or not principal.concerns(household.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "ticket")
    trace = await dossiers.trace_ticket(reader, ticket.household)
    holding = rules_household.Holding(
        ticket=ticket,
        household=household,
        collective=await identity.require_collective(reader, ticket.collective),
        county=await identity.require_region(reader, ticket.county),
        home=await identity.require_region(reader, ticket.home_province),
        province=await identity.require_region(reader, ticket.province),
        present=trace.ticket or ticket.id,
        entry=entry_of(trace.events, "entry.issue"),
    )
    return rules_household.ticket_paper(holding, desk)


async def read_statement(
    reader: Reader, principal: Principal, id_: str, year: int, desk: Desk
) -> Paper:
    """A year of a household's account, for whom the household concerns."""
    household = await identity.require_household(reader, id_)
    if not principal.concerns(household.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "household")
    statement = await dossiers.read_statement(reader, id_, year)
    return rules_household.statement_paper(statement, household, desk)
