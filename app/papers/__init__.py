"""Papers: what people take home, as PDF with Chinese type in it, and a code by which to check it.

A paper says what the slices below answer to the same reader, and nothing else: the confirmation of
a sold lot, the certificate of its quota, a ticket, a year of a housing account. `rules` and what
stands beside it turn values into a `Paper`, which is text alone; `render` sets it in type by the
one template `paper.typ`. Equal values give equal bytes: the only instant is the reader's.

The code on a paper leads to a public page that asks the log. It names lots, tickets and entries,
never a household. Who checks a paper trusts that page and the log, not the paper.
"""

from app.papers.routes import router

__all__ = ["router"]
