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
`issued` (`follow_tickets`).

And at any time until the ticket is listed, or locked for another province, the household may say
"I did not agree" (`place_hold`). Nothing goes on then, for anybody, until it takes that back or the
county has heard it (`release_hold`): the hold stands in the application's row, which every step
locks and asks first.

With the application, or later when the land is accepted, the bureau gives the homestead's outline
(`claim_ground`). Its ground then belongs to one application, until that is revoked or rejected; the
outline is shown to whom the application is, and to everybody once there is a ticket.

A household has one application that is not ended; a unique index holds that against two at once.
Co-owners' names stay in a table of their own and are in no record, answer or log.
"""

from app.withdrawal.claim_ground import claim_ground
from app.withdrawal.routes import router
from app.withdrawal.rules import Application, ApplicationState
from app.withdrawal.rules_parcel import Parcel, ParcelRefusal
from app.withdrawal.schemas_parcel import ParcelIn, ParcelOut
from app.withdrawal.store import find, follow_tickets, lock, lock_held, set_state
from app.withdrawal.store_parcel import insert_parcel, parcels_of

__all__ = [
    "Application",
    "ApplicationState",
    "Parcel",
    "ParcelIn",
    "ParcelOut",
    "ParcelRefusal",
    "claim_ground",
    "find",
    "follow_tickets",
    "insert_parcel",
    "lock",
    "lock_held",
    "parcels_of",
    "router",
    "set_state",
]
