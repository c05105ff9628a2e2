"""`hrt audit` against a node that serves its log, and offline afterwards."""

import asyncio

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app as command_line
from app.cli.replay import first_credential
from app.cli.serving import served
from app.platform.settings import ClockKind, Settings
from app.replay import Market, load_case, play
from tests.audit.conftest import CASES, leaves_of

PATIENCE_SECONDS = 20


async def hrt(*arguments):
    """The command as a person runs it: exit status and what it printed."""
    words = [str(argument) for argument in arguments]
    result = await asyncio.to_thread(CliRunner().invoke, command_line, words)
    return result.exit_code, result.output


@pytest.fixture
async def node(dsn, tmp_path):
    """A node that has played a case and published all its records."""
    settings = Settings(clock=ClockKind.SIMULATED, require_durable=False, home=tmp_path / "node")
    async with served(settings, dsn) as (address, db):
        token = await first_credential(db)
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            await play(load_case(CASES / "d-two-provinces.yaml"), Market(http, token))
            wanted = len(await leaves_of(db))
            for _ in range(PATIENCE_SECONDS * 10):
                answer = await http.get("/log/checkpoint")
                if answer.is_success and int(answer.text.split("\n")[1]) >= wanted:
                    break
                await asyncio.sleep(0.1)
            key = (await http.get("/log/vkey")).text.strip()
        yield address, key


async def test_a_served_log_is_audited_and_kept_for_the_next_time(node, tmp_path):
    address, key = node
    mirror = tmp_path / "mirror"
    for _ in range(2):
        status, printed = await hrt("audit", address, "--mirror", mirror, "--vkey", key)
        assert status == 0, printed
        assert "records agree" in printed
    status, printed = await hrt("audit", mirror)
    assert status == 0, printed
    assert "pin it with --vkey" in printed
    status, printed = await hrt("audit", address)
    assert status == 0, printed


async def test_a_wrong_key_and_a_folder_without_a_log_cannot_be_read(node, tmp_path):
    address, key = node
    other = "other.example/log" + key[key.index("+") :]
    status, printed = await hrt("audit", address, "--mirror", tmp_path / "m", "--vkey", other)
    assert status == 2, printed
    status, printed = await hrt("audit", tmp_path)
    assert status == 2, printed


async def test_a_changed_entry_in_the_mirror_is_named(node, tmp_path):
    address, key = node
    mirror = tmp_path / "mirror"
    await hrt("audit", address, "--mirror", mirror, "--vkey", key)
    bundle = next(path for path in (mirror / "tile" / "entries").rglob("*") if path.is_file())
    bundle.write_bytes(bundle.read_bytes().replace(b'"heads":3', b'"heads":4', 1))
    status, printed = await hrt("audit", mirror, "--vkey", key)
    assert status == 1
    assert "log: the log signed the root" in printed
