"""Provinces that answer a ministry as they should and keep no books: a card, a link port, a log."""

import asyncio
import json
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import uvicorn
from _nodes import Place, until
from fastapi import FastAPI, Request, Response

from app import nodes
from app.identity.rules import Zone
from app.kernel.units import Area, Fen
from app.nodes import Card, NodeRole
from app.nodes.envelope import Answer, Envelope, parse_envelope, text_hash
from app.nodes.link_app import PATH, build_server, write_delivery
from app.nodes.rules import Delivery, MessageKey
from app.nodes.tls import Pins, client_context
from app.platform.settings import Settings
from app.policy.rules import Party
from app.transfers.rules_crossing import Goods
from app.transfers.rules_messages import (
    Applied,
    Decision,
    Message,
    Offer,
    Propose,
    Side,
    acceptance,
    digest,
)
from app.transfers.rules_wire import Rate
from app.transparency.checkpoints import Checkpoint
from app.transparency.edge import Edge
from app.transparency.merkle import inclusion_proof, leaf_hash, root_of
from app.transparency.notes import Ed25519Signer, parse_note, sign, vkey
from app.transparency.proofs import TlogProof
from app.transparency.tiles import TILE_WIDTH, encode_entries, parse_tile_path

CODES = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65"
)
RECORDS = {
    "xfer.propose": ("transfer.requested", "proposal"),
    "xfer.accept": ("arrival.accepted", "proposal"),
    "xfer.applied": ("transfer.approved", "decision"),
}
MINISTRY = "ministry"


def codes(count: int) -> list[str]:
    """The first provinces."""
    return [f"{code}0000" for code in CODES.split()[:count]]


