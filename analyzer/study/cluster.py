"""Where chunks of a sweep are worked on if one machine is not enough: a Dask cluster.

The cluster runs already; its workers have the same versions installed as this process, so that
what they give is what this process would.
"""

import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from analyzer.study.pools import Pool, Seat, Work

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds to wait for a scheduler, and for its first worker."""
GREETING, LONGEST = 8, 2**20
"""A scheduler greets first: bytes that say how long the greeting is, and how long it may be."""
NO_SCHEDULER = "what answers there is no Dask scheduler"
SAME = ("aftercut", "highspy", "numpy", "pandas", "scipy")
"""What decides about the last digits of a result."""


class ClusterRefusedError(Exception):
    """There is no Dask cluster at the address, or none that can do the work."""


@contextmanager
def cluster(job: Work[T], address: str) -> Iterator[Pool[T]]:
    """Work on a Dask cluster, to each worker of which the job is sent once.

    Parameters
    ----------
    job : Work
        What is done.
    address : str
        Of the scheduler, such as ``tcp://127.0.0.1:8786``.

    Raises
    ------
    ClusterRefusedError
        If Dask is not installed, nobody answers, there is no worker, or versions differ.
    """
    refuse_unless_there(address)
    from distributed import KilledWorker  # noqa: PLC0415 - an extra, slow to import

    with _client(address) as client:
        width = _checked(client, address)
        seat = client.scatter(Seat(job), broadcast=True)
        executor = client.get_executor(pure=False)

        def submit(tasks: Sequence[T]) -> "Future[pd.DataFrame]":
            promise: Future[pd.DataFrame] = executor.submit(Seat.rows, seat, tasks)
            return promise

        try:
            yield Pool(2 * width, submit, deaths=(KilledWorker, CancelledError))
        finally:
            executor.shutdown(wait=False)


def refuse_unless_there(address: str) -> None:
    """Raise ClusterRefusedError if Dask is not installed, or no scheduler greets at the address."""
    if find_spec("distributed") is None:
        msg = "Dask is not installed; install the extra: pip install 'aftercut[cluster]'"
        raise ClusterRefusedError(msg)
    _knock(address)


@contextmanager
def _client(address: str) -> Iterator["Client"]:
    from distributed import Client  # noqa: PLC0415 - as above

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except OSError as error:
        raise _refused(address, NO_SCHEDULER) from error
    with client:
        yield client


def _knock(address: str) -> None:
    """Refuse an address where no scheduler greets, since Dask itself would wait there for ever."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError:
        host, port = "", 0
    if not (host and port and parts.scheme == "tcp"):
        raise _refused(address, "an address is tcp://HOST:PORT")
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as door:
            greeting = door.recv(GREETING)
    except TimeoutError as error:
        raise _refused(address, "nobody answers in time") from error
    except OSError as error:
        raise _refused(address, f"nobody answers ({error.strerror or error})") from error
    if len(greeting) < GREETING or int.from_bytes(greeting, "little") > LONGEST:
        raise _refused(address, NO_SCHEDULER)


def _checked(client: "Client", address: str) -> int:
    """Return how many threads the workers have, once they can do what is asked of them."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise _refused(address, "the cluster has no workers") from error
    theirs = _asked(client, address)
    ours = versions()
    for worker, found in theirs.items():
        other = [name for name in SAME if found[name] != ours[name]]
        if other:
            told = ", ".join(f"{name} {found[name]}, here {ours[name]}" for name in other)
            raise _refused(address, f"worker {worker} has {told}")
    return sum(client.nthreads().values())


def _asked(client: "Client", address: str) -> Mapping[str, Mapping[str, str]]:
    try:
        found: dict[str, Mapping[str, str]] = client.run(versions)
    except ImportError as error:
        raise _refused(address, f"a worker lacks aftercut ({error})") from error
    return found


@cache
def versions() -> Mapping[str, str]:
    """Return the versions of what decides about the last digits, in this process."""
    return {name: version(name) for name in SAME}


def _refused(address: str, why: str) -> ClusterRefusedError:
    return ClusterRefusedError(f"no work for the Dask cluster at {address}: {why}")
