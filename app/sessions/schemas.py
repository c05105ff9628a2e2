"""The wire of signing in."""

from typing import Annotated

from pydantic import ConfigDict, Field

from app.kernel.principal import Role
from app.platform.browser import csrf_of
from app.platform.wire import Id, In, InstantOut, Out
from app.sessions import rules
from app.sessions.create_login import Given
from app.sessions.sign_in import Opened

SESSION_EXAMPLE = "8f14e45fceea467a9575e7c1b1c2d3e4"
CSRF_EXAMPLE = "5b" * 32

Password = Annotated[
    str,
    Field(
        min_length=1,
        max_length=rules.PASSWORD_LENGTH_MAX,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["correct horse battery"],
    ),
]
"""As it is typed; blanks count, control characters are refused."""


class SignInIn(In):
    """A login and its password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"login": "li.wei", "password": "correct horse battery staple"}]
        }
    )

    login: Annotated[str, Field(min_length=1, max_length=200, examples=["li.wei"])]
    password: Password


class SwitchIn(In):
    """One of the session's `roles`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "county_approver", "party": "500236"}]}
    )

    role: Role = Field(strict=False)
    party: Id

    def acting(self) -> rules.Acting:
        """The pair that is asked for."""
        return rules.Acting(self.role, self.party)


class EndIn(In):
    """A session of one's own; this one if none is named."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"session": SESSION_EXAMPLE}]})

    session: Id | None = None


class PasswordIn(In):
    """The password in force, and the one that shall be: 12 characters or more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"old": "hx7k-93mp-qwtz-4rra", "new": "correct horse battery staple"}]
        }
    )

    old: Password
    new: Password


class LoginIn(In):
    """A login for a person who has a credential."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person": "p-17", "login": "li.wei"}]}
    )

    person: Id = Field(description="The pseudonym of the person's credentials.")
    login: Annotated[
        str,
        Field(
            pattern=rules.LOGIN_PATTERN,
            examples=["li.wei"],
            description="3 to 64 small letters, digits, and . _ @ -",
        ),
    ]


class PasswordResetIn(In):
    """The person who gets a new password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person": "p-17"}]})

    person: Id


class OneTimePasswordOut(Out):
    """A password to hand over. It is shown in this answer alone, and only sets another one."""

    person: str = Field(examples=["p-17"])
    password: str | None = Field(
        examples=["hx7k-93mp-qwtz-4rra"], description="Null in a repetition."
    )
    ends_at: InstantOut = Field(description="It is refused from then on.")

    @classmethod
    def of(cls, given: Given) -> "OneTimePasswordOut":
        """Show a one-time password."""
        return cls(person=given.person, password=given.password, ends_at=given.until)


class ActingOut(Out):
    """A role in which the person may act, and for whom."""

    role: Role = Field(examples=["county_clerk"])
    party: str = Field(examples=["500236"])

    @classmethod
    def of(cls, acting: rules.Acting) -> "ActingOut":
        """Show a pair."""
        return cls(role=acting.role, party=acting.party)


class SessionOut(Out):
    """The present session: it acts for one party in one role."""

    id: str = Field(examples=[SESSION_EXAMPLE])
    csrf: str = Field(
        examples=[CSRF_EXAMPLE], description="Send it as `X-CSRF-Token` with every POST."
    )
    person: str = Field(examples=["p-17"], description="A pseudonym.")
    role: Role = Field(examples=["county_clerk"])
    party: str = Field(examples=["500236"])
    roles: list[ActingOut]
    expires_at: InstantOut = Field(description="Unless it is used before then.")
    one_time_password: bool = Field(
        examples=[False], description="Nothing but a new password is taken in this session."
    )

    @classmethod
    def of(cls, opened: Opened, limits: rules.Limits) -> "SessionOut":
        """Show a session to who is in it."""
        session = opened.session
        return cls(
            id=session.id,
            csrf=csrf_of(opened.token),
            person=session.person,
            role=session.acting.role,
            party=session.acting.party,
            roles=[ActingOut.of(acting) for acting in opened.roles],
            expires_at=session.expires_at(limits),
            one_time_password=session.one_time,
        )


class OwnSessionOut(Out):
    """One of the person's sessions. Which device it is on is said as coarsely as helps."""

    id: str = Field(examples=[SESSION_EXAMPLE])
    current: bool = Field(description="Whether it is the one that asks.")
    role: Role = Field(examples=["county_clerk"])
    party: str = Field(examples=["500236"])
    device: str = Field(examples=["Chrome · Windows"])
    signed_in_at: InstantOut
    used_at: InstantOut = Field(description="Last use, to the minute.")
    expires_at: InstantOut

    @classmethod
    def of(cls, session: rules.Session, limits: rules.Limits, current: str) -> "OwnSessionOut":
        """Show one of a person's sessions."""
        return cls(
            id=session.id,
            current=session.id == current,
            role=session.acting.role,
            party=session.acting.party,
            device=session.device,
            signed_in_at=session.signed_in_at,
            used_at=session.used_at,
            expires_at=session.expires_at(limits),
        )


class EndedOut(Out):
    """The session that ended."""

    session: str = Field(examples=[SESSION_EXAMPLE])
