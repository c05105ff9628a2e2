"""The rules for old people's pages (适老化), measured on a page as it is shown.

Text of at least 18 px that can be enlarged to 30, lines of 1.3 times the text, paragraphs apart by
1.3 times the space between lines, targets of 60 by 60 px, contrast of 4.5 : 1 (3 : 1 for large
text); nothing wider than the screen.
"""

from pathlib import Path

STEPS = {"1": 18, "2": 24, "3": 30}
"""The steps of the text size in the elder view, and the least main text of each in CSS pixels."""

SMALLEST = 18
"""What text around the main text has to have, at every step."""

MEASURE = Path(__file__).with_name("elder.js").read_text(encoding="utf-8")
"""Takes `wanted(step)`; answers with `faults` and the figures."""

BALANCE = """() => {
  const balance = document.querySelector('.money .amount.huge')
  const line = document.createRange()
  line.selectNodeContents(balance)
  line.setEndBefore(balance.querySelector('.more'))
  const { bottom } = line.getBoundingClientRect()
  return { size: parseFloat(getComputedStyle(balance).fontSize), end: bottom + scrollY }
}"""
"""How large the balance is, and where its line ends on the first screen."""


def wanted(step):
    """What the main text and all other text have to have at a step."""
    return {"least": STEPS[step], "smallest": SMALLEST}
