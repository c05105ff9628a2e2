"""Print what the villager's first page weighs, when it shows the balance, and how large it is.

    python -m tests.web.measure_villager [--node URL --home FOLDER] [--login LOGIN --password TEXT]

Chromium with an empty cache over slow networks, as its DevTools emulate them. The exit status is 1
when the page is heavier than 150 kB, shows no balance within 3 s on slow 3G, or is smaller in the
elder view than the rules for old people's pages want.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.web import elder
from tools.screens import logins, node, walk

BYTES_MAX = 150_000
MILLISECONDS_MAX = 3_000
VIEWPORT = {"width": 390, "height": 844}
BALANCE = ".money .amount.huge"
SETTLED_MILLISECONDS = 1_500


class Network(NamedTuple):
    """Round trip in milliseconds, and bits in a second down and up."""

    name: str
    latency: int
    down: int
    up: int


SLOW_3G = Network("slow 3G (400 ms, 400 kbit/s)", 400, 400_000, 400_000)
NETWORKS = (
    Network("3G (300 ms, 1.6 Mbit/s)", 300, 1_600_000, 768_000),
    SLOW_3G,
    Network("slow 3G of DevTools (2,000 ms, 400 kbit/s)", 2_000, 400_000, 400_000),
)


def main() -> int:
    """Measure all; the exit status is 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description="Measure the villager's first page.")
    parser.add_argument("--node", help="address of a running demo node")
    parser.add_argument("--home", default=".hrt", help="where that node keeps its demo logins")
    parser.add_argument("--login", help="a villager's, if not that of the demo market")
    parser.add_argument("--password")
    asked = parser.parse_args()
    with node.demo(asked.node, Path(asked.home)) as (address, home), sync_playwright() as pilot:
        browser = pilot.chromium.launch(executable_path=walk.chromium(), args=list(walk.FLAGS))
        person = _villager(home, asked.login, asked.password)
        entrance = walk.enter(browser, address, person)
        assert entrance.state is not None
        faults = [
            fault
            for network in NETWORKS
            for fault in _first_page(browser, address, entrance.state, network)
        ]
        faults += _elder_view(browser, address, entrance.state)
        browser.close()
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


def _villager(home: Path, login: str | None, password: str | None) -> logins.Login:
    if login is not None and password is not None:
        return logins.Login(login, password)
    return next(one for one in logins.read(home) if one is not None and "villager" in one.login)


def _first_page(browser: Browser, address: str, state: StorageState, on: Network) -> list[str]:
    context = browser.new_context(viewport=VIEWPORT, storage_state=state)
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: dict[str, int] = {}
    wire.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    wire.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": on.latency,
            "downloadThroughput": on.down // 8,
            "uploadThroughput": on.up // 8,
        },
    )
    page.goto(f"{address}/villager.html", wait_until="commit")
    shown = _milliseconds_to(page, BALANCE)
    until_shown = sum(sizes.values())
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLED_MILLISECONDS)
    total = sum(sizes.values())
    context.close()
    sys.stdout.write(
        f"{on.name}: balance after {shown:,} ms; {until_shown:,} bytes until then,"
        f" {total:,} bytes in {len(sizes)} requests in all\n"
    )
    faults = []
    if total > BYTES_MAX:
        faults.append(f"{on.name}: {total:,} bytes are more than {BYTES_MAX:,}")
    if on is SLOW_3G and shown > MILLISECONDS_MAX:
        faults.append(f"{on.name}: {shown:,} ms are more than {MILLISECONDS_MAX:,}")
    return faults


def _milliseconds_to(page: Page, selector: str) -> int:
    """By the page's own clock, from the start of the navigation to the frame that shows it."""
    found = page.wait_for_function(
        """(selector) => document.querySelector(selector)?.textContent.trim()
           ? Math.round(performance.now()) : false""",
        arg=selector,
        polling="raf",
        timeout=60_000,
    )
    milliseconds = found.json_value()
    assert isinstance(milliseconds, int)
    return milliseconds


def _elder_view(browser: Browser, address: str, state: StorageState) -> list[str]:
    faults = []
    for step in elder.STEPS:
        context = browser.new_context(viewport=VIEWPORT, storage_state=state)
        context.add_init_script(
            f"localStorage.setItem('hrt.view', 'elder'); localStorage.setItem('hrt.text', '{step}')"
        )
        page = context.new_page()
        page.goto(f"{address}/villager.html")
        page.wait_for_selector(BALANCE)
        page.wait_for_load_state("networkidle")
        sized = page.evaluate(elder.MEASURE, elder.wanted(step))
        balance = page.evaluate(elder.BALANCE)
        context.close()
        sys.stdout.write(
            f"elder view, step {step}: text ≥ {sized['text']:g} px, lines ≥ {sized['leading']:.2f},"
            f" targets ≥ {sized['target']:g} px, contrast ≥ {sized['contrast']:.1f} : 1,"
            f" balance {balance['size']:g} px, which ends at {balance['end']:.0f} px\n"
        )
        faults += [f"elder view, step {step}: {fault}" for fault in sized["faults"]]
        if balance["size"] < sized["largest"]:
            faults.append(f"elder view, step {step}: something is larger than the balance")
        if balance["end"] > VIEWPORT["height"]:
            faults.append(f"elder view, step {step}: the balance is not on the first screen")
    return faults


if __name__ == "__main__":
    sys.exit(main())
