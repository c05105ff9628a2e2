"""The papers of a sold lot: the confirmation of its result, and the certificate of its quota."""

from dataclasses import dataclass

from app.auction.rules import Lot, LotState, Mode
from app.identity.rules import Bidder, Region
from app.kernel.capitals import capitals
from app.kernel.units import Area, Fen
from app.papers.figures import (
    Language,
    both,
    instant,
    money,
    mu,
    per_mu,
    premium,
    square_metres,
)
from app.papers.rules import Check, Desk, Fact, Headline, Paper, in_rows, named

CONFIRMED = frozenset({LotState.SOLD, LotState.PAID})
"""A winner that did not pay has won nothing any more."""

MODES = {
    Mode.ASCENDING: ("增价竞价", "ascending"),
    Mode.SEALED: ("密封报价", "sealed bids"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sold lot and its winner; `entry` is the place of its result in the log."""

    lot: Lot
    price: Fen
    winner: Bidder
    province: Region
    paddle: int | None
    entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A certificate: areas in 0.01 m², costs in fen; `entry` is where the log settles the lot."""

    area: Area
    remaining: Area
    cost: Fen
    remaining_cost: Fen
    entry: int | None


def confirmation(sale: Sale, desk: Desk) -> Paper:
    """The confirmation of the result (R124): who won which lot, for how much, to be paid when."""
    lot, language = sale.lot, desk.language
    say = language.say
    is_paid = lot.state is LotState.PAID
    unpaid = say(
        "价款尚未付清，指标证书尚未生效；逾期未付清的，保证金不予退还。",
        "The price is not paid yet, and no certificate stands. Who does not pay in time loses the"
        " deposit.",
    )
    return Paper(
        language=language,
        at=desk.at,
        file=f"hrt-confirmation-{lot.id}",
        issuer=_exchange(sale.province, language),
        title=say("成交确认书", "Confirmation of Sale"),
        number=say(f"标的 {lot.id}", f"Lot {lot.id}"),
        lead=say(
            f"竞买人{named(sale.winner.name, sale.winner.id, language)}在标的 {lot.id} 的公开竞价"
            "中竞得该标的，现予确认。",
            f"{named(sale.winner.name, sale.winner.id, language)} has won lot {lot.id} in public"
            " bidding, which is confirmed herewith.",
        ),
        headline=Headline(
            say("成交价", "Price"), money(sale.price, language), capitals(sale.price)
        ),
        facts=in_rows(_facts(sale, desk, is_paid=is_paid)),
        notes=(*(() if is_paid else (unpaid,)),),
        signs=(say("竞得人（盖章）", "Winner (seal)"), say("交易中心（盖章）", "Exchange (seal)")),
        check=_check(lot, desk),
        dated=desk.dated,
        footer=desk.footer,
        pages=desk.page_words,
    )


def _facts(sale: Sale, desk: Desk, *, is_paid: bool) -> list[Fact]:
    lot, language = sale.lot, desk.language
    say = language.say
    paid = say("已付清", "paid in full") if is_paid else say("尚未付清", "not paid yet")
    return [
        Fact(say("竞得人", "Winner"), named(sale.winner.name, sale.winner.id, language), wide=True),
        Fact(say("标的面积", "Area"), both(lot.area, language), wide=True),
        Fact(say("竞价方式", "Mode"), say(*MODES[lot.mode])),
        Fact(say("受理报价", "Bids taken"), say(f"{lot.bids} 次", str(lot.bids))),
        Fact(say("起始价", "Start price"), money(lot.start_price, language)),
        Fact(say("溢价率", "Premium"), premium(sale.price, lot.start_price)),
        Fact(say("每亩单价", "Per mu"), money(per_mu(sale.price, lot.area), language)),
        Fact(say("保证金", "Deposit"), money(lot.deposit, language)),
        *([] if sale.paddle is None else [Fact(say("号牌", "Paddle"), str(sale.paddle))]),
        Fact(say("价款", "Payment"), paid),
        Fact(say("竞价截止", "Bidding closed"), instant(lot.closes_at, language), wide=True),
        *(
            []
            if lot.payment_due_at is None
            else [Fact(say("付款期限", "Due"), instant(lot.payment_due_at, language), wide=True)]
        ),
        Fact(say("适用政策", "Policy version"), lot.terms.policy, wide=True),
        *(
            []
            if lot.notice_hash is None
            else [Fact(say("公告哈希", "Notice hash"), lot.notice_hash, wide=True)]
        ),
        Fact(say("成交记录", "Result"), desk.entry(sale.entry), wide=True),
    ]


def certificate(sale: Sale, quota: Quota, desk: Desk) -> Paper:
    """The certificate of a paid lot (R125): how much land it allows, and what is left of it."""
    lot, language = sale.lot, desk.language
    say = language.say
    return Paper(
        language=language,
        at=desk.at,
        file=f"hrt-certificate-{lot.id}",
        issuer=_exchange(sale.province, language),
        title=say("建设用地指标证书", "Certificate of Land Quota"),
        number=say(f"标的 {lot.id}", f"Lot {lot.id}"),
        lead=say(
            f"{named(sale.winner.name, sale.winner.id, language)}竞得标的 {lot.id} 并已付清价款，"
            f"取得下列建设用地指标，可在{sale.province.name}落地使用。",
            f"{named(sale.winner.name, sale.winner.id, language)} has won lot {lot.id} and paid for"
            f" it, and holds the following quota of construction land, to be used in"
            f" {sale.province.name}.",
        ),
        headline=Headline(
            say("指标面积", "Area of the quota"),
            square_metres(quota.area, language),
            say("合 ", "") + mu(quota.area, language),
        ),
        facts=in_rows(
            [
                Fact(
                    say("持证人", "Holder"),
                    named(sale.winner.name, sale.winner.id, language),
                    wide=True,
                ),
                Fact(say("剩余可用", "Not used yet"), both(quota.remaining, language), wide=True),
                Fact(say("取得成本", "Cost"), money(quota.cost, language)),
                Fact(say("剩余成本", "Of what is left"), money(quota.remaining_cost, language)),
                Fact(say("成本大写", "Cost in capitals"), capitals(quota.cost), wide=True),
                Fact(say("适用政策", "Policy version"), lot.terms.policy, wide=True),
                Fact(say("成交记录", "Result"), desk.entry(sale.entry), wide=True),
                Fact(say("结清记录", "Settlement"), desk.entry(quota.entry), wide=True),
            ]
        ),
        notes=(
            say(
                "指标随落地使用而减少，剩余面积以公开查验页为准。",
                "The quota falls as land is built on; the public page shows what is left.",
            ),
        ),
        signs=(say("持证人（盖章）", "Holder (seal)"), say("交易中心（盖章）", "Exchange (seal)")),
        check=_check(lot, desk),
        dated=desk.dated,
        footer=desk.footer,
        pages=desk.page_words,
    )


def _exchange(province: Region, language: Language) -> str:
    return language.say(
        f"{province.name}农村产权交易中心", f"{province.name} Rural Property Exchange"
    )


def _check(lot: Lot, desk: Desk) -> Check:
    return Check(
        desk.language.say("扫码查验", "Scan to check"),
        desk.language.say(
            "任何人都可以扫码查验本标的的公告、成交结果和公开日志中的证明。",
            "Anybody can check the lot's notice, its result and their proofs in the public log.",
        ),
        desk.address("lot", lot.id),
    )
