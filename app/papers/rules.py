"""What a paper is before it is set in type: text in its places, nothing of fonts or pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.dossiers.rules import Event
from app.papers.figures import Language, instant


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is; two that are not `wide` share a row."""

    name: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure that the paper is about, once more in words."""

    name: str
    figure: str
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; figures stand to the right."""

    title: str
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, or a sum of rows."""

    cells: tuple[str, ...]
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table that goes on over as many pages as it needs."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """How anybody can check the paper: `address` is what its code says; None: not yet."""

    title: str
    text: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document. `file` names it without naming anybody; `at` is the instant that it tells of."""

    language: Language
    at: datetime
    file: str
    issuer: str
    title: str
    number: str
    lead: str
    headline: Headline
    facts: tuple[tuple[Fact, ...], ...]
    table: Table | None = None
    notes: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    dated: str
    check: Check
    footer: tuple[str, ...]
    pages: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """The newest checkpoint that was shown of the log: its root in base64."""

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a paper is made out: in which language, when, and what the log shows by then.

    `pages` is the address of the node's public pages, without a slash at its end.
    """

    language: Language
    at: datetime
    pages: str
    proof: Proof | None

    def address(self, kind: str, id_: str | int) -> str:
        """The public page that checks a `ticket`, a `lot` or an `entry` of the log."""
        return f"{self.pages}/index.html#/check/{kind}/{id_}"

    def entry(self, index: int | None) -> str:
        """A place in the log in words."""
        if index is None:
            return self.language.say("刚刚发生，登记中", "just happened, being entered")
        return self.language.say(f"公开日志第 {index} 号", f"entry {index} of the public log")

    @property
    def as_of(self) -> str:
        """The instant of the paper, to the second."""
        return instant(self.at.replace(microsecond=0), self.language)

    @property
    def footer(self) -> tuple[str, ...]:
        """The lines under every page."""
        say = self.language.say
        made = say(f"出具于 {self.as_of}。", f"Made out {self.as_of}. ")
        if self.proof is None:
            none = say("公开日志尚未发布检查点。", "The log has published no checkpoint yet.")
            return (made + none,)
        origin, size, root = self.proof.origin, self.proof.size, self.proof.root
        return (
            made + say(f"以公开日志 {origin} 为准。", f"The public log decides: {origin}."),
            say(f"检查点：{size} 条，根 {root}", f"Checkpoint: {size} entries, root {root}"),
        )

    @property
    def dated(self) -> str:
        """Where who signs writes the day."""
        return self.language.say("日期：", "Date:")

    @property
    def page_words(self) -> tuple[str, str, str]:
        """What stands around the number of a page and of the pages."""
        return ("第 ", " 页，共 ", " 页") if self.language is Language.ZH else ("Page ", " of ", "")


def in_rows(facts: Iterable[Fact]) -> tuple[tuple[Fact, ...], ...]:
    """Facts in order, two beside each other where neither is wide."""
    rows: list[tuple[Fact, ...]] = []
    waiting: Fact | None = None
    for fact in facts:
        if waiting is None and not fact.wide:
            waiting = fact
        elif waiting is not None and not fact.wide:
            rows.append((waiting, fact))
            waiting = None
        else:
            rows += [(waiting,)] if waiting is not None else []
            rows.append((fact,))
            waiting = None
    return (*rows, (waiting,)) if waiting is not None else tuple(rows)


def entry_of(events: Sequence[Event], *kinds: str) -> int | None:
    """The place in the log of the last event of the first of these kinds that there is."""
    for kind in kinds:
        of_kind = [event.entry for event in events if event.kind == kind]
        if of_kind:
            return of_kind[-1]
    return None


def named(name: str, id_: str, language: Language) -> str:
    """A party by name and id."""
    return language.say(f"{name}（{id_}）", f"{name} ({id_})")
