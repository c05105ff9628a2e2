"""Dossiers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from app import identity, withdrawal
from app.dossiers import read, schemas
from app.kernel.ids import ID_PATTERN
from app.kernel.principal import READERS_OF_HOUSEHOLDS
from app.kernel.refusal import CommonRefusal, Rejected
from app.platform import calls

router = APIRouter(prefix="/v1", tags=["dossiers"])

Reading = Annotated[calls.Query, Depends(calls.queries(*READERS_OF_HOUSEHOLDS))]
YEARS = (2000, 8999)

Year = Annotated[int, Path(ge=YEARS[0], le=YEARS[1], examples=[2026])]
PathId = Annotated[str, Path(pattern=ID_PATTERN, examples=["h1"])]


@router.get(
    "/households/{household}/dossier",
    operation_id="getDossier",
    summary="What became of a household's homestead, step by step",
    responses=calls.READ_PROBLEMS,
)
async def get_dossier(query: Reading, household: PathId) -> schemas.DossierOut:
    """Shown to whom the household is shown: application, ticket, lots, and every record of them."""
    async with query.read() as reader:
        found = await identity.require_household(reader, household)
        if not query.principal.concerns(found.stake):
            raise Rejected(CommonRefusal.NOT_FOUND, "household")
        dossier = await read.read_dossier(reader, household)
        application = dossier.application
        parcels = await withdrawal.parcels_of(reader, [application] if application else [])
    return schemas.DossierOut.of(dossier, parcels.get(application or ""))


@router.get(
    "/households/{household}/statements/{year}",
    operation_id="getStatement",
    summary="A calendar year of a household's account",
    responses=calls.READ_PROBLEMS,
)
async def get_statement(query: Reading, household: PathId, year: Year) -> schemas.StatementOut:
    """Every movement with the balance after it, where the ledger explains and the log proves it."""
    async with query.read() as reader:
        found = await identity.require_household(reader, household)
        if not query.principal.concerns(found.stake):
            raise Rejected(CommonRefusal.NOT_FOUND, "household")
        statement = await read.read_statement(reader, household, year)
        now = await reader.now()
    return schemas.StatementOut.of(statement, now)
