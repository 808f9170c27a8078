"""Parquet files, written and read by one database in memory, since each takes as long to open."""

import errno
import os
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame, without its index.

    Raises
    ------
    OSError
        If the file system refuses; the database itself knows no number of an error.
    """
    try:
        with _database().cursor() as cursor:
            cursor.from_df(frame).write_parquet(str(path.absolute()))
    except duckdb.IOException as error:
        raise _of_system(str(error)) from error


def read_parquet(*paths: Path) -> pd.DataFrame:
    """Return the rows of files of the same columns, in their order.

    Raises
    ------
    duckdb.Error, ValueError
        If a file is no Parquet; the latter where not even the names in it are text.
    """
    with _database().cursor() as cursor:
        try:
            frame: pd.DataFrame = cursor.read_parquet([str(path.absolute()) for path in paths]).df()
        except RuntimeError as error:  # of what binds it to Python, which needs UTF-8
            raise ValueError(str(error)) from error
    return frame


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _of_system(told: str) -> OSError:
    """Return the error of the operating system that a text tells of.

    Examples
    --------
    >>> _of_system("IO Error: Async write failed: No space left on device, errno: 28").strerror
    'No space left on device'
    >>> _of_system("IO Error: of its own").strerror
    'Input/output error'
    """
    code = next((code for code in errno.errorcode if os.strerror(code) in told), errno.EIO)
    return OSError(code, os.strerror(code))
