"""Pure rules of objections (R34): who objects in time, and what a ruling does."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.withdrawal.rules import (
    Application,
    ApplicationState,
    WithdrawalRefusal,
    notice_runs,
)


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection to an application under notice; `upheld` is None until it is ruled on."""

    id: str
    application: str
    raised_at: datetime
    upheld: bool | None = None
    ruled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RaiseObjection:
    """Object to an application."""

    id: str
    application: str


@dataclass(frozen=True, slots=True)
class RuleObjection:
    """Rule on an objection."""

    objection: str
    upheld: bool


def decide_objection(
    command: RaiseObjection, application: Application, now: datetime
) -> WithdrawalRefusal | Objection:
    """Somebody objects (R34): only while the notice runs, its closing instant excluded."""
    if not notice_runs(application, now):
        return WithdrawalRefusal.NOTICE_CLOSED
    return Objection(command.id, application.id, now)


def decide_ruling(
    objection: Objection, application: Application, now: datetime, *, upheld: bool
) -> WithdrawalRefusal | tuple[Objection, Application]:
    """The township rules (R34), once. Upheld, it rejects an application that is still noticed."""
    if objection.upheld is not None:
        return WithdrawalRefusal.ALREADY_RULED
    ruled = replace(objection, upheld=upheld, ruled_at=now)
    if upheld and application.state is ApplicationState.NOTICED:
        return ruled, replace(application, state=ApplicationState.REJECTED, hold=None)
    return ruled, application
