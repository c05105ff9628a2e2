"""The wire of rounds, cases and the national report."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.ledger.rules import AccountKind
from app.platform.wire import AmountOut, In, InstantOut, Out
from app.reconciliation import rules
from app.reconciliation.read import Report
from app.reconciliation.rules import CaseKind, Cause, PartState, RoundOutcome
from app.reconciliation.rules_report import ConversionRow, ProvinceRow
from app.reconciliation.store import Part, Round

ACCOUNT_PATTERN = (
    rf"^({'|'.join(kind.value for kind in AccountKind)})"
    r":[0-9]{6}:[A-Za-z0-9._:/-]{1,200}$"
)
EXAMPLE_ACCOUNT = "due_to:500000:330000"
Code = Annotated[str, Field(pattern=ACCOUNT_PATTERN, examples=[EXAMPLE_ACCOUNT])]


class ReconciliationIn(In):
    """A round, now, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cause": "correction"}]})

    cause: Literal["correction", "inspection"] = Field(examples=["correction"])


class RoundPartOut(Out):
    """One node's part of a round."""

    node: str = Field(examples=["cq"])
    provinces: list[str] = Field(examples=[["500000"]])
    size: int | None = Field(examples=[512], description="The position of its log; null: not named")
    state: PartState = Field(examples=["agreed"])
    fault: str | None = Field(
        examples=[None],
        description="Why it waits or differs: `log-unreachable`, `log-invalid`, `log-shrunk`, "
        "`log-differs`, `answers-differ`.",
    )


class ReconciliationOut(Out):
    """A round; while `outcome` is null, the parts say for whom it waits."""

    number: int = Field(examples=[1])
    size: int = Field(examples=[2048], description="The position of the ministry's own log.")
    cause: Cause = Field(examples=["nightly"])
    opened_at: InstantOut
    closed_at: InstantOut | None
    outcome: RoundOutcome | None = Field(examples=["agreed"])
    parts: list[RoundPartOut]

    @classmethod
    def of(cls, round_: Round, parts: list[Part]) -> "ReconciliationOut":
        """Show a round."""
        return cls(
            number=round_.number,
            size=round_.size,
            cause=round_.cause,
            opened_at=round_.opened_at,
            closed_at=round_.closed_at,
            outcome=round_.outcome,
            parts=[
                RoundPartOut(
                    node=p.node,
                    provinces=list(p.provinces),
                    size=p.size,
                    state=p.state,
                    fault=p.fault,
                )
                for p in parts
                if p.round == round_.number
            ],
        )

    @classmethod
    def begun(cls, round_: Round) -> "ReconciliationOut":
        """Show a round that has just been opened."""
        return cls.of(round_, [])


class DifferenceOut(Out):
    """An account that differs: what it should hold and what it holds, in yuan or m²."""

    account: str = Field(examples=[EXAMPLE_ACCOUNT])
    node: str = Field(examples=["cq"])
    expected: str = Field(examples=["300.00"], description="By the log, or by the other province.")
    stands: str = Field(examples=["400.00"], description="By the node's postings, or by its log.")
    kept: str | None = Field(
        examples=[None], description="By the balance that its tables keep; cases of tables only."
    )
    entries: list[int] = Field(
        examples=[[41, 57]],
        description="Entries of the node's log that touched it since the last agreed position.",
    )


class ReconciliationCaseOut(Out):
    """A case; its accounts are frozen while `closed_at` is null."""

    id: str = Field(examples=["case-1-1"])
    round: int = Field(examples=[1])
    kind: CaseKind = Field(examples=["dues"])
    subject: str = Field(
        examples=["500000>330000"], description="The node, or debtor>creditor, or the two provinces"
    )
    accounts: list[DifferenceOut]
    in_transit: list[str] = Field(
        examples=[["move:500000-x1 due 300.00"]], description="What is under way, and no fault."
    )
    opened_at: InstantOut
    closed_round: int | None = Field(examples=[None])
    closed_at: InstantOut | None = Field(examples=[None])

    @classmethod
    def of(cls, case: rules.Case) -> "ReconciliationCaseOut":
        """Show a case."""
        where = {code: node for node, code in case.accounts}
        found: Mapping[str, Any] = case.found
        entries = found.get("entries", {})
        return cls(
            id=case.id,
            round=case.round,
            kind=case.kind,
            subject=case.subject,
            accounts=[
                DifferenceOut(
                    account=code,
                    node=where[code],
                    expected=expected,
                    stands=stands,
                    kept=kept[0] if kept else None,
                    entries=entries.get(code, []),
                )
                for code, expected, stands, *kept in found["accounts"]
                if code in where
            ],
            in_transit=[" ".join(one) for one in found.get("in_transit", [])],
            opened_at=case.opened_at,
            closed_round=case.closed_round,
            closed_at=case.closed_at,
        )


