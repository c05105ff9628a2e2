"""The wire between provinces."""

from pydantic import ConfigDict, Field

from app.kernel.ids import reference
from app.platform.wire import AmountOut, Id, In, InstantOut, Out, RegionRef, Text, TicketId
from app.transfers import rules
from app.transfers.rules_crossing import Goods
from app.transfers.rules_giver import GiverPhase
from app.transfers.rules_held import Look
from app.transfers.rules_messages import Decision, Reason, Side
from app.transfers.rules_ministry import MinistryPhase
from app.transfers.rules_receiver import ReceiverPhase
from app.transfers.store_crossing import Crossing
from app.transfers.store_held import Unread


class TransferIn(In):
    """A ticket's holder asks to take it to the province `to`, where a city has approved."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "x1", "ticket": "t1", "to": "330000"}]}
    )

    id: Id
    ticket: TicketId
    to: RegionRef

    def command(self) -> rules.RequestOutflow:
        """The command this body asks for."""
        return rules.RequestOutflow(self.id, self.ticket, self.to)


class TransferAcceptanceIn(In):
    """The receiving province accepts a transfer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"transfer": "x1"}]})

    transfer: Id


class TransferApprovalIn(In):
    """The ministry approves a transfer; `document` (文号) is needed between nodes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"transfer": "x1", "document": "自然资函〔2026〕15号"}]}
    )

    transfer: Id
    document: Text | None = None

    def command(self) -> rules.ApproveTransfer:
        """The command this body asks for."""
        return rules.ApproveTransfer(self.transfer, self.document)


class TransferCancellationIn(In):
    """The giver asks the ministry to abort a transfer to another node."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"transfer": "x1"}]})

    transfer: Id


