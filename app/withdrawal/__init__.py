"""Withdrawal: from a household's application to the county's approval, and a city's beside it.

The story of one application
----------------------------
1. `apply`: a household in a sending zone applies, with the consent of every co-owner. Its
   cooling-off begins, and the policy in force that instant stays with it to the end.
2. `revoke` takes it back during the cooling-off, without a condition.
3. `village_review`: two thirds of all members open the public notice; fewer end it.
4. `object` and `rule`, while the notice runs; an upheld objection ends it.
5. `township_determine`, then `county_approve`: the use right is deregistered, the land may be
   reclaimed. What follows is the business of tickets.

Beside it, at any time, a city may approve the household's settlement (`city_approve`). It never
asks for a withdrawal step (R18), and the latest approval counts until the ticket leaves the state
`issued` (`fix_city`).

A household has one application that is not ended; a unique index holds that against two at once.
Co-owners' names stay in a table of their own and are in no record, answer or log.
"""

from app.withdrawal.routes import router
from app.withdrawal.rules import Application, ApplicationState
from app.withdrawal.store import find, fix_city, lock, set_state

__all__ = [
    "Application",
    "ApplicationState",
    "find",
    "fix_city",
    "lock",
    "router",
    "set_state",
]
