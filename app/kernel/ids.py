"""Public references: chosen by the party that creates a thing, unique per kind in the node."""

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
