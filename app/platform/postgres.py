"""The private PostgreSQL: one server of our own, in one folder, for whoever has none.

Its folder holds `data` (PostgreSQL's own), `cluster.json` (port and passwords, mode 0600),
`server.log` and `lock`. The server listens on the loopback address only, has no Unix socket, and
asks everyone for a password. Three roles exist: `postgres` administers, `hrt_owner` owns the
databases and migrates them, `hrt_app` is what the application is and owns nothing.

Any number of processes may use the same folder: what changes the server is done under a file
lock, and a server that already runs is joined, not started twice.
"""

import asyncio
import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypedDict, get_args

import asyncpg

from app.platform.postgres_process import (
    LOOPBACK,
    Account,
    ClusterError,
    end_with_this_process,
    find_binaries,
    free_port,
    is_alive,
    is_server_of,
    server_account,
    shut_down,
    wait_until,
)

__all__ = ["ClusterError", "PrivateCluster", "Role", "find_binaries"]

Role = Literal["postgres", "hrt_owner", "hrt_app"]
Work = Callable[[asyncpg.Connection], Awaitable[None]]

START_SECONDS = 120
STOP_SECONDS = 60
START_ATTEMPTS = 5
LOG_BYTES_MAX = 16 * 1024 * 1024
LOG_TAIL_CHARACTERS = 2_000
STATE_LINE = 7
"""Of `postmaster.pid`, whose line 0 is the process number."""
PLAIN = "template1"

_DATABASE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)

_INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--data-checksums",
)

# What a statement says or a row holds may be personal, so the log has neither: no statements, no
# parameters, no DETAIL, and no ERROR lines either (their text can quote a value). The client gets
# every error in full; what the server itself does is logged.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FAST_AND_LOSSY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class _Identity(TypedDict):
    """What `cluster.json` holds."""

    port: int
    passwords: dict[str, str]


