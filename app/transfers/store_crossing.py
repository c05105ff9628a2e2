"""Every SQL statement of transfers between nodes: one row for each part that this node plays."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.platform.db import Reader, Tx
from app.platform.jobs import Due
from app.transfers.rules_giver import Giver, GiverPhase
from app.transfers.rules_held import Look
from app.transfers.rules_messages import Decision, Propose, Side, digest
from app.transfers.rules_ministry import Ministry, MinistryPhase
from app.transfers.rules_protocol import APPLY_ALARM, APPLY_FREEZE, ASK_AFTER, ASK_AGAIN
from app.transfers.rules_receiver import Receiver, ReceiverPhase

Machine = Giver | Ministry | Receiver

_CROSSINGS = """
    SELECT role, id, home, receiver, ticket, state, proposal, decision, decision_hash, answer_by,
           decided_at, applied, alarmed, cancelling, accepted, begun_at, look
    FROM crossing
"""
_PUT = text("""
    INSERT INTO crossing (role, id, home, receiver, ticket, state, proposal, decision,
        decision_hash, answer_by, valid_until, decided_at, applied, alarmed, cancelling, accepted,
        look, begun_at)
    VALUES (:role, :id, :home, :receiver, :ticket, :state, CAST(:proposal AS jsonb),
        CAST(:decision AS jsonb), :decision_hash, :answer_by, :valid_until, :decided_at,
        CAST(:applied AS text[]), :alarmed, :cancelling, :accepted, CAST(:look AS jsonb), :now)
    ON CONFLICT (role, id) DO UPDATE
    SET receiver = excluded.receiver, ticket = excluded.ticket, state = excluded.state,
        proposal = excluded.proposal, decision = excluded.decision,
        decision_hash = excluded.decision_hash, answer_by = excluded.answer_by,
        valid_until = excluded.valid_until, decided_at = excluded.decided_at,
        applied = excluded.applied, alarmed = excluded.alarmed, cancelling = excluded.cancelling,
        accepted = excluded.accepted, look = excluded.look
