"""The private PostgreSQL is run for real, in folders of the tests' own."""

import asyncio
import json
import os
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from app.platform import postgres, postgres_process
from app.platform.postgres import ClusterError, PrivateCluster, find_binaries
from tests.platform.clusters import ask, ask_market, pid_of, python


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateCluster]:
    """One running cluster with database `market`, for what changes nothing in it."""
    with PrivateCluster(tmp_path_factory.mktemp("shared") / "pg", durable=False) as cluster:
        cluster.create_database("market")
        yield cluster
        cluster.destroy()


START_AND_LEAVE = """
import os, signal, sys
from pathlib import Path
from app.platform.postgres import PrivateCluster
cluster = PrivateCluster(Path(sys.argv[1]), durable=False)
print(cluster.start(detach=sys.argv[2] == "detach"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_data_outlives_a_restart(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg")
    assert cluster.start()
    cluster.create_database("market")
    ask_market(cluster, "CREATE TABLE lot AS SELECT 7 AS id", "SELECT 1")
    address = cluster.dsn("hrt_owner", "market")
    cluster.stop()
    assert not cluster.is_running()
    assert cluster.start()
    assert cluster.is_running()
    assert cluster.dsn("hrt_owner", "market") == address
    assert ask_market(cluster, "SELECT id FROM lot") == 7


def test_a_port_that_another_program_took_is_left_to_it(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.ensure()
    identity = folder / "pg" / "cluster.json"
    with postgres_process.socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        identity.write_text(json.dumps(json.loads(identity.read_text()) | {"port": taken}))
        with cluster:
            assert f":{taken}/" not in cluster.dsn("postgres", "postgres")
            assert ask(cluster.dsn("postgres", "postgres"), "SELECT 1") == 1


def test_the_address_is_right_when_the_first_port_was_lost_to_another_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.ensure()
    remembered = json.loads((folder / "pg" / "cluster.json").read_text())["port"]
    with postgres_process.socket.create_server(("127.0.0.1", 0)) as other:
        found_free = iter([other.getsockname()[1], remembered])
        monkeypatch.setattr(postgres, "free_port", lambda _: next(found_free))
        with cluster:
            assert ask(cluster.dsn("postgres", "postgres"), "SELECT 1") == 1


def test_a_second_user_of_the_folder_joins_and_leaves_the_server_running(
    shared: PrivateCluster,
) -> None:
    pid = pid_of(shared)
    with PrivateCluster(shared.home, durable=False) as second:
        assert pid_of(second) == pid
        assert second.dsn("hrt_app", "market") == shared.dsn("hrt_app", "market")
    assert shared.is_running()


def test_what_must_last_does_not_join_a_server_that_may_forget(shared: PrivateCluster) -> None:
    with pytest.raises(ClusterError, match="without durability"):
        PrivateCluster(shared.home).start()


def test_many_processes_at_once_start_one_server(folder: Path) -> None:
    with ThreadPoolExecutor(max_workers=4) as crowd:
        runs = [crowd.submit(python, START_AND_LEAVE, folder / "pg", "detach") for _ in range(4)]
        said = sorted(run.result().stdout.strip() for run in runs)
    assert said == ["False", "False", "False", "True"]
    assert PrivateCluster(folder / "pg", durable=False).is_running()


def test_the_server_ends_with_a_process_that_was_killed(folder: Path) -> None:
    assert python(START_AND_LEAVE, folder / "pg", "stay").stdout == "True\n"
    cluster = PrivateCluster(folder / "pg", durable=False)
    assert postgres_process.wait_until(lambda: not cluster.is_running(), 10)


def test_a_detached_server_outlives_the_process_that_started_it(folder: Path) -> None:
    assert python(START_AND_LEAVE, folder / "pg", "detach").stdout == "True\n"
    cluster = PrivateCluster(folder / "pg", durable=False)
    assert cluster.is_running()
    assert not cluster.start()


def test_committed_data_outlives_a_killed_server(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg")
    cluster.start()
    cluster.create_database("market")
    ask_market(cluster, "CREATE TABLE lot AS SELECT 7 AS id", "SELECT 1")
    killed = pid_of(cluster)
    os.kill(killed, signal.SIGKILL)
    assert postgres_process.wait_until(lambda: not cluster.is_running(), 5)
    assert cluster.start()
    assert pid_of(cluster) != killed
    assert ask_market(cluster, "SELECT id FROM lot") == 7


def test_a_pid_file_whose_number_another_process_got_is_stale(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.ensure()
    pid_file = folder / "pg" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n1\n1\n\n127.0.0.1\n\nready\n")
    assert not cluster.is_running()
    cluster.stop()
    assert cluster.start()


def test_a_creation_that_was_cut_off_is_begun_anew(folder: Path) -> None:
    remains = folder / "pg" / "data.unfinished" / "data"
    remains.mkdir(parents=True)
    (remains / "PG_VERSION").write_text("1")
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        assert cluster.is_running()


def test_a_server_that_cannot_start_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "START_ATTEMPTS", 1)
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.ensure()
    (folder / "pg" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ClusterError, match="no_such_setting"):
        cluster.start()


def test_nobody_comes_in_from_outside(shared: PrivateCluster) -> None:
    settings = "SELECT current_setting('listen_addresses') || current_setting($$%s$$)"
    sockets = settings % "unix_socket_directories"
    assert ask(shared.dsn("postgres", "postgres"), sockets) == "127.0.0.1"
    wrong = shared.dsn("hrt_app", "market").replace("hrt_app:", "hrt_app:x")
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(wrong, "SELECT 1")


def test_the_application_enters_its_database_and_owns_nothing(shared: PrivateCluster) -> None:
    app = shared.dsn("hrt_app", "market")
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'hrt_app'::regrole"
    assert ask(app, owned) == 0
    for forbidden in ("CREATE TABLE t (a int)", "CREATE SCHEMA s", "CREATE TEMP TABLE t (a int)"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            ask(app, forbidden)
    rights = (
        "SELECT bool_or(rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls) FROM pg_roles"
    )
    assert ask(app, f"{rights} WHERE rolname LIKE 'hrt%'") is False


def test_a_database_is_checked_spelt_and_ready_for_exclusion_constraints(
    shared: PrivateCluster,
) -> None:
    facts = """
        SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datdba::regrole,
            current_setting('data_checksums'), current_setting('timezone'),
            (SELECT extname FROM pg_extension WHERE extname = 'btree_gist'))
        FROM pg_database WHERE datname = current_database()"""
    said = ask_market(shared, facts)
    assert said == "UTF8 C.UTF-8 hrt_owner on UTC btree_gist"


def test_a_database_is_created_once_copied_and_dropped_under_a_session(
    shared: PrivateCluster,
) -> None:
    shared.create_database("model")
    ask(shared.dsn("hrt_owner", "model"), "CREATE TABLE lot AS SELECT 7 AS id", "SELECT 1")
    shared.create_database("model")
    shared.create_database("copy", template="model")
    assert ask(shared.dsn("hrt_owner", "copy"), "SELECT id FROM lot") == 7
    shared.drop_database("copy")
    shared.drop_database("copy")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        ask(shared.dsn("hrt_owner", "copy"), "SELECT 1")


def test_a_database_name_is_never_sql(shared: PrivateCluster) -> None:
    for name in ("", "a;b", 'a"b', "a b", "A", "1a", "a" * 64):
        with pytest.raises(ValueError, match="database name"):
            shared.create_database(name)
        with pytest.raises(ValueError, match="database name"):
            shared.drop_database(name)


def test_a_database_can_be_created_inside_an_event_loop(shared: PrivateCluster) -> None:
    async def inside() -> None:
        shared.create_database("inside")

    asyncio.run(inside())
    assert ask(shared.dsn("hrt_app", "inside"), "SELECT 1") == 1


def test_no_value_of_a_failed_statement_reaches_the_log(shared: PrivateCluster) -> None:
    dsn = shared.dsn("hrt_owner", "market")
    ask(dsn, "CREATE TABLE person (name text UNIQUE, age int)", "SELECT 1")
    insert = "INSERT INTO person VALUES ('Zhang-San', 7)"
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(dsn, insert, insert)
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        ask(dsn, "SELECT 'Zhang-San'::text::int")
    log = (shared.home / "server.log").read_text()
    assert "ready to accept connections" in log
    assert "Zhang-San" not in log


def test_passwords_are_readable_by_their_owner_alone(shared: PrivateCluster) -> None:
    for name in ("cluster.json", "server.log"):
        assert stat.S_IMODE((shared.home / name).stat().st_mode) == 0o600


def test_a_destroyed_cluster_leaves_nothing_that_is_not_its_own(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.destroy()
    cluster.start()
    (folder / "pg" / "note").write_text("mine")
    cluster.destroy()
    assert not cluster.is_running()
    assert sorted(path.name for path in (folder / "pg").iterdir()) == ["lock", "note"]
    with pytest.raises(ClusterError, match="no cluster"):
        cluster.dsn("hrt_app", "market")


def test_a_cluster_without_its_passwords_is_not_replaced(folder: Path) -> None:
    cluster = PrivateCluster(folder / "pg", durable=False)
    cluster.ensure()
    identity = folder / "pg" / "cluster.json"
    kept = identity.rename(folder / "kept.json")
    with pytest.raises(ClusterError, match="passwords"):
        cluster.start()
    kept.rename(identity)
    assert cluster.start()


def test_a_chosen_server_must_be_one(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    chosen = find_binaries()
    monkeypatch.setenv("HRT_PG_BIN", str(chosen))
    assert find_binaries() == chosen
    monkeypatch.setenv("HRT_PG_BIN", str(folder))
    with pytest.raises(ClusterError, match="HRT_PG_BIN"):
        find_binaries()


def test_without_the_wheel_the_newest_installed_server_is_taken(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.delenv("HRT_PG_BIN", raising=False)
    monkeypatch.setattr(postgres_process.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(postgres_process, "_SYSTEM_INSTALLATIONS", folder)
    with pytest.raises(ClusterError, match="No PostgreSQL server"):
        find_binaries()
    for version in ("9", "15", "18"):
        (folder / version / "bin").mkdir(parents=True)
    for version in ("9", "15"):
        for name in ("postgres", "initdb"):
            (folder / version / "bin" / name).touch(mode=0o755)
    assert find_binaries() == folder / "15" / "bin"