class PrivateCluster:
    """A PostgreSQL server in `data_dir`, owned by this project alone.

    As a context manager it runs inside the block, and ends with it unless it was running before.
    `durable=False` is for tests: faster, and a crash of the machine may lose everything.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.home = Path(data_dir).absolute().resolve()
        self.durable = durable
        self._data = self.home / "data"
        self._pid_file = self._data / "postmaster.pid"
        self._identity = self.home / "cluster.json"
        self._log = self.home / "server.log"
        self._guard: int | None = None

    def __enter__(self) -> Self:
        """Start the server, or join the one that runs."""
        self._started = self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server if this block started it."""
        if self._started:
            self.stop()

    def ensure(self) -> None:
        """Create the cluster with its roles, if there is none yet; it need not run for that."""
        with self._locked():
            self._ensure()

    def start(self, *, detach: bool = False) -> bool:
        """Return when the server takes connections; whether this call is what started it.

        It ends with this process, however that ends, unless `detach` lets it go on.
        Raises `ClusterError` with the end of the log when the server does not come up.
        """
        with self._locked():
            self._ensure()
            running = self._server()
            if running is not None and self._join(running):
                return False
            pid = self._start()
        self._release_guard()
        if not detach:
            self._guard = end_with_this_process(pid, self._pid_file)
        return True

    def stop(self) -> None:
        """Shut the server down, whoever started it; nothing happens when it does not run."""
        if not self.home.exists():
            return
        with self._locked():
            pid = self._server()
            if pid is not None:
                shut_down(pid, self._data, STOP_SECONDS)
        self._release_guard()

    def destroy(self) -> None:
        """Stop the server and delete the cluster with every database in it, for ever."""
        self.stop()
        if not self.home.exists():
            return
        with self._locked():
            for folder in (self._data, self._unfinished()):
                shutil.rmtree(folder, ignore_errors=True)
            for file in (self._identity, self._log, self._old_log()):
                file.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether the server takes connections."""
        pid = self._server()
        return pid is not None and self._is_ready(pid)

    def dsn(self, role: Role, database: str) -> str:
        """The address of a database as one of the three roles; it contains the password."""
        identity = self._read_identity()
        password = identity["passwords"][role]
        return f"postgresql://{role}:{password}@{LOOPBACK}:{identity['port']}/{database}"

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database of `hrt_owner` that `hrt_app` may enter; one that exists is kept.

        A `template` is a database made so, without sessions; its tables and rows are copied.
        """
        _require_name(name)
        _require_name(template or PLAIN)

        async def create(connection: asyncpg.Connection) -> None:
            known = "SELECT 1 FROM pg_database WHERE datname = $1"
            if await connection.fetchval(known, name) is None:
                # As files: the other way writes every page into the write-ahead log first.
                await connection.execute(
                    f"CREATE DATABASE {name} OWNER hrt_owner TEMPLATE {template or PLAIN}"
                    " STRATEGY FILE_COPY"
                )
            await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO hrt_app")

        async def extend(connection: asyncpg.Connection) -> None:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")

        with self._locked():
            self._administer("postgres", create)
            if template is None:
                self._administer(name, extend)

    def drop_database(self, name: str) -> None:
        """Delete a database, if it exists, and cut the sessions in it."""
        _require_name(name)

        async def drop(connection: asyncpg.Connection) -> None:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

        with self._locked():
            self._administer("postgres", drop)

    # What follows is called with the lock held.

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _ensure(self) -> None:
        if self._data.exists():
            if not self._identity.exists():
                raise ClusterError(
                    f"{self._identity} is gone and with it the passwords of the cluster beside it. "
                    f"Put it back, or delete {self.home} with all its data."
                )
            return
        passwords = {role: secrets.token_urlsafe(24) for role in get_args(Role)}
        self._write_identity(free_port(0), passwords)
        # A crash on the way leaves only the unfinished folder: the rename makes the cluster exist.
        unfinished = self._unfinished()
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._initialise(unfinished, passwords)
        (unfinished / "data").rename(self._data)
        unfinished.rmdir()

    def _initialise(self, folder: Path, passwords: dict[str, str]) -> None:
        binaries = find_binaries()
        account = self._account(binaries)
        password_file = folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(passwords["postgres"] + "\n", encoding="ascii")
        account.take_over(folder)
        data = folder / "data"
        places = (f"--pgdata={data}", f"--pwfile={password_file}")
        sync = () if self.durable else ("--no-sync",)
        account.run([str(binaries / "initdb"), *_INITDB, *places, *sync])
        password_file.unlink()
        roles = "".join(
            f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE "
            f"PASSWORD '{passwords[role]}';\n"
            for role in ("hrt_owner", "hrt_app")
        )
        single = [str(binaries / "postgres"), "--single", "-D", str(data)]
        options = ["-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", "postgres"]
        account.run([*single, *options], given=roles)

    def _account(self, binaries: Path) -> Account:
        """Who runs the server, able to reach the folder and the program."""
        account = server_account(self.home)
        if account.uid is not None:
            # Another user must pass through; the names here are no secret, the files are closed.
            self.home.chmod(0o711)
        account.require_reach(self.home, binaries / "postgres")
        return account

    def _start(self) -> int:
        binaries = find_binaries()
        account = self._account(binaries)
        account.take_over(self._data)
        stale = self._pid_in_file()
        if stale is not None and is_alive(stale):
            # PostgreSQL removes a dead server's file itself, but takes another process that got
            # the same number for the server. We know better: `_server` found that it is not.
            self._pid_file.unlink()
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES_MAX:
            self._log.replace(self._old_log())
        for _ in range(START_ATTEMPTS):
            identity = self._read_identity()
            port = free_port(identity["port"])
            if port != identity["port"]:
                self._write_identity(port, identity["passwords"])
            settings = _SETTINGS | (_DURABLE if self.durable else _FAST_AND_LOSSY)
            options = [f"--{name}={value}" for name, value in settings.items()]
            place = ["-D", str(self._data), f"--port={port}"]
            pid = account.start([str(binaries / "postgres"), *place, *options], self._log)
            if self._comes_up(pid):
                return pid
            # Another program took the port meanwhile, or sessions of a server that was killed
            # have not all noticed yet; both pass.
            time.sleep(0.5)
        raise self._ended()

    def _join(self, pid: int) -> bool:
        """Wait for a server that runs to be ready; False when it was about to end and did."""
        options = (self._data / "postmaster.opts").read_text(encoding="utf-8")
        if self.durable and "--fsync=off" in options:
            raise ClusterError(
                f"The PostgreSQL in {self.home} runs for tests, without durability. "
                "Stop it before using it for anything that must last."
            )
        return self._comes_up(pid)

    def _comes_up(self, pid: int) -> bool:
        """Wait for the server to be ready; False when it ended instead."""

        def settled() -> bool:
            return self._is_ready(pid) or not is_server_of(pid, self._data)

        if not wait_until(settled, START_SECONDS):
            raise ClusterError(
                f"PostgreSQL (process {pid}) is still starting after {START_SECONDS} s; "
                f"it may be recovering. See {self._log}."
            )
        return self._is_ready(pid)

    # What follows only looks, and needs no lock.

    def _server(self) -> int | None:
        """The server's process, in whatever state; None when there is none."""
        pid = self._pid_in_file()
        return pid if pid is not None and is_server_of(pid, self._data) else None

    def _pid_in_file(self) -> int | None:
        lines = self._pid_lines()
        return int(lines[0]) if lines and lines[0].isdecimal() else None

    def _is_ready(self, pid: int) -> bool:
        lines = self._pid_lines()
        if len(lines) <= STATE_LINE:
            return False
        return lines[0] == str(pid) and lines[STATE_LINE].strip() == "ready"

    def _pid_lines(self) -> list[str]:
        try:
            return self._pid_file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _read_identity(self) -> _Identity:
        try:
            identity: _Identity = json.loads(self._identity.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ClusterError(f"There is no cluster in {self.home} yet.") from error
        return identity

    def _write_identity(self, port: int, passwords: dict[str, str]) -> None:
        draft = self._identity.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"port": port, "passwords": passwords}), encoding="utf-8")
        draft.replace(self._identity)

    def _administer(self, database: str, work: Work) -> None:
        dsn = self.dsn("postgres", database)

        async def run() -> None:
            connection = await asyncpg.connect(dsn, ssl=False, timeout=30)
            try:
                await work(connection)
            finally:
                await connection.close()

        # In a thread of its own, because the caller may be inside an event loop.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(lambda: asyncio.run(run())).result()

    def _release_guard(self) -> None:
        """Let the watcher of a server that has ended go too."""
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None

    def _unfinished(self) -> Path:
        return self.home / "data.unfinished"

    def _old_log(self) -> Path:
        return self.home / "server.log.old"

    def _ended(self) -> ClusterError:
        tail = self._log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]
        return ClusterError(f"PostgreSQL does not run. {self._log} ends so:\n{tail}")


def _require_name(name: str) -> None:
    """Names enter SQL as they are, so they are plain."""
    if _DATABASE_NAME.fullmatch(name) is None:
        raise ValueError("A database name is lower-case letters, digits and _, a letter first.")
