"""Pure rules of signing in: passwords, patience with failures, and how long a session lives."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from app.identity.rules import Credential
from app.kernel.principal import Role
from app.kernel.refusal import Refusal

LOGIN_PATTERN = r"^[a-z0-9][a-z0-9._@-]{2,63}$"
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 200
DIFFERENT_CHARACTERS_MIN = 5
ONE_TIME_LIFE = timedelta(days=7)
"""How long a password that an administrator gave waits to be replaced."""

USE_IS_NOTED_AFTER = timedelta(minutes=1)
"""Uses closer together are one: a session may seem idle for this much longer than it was."""


class SessionRefusal(Refusal):
    """Refusals of signing in."""

    SIGN_IN_FAILED = (
        "sign-in-failed",
        "登录名或密码不正确,或一次性密码已过期。请核对后重试;忘记密码请找安全管理员重置。",
        "Wrong login or password, or the one-time password has ended. Check, or have it reset.",
    )
    NO_ROLE = (
        "no-role",
        "您目前没有任何有效的角色,无法登录。请联系安全管理员。",
        "You hold no role at present, so you cannot sign in. Ask the security administrator.",
    )
    LOGIN_EXISTS = (
        "login-exists",
        "该人员已有登录名。忘记密码请用 POST /v1/password-resets 重置。",
        "This person has a login already. Reset a lost password by POST /v1/password-resets.",
    )
    PASSWORD_WRONG = (
        "password-wrong",
        "原密码不正确。请重新输入。",
        "The old password is wrong. Enter it again.",
    )
    PASSWORD_TOO_SHORT = (
        "password-too-short",
        "新密码不足 12 个字符。请换一个更长的,几个不相干的词即可。",
        "The new password has fewer than 12 characters. Take a few odd words.",
    )
    PASSWORD_CONTAINS_LOGIN = (
        "password-contains-login",
        "新密码含有您的登录名。请换一个。",
        "The new password contains your login. Choose another one.",
    )
    PASSWORD_TOO_SIMPLE = (
        "password-too-simple",
        "新密码中不同的字符少于 5 个。请换一个。",
        "The new password has fewer than 5 different characters. Choose another one.",
    )
    PASSWORD_UNCHANGED = (
        "password-unchanged",
        "新密码与原密码相同。请换一个。",
        "The new password is the old one. Choose another one.",
    )


# ------------------------------------------------------------------------------- passwords


def login_name(text: str) -> str:
    """A login as people type it, with or without capitals and blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def password_text(text: str) -> str:
    """A password in one spelling: keyboards differ in how they compose the same characters."""
    return unicodedata.normalize("NFKC", text)


def judge_password(new: str, old: str, login: str) -> SessionRefusal | None:
    """Refuse a new password that is too easily guessed; None when it will do."""
    new = password_text(new)
    if len(new) < PASSWORD_LENGTH_MIN:
        return SessionRefusal.PASSWORD_TOO_SHORT
    if login in new.lower():
        return SessionRefusal.PASSWORD_CONTAINS_LOGIN
    if len(set(new)) < DIFFERENT_CHARACTERS_MIN:
        return SessionRefusal.PASSWORD_TOO_SIMPLE
    if new == password_text(old):
        return SessionRefusal.PASSWORD_UNCHANGED
    return None


# -------------------------------------------------------------------- patience with failures


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often signing in has failed in a row, and when last."""

    failures: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are taken at once, and after what time without one all are forgotten."""

    failures: int
    forgotten_after: timedelta


WITH_LOGIN = Patience(5, timedelta(days=1))
WITH_ADDRESS = Patience(30, timedelta(hours=1))
"""A whole village office may share one address."""

SECOND = timedelta(seconds=1)
WAIT_MIN = timedelta(minutes=1)
WAIT_MAX = timedelta(minutes=15)
"""Nobody is shut out for longer at a time: else anybody could shut out anybody."""


