"""What a solve is worth: capacity in natural units, systems, flows, and the certificate."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from analyzer.network.build import item_node, place_node
from analyzer.network.effect import Effect
from analyzer.programme.arrays import LinearProgramme, Model, Vector
from analyzer.programme.cbc import cbc_answer
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.flow import Column, Instance
from analyzer.programme.footing import Footing
from analyzer.programme.gate import refuse_unfit
from analyzer.programme.highs import Basis, Limits, Method, Status, answer
from analyzer.programme.merge import GoodClass
from analyzer.programme.scale import natural

NO_FLOW = 1e-9
"""Flows below this, in normalised units, are the solver's dust and count as none."""

FLOW_COLUMNS = (
    "kind",
    "element",
    "place",
    "from_node",
    "to_node",
    "good",
    "slot",
    "period",
    "quantity_per_month",
    "arrived_per_month",
    "value_usd_per_month",
)


@dataclass(frozen=True)
class Shown:
    """What is shown of a solve, without the programme that it came from.

    Attributes
    ----------
    effect : Effect
        The scenario.
    status : Status
        How the solver ended.
    certificate : Certificate
        What our own arithmetic proves.
    certified : bool
        Whether its numbers may be shown.
    capacity : float or None
        Scaling capacity; None unless certified.
    tries : int
        How many solves it took.
    canonical : bool
        Whether the plan is the one chosen among all optimal plans.
    systems, flows : pandas.DataFrame
        As `Solution.systems` and `Solution.flows` return them.
    """

    effect: Effect
    status: Status
    certificate: Certificate
    certified: bool
    capacity: float | None
    tries: int
    canonical: bool
    systems: pd.DataFrame
    flows: pd.DataFrame


@dataclass(frozen=True)
class Solution:
    """One solve of one scenario, with what was proved of it.

    Attributes
    ----------
    model : Model
        The programme.
    effect : Effect
        The scenario.
    programme : LinearProgramme
        The arrays that were solved.
    status : Status
        How the solver ended.
    certificate : Certificate
        What our own arithmetic proves.
    plan : array of float
        Values of the columns, normalised; of no use unless certified.
    prices : array of float
        Dual values of the rows, in percent of the objective per normalised unit.
    tries : int
        How many solves it took.
    share : float
        What its capacity is set against, as a share of Σ w · target, at most 1.
    canonical : bool
        Whether the plan is the one chosen among all optimal plans (`analyzer.programme.canon`).
    other_plan : array of float or None
        Another optimal plan: the one that the solver found first.
    basis : Basis or None
        Where the solve ended, from which others may start.
    footing : Footing or None
        Where the choice of its plan ended.
    """

    model: Model
    effect: Effect
    programme: LinearProgramme
    status: Status
    certificate: Certificate
    plan: Vector
    prices: Vector
    tries: int
    share: float = 1.0
    canonical: bool = False
    other_plan: Vector | None = None
    basis: Basis | None = None
    footing: Footing | None = None

    @property
    def certified(self) -> bool:
        """Whether its numbers may be shown."""
        return self.certificate.certifies(self.share)

    @property
    def capacity(self) -> float | None:
        """Scaling capacity; over time the mean of the periods. None unless certified."""
        if not self.certified:
            return None
        if self.model.sets.steady:
            return natural(self.model.sets.scale.worth, self.certificate.value)
        return None if self.by_period is None else float(np.mean(self.by_period))

    def set_against(self, capacity: float | None) -> "Solution":
        """Return the same solve, certified for being shown beside this capacity."""
        worth = self.model.sets.scale.worth
        return replace(self, share=min(capacity / worth, 1.0)) if capacity else self

    @cached_property
    def shown(self) -> Shown:
        """What is shown of it."""
        return Shown(
            effect=self.effect,
            status=self.status,
            certificate=self.certificate,
            certified=self.certified,
            capacity=self.capacity,
            tries=self.tries,
            canonical=self.canonical,
            systems=self.systems(),
            flows=self.flows(),
        )

    @cached_property
    def by_period(self) -> Vector | None:
        """Scaling capacity by period; None unless certified."""
        return by_period(self.model, self.plan) if self.certified else None

    def availability(self, element: str) -> float:
        """Return the share of an element's capacity that remains in the first period."""
        return replace(self.model.formulation.instance, effect=self.effect).availability(element, 1)

    def systems(self) -> pd.DataFrame:
        """Return what is fielded: system, period, output and target in units per month, share."""
        rows = [
            (column.item, column.period, value * column.unit, column.unit, value)
            for column, value in (self._of("x") if self.certified else ())
        ]
        names = ["system", "period", "output_per_month", "target_per_month", "share"]
        return pd.DataFrame(rows, columns=names)

    def flows(self) -> pd.DataFrame:
        """Return all flows of the plan, one row each; empty unless certified.

        Returns
        -------
        pandas.DataFrame
            ``kind`` is supply, lane, plant, use or field; ``element`` the element id (of a use:
            its maker); ``from_node`` and ``to_node`` nodes of the graph; ``good`` the component or
            system; quantities in units and USD per month. ``arrived_per_month`` differs from the
            quantity on lanes where a measure stops a share.
        """
        return self._flows.copy()

    @cached_property
    def _flows(self) -> pd.DataFrame:
        if not self.certified:
            return pd.DataFrame(columns=list(FLOW_COLUMNS))
        instance = replace(self.model.formulation.instance, effect=self.effect)
        return flows_of(instance, self.plan)

    def _of(self, variable: str) -> list[tuple[Column, float]]:
        columns = self.model.formulation.instance.columns
        return [
            (column, float(value))
            for column, value in zip(columns, self.plan, strict=True)
            if column.variable == variable
        ]


