"""Which scenarios belong to a dataset: those shipped with it, or those in its folder."""

import os
from pathlib import Path

import supply_data
from scenarios.load import EMPTY, Library, library, read_folder

SCENARIOS = "scenarios"
"""Folder of a dataset's own scenarios, inside the dataset's folder."""


def own_library(dataset: str | os.PathLike[str]) -> Library:
    """Return the scenarios of a dataset: the shipped ones, or its folder ``scenarios``."""
    if isinstance(dataset, str) and dataset in supply_data.shipped():
        return library(dataset)
    folder = Path(dataset) / SCENARIOS
    return read_folder(folder) if folder.is_dir() else EMPTY
