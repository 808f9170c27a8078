"""``aftercut check``: say what is wrong with a dataset and its scenarios, and what is odd."""

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from analyzer.cli.options import Variant, variants_of
from analyzer.cli.shared import SHIPPED, Dataset, Exit, Scenarios, tell_faults


def check(
    dataset: Dataset = SHIPPED,
    scenario: Scenarios = None,
    variant: Variant = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of scenario files and stop.")
    ] = False,
) -> int:
    """Validate a dataset and its scenarios; name everything that is wrong, or odd."""
    from analyzer.report.checked import checked

    if schema:
        from scenarios.editor import json_schema

        print(json.dumps(json_schema(), indent=1))
        return Exit.DONE
    text, faults = checked(
        dataset, scenario or (), variants=variants_of(variant), today=datetime.now(UTC).date()
    )
    if faults:
        tell_faults(faults)
        return Exit.BAD_INPUT
    print(text)
    return Exit.DONE
