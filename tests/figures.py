"""Datasets with other figures: what a scenario leaves, written into the tables themselves."""

from collections.abc import Iterator, Mapping

from analyzer.network.effect import Effect
from supply_data.schema import Lane, Plant, Row, Supply, Tables
from tests.changes import each

FIGURE: dict[type[Row], str] = {
    Supply: "capacity_per_month",
    Lane: "capacity_usd_per_month",
    Plant: "capacity_per_month",
}


def refigured(tables: Tables, figures: Mapping[str, float]) -> Tables:
    """Return the dataset with other capacities of some elements."""

    def change(row: Row) -> Iterator[Row]:
        column = FIGURE.get(type(row))
        new = None if column is None else figures.get(row.element)  # type: ignore[attr-defined]  # FIGURE has only rows with an element
        yield row if column is None or new is None else row.model_copy(update={column: new})

    return each(tables, change)


def left_by(tables: Tables, effect: Effect) -> tuple[Tables, Effect]:
    """Return the dataset with the figures that an effect leaves, and the effect without them."""
    figures = {
        element: 0.0
        if shares[0] == 0
        else float(shares[0]) * (tables.elements[element].figure or 0)
        for element, shares in effect.availability.items()
    }
    return refigured(tables, figures), Effect(arrival=effect.arrival)


def of_known(tables: Tables, effect: Effect) -> Effect:
    """Return the effect without the partial cuts of what has no figure, which the door refuses."""
    kept = {
        element: shares
        for element, shares in effect.availability.items()
        if shares[0] == 0 or tables.elements[element].figure is not None
    }
    return Effect(availability=kept, arrival=effect.arrival)
