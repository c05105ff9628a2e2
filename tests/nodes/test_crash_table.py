"""Each row of the table of crashes, with `kill -9` of a real node at that very point.

Whatever dies when, the transfer ends as it does without: decided once, gone once, arrived once.
"""

import asyncio

import pytest

from app.audit import Mirror, audit_mirror, source_of
from tests.nodes.processes import HERE, three_processes, until
from tests.nodes.three import whole

ROWS = ["lock", "sent", "store", "offer", "accept", "decide", "apply", "behind", "lost"]


@pytest.fixture(scope="module")
async def sites(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crashes")
    async with three_processes(cluster, folder, ROWS) as sites:
        yield sites


async def test_nothing_has_happened_when_the_giver_dies_before_its_commit(sites):
    async with sites.here.holding("outbox") as reached:
        asked = asyncio.create_task(sites.propose("lock"))
        await reached()
        await sites.here.kill()
    assert await asked is None
    await sites.here.start()
    assert await sites.here.one("SELECT state FROM ticket WHERE id = 't.lock'") == "issued"
    assert await sites.here.one("SELECT count(*) FROM crossing WHERE id LIKE '%x-lock'") == 0
    await sites.through("lock")


async def test_what_the_giver_has_locked_is_sent_after_its_death(sites):
    await sites.ministry.lose()
    assert "code" not in await sites.propose("sent")
    await sites.here.kill()
    sites.ministry.heal()
    await sites.here.start()
    await sites.stands("sent", receiver="offered")
    await _goes_on("sent", sites)


async def test_a_proposal_that_the_ministry_did_not_store_is_sent_again(sites):
    async with sites.ministry.holding("inbox") as reached:
        assert "code" not in await sites.propose("store")
        await reached()
        await sites.ministry.kill()
    assert await sites.here.node.backlog() >= 1
    await sites.ministry.start()
    await sites.stands("store", receiver="offered")
    await _goes_on("store", sites)


async def test_what_the_ministry_has_stored_it_offers_after_its_death(sites):
    await sites.there.lose()
    assert "code" not in await sites.propose("offer")
    await sites.stands("offer", ministry="offered")
    await sites.ministry.kill()
    sites.there.heal()
    await sites.ministry.start()
    await sites.stands("offer", receiver="offered")
    await _goes_on("offer", sites)


async def test_what_the_receiver_has_accepted_the_ministry_hears_after_its_death(sites):
    assert "code" not in await sites.propose("accept")
    await sites.stands("accept", receiver="offered")
    await sites.person_told("accept")
    await sites.ministry.lose()
    assert "code" not in await sites.take("accept")
    await sites.there.kill()
    sites.ministry.heal()
    await sites.there.start()
    await sites.stands("accept", ministry="accepted")
    assert "code" not in await sites.decide("accept")
    await sites.arrived("accept")


async def test_what_the_ministry_has_decided_both_hear_after_its_death(sites):
    await _accepted("decide", sites)
    await sites.here.lose()
    await sites.there.lose()
    assert "code" not in await sites.decide("decide")
    await sites.ministry.kill()
    assert await sites.here.one("SELECT state FROM crossing WHERE id LIKE '%x-decide'") == "locked"
    sites.here.heal()
    sites.there.heal()
    await sites.ministry.start()
    await sites.arrived("decide")


async def test_giver_and_receiver_that_die_before_they_apply_do_so_once_afterwards(sites):
    await _accepted("apply", sites)
    async with (
        sites.here.holding("crossing") as at_giver,
        sites.there.holding("crossing") as at_receiver,
    ):
        assert "code" not in await sites.decide("apply")
        await at_giver()
        await at_receiver()
        await sites.here.kill()
        await sites.there.kill()
    await asyncio.gather(sites.here.start(), sites.there.start())
    await sites.arrived("apply")
    await sites.quiet()
    await whole(sites)


async def _accepted(name, sites):
    assert "code" not in await sites.propose(name)
    await sites.stands(name, receiver="offered")
    await sites.person_told(name)
    assert "code" not in await sites.take(name)
    await sites.stands(name, ministry="accepted")


async def _goes_on(name, sites):
    await sites.person_told(name)
    assert "code" not in await sites.take(name)
    await sites.stands(name, ministry="accepted")
    assert "code" not in await sites.decide(name)
    await sites.arrived(name)


async def mirrored(site, folder):
    """What anybody may have of its log, as of its last checkpoint."""
    shown = """
        SELECT (SELECT max(size) FROM tlog_publication) = (SELECT count(*) FROM record)
    """
    await until(lambda: site.one(shown), "a checkpoint of all")
    mirror = Mirror(folder / site.name)

    def fetch():
        source = source_of(f"http://127.0.0.1:{site.process.port}")
        mirror.fetch(source, None)
        source.close()
        verdict = audit_mirror(mirror, mirror.key(None), None)
        assert verdict.clean
        mirror.accept(verdict.checkpoint.size)

    await asyncio.to_thread(fetch)
    return mirror.root


async def restored(sites, site, copy):
    """It is killed, put back to a copy, and refuses to start."""
    await site.kill()
    await sites.restore(site, copy)
    status, said = await site.process.run("serve", "--port", str(site.process.port))
    assert status != 0
    assert "This database is behind" in said
    assert "hrt node recover" in said


async def test_a_node_restored_from_a_backup_refuses_to_fork_and_catches_up(sites, tmp_path):
    await sites.quiet()
    copies = await sites.copied(*sites.all)
    early = await mirrored(sites.here, tmp_path / "early")
    await sites.through("behind")
    await sites.quiet()
    for site in (sites.here, sites.there, sites.ministry):
        folder = await mirrored(site, tmp_path)
        before = await site.rows("SELECT body FROM record ORDER BY id")
        letters = await site.rows("SELECT peer, seq, hash FROM outbox ORDER BY peer, seq")
        await restored(sites, site, copies[site.name])
        if site is sites.here:
            status, said = await site.process.run("node", "recover", str(early))
            assert (status, "bring a newer one" in said) == (1, True), said
        status, said = await site.process.run("node", "recover", str(folder))
        assert (status, "were done again, to the byte" in said) == (0, True), said
        await site.start()
        after = await site.rows("SELECT body FROM record ORDER BY id")
        assert sorted(after) == sorted(before)
        assert await site.rows("SELECT peer, seq, hash FROM outbox ORDER BY peer, seq") == letters
        await sites.arrived("behind")
    await sites.quiet()
    await whole(sites)


async def test_what_only_people_did_is_not_guessed_and_the_archive_is_asked_for(sites, tmp_path):
    """The log tells that a bidder was registered, and not by which name."""
    here = sites.here
    await here.market.token("exchange", HERE)
    copies = await sites.copied(here)
    await sites.through("lost")
    body = {"id": "b9", "name": "某公司"}
    assert "code" not in await here.command("exchange", HERE, "/v1/bidders", body)
    folder = await mirrored(here, tmp_path)
    newest, count = here.node.dsn.rsplit("/", 1)[1], "SELECT count(*) FROM record"
    await restored(sites, here, copies[here.name])
    before = await here.one(count)
    status, said = await here.process.run("node", "recover", str(folder))
    assert status == 1
    assert "(bidder.registered) cannot be done again" in said
    assert "Nothing was changed" in said
    assert await here.one(count) == before
    await sites.restore(here, newest)
    status, said = await here.process.run("node", "ask", f"{HERE}-x-none")
    assert (status, "takes part in no transfer" in said) == (1, True), said
    status, said = await here.process.run("node", "ask", f"{HERE}-x-lost")
    assert (status, "Asked." in said) == (0, True), said
    await here.start()
    await sites.quiet()
    told = "SELECT count(*) FROM inbox WHERE type = 'xfer.decision' AND transfer = :id"
    assert await here.one(told, id=f"{HERE}-x-lost") == 2, "told once more, applied once"
    await sites.arrived("lost")
    await whole(sites)
