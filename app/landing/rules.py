"""Pure rules of landing: who may select a plot, and what its sale costs and offsets."""

from dataclasses import dataclass

from app.identity.rules import Region
from app.kernel.ids import province_of
from app.kernel.principal import Stake
from app.kernel.refusal import Refusal
from app.kernel.shares import floor_div
from app.kernel.units import Area, Fen, decimal
from app.ledger.rules import AccountKind, AccountRef, Draft, EntryKind, Move, move

WHOLE_SHARE = 100
"""`fee_offset_share` is kept in hundredths."""


class LandingRefusal(Refusal):
    """Refusals of plots and land sales, in the order of their checks."""

    ZONE_NOT_RECEIVING = (
        "zone-not-receiving",
        "指标只能落在城市化地区。请选择城市化地区的区县。",
        "Quota lands in urbanised regions only. Choose a county of that zone.",
    )
    CERTIFICATE_INSUFFICIENT = (
        "certificate-insufficient",
        "您在该标的下没有该省的指标证书,或其未占用的面积不足。请核对标的,或减少面积。",
        "You hold no certificate of this lot in that province with enough free area. Ask for less.",
    )
    WRONG_STATE = (
        "wrong-state",
        "该地块已经出让,不能再次出让。请先查询地块。",
        "This plot is sold already and cannot be sold again. Read the plot first.",
    )
    CROPLAND_INSUFFICIENT = (
        "cropland-insufficient",
        "该区县的耕地面积小于地块面积。请先核对耕地存量。",
        "The county has less cropland than the plot takes. Check its stock of cropland first.",
    )
    INSUFFICIENT_FUNDS = (
        "insufficient-funds",
        "竞得人的可用资金不足以向凭证持有人支付复垦票成本。请先入金再出让。",
        "The winner's free cash is below the cost it owes the certificate's holder. Pay in first.",
    )


@dataclass(frozen=True, slots=True)
class SelectPlot:
    """The holder of a certificate chooses a plot beforehand (R172)."""

    id: str
    lot: str
    bidder: str
    county: str
    area: Area
    collective: str | None


@dataclass(frozen=True, slots=True)
class SellLand:
    """The result of the land's own sale, with the two fees that fall due on it (R173, R176)."""

    plot: str
    winner: str
    new_land_fee: Fen
    reclamation_fee: Fen


@dataclass(frozen=True, slots=True)
class Holding:
    """What is left of a lot's certificate: area in 0.01 m², cost in fen.

    `account` holds the remaining area in the ledger; `reserved` is the area of the certificate's
    plots that are selected and not yet sold.
    """

    account: AccountRef
    bidder: str
    province: str
    remaining: Area
    remaining_cost: Fen
    reserved: Area

    @property
    def free(self) -> Area:
        """The area that no plot has spoken for."""
        return Area(self.remaining - self.reserved)


@dataclass(frozen=True, slots=True)
class SaleBasis:
    """What a sale is decided by, besides the plot.

    `cropland` is the county's stock in 0.01 m², `winner_cash` the winner's free cash in fen,
    `fee_offset_share` the share in hundredths that the policy version `policy` sets.
    """

    holding: Holding
    cropland: Area
    winner_cash: Fen
    fee_offset_share: int
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What a land sale comes to.

    `ticket_cost` is the part of the certificate's cost that the plot uses up; `offset` is what of
    it counts against the fees; `resale` is what the winner pays to the holder for it.
    """

    winner: str
    new_land_fee: Fen
    reclamation_fee: Fen
    ticket_cost: Fen
    offset: Fen
    resale: Fen
    policy: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot selected under a certificate; without `sale` it is not sold yet.

    `collective` is the near-suburb collective that owned the farmland taken (R199).
    """

    id: str
    lot: str
    bidder: str
    county: str
    area: Area
    collective: str | None
    sale: Sale | None = None

    @property
    def province(self) -> str:
        """The province of its county, which is the certificate's too."""
        return province_of(self.county)

    @property
    def stake(self) -> Stake:
        """Who may report its sale: the county, its city and the province."""
        return Stake(county=self.county, province=self.province)


def decide_selection(
    command: SelectPlot, county: Region, holding: Holding | None
) -> LandingRefusal | Plot:
    """Whether the plot may be selected (R171, R172, R177)."""
    if county.zone is None or not county.zone.receives:
        return LandingRefusal.ZONE_NOT_RECEIVING
    if (
        holding is None
        or holding.bidder != command.bidder
        or holding.province != county.province
        or holding.free < command.area
    ):
        return LandingRefusal.CERTIFICATE_INSUFFICIENT
    return Plot(
        command.id,
        command.lot,
        command.bidder,
        command.county,
        command.area,
        command.collective,
    )


