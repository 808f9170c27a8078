"""Who of the senders matters, on networks where it can be worked out."""

from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.network.effect import Timing, effect
from analyzer.programme.flow import Options
from analyzer.study.coalition import Coalitions, coalition, staying
from analyzer.study.solve import Bench
from benchmarks.networks import network
from scenarios.schema import BadScenarioError, Measure, Scenario, SenderRule, Uncertain
from supply_data.schema import Tables
from tests.networks_by_hand import END, dataset, need, supply, system
from tests.random_scenarios import some_scenario
from tests.solved import capacity


def measure(name: str, supply_key: str, senders: object, **more: object) -> Measure:
    where = {"table": "supplies", "supply": supply_key}
    keys = {"id": name, "where": where, "cut": 1, "senders": senders, **more}
    return Measure.model_validate(keys)


def gloves() -> Tables:
    """Return a pair of gloves: the left from two places, each of which is enough, or the right."""
    return dataset(
        system("pair", 100), need("pair", "left"),
        supply("one", "left", END, 100), supply("other", "left", END, 100),
    )  # fmt: skip


def of(tables: Tables, *measures: Measure, library: tuple[Measure, ...] = ()) -> Coalitions:
    scenario = Scenario(id="set", measures=measures)
    return coalition(Case(tables, measures={m.id: m for m in library}), [scenario])


def column(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    return dict(zip(frame["sender"], frame[name], strict=True))


def test_the_glove_game_has_the_known_shares() -> None:
    # all is lost if L stops one supply and R or S the other
    found = of(
        gloves(),
        measure("left", "one", ["L"]),
        measure("right", "other", ["R", "S"], sender_rule="any"),
    )
    shares = column(found.senders, "loss_share")
    assert shares == pytest.approx({"L": 200 / 3, "R": 100 / 6, "S": 100 / 6}, abs=1e-4)
    assert column(found.senders, "hold_out_loss") == pytest.approx({"L": 100, "R": 0, "S": 0})
    (table,) = found.table.to_dict("records")
    assert table["loss"] == pytest.approx(100)
    assert sum(shares.values()) == pytest.approx(table["loss"] - table["unsent"], abs=1e-9)
    (pair,) = found.pairs.to_dict("records")
    assert (pair["index"], pair["word"]) == (pytest.approx(100), "synergy")


def test_a_sender_takes_its_part_with_it_by_the_rule() -> None:
    one = measure("m", "one", {"A": 0.75, "B": 0.25})
    all_stay = one.model_copy(update={"sender_rule": SenderRule.ALL})
    assert staying(one, frozenset({"A", "C"})) == 0.75
    assert staying(all_stay, frozenset({"A"})) == 0
    assert staying(all_stay, frozenset({"A", "B"})) == 1
    tables = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    by_share = of(tables, one)
    assert column(by_share.senders, "loss_share") == pytest.approx({"A": 75, "B": 25}, abs=1e-4)
    by_all = of(tables, all_stay)
    assert column(by_all.senders, "hold_out_loss") == pytest.approx({"A": 100, "B": 100})
    assert column(by_all.senders, "loss_share") == pytest.approx({"A": 50, "B": 50}, abs=1e-4)


def test_what_the_baseline_contains_stays_done() -> None:
    tables = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    # figures contain 0.5; without leak nothing is left, with either sender half of the measure is
    found = of(tables, measure("m", "one", ["A", "B"], baseline_leak=0.5))
    assert column(found.senders, "hold_out_loss") == pytest.approx({"A": 100, "B": 100}, abs=1e-4)


def test_effect_per_burden_is_told_where_all_burdens_are_known() -> None:
    tables = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    known = measure("m", "one", {"A": 0.75, "B": 0.25}, burden_usd_m_per_year=40)
    found = of(tables, known)
    assert column(found.senders, "burden_usd_m_per_year") == pytest.approx({"A": 30, "B": 10})
    assert column(found.senders, "loss_per_burden") == pytest.approx({"A": 2.5, "B": 2.5}, abs=1e-5)
    unknown = of(tables, measure("m", "one", ["A"]))
    assert unknown.senders["loss_per_burden"].isna().all()


def test_outsiders_bring_their_own_part_alone() -> None:
    tables = gloves()
    mine = measure("mine", "one", ["A"])
    yours = measure("yours", "other", {"B": 0.6, "A": 0.4})
    found = of(tables, mine, library=(mine, yours))
    (row,) = found.outsiders.to_dict("records")
    assert (row["sender"], row["measures"]) == ("B", ("yours",))
    assert row["adds"] == pytest.approx(60)


def test_a_measure_without_senders_always_stands() -> None:
    (row,) = of(gloves(), measure("m", "one", {}), measure("n", "other", {})).table.to_dict(
        "records"
    )
    assert row["unsent"] == row["loss"] == pytest.approx(100)


@pytest.mark.parametrize("seed", range(6))
def test_shares_are_means_over_all_orders(seed: int) -> None:
    tables = network(seed)
    scenario = some_scenario(tables, seed, count=3)
    senders = [{"A": 0.5, "B": 0.5}, {"B": 0.2, "C": 0.8}, {"C": 1.0}]
    own = tuple(
        m.model_copy(update={"senders": s, "sender_rule": list(SenderRule)[n]})
        for n, (m, s) in enumerate(zip(scenario.measures, senders, strict=True))
    )
    found = coalition(Case(tables), [scenario.model_copy(update={"measures": own})])
    base, total = found.baseline.capacity or 0.0, dict.fromkeys("ABC", 0.0)
    worth = {frozenset[str](): _loss(tables, own, frozenset(), base)}
    for order in permutations("ABC"):
        for n in range(3):
            before, after = frozenset(order[:n]), frozenset(order[: n + 1])
            worth.setdefault(after, _loss(tables, own, after, base))
            total[order[n]] += (worth[after] - worth[before]) / 6
    shares = column(found.senders, "loss_share")
    assert shares == pytest.approx(total, abs=3e-6 * base)
    table = found.table.iloc[0]
    assert sum(shares.values()) == pytest.approx(table["loss"] - table["unsent"], abs=1e-9 * base)


def _loss(
    tables: Tables, measures: tuple[Measure, ...], present: frozenset[str], base: float
) -> float:
    """Return the loss by the rule: effects times the share that stands."""
    stands = [m for m in measures if staying(m, present)]
    cut = [m.model_copy(update={"leak": _mapped(m, staying(m, present))}) for m in stands]
    left = effect(tables, Scenario(id="s", measures=tuple(cut)))
    return base - capacity(tables, left)


def _mapped(m: Measure, share: float) -> Uncertain:
    leak = {k: 1 - share * (1 - getattr(m.leak, k)) for k in ("low", "central", "high")}
    return Uncertain(**leak)


def test_what_is_not_certified_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "capacity", lambda *_, **__: None)
    found = of(gloves(), measure("m", "one", ["A"]))
    assert not found.certified
    assert found.table["capacity"].isna().all()
    assert found.senders.empty


def test_months_belong_to_another_study() -> None:
    with pytest.raises(ValueError, match="months"):
        coalition(case("tutorial"), [], options=Options(timing=Timing(months=3)))


def test_a_part_of_what_is_unknown_cannot_leave() -> None:
    tables = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END))
    with pytest.raises(BadScenarioError, match="unknown"):
        of(tables, measure("m", "one", ["A", "B"]))
