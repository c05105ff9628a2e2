"""Dossiers: what became of a household's homestead, from the application to the money.

Everything in a dossier stands in the tables and records of the slices below. This one reads across
them and answers with ids, instants and places in the log, so that a page can show who holds the
matter, since when, and where each step can be proven. It writes nothing and decides nothing.

What anybody may ask stands apart (`routes_public`): a ticket's and a lot's records in the log, the
applications under public notice, the market in sums. No household is named there.
"""

from app.dossiers.read import read_statement, trace_lot, trace_ticket
from app.dossiers.routes import router
from app.dossiers.routes_public import router as public_router

__all__ = ["public_router", "read_statement", "router", "trace_lot", "trace_ticket"]