""")
# Where a part's rows are found; a province sees its own parts, and nobody's else.
_ALL = dict.fromkeys(Side, "")
_OWN = {Side.GIVER: " AND home = :only", Side.RECEIVER: " AND receiver = :only"}
# Held by its name before there is a row: two letters about one transfer follow each other.
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('crossing ' || :id, 0))")


@dataclass(frozen=True, slots=True)
class Crossing:
    """A transfer between nodes as this node knows it in one role."""

    role: Side
    id: str
    home: str
    machine: Machine
    begun_at: datetime

    @property
    def terms(self) -> Propose | None:
        """What was proposed; None where the ministry was told to abort before."""
        return self.machine.terms

    @property
    def decision(self) -> Decision | None:
        """What the ministry has decided, as its own node keeps it."""
        return self.machine.decision if isinstance(self.machine, Ministry) else None

    @property
    def answer_by(self) -> datetime | None:
        """At the ministry: until when the receiver may answer."""
        return self.machine.answer_by if isinstance(self.machine, Ministry) else None

    @property
    def cancelling(self) -> bool:
        """At the giver: whether it has asked the ministry for an end."""
        return isinstance(self.machine, Giver) and self.machine.cancelling

    @property
    def look(self) -> Look | None:
        """What the ministry's node has seen in the giver's log."""
        return self.machine.look if isinstance(self.machine, Ministry) else None


@dataclass(frozen=True, slots=True)
class Person:
    """Who a household is: what its home alone has sent, sealed. Salts and names of both."""

    name: str
    salt: bytes
    village: str
    village_salt: bytes


async def lock(tx: Tx, role: Side, id_: str) -> Crossing | None:
    """A crossing in a role, held until this transaction ends, also where there is none yet."""
    await tx.run(_HOLD, {"id": f"{role}:{id_}"})
    return await find(tx, role, id_)


async def find(reader: Reader, role: Side, id_: str) -> Crossing | None:
    """A crossing in a role."""
    rows = await reader.run(
        text(_CROSSINGS + " WHERE role = :role AND id = :id"), {"role": role.value, "id": id_}
    )
    row = rows.one_or_none()
    return None if row is None else _crossing(row)


async def find_of_ticket(reader: Reader, home: str, ticket: str) -> Crossing | None:
    """The crossing by which a ticket of a province of this node has left."""
    rows = await reader.run(
        text(
            _CROSSINGS + " WHERE role = 'giver' AND home = :home AND ticket = :ticket"
            " AND state = 'debited'"
        ),
        {"home": home, "ticket": ticket},
    )
    row = rows.one_or_none()
    return None if row is None else _crossing(row)


async def list_crossings(
    reader: Reader, only: str | None, id_: str | None, after: str, limit: int
) -> list[Crossing]:
    """Every part that this node plays in crossings, in order of `part_key`.

    The parts of the province `only`, where one is given, and of the crossing `id_`.
    """
    behind, _, role = after.partition(" ")
    wanted = "" if id_ is None else " AND id = :id"
    parts = (
        f"({_CROSSINGS} WHERE role = '{side}' AND id >= :behind"
        f" AND (id > :behind OR role > :role) AND proposal IS NOT NULL{scope}{wanted}"
        " ORDER BY id LIMIT :limit)"
        for side, scope in (_ALL if only is None else _OWN).items()
    )
    rows = await reader.run(
        text(" UNION ALL ".join(parts) + " ORDER BY id, role LIMIT :limit"),
        {"behind": behind, "role": role, "limit": limit}
        | ({} if only is None else {"only": only})
        | ({} if id_ is None else {"id": id_}),
    )
    return [_crossing(row) for row in rows]


def part_key(crossing: Crossing) -> str:
    """For example `500000-x1 giver`: a node may play several parts in one crossing."""
    return f"{crossing.id} {crossing.role}"


async def list_decisions(reader: Reader, ids: Sequence[str]) -> dict[str, Decision]:
    """At the ministry: its decisions on crossings."""
    rows = await reader.run(
        text("""
            SELECT id, decision FROM crossing
            WHERE role = 'ministry' AND id = ANY(:ids) AND decision IS NOT NULL
        """),
        {"ids": list(ids)},
    )
    return {row.id: Decision.from_body(row.decision) for row in rows}


async def owes_reports(tx: Tx, provinces: Collection[str], now: datetime) -> bool:
    """Whether a node of these provinces has not applied a commit for too long (`APPLY_FREEZE`)."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM crossing
                           WHERE role = 'ministry' AND state = 'committed' AND decided_at <= :by
                             AND (home = ANY(:provinces) AND NOT 'giver' = ANY(applied)
                                  OR receiver = ANY(:provinces) AND NOT 'receiver' = ANY(applied)))
        """),
        {"provinces": sorted(provinces), "by": now - APPLY_FREEZE},
    )
    return bool(found.scalar_one())


async def is_on_its_way(tx: Tx, terms: Propose) -> bool:
    """Whether another transfer of the same ticket is pending or was committed at the ministry."""
    found = await tx.run(
        text("""
            SELECT EXISTS (SELECT FROM crossing
                           WHERE role = 'ministry' AND home = :home AND ticket = :ticket
                             AND id <> :id AND state <> 'aborted')
        """),
        {"home": terms.giver, "ticket": terms.ticket, "id": terms.transfer},
    )
    return bool(found.scalar_one())


async def find_due(reader: Reader, by: datetime, limit: int) -> list[Due]:
    """At the ministry: what nobody answered, decided or applied by an instant, earliest first."""
    rows = await reader.run(
        text("""
            SELECT id, due FROM (
                SELECT id, CASE state WHEN 'offered' THEN answer_by
                                      WHEN 'accepted' THEN valid_until
                                      ELSE decided_at + :alarm END AS due
                FROM crossing
                WHERE role = 'ministry' AND state IN ('offered', 'accepted', 'committed')
                  AND NOT alarmed) waiting
            WHERE due <= :by ORDER BY due, id LIMIT :limit
        """),
        {"by": by, "limit": limit, "alarm": APPLY_ALARM},
    )
    return [Due(row.due, row.id) for row in rows]


async def find_decided(reader: Reader, id_: str) -> int:
    """At the ministry: the record of a decision."""
    found = await reader.run(
        text("SELECT id FROM record WHERE kind = 'crossing.decided' AND subject = :id"), {"id": id_}
    )
    return int(found.scalar_one())


async def find_unheard(reader: Reader, by: datetime, limit: int) -> list[Due]:
    """At giver and receiver: what should have been decided, and whose decision nobody has heard.

    Due `ASK_AFTER` the end of its validity, and `ASK_AGAIN` after each question.
    """
    rows = await reader.run(
        text("""
            SELECT id, due FROM (
                SELECT role || ':' || id AS id,
                       valid_until + CAST(:after AS interval) + asked * CAST(:again AS interval)
                           AS due
                FROM crossing
                WHERE role <> 'ministry'
                  AND state IN ('locked', 'offered', 'accepted', 'rejected')) unheard
            WHERE due <= :by
            ORDER BY due, id LIMIT :limit
        """),
        {"by": by, "limit": limit, "after": ASK_AFTER, "again": ASK_AGAIN},
    )
    return [Due(row.due, row.id) for row in rows]


async def count_question(tx: Tx, role: Side, id_: str) -> None:
    """Count a question about a crossing that this transaction holds."""
    await tx.run(
        text("UPDATE crossing SET asked = asked + 1 WHERE role = :role AND id = :id"),
        {"role": role.value, "id": id_},
    )


async def list_committed(reader: Reader, size: int) -> list[tuple[Propose, frozenset[str]]]:
    """At the ministry: what it has committed, and who has applied it by its log at `size`."""
    rows = await reader.run(
        text("""
            SELECT c.proposal,
                   (SELECT array_agg(DISTINCT
                               CAST(convert_from(r.body, 'UTF8') AS jsonb) -> 'body' ->> 'side')
                    FROM record r JOIN tlog_leaf l ON l.record_id = r.id
                    WHERE r.kind = 'crossing.applied' AND r.subject COLLATE "C" = c.id
                        AND l.leaf_index < :size) AS applied
            FROM crossing c
            WHERE c.role = 'ministry' AND c.state IN ('committed', 'done') ORDER BY c.id
        """),
        {"size": size},
    )
    return [(Propose.from_body(r.proposal), frozenset(r.applied or ())) for r in rows]


async def sum_areas(reader: Reader, role: Side, state: str) -> list[tuple[str, str, int]]:
    """How much went from one province to another in a role: m at the giver, n at the receiver."""
    member = "area_m2" if role is Side.GIVER else "credit_m2"
    rows = await reader.run(
        text("""
            SELECT home, receiver,
                   sum(CAST(proposal->>CAST(:member AS text) AS numeric) * 100)::bigint AS area
            FROM crossing WHERE role = :role AND state = :state GROUP BY home, receiver
        """),
        {"role": role.value, "state": state, "member": member},
    )
    return [(row.home, row.receiver, row.area) for row in rows]


async def put(tx: Tx, role: Side, id_: str, machine: Machine) -> None:
    """Write the state of a crossing that this transaction holds."""
    terms = machine.terms
    decision, decision_hash = _decided(machine)
    look = getattr(machine, "look", None)
    await tx.run(
        _PUT,
        {
            "role": role.value,
            "id": id_,
            "home": id_[:6],
            "receiver": None if terms is None else terms.receiver,
            "ticket": None if terms is None else terms.ticket,
            "state": machine.phase.value,
            "proposal": None if terms is None else _json(terms.to_body()),
            "decision": None if decision is None else _json(decision.to_body()),
            "decision_hash": decision_hash,
            "valid_until": None if terms is None else terms.valid_until,
            "answer_by": getattr(machine, "answer_by", None),
            "decided_at": getattr(machine, "decided_at", None),
            "applied": sorted(side.value for side in getattr(machine, "applied", ())),
            "alarmed": getattr(machine, "alarmed", False),
            "cancelling": getattr(machine, "cancelling", False),
            "accepted": getattr(machine, "accepted", False),
            "look": None if look is None else _json(look.to_body()),
            "now": await tx.now(),
        },
    )


async def put_person(tx: Tx, transfer: str, digest_: str, person: Person) -> None:
    """Keep who the household of a transfer is, until it is decided."""
    await tx.run(
        text("""
            INSERT INTO crossing_person (transfer, digest, name, salt, village, village_salt)
            VALUES (:transfer, :digest, :name, :salt, :village, :village_salt)
            ON CONFLICT (transfer) DO NOTHING
        """),
        {
            "transfer": transfer,
            "digest": digest_,
            "name": person.name,
            "salt": person.salt,
            "village": person.village,
            "village_salt": person.village_salt,
        },
    )


async def find_person(reader: Reader, transfer: str, digest_: str) -> Person | None:
    """Who the household is, if the letter that the proposal names has come."""
    rows = await reader.run(
        text("""
            SELECT name, salt, village, village_salt FROM crossing_person
            WHERE transfer = :transfer AND digest = :digest
        """),
        {"transfer": transfer, "digest": digest_},
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Person(row.name, bytes(row.salt), row.village, bytes(row.village_salt))


async def forget_person(tx: Tx, transfer: str) -> None:
    """Remove what says who a household is: it is a guest now, or stays where it was."""
    await tx.run(
        text("DELETE FROM crossing_person WHERE transfer = :transfer"), {"transfer": transfer}
    )


def _decided(machine: Machine) -> tuple[Decision | None, str | None]:
    if isinstance(machine, Ministry):
        decision = machine.decision
        return decision, None if decision is None else digest(decision)
    return None, machine.decision


def _json(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False)


def _crossing(row: Row[Any]) -> Crossing:
    terms = None if row.proposal is None else Propose.from_body(row.proposal)
    role = Side(row.role)
    return Crossing(role, row.id, row.home, _machine(row, role, terms), row.begun_at)


def _machine(row: Row[Any], role: Side, terms: Propose | None) -> Machine:
    if role is Side.GIVER:
        return Giver(GiverPhase(row.state), terms, row.cancelling, row.decision_hash)
    if role is Side.RECEIVER:
        return Receiver(ReceiverPhase(row.state), terms, row.accepted, row.decision_hash)
    return Ministry(
        phase=MinistryPhase(row.state),
        terms=terms,
        answer_by=row.answer_by,
        decision=None if row.decision is None else Decision.from_body(row.decision),
        decided_at=row.decided_at,
        look=None if row.look is None else Look.from_body(row.look),
        applied=frozenset(Side(side) for side in row.applied),
        alarmed=row.alarmed,
    )
