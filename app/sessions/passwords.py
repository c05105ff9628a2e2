"""Passwords as they are kept: argon2id, computed beside the event loop in a few threads.

An unknown login costs the same computation as a wrong password, against a hash of nothing.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from app.sessions.rules import password_text

R = TypeVar("R")

# OWASP's first choice of parameters: 19 MiB, two passes. A stored hash names its own, and is made
# anew at the next sign-in when these are raised.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# So few that a storm of attempts takes neither the node's memory nor all of its processors.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

# Without letters and digits that are mistaken for each other on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


def one_time_password() -> str:
    """A password to be read out or written down: four groups of four, 79 random bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


async def hashed(password: str) -> str:
    """The hash that is kept, with its salt and parameters."""
    return await _beside(_HASHER.hash, password_text(password))


async def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one behind a hash; None takes as long and is never matched."""
    right = await _beside(_verify, kept, password_text(password))
    return right and kept is not None


async def _beside(work: Callable[..., R], *arguments: str | None) -> R:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _verify(kept: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(kept or _hash_of_nothing(), password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nothing() -> str:
    return _HASHER.hash(secrets.token_urlsafe())