class TransferRejectionIn(In):
    """The receiving province or the ministry declines a transfer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"transfer": "x1", "by": "receiver", "reason": "no_need"}]}
    )

    transfer: Id
    by: rules.Rejecter = Field(strict=False)
    reason: rules.RejectionReason | None = Field(
        default=None, strict=False, description="Goes into the public log."
    )

    def command(self) -> rules.RejectTransfer:
        """The command this body asks for."""
        return rules.RejectTransfer(self.transfer, self.by, self.reason)


class TransferOut(Out):
    """A transfer; what was received, and by which coefficient, is null until it is approved."""

    id: str = Field(examples=["x1"])
    ticket: str = Field(examples=["t1"])
    home: str = Field(examples=["500000"])
    to: str = Field(examples=["330000"])
    state: rules.TransferState = Field(examples=["requested"])
    sent_m2: AmountOut
    received_m2: AmountOut | None
    coefficient: str | None = Field(examples=["k1"])
    crosses: bool = Field(
        examples=[False], description="Goes by other nodes: `GET /v1/crossings` says how far it is."
    )

    @classmethod
    def of(cls, transfer: rules.Transfer) -> "TransferOut":
        """Show a transfer."""
        return cls(
            id=transfer.id,
            ticket=transfer.ticket,
            home=transfer.home,
            to=transfer.receiver,
            state=transfer.state,
            sent_m2=transfer.sent,
            received_m2=transfer.received,
            coefficient=transfer.coefficient,
            crosses=transfer.crosses,
        )


class GiverLogOut(Out):
    """What the ministry's node saw in the giver's log, or why it has not looked there yet."""

    node: str | None = Field(examples=[None], description="Whose log is still to be read.")
    fault: str | None = Field(examples=[None], description="Why it cannot be read on.")
    since: InstantOut | None = Field(examples=[None], description="Since when it cannot.")
    lock_leaf: int | None = Field(examples=[41], description="Where the ticket was locked.")
    log_size: int | None = Field(examples=[44], description="Of the checkpoint it was read at.")
    log_root: str | None = Field(examples=["0" * 64], description="Of the same, in hex.")
    held_m2: AmountOut | None = Field(description="What the ticket's account holds there.")
    claims: list[int] = Field(
        examples=[[41]], description="Entries by which the ticket is spoken for: its lock alone."
    )

    @classmethod
    def of(cls, look: Look | None, unread: Unread | None) -> "GiverLogOut | None":
        """Show what was seen, or what is waited for; None: there is nothing to look up."""
        if look is None and unread is None:
            return None
        return cls(
            node=None if unread is None else unread.log,
            fault=None if unread is None else unread.fault,
            since=None if unread is None else unread.since,
            lock_leaf=None if look is None else look.leaf,
            log_size=None if look is None else look.size,
            log_root=None if look is None else look.root,
            held_m2=None if look is None else look.held,
            claims=[] if look is None else [leaf for leaf, _ in look.claims],
        )


class CrossingOut(Out):
    """A transfer between nodes, as this node knows it in one of its three parts."""

    id: str = Field(examples=["500000-x1"])
    role: Side = Field(examples=["receiver"], description="Which part this node plays in it.")
    state: GiverPhase | MinistryPhase | ReceiverPhase = Field(examples=["offered"])
    home: str = Field(examples=["500000"])
    to: str = Field(examples=["330000"])
    ticket: str = Field(examples=["500000-t1"])
    county: str = Field(examples=["500236"], description="Of the homestead.")
    city: str = Field(examples=["330782"], description="Has approved the household.")
    sent_m2: AmountOut
    received_m2: AmountOut
    yield_out: int = Field(examples=[500])
    yield_in: int = Field(examples=[750])
    coefficient: str = Field(examples=["k1"])
    coefficient_document: str = Field(examples=["自然资函〔2026〕3号"])
    costs_cny: AmountOut
    balance_cny: AmountOut = Field(description="What the household's account brings along.")
    begun_at: InstantOut = Field(description="When this node first heard of it.")
    valid_until: InstantOut
    answer_by: InstantOut | None = Field(
        description="At the ministry: when it ends what the receiver has not answered."
    )
    cancelling: bool = Field(
        examples=[False], description="At the giver: it has asked the ministry for an end."
    )
    document: str | None = Field(examples=[None], description="Of the ministry's approval.")
    reason: Reason | None = Field(examples=[None], description="Why the ministry decided so.")
    code: str | None = Field(
        examples=[None],
        description="The detail behind the reason: one of `RejectionReason`, or of an objection.",
    )
    giver_log: GiverLogOut | None = Field(
        description="At the ministry's node: whether the giver's own log holds the ticket."
    )

    @classmethod
    def of(
        cls, crossing: Crossing, decision: Decision | None, unread: Unread | None
    ) -> "CrossingOut":
        """Show a crossing that was proposed, with what this node has heard of its decision."""
        terms = crossing.terms
        assert terms is not None, "only what was proposed is listed"
        goods = Goods.from_cargo(terms.cargo)
        return cls(
            id=crossing.id,
            role=crossing.role,
            state=crossing.machine.phase,
            home=terms.giver,
            to=terms.receiver,
            ticket=reference(terms.giver, terms.ticket),
            county=goods.county,
            city=goods.city,
            sent_m2=terms.area,
            received_m2=terms.credit,
            yield_out=terms.rate.yield_out,
            yield_in=terms.rate.yield_in,
            coefficient=goods.coefficient,
            coefficient_document=terms.rate.document,
            costs_cny=goods.costs,
            balance_cny=terms.balance,
            begun_at=crossing.begun_at,
            valid_until=terms.valid_until,
            answer_by=crossing.answer_by,
            cancelling=crossing.cancelling,
            document=None if decision is None else decision.document,
            reason=None if decision is None else decision.reason,
            code=None if decision is None else decision.code,
            giver_log=GiverLogOut.of(crossing.look, unread),
        )


class ProvincialSettlementIn(In):
    """Two provinces settle what they owe each other at this moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"a": "500000", "b": "330000"}]})

    a: RegionRef
    b: RegionRef

    def command(self) -> rules.SettleProvinces:
        """The command this body asks for."""
        return rules.SettleProvinces(self.a, self.b)


class ProvincialSettlementOut(Out):
    """A settlement between two provinces: what each owed, and what was paid after netting."""

    number: int = Field(examples=[1])
    id: str = Field(examples=["0a4cfa7c-8f0d-4c9e-9d9c-5f0f1b1f2a33"])
    payer: str = Field(examples=["330000"])
    payee: str = Field(examples=["500000"])
    payer_owed_cny: AmountOut
    payee_owed_cny: AmountOut
    amount_cny: AmountOut
    at: InstantOut

    @classmethod
    def of(cls, settlement: rules.Settlement) -> "ProvincialSettlementOut":
        """Show a settlement."""
        return cls(
            number=settlement.number,
            id=settlement.id,
            payer=settlement.netting.payer,
            payee=settlement.netting.payee,
            payer_owed_cny=settlement.netting.payer_owes,
            payee_owed_cny=settlement.netting.payee_owes,
            amount_cny=settlement.netting.paid,
            at=settlement.at,
        )


class PositionOut(Out):
    """What one province owes another at this moment, before any netting."""

    debtor: str = Field(examples=["330000"])
    creditor: str = Field(examples=["500000"])
    amount_cny: AmountOut

    @classmethod
    def of(cls, position: rules.Position) -> "PositionOut":
        """Show a position."""
        return cls(debtor=position.debtor, creditor=position.creditor, amount_cny=position.amount)