class Province:
    """One of them: it takes every letter, answers offers with yes, and reports what is decided."""

    def __init__(self, folder: Path, code: str, logs: str) -> None:
        settings = Settings(home=folder / code)
        seeds = [secrets.token_bytes(32), secrets.token_bytes(32)]
        now = datetime.now(UTC)  # noqa: TID251 - a peer of its own, with a clock of its own
        key = nodes.make_node_keys(settings, code, seeds, now)
        self.code = code
        self.keys = nodes.load_node_keys(settings, code)
        self.signer = self.keys.messages[key]
        self.log = Ed25519Signer(f"{code}.example/log", secrets.token_bytes(32))
        # Taken now: a port that is only found free may be another's by the time it is needed.
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.card = Card(
            name=code,
            role=NodeRole.PROVINCE,
            provinces=((code, f"省{code}"),),
            keys=(MessageKey(key, now - timedelta(days=1)),),
            log=vkey(self.log),
            log_url=f"{logs}/{code}",
            url=f"https://127.0.0.1:{self.port}",
            certificate=self.keys.certificate,
            sealing_key=self.keys.sealing_public,
        )
        self.waiting: asyncio.Queue[Message] = asyncio.Queue()
        self.seq = 0
        self.entries: list[bytes] = []
        self.leaves: list[bytes] = []
        self.edge = Edge()

    def write(self, record: dict[str, object]) -> bytes:
        """Append to the log."""
        entry = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        self.entries.append(entry)
        self.leaves.append(leaf_hash(entry))
        self.edge.append(entry)
        return entry

    def checkpoint(self) -> str:
        """The log as far as it is."""
        here = Checkpoint(self.log.name, self.edge.size, self.edge.root())
        return sign(here.text(), self.log).encode()

    def node(self, level: int, n: int) -> bytes:
        """A complete subtree of the log."""
        return root_of(self.leaves[n << level : (n + 1) << level])

    def delivery(self, message: Message, now: datetime) -> Delivery:
        """A message as it is brought, with an entry in the log that says the same."""
        kind, member = RECORDS[message.type]
        said = getattr(message, "propose", None) or getattr(message, "decision", None)
        record: dict[str, object] = {"kind": kind, "province": self.code}
        record["subject"] = message.transfer.partition("-")[2]
        body = {member: said or digest(message)}
        if isinstance(message, Propose):
            owned = [f"accepted:{self.code}:a", f"ticket:{self.code}:{message.ticket}"]
            self.write({"kind": "entry.issue", "postings": [[*owned, str(message.area)]]})
            body["ticket"] = message.ticket
        entry = self.write(record | {"body": body})
        index, size = len(self.leaves) - 1, len(self.leaves)
        proof = inclusion_proof(index, size, self.node)
        root = self.leaves[index]
        self.seq += 1
        envelope = Envelope(
            sender=self.code,
            to=MINISTRY,
            seq=self.seq,
            type=message.type,
            transfer=message.transfer,
            revision=1,
            sent_at=now,
            body=message.to_body(),
            leaf=root.hex(),
        )
        note = sign(envelope.text(), self.signer).encode()
        return Delivery(note, entry, TlogProof(index, proof, self.checkpoint(), None).encode())

    async def carry(self, ministry: nodes.Peer) -> None:
        """Bring what waits, one after the other."""
        async with httpx.AsyncClient(
            verify=client_context(self.keys, ministry), timeout=30, trust_env=False
        ) as http:
            while True:
                message = await self.waiting.get()
                now = datetime.now(UTC)  # noqa: TID251 - its own clock
                content = write_delivery(self.delivery(message, now))
                while True:
                    try:
                        answer = await http.post(ministry.url + PATH, content=content)
                    except httpx.HTTPError:
                        await asyncio.sleep(0.1)
                        continue
                    if answer.status_code not in {429, 503}:
                        break
                    await asyncio.sleep(0.1)
                assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    def application(self) -> FastAPI:
        """Its link port."""
        app = FastAPI(openapi_url=None)

        @app.post(PATH)
        async def take(request: Request) -> Response:
            note = parse_note(json.loads(await request.body())["note"])
            envelope = parse_envelope(note.text)
            self.react(envelope)
            answer = Answer(
                sender=self.code,
                to=MINISTRY,
                seq=envelope.seq,
                hash=text_hash(note.text),
                at=envelope.sent_at,
            )
            return Response(sign(answer.text(), self.signer).encode(), httpx.codes.ACCEPTED)

        return app

    def react(self, envelope: Envelope) -> None:
        """Say yes to an offer; report a decision as applied."""
        if envelope.type == Offer.type:
            self.waiting.put_nowait(acceptance(Offer.from_body(envelope.body).terms))
        elif envelope.type == Decision.type:
            decision = Decision.from_body(envelope.body)
            assert decision.terms is not None, "it was proposed"
            gives = decision.terms.giver == self.code
            side, area = (
                (Side.GIVER, decision.terms.area)
                if gives
                else (Side.RECEIVER, decision.terms.credit)
            )
            report = Applied(decision.transfer, side, digest(decision), area)
            self.waiting.put_nowait(report)


