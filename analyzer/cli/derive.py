"""``aftercut derive``: make a dataset's tables from its facts, or compare them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.options import Variant, variants_of
from analyzer.cli.shared import SHIPPED, Dataset, Exit


def derive(
    dataset: Dataset = SHIPPED,
    assumption: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An assumption's value; repeatable."),
    ] = None,
    variant: Variant = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a whole dataset here; absent or empty."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; say where the tables differ.")
    ] = False,
) -> int:
    """Make a dataset's tables from its facts, or check that they follow from them."""
    import supply_data
    from analyzer.network.rehearsal import rehearsal
    from analyzer.report.derived_folder import replace_tables, write_copy
    from analyzer.report.starter import named_dataset
    from supply_data.rederived import differences, rederived, told

    _refuse_unclear(dataset, shipped=supply_data.shipped(), out=out, check=check)
    folder = supply_data.folder(dataset)
    rehearsal(dataset)
    tables = rederived(
        folder, assumptions=_assumptions(assumption or ()), variants=variants_of(variant)
    )
    if out is not None:
        write_copy(dataset, tables, out)
        print(f"{out} holds the dataset. Type next: aftercut run {named_dataset(out)}")
        return Exit.DONE
    found = differences(folder, tables)
    if not found:
        print(f"{dataset}: no difference between the tables and what follows from the facts.")
        return Exit.DONE
    if check:
        print(told(found))
        return Exit.INTERNAL
    changed = tuple(dict.fromkeys(each.table for each in found))
    replace_tables(folder, tables, only=changed)
    print(told(found))
    print(f"Replaced in {folder}: {', '.join(f'{name}.csv' for name in changed)}.")
    return Exit.DONE


def _refuse_unclear(dataset: str, *, shipped: Sequence[str], out: Path | None, check: bool) -> None:
    if check and out is not None:
        msg = "it writes nothing; leave out --out, or --check"
        raise typer.BadParameter(msg, param_hint="--check")
    if dataset in shipped and not check and out is None:
        msg = (
            f"{dataset!r} is shipped and stays as it is; add --check to compare, "
            "or --out DIR for a copy of your own"
        )
        raise typer.BadParameter(msg, param_hint="DATASET")


def _assumptions(texts: Sequence[str]) -> dict[str, float]:
    from supply_data.numbers import BadCellError, number

    found: dict[str, float] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        try:
            read = number(value) if sign and value.strip() else None
        except BadCellError as error:
            msg = f"{text!r}: {error}"
            raise typer.BadParameter(msg, param_hint="--set") from error
        if not isinstance(read, float) or name in found:
            msg = f"{text!r} is no NAME=VALUE with a number of its own, as in headroom=1.0"
            raise typer.BadParameter(msg, param_hint="--set")
        found[name] = read
    return found