def solution(
    model: Model,
    effect: Effect | None = None,
    *,
    programme: LinearProgramme | None = None,
    limits: Limits | None = None,
) -> Solution:
    """Return the certified optimum of a scenario, or what kept it from being certified.

    A result that fails its certificate is solved again, cold and without presolve.

    Parameters
    ----------
    model : Model
        A programme built for this effect among others.
    effect : Effect, optional
        The scenario; without one, the baseline.
    programme : LinearProgramme, optional
        The scenario's arrays with further limits; without it, ``model.under(effect)``.
    limits : Limits, optional
        When the solver gives up.

    Raises
    ------
    UnfitNumbersError
        If a number is beyond what solvers represent; nothing is solved then.
    """
    tried = effect or Effect(model.sets.options.timing)
    programme = model.under(tried) if programme is None else programme
    refuse_unfit(model.formulation, programme)
    tries = 0
    for method in Method:
        tries += 1
        if model.sets.options.solver == "cbc":
            found = cbc_answer(programme, limits=limits)
        else:
            found = answer(programme, method=method, limits=limits)
        prices = found.prices
        if tries > 1 and model.sets.options.solver == "cbc":
            prices = answer(programme, method=method, limits=limits).prices
        optimal = found.status is Status.OPTIMAL
        proved = certificate(programme, found.plan, prices, optimal=optimal)
        if proved.certified:
            break
    return Solution(
        model=model,
        effect=tried,
        programme=programme,
        status=found.status,
        certificate=proved,
        plan=found.plan,
        prices=prices,
        tries=tries,
        basis=found.basis,
    )


def by_period(model: Model, plan: Vector) -> Vector:
    """Return the scaling capacity of a plan by period."""
    instance = model.formulation.instance
    weight, total = model.sets.scale.weight, np.zeros(len(model.sets.periods))
    for (system, period), n in instance.v.x.items():
        total[period - 1] += weight[system] * plan[n]
    return model.sets.scale.worth * total


def flows_of(i: Instance, plan: Vector) -> pd.DataFrame:
    """Return the flows of a plan under an instance's effect; see `Solution.flows`."""
    rows = [
        _flow(i, i.columns[n], float(plan[n]))
        for n in np.flatnonzero(plan > NO_FLOW).tolist()
        if i.columns[n].variable not in {"x", "held"}
    ]
    return pd.DataFrame(rows, columns=list(FLOW_COLUMNS))


def _flow(i: Instance, column: Column, value: float) -> tuple[object, ...]:
    describe = {"out": _supply, "sent": _lane, "make": _plant, "fill": _use, "fielded": _field}
    row = describe[column.variable](i, column)
    quantity = value * column.unit * row.quantity
    usd = quantity * (i.sets.tables.value_usd(row.good) or 0.0)
    ends = (row.from_node, row.to_node)
    arrived = quantity * row.rate
    return (
        row.kind, row.element, row.place, *ends, row.good, row.slot, column.period,
        quantity, arrived, usd,
    )  # fmt: skip


class _Flow(NamedTuple):
    kind: str
    element: str
    place: str
    from_node: str
    to_node: str
    good: str
    slot: str = ""
    quantity: float = 1.0
    rate: float = 1.0


def _supply(i: Instance, column: Column) -> _Flow:
    tables, element = i.sets.tables, str(column.what[0])
    origin = tables.supplies[element.partition(":")[2]].origin
    ends = place_node(origin), item_node(tables, column.item)
    return _Flow("supply", element, origin, *ends, column.item)


def _lane(i: Instance, column: Column) -> _Flow:
    element, k = column.what
    row = i.sets.tables.lanes[str(element).partition(":")[2]]
    ends = place_node(row.from_place), place_node(row.to_place)
    rate = i.rate(row.element, GoodClass(*k), column.period)
    return _Flow("lane", row.element, row.from_place, *ends, column.item, rate=rate)


def _plant(i: Instance, column: Column) -> _Flow:
    maker = i.sets.maker[str(column.what[0])]
    ends = item_node(i.sets.tables, maker.product), place_node(maker.place)
    return _Flow("plant", maker.element, maker.place, *ends, maker.product)


def _use(i: Instance, column: Column) -> _Flow:
    tables = i.sets.tables
    maker = i.sets.maker[str(column.what[0])]
    row = i.sets.requirement[str(column.what[1])]
    ends = item_node(tables, row.component), item_node(tables, row.product)
    return _Flow("use", maker.element, maker.place, *ends, row.component, row.slot, row.quantity)


def _field(i: Instance, column: Column) -> _Flow:
    tables = i.sets.tables
    end = tables.settings.destination
    return _Flow("field", "", end, item_node(tables, column.item), place_node(end), column.item)
