"""Patience with who tries passwords: counted by login and by address, in the database.

An attempt is counted before its password is looked at, so that any number of attempts at once
count as many; a success takes the count back.
"""

from dataclasses import dataclass

from app.kernel.refusal import CommonRefusal, Rejected
from app.platform.db import Tx
from app.sessions import rules, store


@dataclass(frozen=True, slots=True)
class Trier:
    """With which login somebody tries, and from which network address."""

    login: str
    address: str

    @property
    def keys(self) -> dict[str, rules.Patience]:
        """Under which keys the attempt counts, with the patience that each meets."""
        return {
            rules.login_key(self.login): rules.WITH_LOGIN,
            rules.address_key(self.address): rules.WITH_ADDRESS,
        }


async def admit(tx: Tx, trier: Trier) -> rules.Login | None:
    """Count an attempt; answers with the login that it is about, if there is such a one.

    Raises `Rejected` (`TOO_MANY_ATTEMPTS`) with nothing counted while it has to wait.
    """
    keys = trier.keys
    kept = await store.lock_attempts(tx, list(keys))
    now = await tx.now()
    pause = max(rules.wait(kept.get(key), patience, now) for key, patience in keys.items())
    if pause:
        raise Rejected(CommonRefusal.TOO_MANY_ATTEMPTS, retry_after=-(-pause // rules.SECOND))
    counted = {key: rules.attempted(kept.get(key), keys[key], now) for key in keys}
    await store.save_attempts(tx, counted)
    await store.forget_attempts(tx, now - rules.WITH_LOGIN.forgotten_after)
    return await store.find_login(tx, trier.login)


async def pardon(tx: Tx, trier: Trier) -> None:
    """The attempt succeeded: it is taken back, and so are all failures with this login."""
    kept = await store.lock_attempts(tx, list(trier.keys))
    await store.save_attempts(tx, rules.succeeded(kept, rules.login_key(trier.login)))
