"""A programme solved again with other numbers: as if each were solved alone and cold."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.programme import persistent
from analyzer.programme.arrays import LinearProgramme, Model, reweighted
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.highs import Answer, Method, Simplex, Solver, Status, answer
from analyzer.programme.persistent import Persistent, limited
from benchmarks.networks import SMALL, Size, network
from supply_data.schema import Weighting
from tests.effort import SEEDS, tries
from tests.networks_by_hand import END, START, diamond, flow_network
from tests.random_effects import some_limits, some_rates
from tests.solved import built, cut, optimum

FEW = settings(max_examples=tries(40, 400))
MOVED = 12
"""Limits of a network that are moved, of some hundred."""
SAME = 1e-6
"""How far two optima may differ, in percent; certificates allow 1e-4."""


MIDDLE = Size(
    origins=4, hubs=3, components=8, subassemblies=2, systems=4, lanes=16, categories=2, slots=4,
    brands=3,
)  # fmt: skip


def variants(
    seed: int, size: Size = MIDDLE, *, count: int, rates: bool = True
) -> tuple[Model, list[LinearProgramme]]:
    """Return a programme, and so many with other bounds, sides, costs and perhaps coefficients."""
    tables = network(seed, size)
    draw = np.random.default_rng(seed)
    effects = [some_limits(tables, seed + n, share=0.1) for n in range(3)]
    if rates:
        effects += [some_rates(tables, seed + n, share=0.1) for n in range(3)]
    ready = built(tables, effects)
    models = [ready, *(reweighted(ready, weighting) for weighting in Weighting)]
    found = []
    for _ in range(count):
        model, effect = models[draw.integers(len(models))], effects[draw.integers(len(effects))]
        found.append(narrowed(model.under(effect), draw))
    return ready, found


def narrowed(programme: LinearProgramme, draw: np.random.Generator) -> LinearProgramme:
    """Return the programme with a few more bounds and sides changed, some of them to nothing."""
    columns = draw.integers(len(programme.high), size=2).tolist()
    rows = [n for n in np.flatnonzero(programme.row_high == 1).tolist() if draw.random() < 0.1]
    return limited(
        programme,
        high={n: float(programme.high[n] * draw.choice([0.0, 0.5, 1.0])) for n in columns},
        row_high={n: float(draw.uniform(0, 2)) for n in rows},
    )


def values(kept: Persistent, programmes: Sequence[LinearProgramme]) -> list[float]:
    proofs = [kept.proof(programme) for programme in programmes]
    assert all(proof.certificate.certified for proof in proofs)
    return [proof.certificate.value for proof in proofs]


# --- the same answers


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_relation_13_warm_answers_are_those_solved_alone(seed: int) -> None:
    ready, programmes = variants(seed, count=30)
    warm = values(Persistent(ready.baseline), programmes)
    np.testing.assert_allclose(warm, [optimum(each) for each in programmes], rtol=0, atol=SAME)


def test_two_hundred_changes_in_a_row_leave_no_trace() -> None:
    ready, programmes = variants(4, SMALL, count=200)
    kept = Persistent(ready.baseline)
    before = kept.proof(ready.baseline)
    values(kept, programmes)
    after = kept.proof(ready.baseline)
    np.testing.assert_array_equal(after.plan, before.plan)
    np.testing.assert_array_equal(after.prices, before.prices)


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_order_of_changes_is_irrelevant(seed: int) -> None:
    ready, programmes = variants(seed, count=12)
    order = np.random.default_rng(seed).permutation(len(programmes)).tolist()
    one = values(Persistent(ready.baseline), programmes)
    other = values(Persistent(ready.baseline), [programmes[n] for n in order])
    np.testing.assert_allclose(other, [one[n] for n in order], rtol=0, atol=SAME)


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_order_of_changes_of_limits_and_costs_decides_nothing_at_all(seed: int) -> None:
    ready, programmes = variants(seed, count=12, rates=False)
    order = np.random.default_rng(seed).permutation(len(programmes)).tolist()
    kept, other = Persistent(ready.baseline), Persistent(ready.baseline)
    one = [kept.proof(programme) for programme in programmes]
    for n in order:
        proof = other.proof(programmes[n])
        np.testing.assert_array_equal(proof.plan, one[n].plan)
        np.testing.assert_array_equal(proof.prices, one[n].prices)


def test_needed_solves_are_warm() -> None:
    ready, programmes = variants(7, SMALL, count=60)
    kept = Persistent(ready.baseline)
    assert not any(kept.proof(programme).cold for programme in programmes)


def test_programme_that_was_loaded_first_need_not_be_the_loosest() -> None:
    ready = built(diamond(), [cut("lane:start-north")])
    tight = ready.under(cut("lane:start-north"))
    kept = Persistent(tight)
    assert values(kept, [ready.baseline, tight, ready.baseline]) == pytest.approx([0, 30, 0])


# --- what cannot be trusted


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_plan_that_follows_its_edge_is_the_optimum_of_the_moved_limit(seed: int) -> None:
    tables = network(seed, SMALL)
    ready = built(tables, [some_rates(tables, seed, share=0.1)])
    kept = Persistent(ready.baseline)
    proof = kept.proof(ready.baseline)
    places = list(ready.places.values())
    edges = list(kept.edges(proof, [(each.row, each.columns[0]) for each in places]))
    known = [pair for pair in zip(places, edges, strict=True) if pair[1] is not None]
    draw = np.random.default_rng([14, seed])
    for n in draw.permutation(len(known))[:MOVED].tolist():
        place, edge = known[n]
        moved = limited(
            ready.baseline,
            high={place.columns[0]: ready.baseline.high[place.columns[0]] - 1e-6}
            if place.row is None
            else {},
            row_high={} if place.row is None else {place.row: place.figure - 1e-6},
        )
        own = certificate(moved, proof.plan - 1e-6 * edge, proof.prices, optimal=True)
        if own.residual <= 1e-9:
            assert own.certified
            assert own.value == pytest.approx(kept.proof(moved).certificate.value, abs=1e-8)


def test_more_of_the_one_lane_moves_the_plan_up_in_proportion() -> None:
    ready = built(flow_network((START, END, 60), target=100))
    kept = Persistent(ready.baseline)
    proof = kept.proof(ready.baseline)
    limit = ready.places["lane:start-end"]
    (edge,) = kept.edges(proof, [(limit.row, limit.columns[0])])
    assert edge is not None
    np.testing.assert_allclose(edge * limit.figure, proof.plan, atol=1e-9)


class Misled(Solver):
    """A solver whose hot starts end in a plan that is short of the optimum, said to be optimal."""

    def answer(self) -> Answer:
        found = super().answer()
        return Answer(Status.OPTIMAL, 0.9 * found.plan, found.prices)


def test_wrong_optimum_of_a_hot_start_is_solved_again_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    ready, programmes = variants(7, SMALL, count=5)
    monkeypatch.setattr(persistent, "Solver", Misled)
    kept = Persistent(ready.baseline)
    for programme in programmes:
        proof = kept.proof(programme)
        assert proof.cold
        assert proof.certificate.certified
        assert proof.certificate.value == pytest.approx(optimum(programme), abs=SAME)


def test_what_fails_cold_as_well_is_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> Certificate:
        return Certificate(value=1.0, bound=0.0, residual=0.0, optimal=True)

    ready = built(diamond())
    kept = Persistent(ready.baseline)
    monkeypatch.setattr(persistent, "proved_by", failing)
    proof = kept.proof(ready.baseline)
    assert proof.cold
    assert not proof.certificate.certified


def test_cold_solve_is_tried_by_every_method(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Noted(Misled):
        def __init__(
            self,
            programme: LinearProgramme,
            *,
            method: Method,
            again: bool,
            simplex: Simplex,
        ) -> None:
            tried.append(method)
            super().__init__(programme, method=method, again=again, simplex=simplex)

    def noted(programme: LinearProgramme, *, method: Method) -> Answer:
        tried.append(method)
        found = answer(programme, method=method)
        return found if method is Method.PLAIN else replace(found, status=Status.UNKNOWN)

    monkeypatch.setattr(persistent, "Solver", Noted)
    monkeypatch.setattr(persistent, "answer", noted)
    ready = built(diamond())
    Persistent(ready.baseline).proof(ready.baseline)
    assert tried == [Method.PLAIN, Method.PRESOLVED, Method.PLAIN]


# --- other limits


def test_other_limits_leave_the_programme_as_it_was() -> None:
    programme = built(diamond()).baseline
    high, row_high = programme.high.copy(), programme.row_high.copy()
    changed = limited(programme, high={0: 0.25}, row_high={1: 0.5})
    assert changed.high[0] == 0.25
    assert changed.row_high[1] == 0.5
    np.testing.assert_array_equal(programme.high, high)
    np.testing.assert_array_equal(programme.row_high, row_high)
    np.testing.assert_array_equal(changed.high[1:], high[1:])
