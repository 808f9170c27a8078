"""Every way in which a solver may end but the good one, each brought about: none gives a number.

What can be had really is had really: limits, a user who interrupts, programmes without an optimum,
a CBC that is missing, killed or writes nonsense. Where it cannot be had, such as a machine without
memory left, the solver is made to say so at the last moment.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from stat import S_IXUSR
from typing import Any

import highspy
import numpy as np
import pulp
import pytest

from analyzer.programme import highs
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.cbc import cbc_answer, problem_of
from analyzer.programme.certificate import certificate, proved_by, uses, worths
from analyzer.programme.flow import Options
from analyzer.programme.highs import Answer, Limits, Method, Solver, Status, answer
from analyzer.programme.persistent import Persistent
from analyzer.programme.solution import solution
from benchmarks.networks import SMALL, network
from tests.command_line import aftercut
from tests.networks_by_hand import diamond
from tests.programme.test_highs import INFEASIBLE, UNBOUNDED, nothing_shown
from tests.solved import built

BY_CBC = Options(solver="cbc")
ONE = ("tutorial", "--scenario", "hub-closed")
NOT_OPTIMAL = [status for status in Status if status is not Status.OPTIMAL]
NEVER = [name for name in highspy.HighsModelStatus.__members__ if name != "kOptimal"]


def bounded(programme: LinearProgramme, high: float) -> LinearProgramme:
    """Return a programme whose columns end somewhere, since PuLP takes no other."""
    return replace(programme, high=np.full_like(programme.high, high))


def uncertified(programme: LinearProgramme, found: Answer) -> bool:
    optimal = found.status is Status.OPTIMAL
    return not certificate(programme, found.plan, found.prices, optimal=optimal).certified


# --- HiGHS


@pytest.mark.parametrize("name", NEVER)
def test_no_other_word_of_highs_gives_a_number(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # the plan and the prices are the right ones: the word alone must be enough
    said = getattr(highspy.HighsModelStatus, name)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda _: said)
    ready = built(diamond())
    found = solution(ready)
    assert found.status is not Status.OPTIMAL
    assert found.tries == len(Method)
    assert nothing_shown(found)
    proof = Persistent(ready.baseline).proof(ready.baseline)
    assert proof.cold
    assert not proof.certificate.certified


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("kMemoryLimit", Status.MEMORY),
        ("kSolveError", Status.ERROR),
        ("kModelError", Status.ERROR),
        ("kPresolveError", Status.ERROR),
        ("kPostsolveError", Status.ERROR),
        ("kLoadError", Status.UNKNOWN),
        ("kNotset", Status.UNKNOWN),
        ("kUnknown", Status.UNKNOWN),
        ("kSolutionLimit", Status.UNKNOWN),
        ("kObjectiveBound", Status.UNKNOWN),
        ("kObjectiveTarget", Status.UNKNOWN),
        ("kModelEmpty", Status.UNKNOWN),
        ("kUnboundedOrInfeasible", Status.INFEASIBLE),
        ("kInterrupt", Status.INTERRUPTED),
    ],
)
def test_what_highs_says_is_told_in_our_words(
    said: str, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = getattr(highspy.HighsModelStatus, said)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda _: known)
    assert answer(built(diamond()).baseline).status is status


def test_a_user_who_interrupts_highs_gets_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    run = highspy.Highs.run

    def interrupted(solver: highspy.Highs) -> object:
        kind = highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt

        def stop(_kind: object, _text: object, _out: object, answer: Any, _ours: object) -> None:  # noqa: ANN401 - highspy names no type
            answer.user_interrupt = True

        solver.setCallback(stop, None)
        solver.startCallback(kind)
        return run(solver)

    monkeypatch.setattr(highspy.Highs, "run", interrupted)
    found = solution(built(network(3, SMALL)))
    assert found.status is Status.INTERRUPTED
    assert nothing_shown(found)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("programme", [INFEASIBLE, UNBOUNDED])
def test_a_kept_programme_without_an_optimum_is_never_certified(
    programme: LinearProgramme, method: Method
) -> None:
    found = Solver(programme, method=method, again=True).answer()
    assert found.status in {Status.INFEASIBLE, Status.UNBOUNDED}
    assert uncertified(programme, found)
    proof = Persistent(programme).proof(programme)
    assert not proof.certificate.certified


@pytest.mark.parametrize(
    "options", [{"time_limit": 0.0}, {"simplex_iteration_limit": 1}], ids=["time", "iterations"]
)
def test_a_kept_programme_that_gave_up_is_not_certified(
    options: dict[str, float | int], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = built(network(3, SMALL))
    monkeypatch.setattr(highs, "OPTIONS", {**highs.OPTIONS, **options})
    monkeypatch.setattr(highs, "PERTURBED", {**highs.PERTURBED, **options})
    monkeypatch.setattr(highs, "AS_THEY_ARE", {**highs.AS_THEY_ARE, **options})
    assert not Persistent(ready.baseline).proof(ready.baseline).certificate.certified


# --- the trap in PuLP


@pytest.mark.parametrize("options", [{"timeLimit": 0}, {"simplex_iteration_limit": 1}])
def test_trap_pulp_calls_optimal_what_highs_gave_up(options: dict[str, int]) -> None:
    programme = built(network(3, SMALL)).baseline
    problem = problem_of(programme)
    problem.solve(pulp.HiGHS(msg=False, **options))
    assert problem.status == pulp.LpStatusOptimal  # if this fails PuLP has learnt
    limits = Limits(seconds=0.0) if "timeLimit" in options else Limits(iterations=1)
    assert answer(programme, limits=limits).status in {Status.TIME_LIMIT, Status.ITERATION_LIMIT}
    plan = np.array([variable.varValue or 0.0 for variable in problem.variables()])
    prices = np.zeros(len(programme.row_low))
    assert not certificate(programme, plan, prices, optimal=True).certified


@pytest.mark.parametrize("limits", [Limits(seconds=0.0), Limits(iterations=1)])
def test_trap_pulp_calls_optimal_what_cbc_gave_up(limits: Limits) -> None:
    ready = built(network(3, SMALL), options=BY_CBC)
    found = cbc_answer(ready.baseline, limits=limits)
    assert found.status in {Status.TIME_LIMIT, Status.ITERATION_LIMIT}
    shown = solution(ready, limits=limits)
    assert shown.status is found.status
    assert nothing_shown(shown)


# --- CBC, a process of its own


@pytest.mark.parametrize(
    ("programme", "status"),
    [(INFEASIBLE, Status.INFEASIBLE), (UNBOUNDED, Status.UNBOUNDED)],
)
def test_what_has_no_optimum_has_none_by_cbc(programme: LinearProgramme, status: Status) -> None:
    ended = bounded(programme, 1e30)
    found = cbc_answer(ended)
    assert found.status is status
    assert uncertified(ended, found)


def test_what_pulp_cannot_hold_is_an_error() -> None:
    found = cbc_answer(UNBOUNDED)
    assert found.status is Status.ERROR
    assert uncertified(UNBOUNDED, found)


Stand = Callable[[str], None]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """Return what puts a script in the place of CBC; it finds the file to write in ``solution``."""

    def put(script: str) -> None:
        path = tmp_path / "cbc"
        real = pulp.PULP_CBC_CMD.pulp_cbc_path
        begin = f"#!{sys.executable}\nimport os, signal, subprocess, sys\nreal = {real!r}\n"
        named = "solution = sys.argv[sys.argv.index('-solution') + 1]\n"
        path.write_text(f"{begin}{named}{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | S_IXUSR)
        monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", str(path))

    return put


REALLY = "subprocess.run([real, *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)\n"
READ = REALLY + "told = open(solution).read().splitlines(True)\n"
CRASHES = {
    "killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "killed after its solution": REALLY + "os.kill(os.getpid(), signal.SIGKILL)",
    "ended with a code": "sys.exit(3)",
    "no solution": "",
    "empty": "open(solution, 'w')",
    "only how it ended": READ + "open(solution, 'w').write(told[0])",
    "half": READ + "open(solution, 'w').writelines(told[: len(told) // 2])",
    "last line cut": READ + "open(solution, 'w').write(''.join(told)[:-30])",
    "last line lost": READ + "open(solution, 'w').writelines(told[:-1])",
    "a blank line between": READ + "told[3] = '\\n'; open(solution, 'w').writelines(told)",
    "letters for digits": READ + "told[3] = '3 X0000003 abc 0\\n'; "
    "open(solution, 'w').writelines(told)",
    "bytes": "open(solution, 'wb').write(bytes(range(256)) * 40)",
}
UNSURE = {
    "another version's words": READ + "told[0] = 'Optimum found - objective value 0\\n'; "
    "open(solution, 'w').writelines(told)",
    "another version's columns": READ + "open(solution, 'w').writelines([told[0], "
    "*(' '.join([*line.split()[:2], '0', *line.split()[2:]]) + '\\n' for line in told[1:])])",
    "no numbers": READ + "open(solution, 'w').writelines([told[0], "
    "*(' '.join([*line.split()[:2], 'nan', 'nan']) + '\\n' for line in told[1:])])",
    "infinite numbers": READ + "open(solution, 'w').writelines([told[0], "
    "*(' '.join([*line.split()[:2], 'inf', '-inf']) + '\\n' for line in told[1:])])",
}


@pytest.mark.parametrize("script", CRASHES.values(), ids=CRASHES.keys())
def test_a_cbc_that_breaks_is_an_error_and_no_number(script: str, stand_in: Stand) -> None:
    stand_in(script)
    found = solution(built(diamond(), options=BY_CBC))
    assert found.status is Status.ERROR
    assert nothing_shown(found)


@pytest.mark.parametrize("script", UNSURE.values(), ids=UNSURE.keys())
def test_a_cbc_that_says_other_things_gives_no_number(script: str, stand_in: Stand) -> None:
    stand_in(script)
    assert nothing_shown(solution(built(diamond(), options=BY_CBC)))


@pytest.mark.parametrize("path", ["nowhere/cbc", os.devnull, "."])
def test_a_cbc_that_is_not_there_is_an_error(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", path)
    found = solution(built(diamond(), options=BY_CBC))
    assert found.status is Status.ERROR
    assert nothing_shown(found)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("Stopped on time", Status.TIME_LIMIT),
        ("Stopped on iterations", Status.ITERATION_LIMIT),
        ("Stopped on ctrl-c", Status.INTERRUPTED),
        ("Stopped on difficulties", Status.ERROR),
        ("Integer infeasible", Status.INFEASIBLE),
        ("Linear relaxation unbounded", Status.UNBOUNDED),
        ("Killed by something", Status.UNKNOWN),
    ],
)
def test_what_cbc_says_beside_a_right_plan_is_told_in_our_words(
    words: str, status: Status, stand_in: Stand
) -> None:
    first = f"told[0] = {words + ' - objective value 0'!r} + chr(10); "
    stand_in(READ + first + "open(solution, 'w').writelines(told)")
    found = solution(built(diamond(), options=BY_CBC))
    assert found.status is status
    assert nothing_shown(found)


# --- whatever the solver


@pytest.mark.parametrize("status", NOT_OPTIMAL)
def test_right_numbers_under_a_wrong_word_prove_nothing(status: Status) -> None:
    programme = built(diamond()).baseline
    best = answer(programme)
    used, priced = uses(programme, best.plan), worths(programme, best.prices)
    for word in (Status.OPTIMAL, status):
        optimal = word is Status.OPTIMAL
        proved = proved_by(programme, best.plan, used=used, priced=priced, optimal=optimal)
        assert proved.certified is optimal


@pytest.mark.parametrize(
    ("solver", "status"), [("highs", Status.MEMORY), ("cbc", Status.TIME_LIMIT)]
)
def test_the_command_shows_null_and_ends_with_four(
    solver: str, status: Status, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def failing(programme: LinearProgramme, **_: object) -> Answer:
        return replace(answer(programme), status=status)

    seam = "cbc_answer" if solver == "cbc" else "answer"
    monkeypatch.setattr(f"analyzer.programme.solution.{seam}", failing)
    out = tmp_path / "kept"
    ran = aftercut("run", *ONE, "--solver", solver, "--out", out, "--json")
    assert (ran.code, "Traceback" in ran.err) == (4, False)
    told = json.loads(ran.out)
    for row in (told["baseline"], *told["scenarios"]):
        assert row["capacity"] is None
        assert row["certified"] is False
    assert (out / "run.json").is_file()


def test_the_command_with_a_cbc_that_is_killed_ends_with_four(
    stand_in: Stand, tmp_path: Path
) -> None:
    stand_in(CRASHES["killed"])
    ran = aftercut("run", *ONE, "--solver", "cbc", "--json")
    assert ran.code == 4
    assert json.loads(ran.out)["baseline"]["capacity"] is None
    ran = aftercut("run", *ONE, "--cross-check", "--out", tmp_path / "kept")
    assert ran.code == 4
    assert "not certified by both" in ran.out + ran.err
