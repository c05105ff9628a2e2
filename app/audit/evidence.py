"""Evidence of applications (R42, R113): each kind at its stage, one after the other, for ever."""

from app.audit.parties import Checker
from app.audit.records import Record
from app.audit.state_land import Application, Evidence
from app.audit.withdrawals import ENDED
from app.audit.world import Expected, World

SIZE_MAX, PIECES_MAX = 4_194_304, 50
PHOTOS = frozenset({"photo_before", "photo_after"})
AFTER_THE_VOTE = frozenset({"vote_record", "public_notice"})
OF_THE_LAND = frozenset({"photo_after", "acceptance_report"})


def _is_open(kind: str, of: Application) -> bool:
    state = of.state
    if kind in AFTER_THE_VOTE:
        return state not in {"applied", "revoked"}
    if kind == "other":
        return state != "revoked"
    if kind in OF_THE_LAND:
        return state in {"approved", "accepted"}
    if kind == "photo_before" and state == "accepted":
        return False
    return state not in ENDED and (kind != "settlement_proof" or of.city is not None)


def filed(world: World, record: Record) -> None:
    """Numbered within its application; what it replaces is of its kind, and stood until now."""
    id_, body = record.subject, record.body
    of = world.applications.get(body["application"])
    if of is None:
        raise world.stop(record, "application", "an application", body["application"])
    kind = body["kind"]
    world.must(id_ not in world.evidence, record, "unique-id", "a new piece of evidence", id_)
    world.must(_is_open(kind, of), record, "evidence", f"{kind} at its stage", of.state)
    fits = 0 < body["size"] <= SIZE_MAX and len(of.evidence) < PIECES_MAX
    world.must(fits, record, "evidence", "a size and number within the limits", body["size"])
    pictured = kind not in PHOTOS or body["media_type"] != "application/pdf"
    world.must(pictured, record, "evidence", "a picture", body["media_type"])
    if body["replaces"] is not None:
        before = next((piece for piece in of.evidence if piece.id == body["replaces"]), None)
        stood = before is not None and before.kind == kind and not before.replaced
        world.must(stood, record, "evidence", f"a {kind} that stands", body["replaces"])
        if before is not None:
            before.replaced = True
    world.match(
        record,
        Expected(
            record.kind,
            "evidence",
            of.province,
            id_,
            body | {"number": len(of.evidence) + 1},
        ),
    )
    world.evidence.add(id_)
    of.evidence.append(Evidence(id_, kind))


CHECKERS: dict[str, Checker] = {"evidence.filed": filed}
