"""Policy versions and coefficients: proposed by one person, approved by another, before use."""

from datetime import date
from typing import Any

from app.audit.parties import Checker, is_province
from app.audit.policies_state import DEFAULT, Coefficient, Proposal, Version
from app.audit.records import Record
from app.audit.shapes import instant_of
from app.audit.world import NODE, Expected, World

WHOLE = 100


def policy_proposed(world: World, record: Record) -> None:
    """A version of a province's parameters, in whole numbers within their range."""
    id_, parameters = record.subject, record.body["parameters"]
    fresh = id_ not in world.policies.versions and not id_.endswith(DEFAULT)
    world.must(fresh, record, "unique-id", "a new version", id_)
    known = is_province(world, record.province)
    world.must(known, record, "policy", "a registered province", record.province)
    for fault in _faults(parameters):
        world.find(record, "policy", "parameters within their range", fault)
    _match(world, record, record.province)
    world.policies.versions[id_] = Version(
        id_,
        record.actor,
        province=record.province,
        valid_from=instant_of(record.body["valid_from"]),
        parameters=parameters,
    )


def _faults(parameters: dict[str, Any]) -> list[str]:
    split = parameters["split"]
    parties = [party for party, _ in split]
    faults = [
        f"{key} {parameters[key]}"
        for key in ("subsidy_pool_share", "fee_offset_share")
        if parameters[key] > WHOLE
    ]
    if not split or parties[-1] != "villager" or len(set(parties)) != len(parties):
        faults.append(f"split {split}")
    if any(weight < 1 for _, weight in split):
        faults.append(f"split {split}")
    if parameters["payment_days"] < 1:
        faults.append("payment_days 0")
    return faults


def policy_approved(world: World, record: Record) -> None:
    """By a second person, once, and not for a time that has passed."""
    version = world.policies.versions.get(record.subject)
    if version is None:
        raise world.stop(record, "approval", "a proposed version", record.subject)
    _check_approval(world, record, version)
    assert version.valid_from is not None, "a proposal says from when"
    if version.valid_from < record.at:
        world.find(record, "approval", f"no later than {version.valid_from.isoformat()}", record.at)
    _match(world, record, version.province)
    if not version.approved:
        world.policies.approve(version)


def coefficient_proposed(world: World, record: Record) -> None:
    """Two coefficients of one pair of provinces share no day."""
    id_, body = record.subject, record.body
    world.must(id_ not in world.coefficients.all, record, "unique-id", "a new coefficient", id_)
    wanted = Coefficient(
        id_,
        record.actor,
        giver=body["from"],
        receiver=body["to"],
        yield_out=body["yield_out"],
        yield_in=body["yield_in"],
        first=date.fromisoformat(body["valid_from"]),
        last=date.fromisoformat(body["valid_to"]),
        document=body["document"],
    )
    lawful = (
        wanted.giver != wanted.receiver
        and wanted.giver.endswith("0000")
        and wanted.receiver.endswith("0000")
        and wanted.yield_out > 0
        and wanted.yield_in > 0
        and wanted.first <= wanted.last
    )
    world.must(lawful, record, "coefficient", "two provinces, yields above zero, days", body)
    free = world.coefficients.propose(wanted)
    world.must(free, record, "coefficient", "days that no other of the pair covers", body)
    _match(world, record, NODE)


def coefficient_approved(world: World, record: Record) -> None:
    """By a second person, once."""
    found = world.coefficients.all.get(record.subject)
    if found is None:
        raise world.stop(record, "approval", "a proposed coefficient", record.subject)
    _check_approval(world, record, found)
    _match(world, record, NODE)
    found.approved = True


def _check_approval(world: World, record: Record, proposal: Proposal) -> None:
    world.must(not proposal.approved, record, "approval", "not approved before", record.subject)
    other = record.actor != proposal.by
    world.must(other, record, "approval", f"another person than {proposal.by}", record.actor)


def _match(world: World, record: Record, province: str) -> None:
    world.match(record, Expected(record.kind, "policy", province, record.subject, record.body))


def in_force(
    world: World, record: Record, province: str, named: str | None, rule: str = "policy-in-force"
) -> dict[str, Any]:
    """The parameters in force for a record, which must name the version it applied.

    Where it names another, that is found; the parameters are those of the version it names, if it
    was ever approved, so that what follows is judged by what was applied.
    """
    id_, parameters = world.policies.in_force(province, record.at)
    if named == id_:
        return dict(parameters)
    world.find(record, rule, f"{id_}, in force for {province} then", named)
    applied = world.policies.parameters(named) if named is not None else None
    return dict(parameters if applied is None else applied)


CHECKERS: dict[str, Checker] = {
    "policy.proposed": policy_proposed,
    "policy.approved": policy_approved,
    "coefficient.proposed": coefficient_proposed,
    "coefficient.approved": coefficient_approved,
}
