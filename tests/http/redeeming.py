"""Two households with 15,000.00 yuan each, who may buy what they rent at once."""

from tests import redemptions
from tests.conftest import START
from tests.http import people
from tests.redemptions import APPROVALS, CENTRE, DESK, PATHS, REQUESTS, WITHDRAWALS, request_of
from tests.story import CITY, HERE, POLICY, Story, a_market

MONEY = "15000.00"


async def begin(node, households=("h0", "h1")):
    case = a_market(START, households, [])
    case.policies[HERE] = POLICY | {"option_years": 0, "subsidy_rate_cny": "5000.00"}
    story = await Story.begin(node.market, case)
    await story.must("land_income", county=CITY, amount_cny="900000.00")
    for household in households:
        await story.issue(household)
        await story.must("subsidise", household=household)
    return story


async def ask(node, id_, kind, household, who=None, **changed):
    body = request_of(id_, kind, household, **changed)
    return await node.post(*(who or ("villager", household)), REQUESTS, body)


async def decide(node, path, id_, who=CENTRE, person="a", **more):
    return await node.post(*who, path, {"request": id_} | more, person=person)


async def refused_in_every_way(node):
    """What only a request to redeem is refused with."""
    await begin(node, ["h0"])
    await redemptions.ask(node.market, "q1", "mortgage_offset", "h0")
    await ask(node, "q2", "mortgage_offset", "h0")
    await ask(node, "q3", "affordable_purchase", "h0", DESK)
    await decide(node, APPROVALS, "q3", DESK)
    for _ in range(2):
        await decide(node, WITHDRAWALS, "q1", ("villager", "h0"))
    browser = await people.hire(node, "villager-h0", ("villager", "h0"))
    await browser.post(PATHS["refund"], {"household": "h0"}, key="at-once")
