"""`hrt check-receipt`, with a file that a person kept."""

import asyncio

import httpx
from typer.testing import CliRunner

from app.cli import app as command_line
from app.cli.replay import first_credential
from app.cli.serving import served
from app.replay import Market
from tests.http.kept_receipts import STATE, a_region, publish
from tests.http.support import NODE


async def test_the_command_line_checks_a_saved_receipt(node, tmp_path):
    answer = (await a_region(node)).json()
    await publish(node)
    place = f"/v1/receipts/{answer['receipt']['id']}"
    file, keys, policy = tmp_path / "receipt", tmp_path / "keys", tmp_path / "policy"
    file.write_text((await node.http.get(place)).text, encoding="utf-8")
    vkey = (await node.http.get("/log/receipts-vkey")).text.strip()
    policy.write_text((await node.http.get("/log/policy")).text)
    keys.write_text(f"receipts {vkey}\n{policy.read_text()}")

    def checked(*options):
        return CliRunner().invoke(command_line, ["check-receipt", str(file), *map(str, options)])

    for options in (("--keys", keys), ("--receipts-vkey", vkey, "--policy", policy)):
        done = checked(*options)
        assert done.exit_code == 0, done.output
        assert done.output.startswith("回执成立。")
        assert "The receipt holds." in done.output
        assert "kind: region.registered" in done.output
    assert checked().exit_code == 2
    assert checked("--keys", tmp_path / "none").exit_code == 2

    file.write_text(answer["receipt"]["note"].replace("500000", "500001"), encoding="utf-8")
    done = checked("--keys", keys)
    assert done.exit_code == 1
    assert "The receipt does not hold. The receipt's signature does not hold" in done.output


async def test_keys_are_fetched_once_and_a_change_is_told(settings, dsn, tmp_path):
    """On a socket, as a running node: the proof comes by itself."""
    file, keys = tmp_path / "receipt", tmp_path / "keys"

    def checked(*options):
        arguments = ["check-receipt", str(file), *map(str, options)]
        return asyncio.to_thread(CliRunner().invoke, command_line, arguments)

    async with served(settings, dsn) as (address, db):
        token = await first_credential(db)
        async with httpx.AsyncClient(base_url=address) as http:
            answer = await Market(http, token).send(
                "system_admin", NODE, "/v1/regions", {"code": "500000", "name": "重庆市"}
            )
            for _ in range(100):
                found = await http.get(f"/v1/receipts/{answer['receipt']['id']}")
                if found.headers[STATE] == "proven":
                    break
                await asyncio.sleep(0.05)
        file.write_text(found.text, encoding="utf-8")
        fetched = await checked("--url", address, "--keys", keys)
        again = await checked("--url", address, "--keys", keys)
        offline = await checked("--keys", keys)
        assert found.headers[STATE] == "proven"
        assert "The record is entry" in fetched.output
        assert "没有要求见证方" in fetched.output
        assert (fetched.exit_code, again.output, offline.output) == (0, *[fetched.output] * 2)

        keys.write_text(keys.read_text().replace("quorum none", "quorum  none"))
        changed = await checked("--url", address, "--keys", keys)
        assert changed.exit_code == 2
        assert "shows other keys or another policy than those remembered" in changed.output
    away = await checked("--url", address)
    assert away.exit_code == 2
