"""The model's programme once more, in natural units and exact fractions, for networks this small.

It is written from the mathematics alone (least shortfall; the families of constraints one after
another) and shares nothing with `analyzer.programme`: no normalised units, no classes of goods, no
pruning, no bounds. Every figure counts as the decimal number that stands in its table. Lanes,
supplies and plants are tried under effects; leads, growth and adoption are not in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import chain, product

from analyzer.network.effect import Effect
from supply_data.schema import Lane, Plant, Supply, Tables, Weighting
from tests.exact import Key, Programme, optimum

Kind = tuple[str, str | None, tuple[str, ...]]
"""A good: item, brand, reach."""
Maker = tuple[str, str, str, str]
"""Element, place, product and brand of what makes a product."""
Use = tuple[str, Kind, Key, Fraction]
"""Where, of what, which column takes how much; less than nothing is brought."""
DISCOUNT = Fraction(99, 100)


def shortfall(tables: Tables, effect: Effect, *, months: int | None = None) -> Fraction:
    """Return the least share of all targets, by worth, that is not met; exact and proved."""
    written = Plain(tables, effect, months)
    whole = sum(written.delta(t) for t in written.periods) * sum(
        written.weight[name] * exact(row.target_per_month) for name, row in tables.systems.items()
    )
    return 1 - optimum(written.programme) / whole


def exact(number: float) -> Fraction:
    """Return a figure as its table has it."""
    return Fraction(repr(float(number)))


class Plain:
    """A dataset under an effect as a programme.

    Columns are ``("out", supply, t)``, ``("sent", lane, good, t)``, ``("make", element, t)``,
    ``("fill", element, slot, component, good, t)``, ``("field", good, t)`` and
    ``("held", place, good, t)``.
    """

    def __init__(self, tables: Tables, effect: Effect, months: int | None) -> None:
        self.tables, self.effect, self.months = tables, effect, months
        self.periods = range(1, 1 + (months or 1))
        self.end = tables.settings.destination
        self.weight = weights(tables)
        self.makers = makers(tables)
        self.goods = goods(tables, self.makers)
        self.programme = Programme()
        for t in self.periods:
            self._targets(t)
            self._limits(t)
            self._balances(t)
            self._recipes(t)
            self._mix(t)
            self._budget(t)

    def delta(self, t: int) -> Fraction:
        return DISCOUNT ** (t - 1) if self.months else Fraction(1)

    def left(self, element: str, t: int) -> Fraction:
        shares = self.effect.availability.get(element)
        return Fraction(1) if shares is None else exact(shares[t - 1])

    def arriving(self, row: Lane, good: Kind, t: int) -> Fraction:
        known = {(e, tuple(g)): shares for (e, g), shares in self.effect.arrival.items()}
        shares = known.get((row.element, good))
        return Fraction(1) if shares is None else exact(shares[t - 1])

    def carried(self, row: Lane) -> list[Kind]:
        return [good for good in self.goods if row.takes(self.tables.category(good[0]))]

    def value(self, item: str) -> Fraction:
        return exact(self.tables.value_usd(item) or 0)

    def stocked(self, t: int) -> list[tuple[str, Kind]]:
        """Return where what is left of a month's stock stays: where there was one before."""
        places = {(row.place, row.component) for row in self.tables.stocks}
        pairs = product(sorted({place for place, _ in places}), self.goods)
        kept = [(place, good) for place, good in pairs if (place, good[0]) in places]
        return kept if self.months and t > 0 else []

    def _targets(self, t: int) -> None:
        """0 ≤ x ≤ target, and x is what is fielded of any brand."""
        for name, row in self.tables.systems.items():
            fielded = {("field", good, t): Fraction(1) for good in self.goods if good[0] == name}
            self.programme.limit(("target", name, t), fielded, exact(row.target_per_month))
            for column in fielded:
                self.programme.worth[column] = self.weight[name] * self.delta(t)

    def _limits(self, t: int) -> None:
        """output ≤ availability · capacity; on lanes in USD, and closed ones carry nothing."""
        for supply in self.tables.supplies.values():
            used: dict[Key, Fraction] = {("out", supply.element, t): Fraction(1)}
            self._limit(supply, used, supply.capacity_per_month, t)
        for plant in self.tables.plants.values():
            used = {("make", plant.element, t): Fraction(1)}
            self._limit(plant, used, plant.capacity_per_month, t)
        for lane in self.tables.lanes.values():
            sent = {("sent", lane.element, good, t): good for good in self.carried(lane)}
            dollars = {column: self.value(good[0]) for column, good in sent.items()}
            self._limit(lane, dollars, lane.capacity_usd_per_month, t)
            if not self.left(lane.element, t) or lane.capacity_usd_per_month == 0:
                for column in sent:
                    self.programme.limit(("closed", column), {column: Fraction(1)})

    def _limit(
        self, row: Supply | Plant | Lane, used: Mapping[Key, Fraction], most: float | None, t: int
    ) -> None:
        left = self.left(row.element, t)
        if most is not None or not left:
            self.programme.limit(("limit", row.element, t), used, left * exact(most or 0))

    def _balances(self, t: int) -> None:
        """supplied + arrived + made + drawn ≥ sent + used + fielded + stocked."""
        uses: dict[tuple[str, Kind], dict[Key, Fraction]] = defaultdict(
            lambda: defaultdict(Fraction)
        )
        for place, good, column, quantity in chain(self._made(t), self._moved(t), self._kept(t)):
            uses[place, good][column] += quantity
        for (place, good), terms in uses.items():
            stock = self._stock(place, good) if self.months and t == 1 else Fraction()
            self.programme.limit(("balance", place, good, t), terms, stock)

    def _made(self, t: int) -> Iterator[Use]:
        for supply in self.tables.supplies.values():
            good = supply.component, supply.brand, tuple(sorted(supply.reach))
            yield supply.origin, good, ("out", supply.element, t), Fraction(-1)
        for element, place, made, brand in self.makers:
            yield place, (made, brand, ()), ("make", element, t), Fraction(-1)
            for row, good in product(self.tables.requirements, self.goods):
                if row.product == made and row.component == good[0]:
                    column = "fill", element, row.slot, row.component, good, t
                    yield place, good, column, exact(row.quantity)

    def _moved(self, t: int) -> Iterator[Use]:
        for lane in self.tables.lanes.values():
            left = t - (int(lane.delay_months) if self.months else 0)
            for good in self.carried(lane):
                yield lane.from_place, good, ("sent", lane.element, good, t), Fraction(1)
                if left >= 1:
                    arrived = self.arriving(lane, good, left)
                    yield lane.to_place, good, ("sent", lane.element, good, left), -arrived

    def _kept(self, t: int) -> Iterator[Use]:
        for good in self.goods:
            if good[0] in self.tables.systems:
                yield self.end, good, ("field", good, t), Fraction(1)
        for place, good in self.stocked(t):
            yield place, good, ("held", place, good, t), Fraction(1)
        for place, good in self.stocked(t - 1):
            yield place, good, ("held", place, good, t - 1), Fraction(-1)

    def _stock(self, place: str, good: Kind) -> Fraction:
        known = [
            exact(row.quantity or 0)
            for row in self.tables.stocks
            if (row.place, (row.component, row.brand, ())) == (place, good)
        ]
        return sum(known, Fraction())

    def _recipes(self, t: int) -> None:
        """Fills of a slot sum to the output; no alternative fills more than its largest share."""
        for element, _, made, _ in self.makers:
            slots: dict[str, dict[Key, Fraction]] = defaultdict(dict)
            for row in self.tables.requirements:
                if row.product != made:
                    continue
                kinds = [good for good in self.goods if good[0] == row.component]
                columns = [("fill", element, row.slot, row.component, k, t) for k in kinds]
                filled: dict[Key, Fraction] = dict.fromkeys(columns, Fraction(1))
                slots[row.slot].update(filled)
                whole = {**filled, ("make", element, t): -exact(row.max_fill)}
                self.programme.limit(("most", *columns[0][:4], t), whole)
            for slot, filled in slots.items():
                balance = {**filled, ("make", element, t): Fraction(-1)}
                back = {column: -value for column, value in balance.items()}
                self.programme.limit(("slot", element, slot, t), balance)
                self.programme.limit(("slot back", element, slot, t), back)

    def _mix(self, t: int) -> None:
        """min_share · Σ x ≤ x ≤ max_share · Σ x, in units."""
        for name, row in self.tables.systems.items():
            for sign, share in ((-1, row.min_share), (1, row.max_share)):
                if share is not None:
                    terms = {
                        ("field", good, t): sign * ((good[0] == name) - exact(share))
                        for good in self.goods
                        if good[0] in self.tables.systems
                    }
                    self.programme.limit(("mix", sign, name, t), terms)

    def _budget(self, t: int) -> None:
        """Supplies cost their cost, else their item's value; lanes take their mark-up on value."""
        limit = self.tables.settings.budget_usd_per_month
        if limit is None:
            return
        terms: dict[Key, Fraction] = {}
        for supply in self.tables.supplies.values():
            cost = supply.cost_usd
            usd = self.value(supply.component) if cost is None else exact(cost)
            terms["out", supply.element, t] = usd
        for lane in self.tables.lanes.values():
            for good in self.carried(lane):
                usd = exact(lane.markup) * self.value(good[0])
                terms["sent", lane.element, good, t] = usd
        self.programme.limit(("budget", t), terms, exact(limit))


