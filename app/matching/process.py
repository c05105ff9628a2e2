"""The solver as a process of its own, one after the other, so that nobody waits for its work."""

import asyncio
import json
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.kernel.refusal import CommonRefusal, Rejected

PROGRAM = Path(__file__).with_name("solver.py")
WAITING_MAX = 4
KEPT_MAX = 16
SECONDS_MAX = 120
"""Longer than its own limit lets it work, on a slow machine too: it is ended then."""


Answer = Mapping[str, Sequence[int]]


@dataclass(slots=True)
class Desk:
    """Where tasks wait for their turn. Equal tasks have equal answers, so the last are kept."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    kept: OrderedDict[bytes, Answer] = field(default_factory=OrderedDict)

    async def solve(self, task: Mapping[str, object]) -> Answer:
        """The answer to a task. Raises `Rejected` (`BUSY`) while too many others wait.

        A solver that fails raises `RuntimeError` with what it said.
        """
        told = json.dumps(task).encode()
        if told not in self.kept:
            if self.waiting >= WAITING_MAX:
                raise Rejected(CommonRefusal.BUSY)
            self.waiting += 1
            try:
                async with self.turn:
                    await self._work_out(told)
            finally:
                self.waiting -= 1
        return self.kept[told]

    async def _work_out(self, told: bytes) -> None:
        # Somebody before in the row may have asked the same.
        if told not in self.kept:
            self.kept[told] = await _run(told)
            while len(self.kept) > KEPT_MAX:
                self.kept.popitem(last=False)


DESK = Desk()


async def _run(task: bytes) -> Any:
    # Isolated: it needs its library and nothing of ours, so neither our path nor our environment.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(SECONDS_MAX):
            answer, said = await process.communicate(task)
    except TimeoutError:
        raise Rejected(CommonRefusal.BUSY) from None
    finally:
        # Also when the one who asked has gone: nobody wants the answer any more.
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"the solver ended with {process.returncode}: {said.decode()[-500:]}")
    return json.loads(answer)
