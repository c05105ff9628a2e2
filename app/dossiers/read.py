"""A household's dossier and statements, each read in one snapshot."""

from datetime import date
from itertools import product

from app.dossiers import rules, store
from app.dossiers.rules import Dossier, Statement, Trace
from app.kernel.calendar import midnight
from app.platform.db import Reader


async def read_dossier(reader: Reader, household: str) -> Dossier:
    """The dossier of a household that exists; a constant number of statements."""
    application = await store.find_application(reader, household)
    original, present = await store.find_tickets(reader, household)
    tickets = [id_ for id_ in dict.fromkeys((original, present)) if id_ is not None]
    lots = await store.list_lots(reader, tickets)
    transfers = await store.list_transfers(reader, original) if original else []
    objections = await store.list_objections(reader, application) if application else []
    holds = await store.list_holds(reader, application) if application else []
    evidence = await store.list_evidence(reader, application) if application else []
    events = await store.list_events(
        reader,
        [
            *product(rules.OF_APPLICATION, [application] if application else []),
            *product(rules.OF_TICKET, tickets),
            *product(rules.OF_TRANSFER, transfers),
            *product(rules.OF_LOT, lots),
            *product(rules.OF_OBJECTION, [objection.id for objection in objections]),
            *product(rules.OF_EVIDENCE, evidence),
        ],
    )
    return Dossier(
        household=household,
        application=application,
        original_ticket=original,
        ticket=present,
        lots=tuple(lots),
        objections=tuple(objections),
        holds=tuple(holds),
        events=tuple(events),
    )


async def read_statement(reader: Reader, household: str, year: int) -> Statement:
    """The statement of a calendar year of Asia/Shanghai; a year without movements is empty."""
    movements = await store.list_movements(reader, household, midnight(date(year + 1, 1, 1)))
    return rules.year_of(household, year, movements)


async def trace_ticket(reader: Reader, household: str) -> Trace:
    """What the log holds of the ticket of a household, from its issue on, through every transfer.

    The application before it is left out: whose homestead it was is nobody's concern.
    """
    original, present = await store.find_tickets(reader, household)
    both = [id_ for id_ in dict.fromkeys((original, present)) if id_ is not None]
    lots = await store.list_lots(reader, both)
    transfers = await store.list_transfers(reader, original) if original else []
    events = await store.list_events(
        reader,
        [
            *product(rules.OF_TICKET, both),
            *product(rules.OF_TRANSFER, transfers),
            *product(rules.OF_LOT, lots),
        ],
    )
    return Trace(original=original, ticket=present, lots=tuple(lots), events=tuple(events))


async def trace_lot(reader: Reader, lot: str) -> Trace:
    """What the log holds of a lot, from its first notice on."""
    events = await store.list_events(reader, list(product(rules.OF_LOT, [lot])))
    return Trace(original=None, ticket=None, lots=(lot,), events=tuple(events))
