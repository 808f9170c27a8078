"""One programme kept loaded in HiGHS and solved again after changes of limits.

Each solve starts from the basis of the unchanged programme, so the answer to a change does not
depend on the changes before it. Hot starts can go wrong in silence, so every answer is certified by
our own arithmetic; one that is not is solved again cold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.highs import Method, Solver, Status, answer


@dataclass(frozen=True)
class Change:
    """New limits: upper bounds of columns and right-hand sides (at most) of rows, by number."""

    high: Mapping[int, float] = field(default_factory=dict)
    row_high: Mapping[int, float] = field(default_factory=dict)

    def of(self, programme: LinearProgramme) -> LinearProgramme:
        """Return the programme with these limits."""
        return replace(
            programme,
            high=_changed(programme.high, self.high),
            row_high=_changed(programme.row_high, self.row_high),
        )


@dataclass(frozen=True)
class Proof:
    """A solve with what was proved of it."""

    certificate: Certificate
    plan: Vector
    prices: Vector
    cold: bool


class Persistent:
    """A programme that is solved again and again with other limits.

    Parameters
    ----------
    programme : LinearProgramme
        What changes are counted from. One object serves one thread.
    """

    def __init__(self, programme: LinearProgramme) -> None:
        """Load the programme and keep its optimal basis."""
        self.programme = programme
        self._solver = Solver(programme, method=Method.PLAIN)
        self._solver.answer()
        self._basis = self._solver.basis()

    def proof(self, change: Change) -> Proof:
        """Return the optimum under other limits, certified if that can be done."""
        programme = change.of(self.programme)
        self._set(change, programme)
        found = self._solver.answer()
        self._unset(change)
        proved = certificate(
            programme, found.plan, found.prices, optimal=found.status is Status.OPTIMAL
        )
        if proved.certified:
            return Proof(proved, found.plan, found.prices, cold=False)
        found = answer(programme)
        optimal = found.status is Status.OPTIMAL
        proved = certificate(programme, found.plan, found.prices, optimal=optimal)
        return Proof(proved, found.plan, found.prices, cold=True)

    def _set(self, change: Change, programme: LinearProgramme) -> None:
        self._solver.start_from(self._basis)
        for number in change.high:
            self._solver.bound(number, programme.high[number])
        for number in change.row_high:
            low, high = programme.row_low[number], programme.row_high[number]
            self._solver.bound_row(number, low, high)

    def _unset(self, change: Change) -> None:
        for number in change.high:
            self._solver.bound(number, self.programme.high[number])
        for number in change.row_high:
            low, high = self.programme.row_low[number], self.programme.row_high[number]
            self._solver.bound_row(number, low, high)


def _changed(values: Vector, new: Mapping[int, float]) -> Vector:
    changed = values.copy()
    for number, value in new.items():
        changed[number] = value
    return changed
