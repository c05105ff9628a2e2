"""What an audit found: the first record that breaks a rule, and how many others break which."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

KEPT_PER_RULE = 20
TEXT_MAX = 400


@dataclass(frozen=True, slots=True)
class Finding:
    """One record that is not as the records before it say it must be.

    `index` is the record's place in the log, from 0. `rule` is the short name that the reference
    of log records explains.
    """

    index: int
    kind: str
    subject: str
    rule: str
    expected: str
    stands: str

    def line(self) -> str:
        """One line for people."""
        return (
            f"record {self.index} ({self.kind} {self.subject}): {self.rule}:"
            f" expected {self.expected}; stands {self.stands}"
        )


@dataclass(slots=True)
class Report:
    """Findings in the order in which they were made, bounded per rule; none is left uncounted."""

    records: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Count a finding, and keep it while few of its rule are kept."""
        self.counts[finding.rule] += 1
        if self.counts[finding.rule] <= KEPT_PER_RULE:
            self.kept.append(finding)

    @property
    def first(self) -> Finding | None:
        """The first that was made: all that the log said before it was as it must be."""
        return self.kept[0] if self.kept else None

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.counts


def shown(value: object) -> str:
    """A value as a finding shows it, of bounded length."""
    if isinstance(value, datetime):
        value = value.isoformat()
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX] + "…"