def wait(attempts: Attempts | None, patience: Patience, now: datetime) -> timedelta:
    """How long the next attempt must wait: nothing, then one minute, two, four, up to fifteen."""
    if attempts is None or now - attempts.last_at >= patience.forgotten_after:
        return timedelta(0)
    doublings = attempts.failures - patience.failures
    if doublings < 0:
        return timedelta(0)
    pause = min(WAIT_MIN * (1 << min(doublings, 10)), WAIT_MAX)
    return max(attempts.last_at + pause - now, timedelta(0))


def attempted(attempts: Attempts | None, patience: Patience, now: datetime) -> Attempts:
    """One attempt more. It counts as a failure until it has succeeded."""
    if attempts is None or now - attempts.last_at >= patience.forgotten_after:
        return Attempts(1, now)
    return Attempts(attempts.failures + 1, now)


def succeeded(keyed: Mapping[str, Attempts], login_key: str) -> dict[str, Attempts]:
    """The attempt was none of a stranger: the login begins anew, and the address is as before."""
    return {
        key: Attempts(0 if key == login_key else max(kept.failures - 1, 0), kept.last_at)
        for key, kept in keyed.items()
    }


def login_key(login: str) -> str:
    """Under which key attempts with a login are counted, whether it exists or not."""
    return f"login:{hashlib.sha256(login.encode()).hexdigest()}"


def address_key(address: str) -> str:
    """Under which key attempts from a network address are counted; of IPv6 its /64."""
    return f"address:{hashlib.sha256(_neighbourhood(address).encode()).hexdigest()}"


def _neighbourhood(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Network((found.packed, 64), strict=False))
    return str(found)


# ---------------------------------------------------------------------------------- sessions


@dataclass(frozen=True, slots=True, order=True)
class Acting:
    """A role, and the party that a person acts for in it."""

    role: Role
    party: str


@dataclass(frozen=True, slots=True)
class Login:
    """A person's login. `one_time_until` is None for a password of the person's own."""

    person: str
    name: str
    password: str
    one_time_until: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives in all, and how long unused."""

    whole: timedelta
    idle: timedelta
    idle_villager: timedelta

    def idle_of(self, role: Role) -> timedelta:
        """How long a session in this role may stay unused."""
        return self.idle_villager if role is Role.VILLAGER else self.idle


@dataclass(frozen=True, slots=True)
class Session:
    """A person signed in on one device, who acts with one of the person's credentials."""

    id: str
    person: str
    credential: str
    acting: Acting
    device: str
    signed_in_at: datetime
    used_at: datetime
    ends_at: datetime
    credential_ends_at: datetime
    one_time: bool

    def expires_at(self, limits: Limits) -> datetime:
        """When it ends unless it is used before."""
        idle = self.used_at + limits.idle_of(self.acting.role)
        return min(idle, self.ends_at, self.credential_ends_at)

    def is_live(self, limits: Limits, now: datetime) -> bool:
        """Whether it still is a session."""
        return now < self.expires_at(limits)


def acting_of(credentials: Iterable[Credential]) -> dict[Acting, Credential]:
    """The pairs in which a person may act, each with the credential that lasts longest, in order.

    The credentials are those in force: a login adds no right to them.
    """
    found: dict[Acting, Credential] = {}
    for credential in sorted(credentials, key=lambda c: (c.expires_at, c.id)):
        found[Acting(credential.role, credential.party)] = credential
    return dict(sorted(found.items()))


def first_acting(pairs: Sequence[Acting], last: Acting | None) -> Acting:
    """In which pair a session begins: the one used last, else the first in order."""
    return last if last is not None and last in pairs else pairs[0]


_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
OTHER_DEVICE = "other"


def device(user_agent: str) -> str:
    """What a person knows a device by, such as `Chrome · Android`: no version, no model."""
    kinds = [
        next((name for mark, name in known if mark in user_agent), None)
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(kind for kind in kinds if kind is not None) or OTHER_DEVICE
