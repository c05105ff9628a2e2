"""Landing over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.kernel.principal import Role
from app.landing import schemas, store
from app.landing.select_plot import select_plot
from app.landing.sell_land import sell_land
from app.platform import calls, pages, receipts
from app.platform.db import Database

router = APIRouter(prefix="/v1", tags=["landing"])

Holder = Annotated[calls.Call, Depends(calls.commands(Role.BIDDER, Role.OPERATOR))]
LandBureau = Annotated[
    calls.Call,
    Depends(
        calls.commands(
            Role.COUNTY_CLERK, Role.COUNTY_APPROVER, Role.CITY, Role.PROVINCE, Role.OPERATOR
        )
    ),
]
Public = Annotated[Database, Depends(calls.database)]


@router.post(
    "/plots",
    status_code=201,
    operation_id="selectPlot",
    summary="Select a plot under a certificate",
    response_model=receipts.with_receipt(schemas.PlotOut),
    responses=calls.PROBLEMS,
)
async def post_plot(call: Holder, body: schemas.PlotIn) -> Response:
    """Its area is reserved on the bidder's certificate until the land is sold."""
    return await call.run(select_plot, body.command(), schemas.PlotOut.of, receipt="plot.selected")


@router.post(
    "/land-sales",
    status_code=201,
    operation_id="sellLand",
    summary="Report the sale of a plot's land",
    response_model=receipts.with_receipt(schemas.PlotOut),
    responses=calls.PROBLEMS,
)
async def post_land_sale(call: LandBureau, body: schemas.LandSaleIn) -> Response:
    """The certificate is used up by the plot's area, and its cost offsets part of the fees."""
    return await call.run(sell_land, body.command(), schemas.PlotOut.of, receipt="entry.land_sale")


@router.get("/plots", operation_id="listPlots", summary="Plots, selected and sold")
async def get_plots(
    db: Public, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.PlotOut]:
    """In order of id."""
    async with db.read() as reader:
        rows = await store.list_plots(reader, pages.after(cursor), limit + 1)
    page = pages.page(rows, limit, lambda plot: plot.id)
    return pages.Page(items=[schemas.PlotOut.of(p) for p in page.items], next=page.next)
