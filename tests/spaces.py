"""Networks of their own for processes, with a hub between them that can drop what it carries.

Linux network namespaces, which root can make: one for each name, a pair of virtual Ethernet devices
from each to the hub, and the hub as router. Nothing of it is seen in the network of this machine.
What is on its own loopback address reaches a space, and the other way round, by sockets that are
made inside: a socket belongs for ever to the network in which it was made.
"""

import contextlib
import ctypes
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Self

from app.platform.postgres_process import is_alive

PLACES = Path("/run/netns")
PREFIX = "hrt-"
CLONE_NEWNET = 0x40000000
SUBNET = "10.77"
BURST = 2048
"""Bytes that go at once on a slow line: more than the longest packet has."""
_numbers = count()


class SpacesError(Exception):
    """A network cannot be made, or not changed so; the text is that of the tool."""


def _run(*command: str, given: str = "") -> str:
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise SpacesError(f"{command[0]} is not installed") from error
    if done.returncode != 0:
        raise SpacesError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


@cache
def missing() -> str | None:
    """Why there can be no spaces here; None where there can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "network namespaces are Linux's, and only root makes them"
    try:
        with Spaces(["a", "b"]) as spaces:
            spaces.slow("a", 1000)
            spaces.silence("a")
    except (SpacesError, OSError) as error:
        return f"network namespaces do not work here ({error})"
    return None


def enter(name: str) -> None:
    """From now on this thread makes its sockets in that space."""
    with (PLACES / name).open("rb") as place:
        _set(place.fileno())


def _set(descriptor: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Sockets that are made in the block are in that space. Nothing may be awaited in it."""
    with Path("/proc/thread-self/ns/net").open("rb") as home:
        enter(name)
        try:
            yield
        finally:
            _set(home.fileno())


def socket_in(name: str) -> socket.socket:
    """A TCP socket in that space."""
    with inside(name):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.settimeout(0)
    return made


def _sweep() -> None:
    """Take away what tests have left that were killed."""
    for line in _run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        owner = re.match(rf"{PREFIX}(\d+)-", name)
        if owner is not None and not is_alive(int(owner[1])):
            _run("ip", "netns", "delete", name)


class Spaces:
    """A space for each name, and the hub, for the length of a block."""

    def __init__(self, names: Sequence[str]) -> None:
        own = f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        self.hub = f"{own}-hub"
        self.space = {name: f"{own}-{name}" for name in names}
        self._number = {name: number for number, name in enumerate(names, start=1)}

    def __enter__(self) -> Self:
        """Make them."""
        _sweep()
        try:
            self._make()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        """Take them away. A process that still runs in one keeps its network until it ends."""
        self._end()

    def _make(self) -> None:
        for place in (self.hub, *self.space.values()):
            _run("ip", "netns", "add", place)
        self._hub("link set lo up")
        for name, number in self._number.items():
            self._hub(
                f"link add {self._port(name)} type veth peer name line netns {self.space[name]}",
                f"address add {SUBNET}.{number}.1/24 dev {self._port(name)}",
                f"link set {self._port(name)} up",
            )
            _ip(
                self.space[name],
                "link set lo up",
                f"address add {self.address(name)}/24 dev line",
                "link set line up",
                f"route add default via {SUBNET}.{number}.1",
            )
        with inside(self.hub):
            # What this file is depends on the network in which it is opened.
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")

    def _end(self) -> None:
        for place in (self.hub, *self.space.values()):
            with contextlib.suppress(SpacesError):
                _run("ip", "netns", "delete", place)

    def _hub(self, *commands: str) -> None:
        _ip(self.hub, *commands)

    def _port(self, name: str) -> str:
        """The hub's end of the line to a space."""
        return f"to{self._number[name]}"

    def address(self, name: str) -> str:
        """Where a space is reached from the others."""
        return f"{SUBNET}.{self._number[name]}.2"

    def part(self, name: str) -> None:
        """The line to a space is pulled out: both ends see it."""
        self._hub(f"link set {self._port(name)} down")

    def silence(self, name: str) -> None:
        """What goes to a space or comes from it is dropped, and nobody is told."""
        address = self.address(name)
        self._hub(f"rule add from {address} blackhole", f"rule add to {address} blackhole")

    def slow(self, name: str, bytes_a_second: int) -> None:
        """The line to a space carries so much in each direction, and what waits is kept."""
        shape = ("root", "tbf", "rate", f"{bytes_a_second * 8}bit", "burst", str(BURST))
        shape += ("limit", "1mb")
        _run("tc", "-n", self.hub, "qdisc", "replace", "dev", self._port(name), *shape)
        _run("tc", "-n", self.space[name], "qdisc", "replace", "dev", "line", *shape)

    def heal(self, name: str) -> None:
        """The line to a space is good."""
        address = self.address(name)
        for rule in (
            f"rule delete from {address} blackhole",
            f"rule delete to {address} blackhole",
        ):
            with contextlib.suppress(SpacesError):
                self._hub(rule)
        for place, device in ((self.hub, self._port(name)), (self.space[name], "line")):
            with contextlib.suppress(SpacesError):
                _run("tc", "-n", place, "qdisc", "delete", "dev", device, "root")
        self._hub(f"link set {self._port(name)} up")


def _ip(place: str, *commands: str) -> None:
    _run("ip", "-n", place, "-batch", "-", given="".join(f"{line}\n" for line in commands))
