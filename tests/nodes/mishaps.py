"""A world of three real nodes for the schedules of the protocol's model.

Commands, machines, books, logs, notes and proofs are the real ones. Only the couriers stand still,
for their lines are dead, and letters are carried by hand: in any order, twice, or not at all. A
node that dies before it stored has its transaction undone by a failure in it; one that dies
afterwards neither sends nor answers. Either way nobody reaches it until it is started again.
"""

import asyncio
from dataclasses import dataclass, field

from app.main import message_handlers
from app.nodes import announce, store
from app.nodes.courier import Courier
from app.nodes.deliver import deliverable
from app.nodes.envelope import Answer
from app.nodes.keys import KeyRing
from app.nodes.receive import receive
from app.nodes.store_links import Outgoing, next_letters
from app.replay.client import NODE
from app.transparency.notes import sign
from tests.model.protocol_schedule import Cut, End, Step
from tests.nodes.three import DOCUMENT, HERE, THERE

PROOF_SECONDS = 20
LETTERS_MAX = 1000


class DiedError(Exception):
    """What a node raises that dies before its commit."""


@dataclass
class Mail:
    """A letter under way, and the name of the node that wrote it."""

    sender: str
    letter: Outgoing

    @property
    def key(self):
        return self.sender, self.letter.peer, self.letter.seq