class Provinces:
    """All of them, in this process."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        # Taken now, as the link ports are.
        self.listener = socket.create_server(("127.0.0.1", 0))
        logs = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.all = [Province(folder, name, logs) for name in names]
        self.by_code = {one.code: one for one in self.all}
        self.ministry: nodes.Peer | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """Who gives to whom: each to the next one."""
        names = [one.code for one in self.all]
        return list(zip(names, [*names[1:], names[0]], strict=True))

    async def meet(self, ministry: Place) -> None:
        """Exchange cards."""
        for one in self.all:
            await ministry.know(one.card)
        self.ministry = (await ministry.card()).peer(None)

    def logs(self) -> FastAPI:
        """Where all their logs are read."""
        app = FastAPI(openapi_url=None)

        @app.get("/{code}/log/checkpoint")
        async def checkpoint(code: str) -> Response:
            return Response(self.by_code[code].checkpoint())

        @app.get("/{code}/log/tile/entries/{rest:path}")
        async def entries(code: str, rest: str) -> Response:
            _, n, width = parse_tile_path(f"tile/entries/{rest}")
            first = n * TILE_WIDTH
            return Response(encode_entries(self.by_code[code].entries[first : first + width]))

        return app

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen and carry for the length of a block."""
        assert self.ministry is not None, "they have met"
        async with AsyncExitStack() as stack:
            config = uvicorn.Config(self.logs(), lifespan="off", log_level="error")
            reading = uvicorn.Server(config)
            task = asyncio.create_task(reading.serve([stack.enter_context(self.listener)]))

            async def close() -> None:
                reading.should_exit = True
                await task

            stack.push_async_callback(close)
            for one in self.all:
                pins = Pins(one.keys)
                pins.trust([self.ministry])
                server = build_server(one.application(), pins, "127.0.0.1", one.port)
                listener = stack.enter_context(one.listener)
                answering = asyncio.create_task(server.serve(sockets=[listener]))
                carrier = asyncio.create_task(one.carry(self.ministry))

                async def end(server: object = server, task: object = answering) -> None:
                    server.should_exit = True  # type: ignore[attr-defined]
                    await task  # type: ignore[misc]

                stack.push_async_callback(end)
                stack.callback(carrier.cancel)
            yield

    async def transfer(self, ministry: Place, count: int, at_once: int) -> float:
        """So many transfers from the proposal to both reports; answers with the seconds."""
        states: dict[str, str] = {}
        changed = asyncio.Condition()

        async def watch() -> None:
            while True:
                rows = await ministry.rows("SELECT id, state FROM crossing")
                states.update({r.id: r.state for r in rows})  # type: ignore[attr-defined]
                async with changed:
                    changed.notify_all()
                await asyncio.sleep(0.05)

        async def until_state(id_: str, state: str) -> None:
            async with changed:
                await changed.wait_for(lambda: states.get(id_) == state)

        gate, pairs = asyncio.Semaphore(at_once), self.pairs()

        async def one(n: int) -> None:
            async with gate:
                terms = terms_of(n, n % len(pairs), *pairs[n % len(pairs)])
                self.by_code[terms.giver].waiting.put_nowait(terms)
                await until_state(terms.transfer, "accepted")
                assert ministry.market is not None, "it runs"
                body = {"transfer": terms.transfer, "document": "文号"}
                path = "/v1/transfer-approvals"
                answer = await ministry.market.send("ministry", "000000", path, body)
                assert "code" not in answer, answer
                await until_state(terms.transfer, "done")

        async def told() -> bool:
            waiting = "SELECT count(*) AS n FROM outbox WHERE answered_at IS NULL"
            return not (await ministry.rows(waiting))[0].n  # type: ignore[attr-defined]

        await until(told)
        watching = asyncio.create_task(watch())
        begun = time.perf_counter()
        await asyncio.gather(*(one(n) for n in range(count)))
        seconds = time.perf_counter() - begun
        watching.cancel()
        return seconds


def terms_of(n: int, pair: int, giver: str, receiver: str) -> Propose:
    """A proposal that is in order."""
    now = datetime.now(UTC)  # noqa: TID251 - its own clock
    goods = Goods(
        application=f"a{n}",
        household=f"h{n}",
        collective="v1",
        county=f"{giver[:2]}0236",
        zone=Zone.FARM_PRODUCT,
        heads=3,
        city=f"{receiver[:2]}0782",
        issued_at=now - timedelta(days=1),
        reclamation_cost=Fen(400_000),
        financing_cost=Fen(100_000),
        coefficient=f"coefficient.{pair + 1}",
        policy="p1",
        split=((Party.VILLAGER, 85), (Party.COLLECTIVE, 15)),
        open=True,
        affordable_homes=0,
        subsidised=(),
        person="0" * 64,
    )
    rate = Rate(500, 750, "bench")
    area = Area(10_000)
    return Propose(
        transfer=f"{giver}-b{n}",
        giver=giver,
        receiver=receiver,
        ticket=f"t{n}",
        area=area,
        rate=rate,
        credit=rate.convert(area),
        balance=Fen(0),
        valid_until=(now + timedelta(days=20)).replace(microsecond=0),
        cargo=goods.to_cargo(),
    )
