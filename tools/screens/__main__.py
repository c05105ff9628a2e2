"""Take pictures of every page: `python -m tools.screens [--node URL] [--only TEXT] [--english]`.

Signs in as every login of the demo market in turn, walks the menus and one link deeper, and writes
`screenshots/<person>-<page>-<width>.png`. Says on standard error what no picture shows: faults in
the console, and pages wider than the screen. Without `--node` a node of its own is started.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.screens import logins, node, walk

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "screenshots"
WIDTHS = (390, 1280)


def main() -> int:
    """Take them all; the exit status is 1 when a page had a fault."""
    parser = argparse.ArgumentParser(description="Take pictures of every page.")
    parser.add_argument("--node", help="address of a running demo node")
    parser.add_argument("--home", default=".hrt", help="where that node keeps its demo logins")
    parser.add_argument("--only", default="", help="only pictures whose name contains this")
    parser.add_argument("--english", action="store_true", help="in English instead of Chinese")
    asked = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with node.demo(asked.node, Path(asked.home)) as (address, home), sync_playwright() as pilot:
        browser = pilot.chromium.launch(executable_path=walk.chromium(), args=list(walk.FLAGS))
        faults = _all(browser, address, logins.read(home), asked)
        browser.close()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.name}/\n")
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


def _all(
    browser: Browser, address: str, people: list[logins.Login | None], asked: argparse.Namespace
) -> list[str]:
    faults: list[str] = []
    language = "en" if asked.english else "zh"

    def take(page: Page, name: str) -> None:
        if asked.only in f"{name}.png":
            page.screenshot(path=FOLDER / f"{name}.png", full_page=True)

    for person in people:
        entrance = walk.enter(browser, address, person)
        for width in WIDTHS:
            walker = walk.Walker(browser, address, width, language, take)
            faults += walker.visit(entrance)
    return faults


if __name__ == "__main__":
    sys.exit(main())
