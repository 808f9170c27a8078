"""Both solvers reach the same capacities, and each is proved by our own arithmetic."""

import pytest

from analyzer.network.case import case
from analyzer.programme.flow import Options
from analyzer.study.compare import compare
from analyzer.study.crosscheck import cross_check


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_the_other_solver_agrees(solver: str) -> None:
    options = Options(solver="cbc" if solver == "cbc" else "highs")
    found = cross_check(compare(case("tutorial"), options=options))
    assert len(found) == 6
    assert set(found["solver"]) == {solver}
    assert solver not in set(found["other_solver"])
    assert found["difference"].max() < 1e-7


def test_prices_that_are_told_too_coarsely_do_not_keep_a_right_plan_from_being_proved() -> None:
    shipped = case("russia-uas", ["enforced-to-2024"])
    first = compare(shipped)
    found = cross_check(first)
    assert found["difference"].notna().all()
    assert found["difference"].max() < 1e-6
    assert compare(shipped, options=Options(solver="cbc")).table["certified"].all()