def weights(tables: Tables) -> dict[str, Fraction]:
    """Return the worth of one unit of each system."""
    rows, weighting = tables.systems, tables.settings.weighting
    if weighting is not Weighting.TARGET:
        units = weighting is Weighting.UNITS
        return {name: exact(1 if units else row.weight) for name, row in rows.items()}
    group = {name: row.group or f"alone: {name}" for name, row in rows.items()}
    size = [*group.values()]
    return {
        name: 1 / (len(set(size)) * size.count(group[name]) * exact(row.target_per_month))
        for name, row in rows.items()
    }


def makers(tables: Tables) -> list[Maker]:
    """Return the plants, and the making at the destination of systems that have none."""
    recipes = {row.product for row in tables.requirements}
    rows = tables.plants.values()
    planted = [(row.element, row.place, row.product, row.brand or row.place) for row in rows]
    home = recipes & set(tables.systems) - {row.product for row in rows}
    end = tables.settings.destination
    return planted + [(f"at home: {name}", end, name, end) for name in sorted(home)]


def goods(tables: Tables, made: list[Maker]) -> list[Kind]:
    """Return all that there is, told apart by item, brand and reach."""
    kinds: dict[Kind, None] = {}
    for row in tables.supplies.values():
        kinds[row.component, row.brand, tuple(sorted(row.reach))] = None
    kinds |= dict.fromkeys((product, brand, ()) for _, _, product, brand in made)
    kinds |= dict.fromkeys((row.component, row.brand, ()) for row in tables.stocks)
    return list(kinds)
