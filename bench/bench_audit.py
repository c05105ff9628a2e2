"""Records per second that `hrt audit` re-derives, on a log of a million.

The log is one real case told many times over: the same steps for household after household, under
ids of their own, signed and laid out as a node would serve it.
"""

import asyncio
import copy
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from _floor import database, migrated
from sqlalchemy import text

from app.audit import Mirror, audit_mirror
from app.cli.replay import play_on
from app.replay import load_case
from app.transparency.checkpoints import Checkpoint
from app.transparency.merkle import leaf_hash
from app.transparency.notes import Ed25519Signer, sign, vkey
from app.transparency.tiles import TILE_WIDTH, Appender, encode_entries, entries_path

CASE = Path(__file__).resolve().parents[1] / "cases" / "a-one-household.yaml"
RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
OWN = ("h1", "v1", "a1", "t1", "l1", "b1", "b2", "r1")
"""Ids of the case that every telling has for itself."""
SHARED = ("region.registered", "policy.proposed", "policy.approved")
Record = dict[str, Any]


def encoded(value: Any) -> bytes:
    """Canonical bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


async def told_once(dsn: str, home: Path) -> list[Record]:
    """The records of the case, as the product writes them."""
    await play_on(load_case(CASE), dsn, home)
    db = database(dsn)
    try:
        async with db.read() as reader:
            rows = await reader.run(text("SELECT body FROM record ORDER BY id"))
            return [json.loads(bytes(row.body)) for row in rows]
    finally:
        await db.close()


def renamed(value: Any, number: int) -> Any:
    """The same with ids of one telling."""
    if isinstance(value, dict):
        return {name: renamed(member, number) for name, member in value.items()}
    if isinstance(value, list):
        return [renamed(member, number) for member in value]
    if not isinstance(value, str):
        return value
    for separator in (":", "/"):
        if separator in value:
            parts = value.split(separator)
            return separator.join(renamed(part, number) for part in parts)
    return f"{value}.{number}" if value in OWN or value.startswith("opening.") else value


def told_again(records: list[Record], tellings: int) -> Iterator[bytes]:
    """All tellings step by step, with what the hashes and balances then are."""
    balances: dict[str, int] = {}
    paddles = {
        row[1]: row
        for record in records
        if record["kind"] == "lot.paddles"
        for row in record["body"]["paddles"]
    }
    for record in records:
        if record["kind"].startswith("credential"):
            continue
        shared = record["kind"] in SHARED or "opening:region" in record.get("key", "")
        for number in range(1 if shared else tellings):
            one = copy.deepcopy(record) if shared else renamed(record, number)
            body = one.get("body", {})
            if one["kind"] == "lot.listed":
                area = [[f"t1.{number}", body["terms"]["area_m2"]]]
                body["terms"]["tickets_hash"] = sha256(encoded({"tickets": area})).hexdigest()
                body["hash"] = sha256(encoded(body["terms"])).hexdigest()
            elif one["kind"] == "lot.registered":
                paddle, bidder, salt = paddles[record["body"]["bidder"]]
                said = f"{bidder}.{number}:{paddle}".encode()
                body["paddle_commitment"] = sha256(bytes.fromhex(salt) + said).hexdigest()
            for posting in one.get("postings", ()):
                for account, sign_ in ((posting[0], -1), (posting[1], 1)):
                    balances[account] = balances.get(account, 0) + sign_ * int(posting[2])
                posting[3:] = [str(balances[posting[0]]), str(balances[posting[1]])]
            yield encoded(one)


def publish(folder: Path, leaves: Iterator[bytes]) -> int:
    """Lay the log out as C2SP tlog-tiles."""
    appender = Appender(0, {})
    bundle: list[bytes] = []
    signer = Ed25519Signer("bench.example/log", b"\x01" * 32)

    def keep(path: str, data: bytes) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

    for leaf in leaves:
        appender.append(leaf_hash(leaf))
        bundle.append(leaf)
        if len(bundle) == TILE_WIDTH:
            keep(entries_path(appender.size // TILE_WIDTH - 1, TILE_WIDTH), encode_entries(bundle))
            bundle = []
    if bundle:
        keep(entries_path(appender.size // TILE_WIDTH, len(bundle)), encode_entries(bundle))
    note = sign(Checkpoint(signer.name, appender.size, appender.root()).text(), signer)
    keep("checkpoint", note.encode().encode())
    keep("vkey", vkey(signer).encode())
    return appender.size


def main() -> None:
    """Prints the size of the log and the time of its audit."""
    with migrated() as (dsn, _), tempfile.TemporaryDirectory(prefix="hrt-bench-") as home:
        records = asyncio.run(told_once(dsn, Path(home)))
    own = sum(not r["kind"].startswith("credential") for r in records) - 7
    with tempfile.TemporaryDirectory(prefix="hrt-bench-") as name:
        folder = Path(name)
        size = publish(folder, told_again(records, -(-RECORDS // own)))
        mirror = Mirror(folder)
        wall, cpu = time.perf_counter(), time.process_time()
        verdict = audit_mirror(mirror, mirror.key(None))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    first = verdict.report.first
    assert verdict.clean, (verdict.faults, None if first is None else first.line())
    print(f"audited {size:,} records in {wall:.1f} s: {size / wall:,.0f} records/s on one core")
    print(f"  {cpu / size * 1_000_000:.1f} microseconds of processor time per record")


if __name__ == "__main__":
    main()
