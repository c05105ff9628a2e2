"""The story of `hrt nodes`: one household's ticket crosses from Chongqing to Zhejiang and is sold.

Everything is done as people would do it: over HTTP, each with a credential of its own, at the node
where the matter lies. What other nodes do about it comes by their letters; the story waits for it.
The clocks are simulated and move together, so that months go by in seconds.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from app.cli.demo_desk import Scene
from app.cli.demo_places import AWAY, AWAY_CITY, HOME, HOME_COUNTY
from app.cli.demo_settling import settle
from app.kernel.ids import NODE

LENGTH = timedelta(days=101)
"""How long before the present the story begins."""

COEFFICIENT_DOCUMENT = "自然资函〔2026〕3号"
DOCUMENT = "自然资函〔2026〕15号"
APPLICATION, TICKET, TRANSFER, LOT = "a1", "t1", "x1", "l1"
CROSSING = f"{HOME}-{TRANSFER}"
ARRIVED = f"{HOME}-{TICKET}/{AWAY}"
GUEST = f"{HOME}-h1"
AREA = "266.67"
RECLAMATION, FINANCING = "12000.00", "800.00"
START, STEP, PRICE, DEPOSIT = "60000.00", "2000.00", "66000.00", "5000.00"

_PARTIES = {
    HOME: (
        (
            "/v1/regions",
            {
                "code": HOME_COUNTY,
                "name": "奉节县",
                "zone": "farm_product",
                "cropland_m2": "900000.00",
            },
        ),
        ("/v1/regions", {"code": AWAY_CITY, "name": "义乌市", "zone": "urbanised"}),
        (
            "/v1/collectives",
            {
                "id": "v1",
                "name": "平安乡示例村集体经济组织",
                "county": HOME_COUNTY,
                "homestead_m2": "90000.00",
                "members": 30,
            },
        ),
        ("/v1/households", {"id": "h1", "name": "向德贵", "collective": "v1", "heads": 3}),
    ),
    AWAY: (("/v1/regions", {"code": AWAY_CITY, "name": "义乌市", "zone": "urbanised"}),),
}
_BIDDERS = (("b1", "义乌城市发展公司"), ("b2", "浙中开发建设公司"))
_POLICY = {"subsidy_pool_share": "0.10", "subsidy_rate_cny": "500.00"}


async def play(scene: Scene) -> None:
    """The whole story."""
    end = scene.now + LENGTH
    for chapter in CHAPTERS:
        await chapter(scene)
        await scene.calm()
    await scene.wait(seconds=(end - scene.now) // timedelta(seconds=1))


async def _begin(scene: Scene) -> None:
    """Parties, a policy, and the coefficient, which two people of the ministry decide."""
    for desk, code in ((scene.home, HOME), (scene.away, AWAY)):
        for path, body in _PARTIES[code]:
            await desk.must("system_admin", NODE, path, body)
    for bidder, name in _BIDDERS:
        cash = {"id": f"cash.{bidder}", "bidder": bidder, "amount_cny": "200000.00"}
        await scene.away.must("exchange", AWAY, "/v1/bidders", {"id": bidder, "name": name})
        await scene.away.must("exchange", AWAY, "/v1/cash-deposits", cash)
    policy = {
        "id": f"{HOME}.demo",
        "province": HOME,
        "valid_from": scene.now.isoformat(),
        "parameters": _POLICY,
    }
    await scene.home.must("province", HOME, "/v1/policies", policy)
    approved = {"policy": f"{HOME}.demo"}
    await scene.home.must("province", HOME, "/v1/policy-approvals", approved, "b")

    coefficient = {"id": "k1", "from": HOME, "to": AWAY, "yield_out": 500, "yield_in": 750}
    coefficient |= {"valid_from": "2020-01-01", "valid_to": "2099-12-31"}
    coefficient["document"] = COEFFICIENT_DOCUMENT
    await scene.ministry.must("ministry", NODE, "/v1/coefficients", coefficient)
    second = {"coefficient": "k1"}
    await scene.ministry.must("ministry", NODE, "/v1/coefficient-approvals", second, "b")
    for desk in (scene.home, scene.away):
        await desk.item("/v1/coefficients", id="k1")
    await scene.tell(
        f"部里两人批准重庆到浙江的调节系数 500/750({COEFFICIENT_DOCUMENT}),两省节点都已收到。",
        "Two people of the ministry approve the coefficient 500/750 from Chongqing to Zhejiang;"
        " both provinces' nodes have received it.",
        scene.home.office("/province/coefficients"),
    )


async def _withdraw(scene: Scene) -> None:
    """From the application to the reclaimed land, at home."""
    home, of = scene.home, {"application": APPLICATION}
    apply = {"id": APPLICATION, "household": "h1", "area_m2": AREA}
    await home.must("villager", "h1", "/v1/applications", apply)
    await scene.tell(
        f"奉节县农户 h1 申请退出宅基地 {AREA} 平方米。",
        f"Household h1 of Fengjie applies to give up a homestead of {AREA} m².",
    )
    await scene.wait(days=31)
    await home.must("collective", "v1", "/v1/village-reviews", of | {"votes_for": 26})
    await scene.wait(days=8)
    await home.must("township", "v1", "/v1/township-determinations", of)
    await home.must("county_approver", HOME_COUNTY, "/v1/county-approvals", of)
    city = of | {"city": AWAY_CITY, "work_years": 6, "income_proof": True, "long_term": True}
    await home.must("city", AWAY_CITY, "/v1/city-approvals", city)
    await scene.tell(
        "冷静期与公示期满;村、乡镇、县,以及农户将要落户的浙江义乌市,都已同意。",
        "Cooling-off and notice are over; village, township and county have approved, and Yiwu in"
        " Zhejiang, the city where the household settles.",
    )
    await scene.wait(days=30)
    accepted = of | {
        "accepted_m2": AREA,
        "to": "cropland",
        "reclamation_cost_cny": RECLAMATION,
        "financing_cost_cny": FINANCING,
    }
    await home.must("county_clerk", HOME_COUNTY, "/v1/acceptances", accepted)
    await scene.tell(
        f"复垦完成并验收 {AREA} 平方米;县里垫付的复垦与融资费用合计 12800.00 元。",
        f"The land is reclaimed and accepted: {AREA} m². The county has advanced 12800.00 yuan.",
    )
    await home.must("county_clerk", HOME_COUNTY, "/v1/tickets", of | {"id": TICKET})
    await scene.tell(
        f"县局签发复垦票 {TICKET};住房账户随票开立。",
        f"The bureau issues ticket {TICKET}; the household's account opens with it.",
        home.page(f"/check/ticket/{TICKET}"),
    )
    income = {"county": HOME_COUNTY, "amount_cny": "50000.00"}
    await home.must("county_clerk", HOME_COUNTY, "/v1/land-incomes", income)
    await home.must("fund_centre", HOME, "/v1/subsidies", {"household": "h1"})
    await scene.tell(
        "基金管理中心发放购房补助 1500.00 元(3 人)。",
        "The fund centre pays a subsidy of 1500.00 yuan (3 heads) into the account.",
        home.office("/fund/subsidies"),
    )


async def _ask(scene: Scene) -> None:
    """The outflow is asked for at home, proposed to the ministry, and offered to the receiver."""
    await scene.wait(days=1)
    outflow = {"id": TRANSFER, "ticket": TICKET, "to": AWAY}
    await scene.home.must("villager", "h1", "/v1/transfers", outflow)
    await scene.tell(
        "农户申请把票带到浙江。重庆节点锁定票和账户,以签名报文向部里提出;住户资料只加密寄给浙江。",
        "The household asks to take the ticket to Zhejiang. Chongqing locks ticket and account, and"
        " proposes it to the ministry in a signed letter; who the household is goes, sealed, to"
        " Zhejiang alone.",
        scene.home.office("/province/transfers"),
    )
    offered = await scene.ministry.item("/v1/crossings", id=CROSSING, state="offered")
    await scene.tell(
        f"部节点核对:{offered['sent_m2']} × {offered['yield_out']} ÷ {offered['yield_in']},"
        f"舍去不足 0.01 的部分,得 {offered['received_m2']} 平方米;已向浙江提出。",
        f"The ministry's node checks: {offered['sent_m2']} × {offered['yield_out']} ÷"
        f" {offered['yield_in']}, rounded down to 0.01, is {offered['received_m2']} m². It offers"
        " the ticket to Zhejiang.",
        scene.ministry.office("/province/transfers"),
    )
    await scene.away.item("/v1/crossings", id=CROSSING, state="offered")
    await scene.calm()
    took = {"transfer": CROSSING}
    await scene.away.must("province", AWAY, "/v1/transfer-acceptances", took)
    await scene.ministry.item("/v1/crossings", id=CROSSING, state="accepted")
    await scene.tell(
        "浙江自行再算一遍,同意接收;部节点已收到。",
        "Zhejiang computes the same again and accepts; the ministry's node knows.",
        scene.away.office("/province/transfers"),
    )


async def _decide(scene: Scene) -> None:
    """One decision, applied at both sides by its proof."""
    await scene.wait(days=1)
    approval = {"transfer": CROSSING, "document": DOCUMENT}
    await scene.ministry.must("ministry", NODE, "/v1/transfer-approvals", approval)
    await scene.tell(
        f"部里批准,文号 {DOCUMENT}。全程只有这一个决定,写入部的公开日志。",
        f"The ministry approves under {DOCUMENT}: the one decision, an entry of its public log.",
        scene.ministry.page("/log"),
    )
    done = await scene.ministry.item("/v1/crossings", id=CROSSING, state="done")
    out = await scene.home.balance(f"conversion:{HOME}:{AWAY}")
    into = await scene.away.balance(f"ticket:{AWAY}:{ARRIVED}")
    await scene.tell(
        f"两省凭日志证明执行:重庆减少 {out} 平方米,浙江增加 {into} 平方米,均已回报。",
        f"Both act on it with its proof from the log: {out} m² leave Chongqing, {into} m² arrive in"
        f" Zhejiang ({done['received_m2']} by the decision), and both have reported.",
        scene.home.page(f"/check/ticket/{TICKET}"),
        scene.away.page(f"/check/ticket/{ARRIVED}"),
    )
    await scene.away.item("/v1/positions", debtor=HOME, creditor=AWAY)
    await scene.tell(
        f"住房账户(余额 1500.00 元)随人到浙江,户号为 {GUEST};重庆欠浙江 1500.00 元。",
        f"The account and its 1500.00 yuan are in Zhejiang now, as {GUEST}; Chongqing owes them.",
        scene.away.office("/province/positions"),
    )


async def _sell(scene: Scene) -> None:
    """Listed, sold and paid at the receiver; its home books what is due to it."""
    await scene.wait(days=1)
    opens = scene.now + timedelta(days=21)
    closes = opens + timedelta(days=3)
    lot = {
        "id": LOT,
        "province": AWAY,
        "tickets": [ARRIVED],
        "mode": "ascending",
        "start_price_cny": START,
        "increment_cny": STEP,
        "deposit_cny": DEPOSIT,
        "opens_at": opens.isoformat(),
        "closes_at": closes.isoformat(),
    }
    await scene.away.must("exchange", AWAY, "/v1/lots", lot)
    for bidder, _ in _BIDDERS:
        of = {"lot": LOT, "bidder": bidder}
        await scene.away.must("bidder", bidder, "/v1/registrations", of)
    await scene.tell(
        f"浙江交易中心公告标的 {LOT},公告二十日,起始价 {START} 元,两家企业报名。",
        f"Zhejiang's exchange lists the ticket as {LOT}: twenty days' notice, from {START} yuan;"
        " two firms register.",
        scene.away.page(f"/lots/{LOT}"),
    )
    await scene.wait(days=21)
    for (bidder, _), price in zip(_BIDDERS, (START, PRICE), strict=True):
        bid = {"lot": LOT, "bidder": bidder, "price_cny": price}
        await scene.away.must("bidder", bidder, "/v1/bids", bid)
    await scene.wait(days=3)
    await scene.away.must("bidder", "b2", "/v1/payments", {"lot": LOT, "bidder": "b2"})
    held = await scene.away.balance(f"housing:{AWAY}:{GUEST}")
    await scene.tell(
        f"b2 以 {PRICE} 元竞得并付款;扣除费用后的 85% 即 45220.00 元记入农户在浙江的账户,"
        f"余额 {held} 元。",
        f"b2 wins at {PRICE} yuan and pays. 85 % of what is left after costs, 45220.00 yuan, is"
        f" credited to the household in Zhejiang; it holds {held} yuan.",
        scene.away.page(f"/lots/{LOT}"),
        scene.away.office("/province/positions"),
    )
    due = await scene.home.item("/v1/positions", debtor=AWAY, creditor=HOME)
    await scene.tell(
        f"重庆按本省规则重算,分文不差才入账:浙江应付费用与村集体份额 {due['amount_cny']} 元。",
        f"Chongqing reckons by its own rules and books it only as they agree to the fen: Zhejiang"
        f" owes {due['amount_cny']} yuan, the costs and the village's share.",
        scene.home.office("/province/positions"),
    )


CHAPTERS: tuple[Callable[[Scene], Awaitable[None]], ...] = (
    _begin,
    _withdraw,
    _ask,
    _decide,
    _sell,
    settle,
)
