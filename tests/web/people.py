"""People before a page: what they are told, what they type, and where the keyboard leads them."""

import json
from dataclasses import dataclass, field
from decimal import Decimal

TABS_MAX = 80

FOCUSED = """() => {
  const e = document.activeElement
  const labels = [...(e.labels ?? [])].map((label) => label.textContent)
  const style = getComputedStyle(e)
  return {
    name: (e.getAttribute('aria-label') ?? (labels.join(' ') || e.textContent)).trim(),
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  }
}"""


def fen(amount):
    """A decimal string of the wire as whole fen, or hundredths of a square metre."""
    return int(Decimal(amount) * 100)


def grouped(hundredths):
    """Hundredths as pages write them, without a sign: 1,234.56."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{whole:,}.{rest:02d}"


@dataclass
class Person:
    """Somebody signed in, who looks at a page; `sent` are the paths of the commands sent."""

    page: object
    address: str
    sent: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", self._note)

    def _note(self, request):
        if request.method == "POST":
            self.sent.append(request.url.removeprefix(self.address))

    async def read(self, path):
        """What the API answers to this very person."""
        answer = await self.page.request.get(self.address + path)
        assert answer.ok, (path, await answer.text())
        return await answer.json()

    async def every(self, path):
        """The items of a list that fits one page."""
        answer = await self.read(f"{path}?limit=200")
        assert answer["next"] is None
        return answer["items"]

    async def look(self, path):
        """Go to a view of the same pages that has another title, as a link there would."""
        # Before there is a heading the pages are still on their way to where the role begins.
        await self.page.locator("main h1").wait_for()
        before = await self.page.title()
        if await self.page.evaluate("path => location.hash === '#' + path", path):
            return
        await self.page.evaluate("path => { location.hash = '#' + path }", path)
        await self.page.wait_for_function("before => document.title !== before", arg=before)

    def button(self, name, within=None):
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def link(self, name):
        return self.page.get_by_role("link", name=name, exact=True)

    def fact(self, name, within=None):
        """The value that stands beside a name, wherever the page lists names and values."""
        return (within or self.page).locator(
            f"dt:text-is({json.dumps(name, ensure_ascii=False)}) + dd"
        )

    async def confirm(self, name):
        """Mean it, in the dialog that asks."""
        await self.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()

    async def tab_to(self, name):
        """Press Tab until what has this name is focused; a focus that cannot be seen is a fault."""
        for _ in range(TABS_MAX):
            await self.page.keyboard.press("Tab")
            focused = await self.page.evaluate(FOCUSED)
            if focused["name"] == name:
                assert focused["seen"], f"the focus on {name} cannot be seen"
                return
        raise AssertionError(f"the keyboard does not lead to {name}")

    async def press(self, name):
        """Go there by Tab, and press Enter."""
        await self.tab_to(name)
        await self.page.keyboard.press("Enter")

    async def type_into(self, name, text):
        """Go to a field by Tab, and fill it by the keys."""
        await self.tab_to(name)
        await self.page.keyboard.type(text)


def excuse(browsers, *texts):
    """Faults of the console that a test has brought about itself."""
    browsers.faults[:] = [one for one in browsers.faults if not any(t in one for t in texts)]


async def come(browsers, market, role, party, *, other="", **how):
    """A person signs in, or another one of the party; answers with them where their role begins."""
    login = await market.login(role, party, other=other)
    return Person(await browsers.open(market.address, login, **how), market.address)
