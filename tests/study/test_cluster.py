"""A Dask cluster of two workers on this machine gives what this process gives, or is refused."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from distributed import LocalCluster

from analyzer.study import cluster
from analyzer.study.cluster import ClusterRefusedError
from analyzer.study.sweep import How, sweep
from tests.study.sweeping import TASKS, Squares


def test_two_workers_of_a_cluster_give_what_this_process_gives(
    tmp_path: Path, cluster_address: str
) -> None:
    bad = frozenset({3, 40, 41})
    here = sweep(Squares(tmp_path, fails=bad), TASKS, how=How(chunk=8))
    there = sweep(Squares(tmp_path, fails=bad), TASKS, how=How(chunk=8, dask=cluster_address))
    pd.testing.assert_frame_equal(there, here)
    processes = {path.name.split("-")[1] for path in tmp_path.glob("worker-*")}
    assert len(processes) == 3


def test_a_worker_of_a_cluster_that_is_killed_is_replaced(
    tmp_path: Path, cluster_address: str
) -> None:
    here = sweep(Squares(tmp_path), TASKS, how=How(chunk=8))
    job = Squares(tmp_path, kills=frozenset({20}), once=True)
    there = sweep(job, TASKS, how=How(chunk=8, dask=cluster_address))
    pd.testing.assert_frame_equal(there, here)


def test_a_cluster_is_not_left_with_anything(tmp_path: Path, cluster_address: str) -> None:
    sweep(Squares(tmp_path), TASKS, how=How(chunk=8, dask=cluster_address))
    with cluster._client(cluster_address) as client:
        kept = client.who_has()
    assert dict(kept) == {}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("tcp://127.0.0.1:{port}", "nobody answers"),
        ("127.0.0.1:{port}", "an address is tcp://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "an address is tcp://HOST:PORT"),
        ("tls://127.0.0.1:{port}", "an address is tcp://HOST:PORT"),
    ],
)
def test_an_address_where_nobody_is_is_refused_at_once(where: str, told: str) -> None:
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        start = time.monotonic()
        with pytest.raises(ClusterRefusedError, match=told):
            refused(where.format(port=idle.getsockname()[1]))
    assert time.monotonic() - start < 1


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-other\r\n", None], ids=["none", "ssh", "shut"])
def test_an_address_where_no_scheduler_is_is_refused_in_time(
    greeting: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as other:
        answering = threading.Thread(target=greet, args=(other, greeting))
        answering.start()
        with pytest.raises(ClusterRefusedError, match=r"in time|no Dask scheduler"):
            refused(f"tcp://127.0.0.1:{other.getsockname()[1]}")
        answering.join()


def greet(server: socket.socket, greeting: bytes | None) -> None:
    caller, _ = server.accept()
    with caller:
        if greeting is not None:
            caller.sendall(greeting)
            with suppress(ConnectionError):
                caller.recv(1)  # until the caller has gone


def refused(address: str) -> None:
    sweep(Squares(Path()), TASKS, how=How(dask=address))


@pytest.mark.usefixtures("unwatched")
def test_a_cluster_without_workers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as bare,
        pytest.raises(ClusterRefusedError, match="the cluster has no workers"),
    ):
        refused(bare.scheduler_address)


def test_a_cluster_of_other_versions_is_refused(
    cluster_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = dict.fromkeys(cluster.SAME, "0.0.1")
    monkeypatch.setattr(cluster, "_asked", lambda *_: {"w": {**ours, "highspy": "0.0.2"}})
    monkeypatch.setattr(cluster, "versions", lambda: ours)
    with pytest.raises(ClusterRefusedError, match=r"worker w has highspy 0.0.2, here 0.0.1"):
        refused(cluster_address)


def test_without_dask_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(ClusterRefusedError, match=r"aftercut\[cluster\]"):
        refused("tcp://127.0.0.1:8786")
