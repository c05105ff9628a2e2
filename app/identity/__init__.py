"""Who takes part: regions, villages, households, bidders, custodians, and who acts for them.

A party is registered once, under an id of the registrar's choice. Registering a region or a
collective opens its land in the ledger. A credential lets a person or machine act for one party
in one role; its secret is shown once and kept only as a hash. Names live in this slice's tables
and nowhere else: records and ledger entries know parties by id.
"""

from app.identity.guests import Guest, take_in
from app.identity.issue_credential import issue_credential
from app.identity.know_province import know_province
from app.identity.read import (
    authenticate,
    find_bidder,
    find_collective,
    find_custodians,
    find_household,
    find_province,
    find_region,
    is_known,
    live_credentials,
    require_bidder,
    require_collective,
    require_household,
    require_province,
    require_region,
)
from app.identity.routes import router
from app.identity.rules import (
    SALT_BYTES,
    Bidder,
    Collective,
    Credential,
    Custodian,
    Household,
    IssueCredential,
    Region,
    Zone,
)

__all__ = [
    "SALT_BYTES",
    "Bidder",
    "Collective",
    "Credential",
    "Custodian",
    "Guest",
    "Household",
    "IssueCredential",
    "Region",
    "Zone",
    "authenticate",
    "find_bidder",
    "find_collective",
    "find_custodians",
    "find_household",
    "find_province",
    "find_region",
    "is_known",
    "issue_credential",
    "know_province",
    "live_credentials",
    "require_bidder",
    "require_collective",
    "require_household",
    "require_province",
    "require_region",
    "router",
    "take_in",
]
