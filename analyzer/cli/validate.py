"""``aftercut validate``: hold the model against what was reported."""

import json
from typing import Annotated

import typer

from analyzer.cli.shared import SHIPPED, Dataset, Exit


def validate(
    dataset: Dataset = SHIPPED,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON and nothing else.")
    ] = False,
) -> int:
    """Hold the model against figures that were reported; show where it misses."""
    from analyzer.report.validated import validated

    found = validated(dataset)
    print(json.dumps(found.answer(), indent=1, allow_nan=False) if as_json else found.summary())
    return Exit.DONE if found.certified else Exit.UNCERTIFIED
