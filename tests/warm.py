"""Processes that begin with the program imported: forks of one server that has done so already.

They are processes like any other, to be killed or ended, and start in a tenth of the time. What a
person runs, `hrt` from its file, is run so by the tests of the command line.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.spaces import enter

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["app.cli", "app.main"])


def start(target: Callable[..., None], *given: object) -> ForkServerProcess:
    """A process that does this."""
    process = SERVER.Process(target=target, args=given)
    process.start()
    return process


def hrt(
    arguments: list[str], environment: Mapping[str, str], log: Path, space: str | None = None
) -> ForkServerProcess:
    """A process of the command `hrt`, which writes to the log; its network may be another."""
    return start(_hrt, arguments, dict(environment), log, space)


def _hrt(arguments: list[str], environment: dict[str, str], log: Path, space: str | None) -> None:
    if space is not None:
        enter(space)
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = ["hrt", *arguments]
    from app import cli  # noqa: PLC0415 - imported already, in the process that this one is a fork of

    cli.main()
