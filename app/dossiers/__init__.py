"""Dossiers: what became of a household's homestead, from the application to the money.

Everything in a dossier stands in the tables and records of the slices below. This one reads across
them and answers with ids, instants and places in the log, so that a page can show who holds the
matter, since when, and where each step can be proven. It writes nothing and decides nothing.
"""

from app.dossiers.routes import router

__all__ = ["router"]
