"""Withdrawal over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from app.kernel.ids import ID_PATTERN
from app.kernel.principal import Role
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls, pages, receipts
from app.withdrawal import schemas, schemas_hold, store
from app.withdrawal.apply_withdrawal import apply_withdrawal
from app.withdrawal.approve_application import approve_application
from app.withdrawal.approve_city import approve_city
from app.withdrawal.determine_application import determine_application
from app.withdrawal.place_hold import place_hold
from app.withdrawal.raise_objection import raise_objection
from app.withdrawal.release_hold import release_hold
from app.withdrawal.review_application import review_application
from app.withdrawal.revoke_application import revoke_application
from app.withdrawal.rule_objection import rule_objection

router = APIRouter(prefix="/v1", tags=["withdrawal"])

Applicant = Annotated[
    calls.Call, Depends(calls.commands(Role.VILLAGER, Role.COUNTY_CLERK, Role.OPERATOR))
]
Village = Annotated[calls.Call, Depends(calls.commands(Role.COLLECTIVE, Role.OPERATOR))]
Objector = Annotated[
    calls.Call,
    Depends(calls.commands(Role.VILLAGER, Role.COLLECTIVE, Role.TOWNSHIP, Role.OPERATOR)),
]
Holder = Annotated[calls.Call, Depends(calls.commands(Role.VILLAGER, Role.OPERATOR))]
Hearer = Annotated[
    calls.Call,
    Depends(calls.commands(Role.VILLAGER, Role.COUNTY_APPROVER, Role.OPERATOR)),
]
Township = Annotated[calls.Call, Depends(calls.commands(Role.TOWNSHIP, Role.OPERATOR))]
Approver = Annotated[calls.Call, Depends(calls.commands(Role.COUNTY_APPROVER, Role.OPERATOR))]
City = Annotated[calls.Call, Depends(calls.commands(Role.CITY, Role.PROVINCE, Role.OPERATOR))]
Anyone = Annotated[calls.Query, Depends(calls.queries(*calls.EVERYONE))]


@router.post(
    "/applications",
    status_code=201,
    operation_id="applyForWithdrawal",
    summary="Apply to give up a homestead",
    response_model=receipts.with_receipt(schemas.ApplicationOut),
    responses=calls.PROBLEMS,
)
async def post_application(call: Applicant, body: schemas.ApplicationIn) -> Response:
    """The cooling-off begins; the policy in force now stays with the application."""
    return await call.run(
        apply_withdrawal, body.command(), schemas.ApplicationOut.of, receipt="application.applied"
    )


@router.get(
    "/applications",
    operation_id="listApplications",
    summary="Applications that concern the caller",
    responses=calls.READ_PROBLEMS,
)
async def get_applications(
    query: Anyone, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> pages.Page[schemas.ApplicationOut]:
    """In order of id: those of the household, village, county or province the caller acts for."""
    who = query.principal
    async with query.read() as reader:
        rows = await store.list_applications(
            reader, who.level, who.party, pages.after(cursor), limit + 1
        )
    page = pages.page(rows, limit, lambda application: application.id)
    return pages.Page(items=[schemas.ApplicationOut.of(a) for a in page.items], next=page.next)


@router.get(
    "/applications/{application}",
    operation_id="getApplication",
    summary="An application",
    responses=calls.READ_PROBLEMS,
)
async def get_application(
    query: Anyone, application: Annotated[str, Path(pattern=ID_PATTERN, examples=["a1"])]
) -> schemas.ApplicationOut:
    """Shown to its household, village, township, county and province, and the supervisor."""
    async with query.read() as reader:
        found = await store.find(reader, application)
    if found is None or not query.principal.concerns(found.stake):
        raise Rejected(CommonRefusal.NOT_FOUND, "application")
    return schemas.ApplicationOut.of(found)


@router.post(
    "/revocations",
    status_code=201,
    operation_id="revokeApplication",
    summary="Take an application back during its cooling-off",
    response_model=receipts.with_receipt(schemas.ApplicationOut),
    responses=calls.PROBLEMS,
)
async def post_revocation(call: Applicant, body: schemas.ApplicationRefIn) -> Response:
    """No reason is asked for, and no condition may be attached."""
    return await call.run(
        revoke_application,
        body.application,
        schemas.ApplicationOut.of,
        receipt="application.revoked",
    )


@router.post(
    "/holds",
    status_code=201,
    operation_id="placeHold",
    summary="Say that the household did not agree",
    response_model=receipts.with_receipt(schemas_hold.HoldOut),
    responses=calls.PROBLEMS,
)
async def post_hold(call: Holder, body: schemas_hold.HoldIn) -> Response:
    """Nothing goes on until the hold ends. No proof is asked for."""
    return await call.run(
        place_hold, body.command(), schemas_hold.HoldOut.of, receipt="application.held"
    )


@router.post(
    "/hold-releases",
    status_code=201,
    operation_id="releaseHold",
    summary="End a hold: take it back, or hear it",
    response_model=receipts.with_receipt(schemas_hold.HoldOut),
    responses=calls.PROBLEMS,
)
async def post_hold_release(call: Hearer, body: schemas_hold.HoldReleaseIn) -> Response:
    """The household takes it back; the county hears it, by somebody who had no hand in it."""
    return await call.run(
        release_hold, body.command(), schemas_hold.HoldOut.of, receipt="application.hold_ended"
    )


@router.post(
    "/village-reviews",
    status_code=201,
    operation_id="reviewApplication",
    summary="Book the vote of the members' meeting",
    response_model=receipts.with_receipt(schemas.ApplicationOut),
    responses=calls.PROBLEMS,
)
async def post_village_review(call: Village, body: schemas.VillageReviewIn) -> Response:
    """Two thirds of all members open the public notice; fewer reject the application."""
    return await call.run(
        review_application,
        body.command(),
        schemas.ApplicationOut.of,
        receipt="application.reviewed",
    )


@router.post(
    "/objections",
    status_code=201,
    operation_id="raiseObjection",
    summary="Object to an application under public notice",
    response_model=receipts.with_receipt(schemas.ObjectionOut),
    responses=calls.PROBLEMS,
)
async def post_objection(call: Objector, body: schemas.ObjectionIn) -> Response:
    """Any household of the same village may object, while the notice runs."""
    return await call.run(
        raise_objection, body.command(), schemas.ObjectionOut.of, receipt="objection.raised"
    )


@router.post(
    "/rulings",
    status_code=201,
    operation_id="ruleObjection",
    summary="Rule on an objection",
    response_model=receipts.with_receipt(schemas.ObjectionOut),
    responses=calls.PROBLEMS,
)
async def post_ruling(call: Township, body: schemas.RulingIn) -> Response:
    """Once. An upheld objection rejects an application that is still under notice."""
    return await call.run(
        rule_objection, body.command(), schemas.ObjectionOut.of, receipt="objection.ruled"
    )


@router.post(
    "/township-determinations",
    status_code=201,
    operation_id="determineApplication",
    summary="Determine an application after its notice",
    response_model=receipts.with_receipt(schemas.ApplicationOut),
    responses=calls.PROBLEMS,
)
async def post_determination(call: Township, body: schemas.ApplicationRefIn) -> Response:
    """The notice is over and every objection is ruled on."""
    return await call.run(
        determine_application,
        body.application,
        schemas.ApplicationOut.of,
        receipt="application.determined",
    )


@router.post(
    "/county-approvals",
    status_code=201,
    operation_id="approveApplication",
    summary="Approve a determined application",
    response_model=receipts.with_receipt(schemas.ApplicationOut),
    responses=calls.PROBLEMS,
)
async def post_county_approval(call: Approver, body: schemas.ApplicationRefIn) -> Response:
    """The agreement is signed and the use right deregistered."""
    return await call.run(
        approve_application,
        body.application,
        schemas.ApplicationOut.of,
        receipt="application.approved",
    )


@router.post(
    "/city-approvals",
    status_code=201,
    operation_id="approveCity",
    summary="Approve the household's settlement in a city",
    response_model=receipts.with_receipt(schemas.CityApprovalOut),
    responses=calls.PROBLEMS,
)
async def post_city_approval(call: City, body: schemas.CityApprovalIn) -> Response:
    """At any time, without a ticket; the latest approval counts until the ticket is handed in."""
    return await call.run(
        approve_city,
        body.command(),
        schemas.CityApprovalOut.of,
        receipt="application.city_approved",
    )