class LogPositionOut(Out):
    """Up to which entry a log was reckoned."""

    log: str = Field(examples=["cq"])
    size: int = Field(examples=[512])


class NationalProvinceOut(Out):
    """Quota in a province's books: issued + arrived + corrected = all that stands after it."""

    province: str = Field(examples=["500000"])
    log: str = Field(examples=["cq"])
    issued_m2: AmountOut
    arrived_m2: AmountOut
    corrected_m2: AmountOut
    tickets_m2: AmountOut
    certificates_m2: AmountOut
    used_m2: AmountOut
    left_m2: AmountOut
    balances: bool = Field(examples=[True])


class NationalConversionOut(Out):
    """What went from one province to another by one coefficient."""

    giver: str = Field(alias="from", examples=["500000"])
    to: str = Field(examples=["330000"])
    document: str = Field(examples=["自然资函〔2026〕15号"])
    coefficient: str = Field(examples=["2/3"], description="Yield out / yield in, in lowest terms.")
    sent_m2: AmountOut
    received_m2: AmountOut
    in_transit_m2: AmountOut = Field(description="Of what was sent: it has not come.")
    rounded_m2: str = Field(
        examples=["1/300"], description="What the floors cut off, as an exact fraction of m²."
    )


class NationalDebtOut(Out):
    """What a province owes another, by each one's books."""

    debtor: str = Field(examples=["500000"])
    creditor: str = Field(examples=["330000"])
    debtor_says_cny: AmountOut
    creditor_says_cny: AmountOut
    in_transit_cny: AmountOut = Field(description="One book has it already, the other not yet.")


class NationalNetOut(Out):
    """What the others owe a province less what it owes them, by its own books."""

    province: str = Field(examples=["500000"])
    net_cny: AmountOut


class TransitOut(Out):
    """What is under way between two provinces."""

    matter: str = Field(examples=["500000-x1"])
    giver: str = Field(alias="from", examples=["500000"])
    to: str = Field(examples=["330000"])
    kind: str = Field(examples=["sent"], description="`sent` or `received`: in m²; `due`: in yuan.")
    amount: AmountOut


class NationalReportOut(Out):
    """Issued + corrected = held + used + under way + converted away."""

    round: int | None = Field(examples=[1])
    positions: list[LogPositionOut]
    issued_m2: AmountOut
    corrected_m2: AmountOut
    held_m2: AmountOut
    used_m2: AmountOut
    in_transit_m2: AmountOut
    converted_away_m2: AmountOut = Field(
        description="By how much conversions made less, or more where negative."
    )
    balances: bool = Field(examples=[True])
    provinces: list[NationalProvinceOut]
    conversions: list[NationalConversionOut]
    debts: list[NationalDebtOut]
    nets: list[NationalNetOut]
    in_transit: list[TransitOut]

    @classmethod
    def of(cls, report: Report) -> "NationalReportOut":
        """Show the report."""
        national = report.national
        return cls(
            round=None if report.round is None else report.round.number,
            positions=[LogPositionOut(log=log, size=size) for log, size in report.sizes.items()],
            issued_m2=national.issued,
            corrected_m2=national.corrected,
            held_m2=national.held,
            used_m2=national.used,
            in_transit_m2=national.in_transit,
            converted_away_m2=national.converted_away,
            balances=national.balances,
            provinces=[_province(row) for row in national.provinces],
            conversions=[_conversion(row) for row in national.conversions],
            debts=[
                NationalDebtOut(
                    debtor=row.debtor,
                    creditor=row.creditor,
                    debtor_says_cny=row.debtor_says,
                    creditor_says_cny=row.creditor_says,
                    in_transit_cny=row.in_transit,
                )
                for row in national.debts
            ],
            nets=[
                NationalNetOut(province=province, net_cny=net)
                for province, net in national.nets().items()
            ],
            in_transit=[
                TransitOut.model_validate(
                    {
                        "matter": one.matter,
                        "from": one.giver,
                        "to": one.receiver,
                        "kind": one.kind,
                        "amount": one.amount,
                    }
                )
                for one in national.transit
            ],
        )


def _province(row: ProvinceRow) -> NationalProvinceOut:
    return NationalProvinceOut(
        province=row.province,
        log=row.log,
        issued_m2=row.issued,
        arrived_m2=row.arrived,
        corrected_m2=row.corrected,
        tickets_m2=row.tickets,
        certificates_m2=row.certificates,
        used_m2=row.used,
        left_m2=row.left,
        balances=row.balances,
    )


def _conversion(row: ConversionRow) -> NationalConversionOut:
    return NationalConversionOut.model_validate(
        {
            "from": row.giver,
            "to": row.receiver,
            "document": row.document,
            "coefficient": str(row.coefficient),
            "sent_m2": row.sent,
            "received_m2": row.received,
            "in_transit_m2": row.in_transit,
            "rounded_m2": str(row.rounded * Fraction(1, 100)),
        }
    )