def ticket_cost(holding: Holding, area: Area) -> Fen:
    """`floor(remaining cost x area / remaining area)`: the last plot takes whatever is left."""
    return Fen(floor_div(holding.remaining_cost * area, holding.remaining))


def fee_offset(cost: Fen, fees: Fen, share: int) -> Fen:
    """`min(ticket cost, floor(share x fees))`, the share in hundredths (R176)."""
    return min(cost, Fen(floor_div(fees * share, WHOLE_SHARE)))


def decide_sale(plot: Plot, command: SellLand, basis: SaleBasis) -> LandingRefusal | Sale:
    """What the sale costs and offsets, or why it may not be (R173-R177)."""
    if plot.sale is not None:
        return LandingRefusal.WRONG_STATE
    if basis.cropland < plot.area:
        return LandingRefusal.CROPLAND_INSUFFICIENT
    cost = ticket_cost(basis.holding, plot.area)
    resale = Fen(0) if command.winner == basis.holding.bidder else cost
    if basis.winner_cash < resale:
        return LandingRefusal.INSUFFICIENT_FUNDS
    fees = Fen(command.new_land_fee + command.reclamation_fee)
    return Sale(
        winner=command.winner,
        new_land_fee=command.new_land_fee,
        reclamation_fee=command.reclamation_fee,
        ticket_cost=cost,
        offset=fee_offset(cost, fees, basis.fee_offset_share),
        resale=resale,
        policy=basis.policy,
    )


def cropland_account(plot: Plot) -> AccountRef:
    """The cropland of the plot's county."""
    return AccountRef(AccountKind.CROPLAND, plot.county, plot.province)


def cash_account(bidder: str) -> AccountRef:
    """A bidder's free cash."""
    return AccountRef(AccountKind.BIDDER_CASH, bidder)


def land_moves(
    plot: Plot, certificate: AccountRef, collective_province: str | None
) -> tuple[Move, ...]:
    """The land of a sale: quota and cropland used up; the collective's right over as much land.

    The right stands in the collective's own province, which need not be the plot's (R200).
    """
    county, province = plot.county, plot.province
    moves = move(certificate, AccountRef(AccountKind.CONSTRUCTION, county, province), plot.area)
    moves += move(
        cropland_account(plot), AccountRef(AccountKind.FARMLAND_TAKEN, county, province), plot.area
    )
    if plot.collective is not None and collective_province is not None:
        moves += move(
            AccountRef(AccountKind.OFF_SITE_GRANTED, plot.collective, collective_province),
            AccountRef(AccountKind.OFF_SITE_RIGHT, plot.collective, collective_province),
            plot.area,
        )
    return moves


def drafts(
    plot: Plot, sale: Sale, basis: SaleBasis, collective_province: str | None
) -> list[Draft]:
    """The entries of a sale: the land, and what a winner who is not the holder pays to it."""
    holding = basis.holding
    facts = {
        "plot": plot.id,
        "lot": plot.lot,
        "area_m2": decimal(plot.area),
        "remaining_area_m2": decimal(holding.remaining),
        "remaining_cost_cny": decimal(holding.remaining_cost),
        "ticket_cost_cny": decimal(sale.ticket_cost),
    }
    land = Draft(
        kind=EntryKind.LAND_SALE,
        key=f"land-sale:{plot.id}",
        province=plot.province,
        subject=plot.id,
        moves=land_moves(plot, holding.account, collective_province),
        facts=facts
        | {
            "quota": "off_plan",
            "winner": sale.winner,
            "new_land_fee_cny": decimal(sale.new_land_fee),
            "reclamation_fee_cny": decimal(sale.reclamation_fee),
            "fee_offset_share": decimal(basis.fee_offset_share),
            "offset_cny": decimal(sale.offset),
        },
        policy=sale.policy,
    )
    if sale.resale == 0:
        return [land]
    cash = cash_account(sale.winner)
    resale = Draft(
        kind=EntryKind.CERTIFICATE_RESALE,
        key=f"certificate-resale:{plot.id}",
        province=cash.province,
        subject=plot.id,
        moves=move(cash, cash_account(holding.bidder), sale.resale),
        facts=facts,
    )
    return [land, resale]
