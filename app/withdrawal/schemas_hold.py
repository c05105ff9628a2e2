"""The wire of holds."""

from pydantic import ConfigDict, Field

from app.platform.wire import Id, In, InstantOut, Out
from app.withdrawal import rules_hold
from app.withdrawal.rules import HoldOutcome, HoldReason


class HoldIn(In):
    """A household says that it did not agree."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "s1", "application": "a1", "reason": "signature_not_mine"}]
        }
    )

    id: Id
    application: Id
    reason: HoldReason = Field(strict=False, examples=["signature_not_mine"])

    def command(self) -> rules_hold.PlaceHold:
        """The command this body asks for."""
        return rules_hold.PlaceHold(self.id, self.application, self.reason)


class HoldReleaseIn(In):
    """The end of a hold: taken back by the household, or heard by the county."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"hold": "s1", "outcome": "confirmed"}]}
    )

    hold: Id
    outcome: HoldOutcome = Field(
        strict=False,
        examples=["confirmed"],
        description="`taken_back` is the household's to say, `confirmed` and `withdrawn` the"
        " county's; `lapsed` is nobody's.",
    )

    def command(self) -> rules_hold.ReleaseHold:
        """The command this body asks for."""
        return rules_hold.ReleaseHold(self.hold, self.outcome)


class HoldOut(Out):
    """A hold; `outcome` is null while it stands."""

    id: str = Field(examples=["s1"])
    application: str = Field(examples=["a1"])
    reason: HoldReason = Field(examples=["signature_not_mine"])
    placed_at: InstantOut
    outcome: HoldOutcome | None = Field(examples=[None])
    ended_at: InstantOut | None = Field(examples=[None])

    @classmethod
    def of(cls, hold: rules_hold.Hold) -> "HoldOut":
        """Show a hold."""
        return cls(
            id=hold.id,
            application=hold.application,
            reason=hold.reason,
            placed_at=hold.placed_at,
            outcome=hold.outcome,
            ended_at=hold.ended_at,
        )
