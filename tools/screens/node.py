"""A node with the demo market: one that runs already, or one for as long as the pictures take."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from app.platform.postgres_process import free_port

PATIENCE_SECONDS = 180


@contextlib.contextmanager
def demo(address: str | None, home: Path) -> Iterator[tuple[str, Path]]:
    """The address of a demo node and the folder in which it keeps its logins."""
    if address is not None:
        yield address.rstrip("/"), home
        return
    with tempfile.TemporaryDirectory(prefix="hrt-screens-") as own:
        environment = {**os.environ, "HRT_HOME": own, "HRT_REQUIRE_DURABLE": "false"}
        address = f"http://127.0.0.1:{free_port(0)}"
        hrt = str(Path(sys.executable).with_name("hrt"))
        command = [hrt, "run", "--port", address.rpartition(":")[2]]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
        try:
            _wait_for(address, process)
            yield address, Path(own)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/readyz").is_success:
                return
        time.sleep(0.5)
    raise SystemExit("The demo node does not start; see what `make run` says.")
