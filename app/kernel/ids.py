"""Public references: chosen by the party that creates a thing, unique per kind in the node."""

import re

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
TICKET_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$"
"""A ticket that flowed in from another province is `<its id there>/<receiving province>`."""

REGION_PATTERN = r"^[1-9][0-9]{5}$"
NODE = "000000"
"""Owner of what belongs to no province: the node itself, the ministry, a bidder's free cash."""


def province_of(region: str) -> str:
    """The province of a GB/T 2260 region code: `500236` lies in `500000`."""
    return region[:2] + "0000"


def is_province(region: str) -> bool:
    """Province codes end in 0000."""
    return region.endswith("0000")


def transferred_ticket(ticket: str, province: str) -> str:
    """The id under which a ticket stands in the province that received it."""
    return f"{ticket}/{province}"


def reference(province: str, id_: str) -> str:
    """How nodes of other provinces name what `province` knows by `id_`: `500000-h1`.

    An id is unique in its node only; behind the code of its province it is so in the country.
    """
    return f"{province}-{id_}"


def local_id(province: str, named: str) -> str | None:
    """The id in its own node of what is named by `reference`; None where it is another's."""
    own = named.removeprefix(f"{province}-")
    return None if own == named else own


def foreign_province(id_: str) -> str | None:
    """The province behind whose code an id stands, if it has the form of a `reference`."""
    code, hyphen, rest = id_.partition("-")
    return code if hyphen and rest and re.fullmatch(REGION_PATTERN, code, re.ASCII) else None
