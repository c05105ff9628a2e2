"""What an operator can do who holds all keys: write other records, and sign the tree anew."""

import copy
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.kernel.units import decimal, hundredths


def encoded(record):
    """A record as canonical bytes."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def more(text, by=1):
    """A decimal string, some hundredths away."""
    return decimal(hundredths(text) + by)


def earlier(text, seconds=1):
    """A record's instant, some seconds before."""
    return utc(datetime.fromisoformat(text) - timedelta(seconds=seconds))


def utc(instant):
    """An instant as records are dated."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Log:
    """Records of a log to be changed. `at` is where the change must be found."""

    records: list
    at: int | None = None

    @classmethod
    def of(cls, leaves):
        return cls([json.loads(leaf) for leaf in leaves])

    def leaves(self):
        return [encoded(r) if isinstance(r, dict) else r for r in self.records]

    def find(self, kind, nth=0, subject=None, **body):
        """The nth record of a kind; it is where the change must be found, unless said otherwise."""
        found = [
            index
            for index, record in enumerate(self.records)
            if record["kind"] == kind
            and (subject is None or record["subject"] == subject)
            and body.items() <= (record.get("body") or record.get("facts") or {}).items()
        ]
        self.at = found[nth]
        return self.records[self.at]

    def drop(self, found_at=None):
        """Leave the record out; what comes next in its place, or later, gives it away."""
        index = self.at
        del self.records[index]
        self.at = index if found_at is None else self.where(*found_at)

    def where(self, kind, nth=0, subject=None):
        before = self.at
        self.find(kind, nth, subject)
        index, self.at = self.at, before
        return index

    def swap_bodies(self, other):
        one, two = self.records[self.at], self.records[other]
        one["body"], two["body"] = two["body"], one["body"]

    def repeat(self):
        self.records.insert(self.at + 1, copy.deepcopy(self.records[self.at]))
        self.at += 1

    def restate(self):
        """State the balances after each posting as the postings give them now."""
        balances = {}
        for record in self.records:
            for posting in record.get("postings", ()):
                moved = int(posting[2])
                balances[posting[0]] = balances.get(posting[0], 0) - moved
                balances[posting[1]] = balances.get(posting[1], 0) + moved
                posting[3:] = [str(balances[posting[0]]), str(balances[posting[1]])]

    def give_deposit_back_to(self, bidder, instead_of):
        """So that deposits fit another winner."""
        for record in self.records:
            if record["kind"] == "entry.deposit_release" and record["key"].endswith(f":{bidder}"):
                return
        for record in self.records:
            if record["kind"] == "entry.deposit_release" and record["key"].endswith(instead_of):
                record["key"] = record["key"].replace(instead_of, bidder)
                for column in (0, 1):
                    posting = record["postings"][0]
                    posting[column] = posting[column].replace(instead_of, bidder)
        self.restate()

    def move(self, index, to):
        self.records.insert(to, self.records.pop(index))

    def rehash(self, record):
        """A notice's hash that fits its terms."""
        record["body"]["hash"] = sha256(encoded(record["body"]["terms"]))


@dataclass(frozen=True)
class Forgery:
    """One way to cheat: in which log, what is changed, and the rule that it breaks."""

    name: str
    log: str
    rule: str
    change: object


class Table(list):
    """Collects forgeries by decorating what makes them."""

    def __call__(self, log, rule):
        def add(change):
            self.append(Forgery(change.__name__, log, rule, change))
            return change

        return add