@dataclass
class RealWorld:
    """The three nodes of `three`, whose lines have to be dead. `tickets` by the id of a story."""

    three: object
    tickets: dict[str, str]
    wire: list[Mail] = field(default_factory=list)
    seen: set = field(default_factory=set)
    down: set = field(default_factory=set)
    couriers: dict = field(default_factory=dict)
    handlers: dict = field(default_factory=dict)

    @classmethod
    async def of(cls, three, tickets):
        """A world where nothing is under way, and all that was said is answered."""
        world = cls(three, tickets)
        for name, office in world.offices.items():
            node = office.node
            ring = KeyRing(node.settings, name)
            world.handlers[name] = announce.HANDLERS | message_handlers(node.settings)
            async with node.db.read() as reader:
                peers = await store.peers(reader)
            world.couriers[name] = {p.name: Courier(node.db, ring, p) for p in peers}
        return world

    def only(self, *stories):
        """The same nodes, seen by these stories alone."""
        tickets = {story.id: self.tickets[story.id] for story in stories}
        return RealWorld(self.three, tickets, couriers=self.couriers, handlers=self.handlers)

    @property
    def offices(self):
        return {office.node.name: office for office in self.three.all}

    async def person(self, story, step, cut):
        here, there, ministry = self.three.here, self.three.there, self.three.ministry
        crossing = f"{HERE}-{story.id}"
        ticket = self.tickets[story.id]
        office, *request = {
            Step.GIVE: (here, *_outflow(ticket, story.id)),
            Step.TAKE_BACK: (here, *_as(HERE, "cancellations", transfer=story.id)),
            Step.TAKE: (there, *_as(THERE, "acceptances", transfer=crossing)),
            Step.DECLINE: (there, *_reject(THERE, crossing, "receiver", "no_need")),
            Step.APPROVE: (
                ministry,
                *_as(NODE, "approvals", transfer=crossing, document=DOCUMENT),
            ),
            Step.REFUSE: (ministry, *_reject(NODE, crossing, "ministry", "against_plan")),
        }[step]
        name = office.node.name
        if name in self.down:
            return False
        if cut is Cut.BEFORE_STORE:
            self.down.add(name)
            return False
        done = "code" not in await office.send(*request)
        await self._written(name, cut)
        return done

    async def _written(self, name, cut):
        """Put on the wire what a node has just written; a node that died sends nothing."""
        if cut is Cut.NOT:
            self.wire += [mail for mail in await self._owed(name) if mail.key not in self.seen]
        else:
            self.down.add(name)
        self.seen |= {mail.key for mail in await self._owed(name)}

    async def _owed(self, name):
        async with self.offices[name].node.db.read() as reader:
            return [
                Mail(name, letter)
                for peer in self.couriers[name]
                for letter in await next_letters(reader, peer, [], LETTERS_MAX)
            ]

    def under_way(self):
        return len(self.wire)

    async def deliver(self, letter, cut):
        mail = self.wire.pop(letter)
        to = mail.letter.peer
        if to in self.down:
            return
        office, courier = self.offices[to], self.couriers[mail.sender][to]
        delivery = await self._proven(courier, mail.letter)
        handlers = self.handlers[to]
        if cut is Cut.BEFORE_STORE:
            handlers = {kind: _dying(handler) for kind, handler in handlers.items()}
        try:
            answer = await receive(office.node.db, mail.sender, delivery, handlers)
        except DiedError:
            self.down.add(to)
            return
        assert isinstance(answer, Answer), f"{mail.letter.type}: {answer}"
        assert answer.refused is None, f"{mail.letter.type}: {answer.refused}"
        await self._written(to, cut)
        if cut is Cut.NOT and mail.sender not in self.down:
            note = await self._signed(to, answer)
            await courier.db.transact(courier._keep, (mail.letter, (note, answer)))

    async def _proven(self, courier, letter):
        """The letter as it is brought, once the record that it rests on is in a checkpoint."""
        async with asyncio.timeout(PROOF_SECONDS):
            while True:
                async with courier.db.read() as reader:
                    delivery = await deliverable(reader, courier.ring, letter)
                if delivery is not None:
                    return delivery
                await asyncio.sleep(0.02)

    async def _signed(self, name, answer):
        ring = next(iter(self.couriers[name].values())).ring
        async with self.offices[name].node.db.read() as reader:
            return sign(answer.text(), ring.signer(await store.own_key_in_use(reader))).encode()

    async def drop(self, letter):
        del self.wire[letter]

    async def double(self, letter):
        self.wire.append(self.wire[letter])

    async def delay(self, letter):
        self.wire.append(self.wire.pop(letter))

    async def crash(self, node):
        self.down.add(node)

    async def restart(self, node):
        self.down.discard(node)

    async def retry(self):
        wired = {mail.key for mail in self.wire}
        owed = [
            mail
            for name in self.offices
            if name not in self.down
            for mail in await self._owed(name)
            if mail.key not in wired
        ]
        self.wire += owed
        return len(owed)

    async def ends(self):
        return {id_: await self._end(id_, ticket) for id_, ticket in self.tickets.items()}

    async def _end(self, id_, ticket):
        """Phases from the rows of the crossing, areas from tickets and entries."""
        here, there, ministry = self.three.here, self.three.there, self.three.ministry
        crossing = f"{HERE}-{id_}"
        row = "SELECT state, decision FROM crossing WHERE id = :id"
        ((given, _),) = await here.rows(row, id=crossing)
        ((phase, decision),) = await ministry.rows(row, id=crossing)
        received = await there.rows(row, id=crossing)
        state = await here.one("SELECT state FROM ticket WHERE id = :id", id=ticket)
        area = await here.one("SELECT area FROM ticket WHERE id = :id", id=ticket)
        posted = """
            SELECT coalesce(sum(p.amount), 0)::bigint
            FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.record_id
            WHERE e.kind = :kind AND e.subject = :subject
        """
        return End(
            giver=given,
            ministry=phase,
            receiver=received[0].state if received else "closed",
            decision=f"{decision['outcome']}, {decision['reason']}",
            free=area if state == "issued" else 0,
            locked=area if state == "locked" else 0,
            gone=await here.one(posted, kind="conversion_out", subject=id_),
            arrived=await there.one(posted, kind="conversion_in", subject=crossing),
        )


def _dying(handler):
    async def handle(tx, received):
        await handler(tx, received)
        raise DiedError

    return handle


def _as(party, what, **body):
    return ("ministry" if party == NODE else "province"), party, f"/v1/transfer-{what}", body


def _outflow(ticket, id_):
    return "province", HERE, "/v1/transfers", {"id": id_, "ticket": ticket, "to": THERE}


def _reject(party, crossing, by, reason):
    return _as(party, "rejections", transfer=crossing, by=by, reason=reason)
