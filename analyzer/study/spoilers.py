"""What is proved of single sets of cuts: what they cost, and plans that they leave possible.

Convention: shortfalls are in percent of Σ w · target, as in certificates. Each number is certified
beside the baseline's capacity; a row is checked by our own arithmetic, whatever the solver says.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.brackets import PART
from analyzer.programme.certificate import RESIDUAL, excess, limits, uses, value
from analyzer.programme.highs import Basis
from analyzer.programme.persistent import Persistent, Proof
from analyzer.programme.spare import Spare
from analyzer.study.hitting import Members, Row, joined, members
from analyzer.study.several import Several

SLIGHT = 1e-3
"""Size of a limit, in normalised units, below which sparing it matters no more."""
WARMER = 0.1
"""How much more a cut is to be spared for each row that it is in the way of."""
ASIDE = 0.05
"""How much cuts are to be spared that no longer count, beside 1 for those that do."""
AGAIN = 2
"""How often a plan is sought, each time weighing more what the last one used little of."""
ROOM = 1e-6
"""By how much a plan is to be better than asked, in percent, so that rounding does no harm."""
STRONGEST = 4
"""How many cuts, those that cost most alone, are not tried then: they are seldom harmless."""
GROWS = 128
"""Up to how many cuts it pays to try which of those that a plan rests on are harmless too."""


class UncertifiedError(Exception):
    """What a set costs could not be certified, so nothing can be proved beyond it."""


@dataclass
class Spoilers:
    """Cuts on one programme, solved for as a search asks.

    Attributes
    ----------
    several : Several
        The cuts.
    share : float
        What capacities are set against, as a share of Σ w · target.
    solves, cold_resolves, lean, uncertified : int
        How much was solved: sets, those that were solved again cold, plans sought for rows, and
        sets without a number.
    """

    several: Several
    share: float
    solves: int = 0
    cold_resolves: int = 0
    lean: int = 0
    uncertified: int = 0
    _losses: dict[Members, tuple[float, Row]] = field(default_factory=dict)
    _known: list[tuple[Members, float]] = field(default_factory=list)

    def loss(self, chosen: Members) -> tuple[float, Row]:
        """Return the shortfall under a set, and the row of its plan.

        Raises
        ------
        UncertifiedError
            If it could not be certified.
        """
        if chosen not in self._losses:
            proof = self.proof(chosen)
            shown = proof.certificate.value
            bar = self.several.bar(proof.uses, tolerance=self._tolerance) & ~chosen
            self._losses[chosen] = shown, Row(bar, shown)
            self._known.append((chosen, shown))
        return self._losses[chosen]

    def proof(self, chosen: Members) -> Proof:
        """Return the certified optimum under a set."""
        change = self.several.change(chosen)
        found = self._persistent.proof(change.on(self._programme), start=self._basis)
        self._basis = found.basis or self._basis
        self.solves += 1 + found.cold
        self.cold_resolves += found.cold
        if not found.certificate.certifies(self.share):
            self.uncertified += 1
            raise UncertifiedError
        return found

    def row(self, chosen: Members, *, asked: float, wanted: Members) -> Row | None:
        """Return a row without any of the chosen; see `analyzer.study.hitting.Oracle`."""
        found = self._lean(chosen, asked=asked, wanted=wanted)
        if found is not None and self.grows:
            found = self._grown(found, asked=asked)
        if found is not None:
            self._heat[list(members(found.bar))] += WARMER
        return found

    def _lean(self, chosen: Members, *, asked: float, wanted: Members) -> Row | None:
        change = self.several.change(chosen)
        under = change.on(self._programme)
        weights = self.several.weights(self._weighed(wanted)) / self._sizes
        spared, best = weights, None
        # where rows grow afterwards, one plan is enough to begin with
        for _ in range(1 if self.grows else AGAIN):
            plan = self._spare.plan(spared, value=asked - ROOM * self.share, change=change)
            self.lean += 1
            used, reached = uses(under, plan), value(under, plan)
            if reached > asked or excess(under, plan, used) > self._tolerance:
                break
            bar = self.several.bar(used, tolerance=self._tolerance) & ~chosen
            row = Row(bar, reached)
            if best is None or _count(bar & wanted) < _count(best.bar & wanted):
                best = row
            named = self.several.named
            part = np.maximum(used[named] - self.several.floors, 0.0) / self._sizes
            spared = weights / (part + SLIGHT)
        return best

    def _grown(self, row: Row, *, asked: float) -> Row:
        """Return the row of more cuts that are harmless together, the weakest tried first."""
        everything = (1 << len(self.several.cuts)) - 1
        order = sorted(members(row.bar), key=lambda n: self._alone[n])[:-STRONGEST]
        return self._with(Row(row.bar, row.value), order, everything, asked)

    def _with(self, row: Row, more: list[int], everything: Members, asked: float) -> Row:
        """Return the row of as many more cuts as stay harmless, halved where they do not."""
        if not more:
            return row
        wider = row.bar & ~joined(more)
        found = self._within(everything & ~wider, asked)
        if found is not None:
            return Row(wider, found)
        if len(more) == 1:
            return row
        half = len(more) // 2
        row = self._with(row, more[:half], everything, asked)
        return self._with(row, more[half:], everything, asked)

    def _within(self, chosen: Members, asked: float) -> float | None:
        """Return the shortfall under a set if it is no more than asked, else None."""
        if any(value > asked and not part & ~chosen for part, value in self._known):
            return None
        more = (value for whole, value in self._known if value <= asked and not chosen & ~whole)
        value = next(more, None)
        if value is None:
            value = self.proof(chosen).certificate.value
            self._known.append((chosen, value))
        return value if value <= asked else None

    @property
    def grows(self) -> bool:
        """Whether rows are made stronger by solving for what else is harmless."""
        return len(self.several.cuts) <= GROWS

    def _weighed(self, wanted: Members) -> Vector:
        weights = np.full(len(self.several.cuts), ASIDE)
        weights[list(members(wanted))] = 1.0
        return np.asarray(weights * self._heat)

    @cached_property
    def _alone(self) -> list[float]:
        """What each cut costs by itself."""
        return [self.loss(1 << n)[0] for n in range(len(self.several.cuts))]

    @cached_property
    def _heat(self) -> Vector:
        return np.ones(len(self.several.cuts))

    @cached_property
    def _sizes(self) -> Vector:
        return np.maximum(limits(self._programme)[self.several.named], SLIGHT)

    @property
    def _tolerance(self) -> float:
        return PART * RESIDUAL * self.share

    @property
    def _programme(self) -> LinearProgramme:
        return self.several.model.baseline

    @cached_property
    def _spare(self) -> Spare:
        return Spare(self._programme, self.several.named, self.several.floors)

    @cached_property
    def _persistent(self) -> Persistent:
        return Persistent(self._programme)

    @cached_property
    def _basis(self) -> Basis | None:
        return self._persistent.basis


def _count(chosen: Members) -> int:
    return chosen.bit_count()
