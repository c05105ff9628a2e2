"""What the market's rules take as given: dated parameters and coefficients, each by two people.

A **policy version** is the full set of parameters of one province from an instant on; a
**coefficient** is the pair of yields by which an area of one province counts in another between
two dates. Both are proposed by one person and approved by another, and never changed afterwards:
what replaces them is a new version. Whatever applied a version names it, so that any amount can
be computed again years later.
"""

from app.policy.read import (
    coefficient_in_force,
    coefficients_in_force,
    find_version,
    find_versions,
    in_force,
)
from app.policy.routes import router
from app.policy.rules import Coefficient, Parameters, Version
from app.policy.share_coefficient import HANDLERS, tell_peer

__all__ = [
    "HANDLERS",
    "Coefficient",
    "Parameters",
    "Version",
    "coefficient_in_force",
    "coefficients_in_force",
    "find_version",
    "find_versions",
    "in_force",
    "router",
    "tell_peer",
]
