"""What becomes of the conclusions of a run on other facts: as JSON, in a terminal, in the report.

Convention: everything is told from what `told` returns, plain values that JSON can hold, so that
a report made again from a finished run says the same. A conclusion that a certificate is missing
for is not told.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from analyzer.network.case import Case
from analyzer.report import results
from analyzer.report.results import number
from analyzer.report.words import listed, percent, visible
from analyzer.study.compare import Comparison
from analyzer.study.restated import BASELINE, TOP, Restated, What
from supply_data.doubts import Assumption

Record = dict[str, Any]

_MOST = 12
"""Assumptions that the terminal shows."""
_PAIRS = 2
_SAID = {"worst": "what leaves least", "order": "the order", "binds": "what binds"}


def answer(comparison: Comparison, other: Restated | None = None) -> Record:
    """Return the answer of a run (`analyzer.report.results.answer`), and that on other facts."""
    return {**results.answer(comparison), **told(other, comparison.case)}


def told(found: Restated | None, case: Case) -> Record:
    """Return what was found, by the way in which facts are others.

    Returns
    -------
    dict
        ``variants``, ``assumptions`` (what moves most first) and ``evidence``; null for what was
        not asked.
    """
    nothing: Record = {"variants": None, "assumptions": None, "evidence": None}
    if found is None:
        return nothing
    rows = _records(found)
    made = {
        What.VARIANT: ("variants", _variants(rows[What.VARIANT], case)),
        What.ASSUMPTION: ("assumptions", _assumptions(rows[What.ASSUMPTION], case)),
        What.EVIDENCE: ("evidence", rows[What.EVIDENCE]),
    }
    return nothing | dict(made[what] for what in found.asked)


def _records(found: Restated) -> dict[str, list[Record]]:
    """Return the rows of the table by kind, each with what survives by scenario."""
    survives = {
        key: dict(zip(own["scenario"], map(number, own["surviving"]), strict=True))
        for key, own in found.scenarios.groupby(["kind", "name"], sort=False)
    }
    by_kind: dict[str, list[Record]] = {what: [] for what in What}
    for row in found.table.to_dict("records"):
        kind = str(row.pop("kind"))
        by_scenario = survives[kind, row["name"]]
        plain = {str(k): number(v) if isinstance(v, float) else v for k, v in row.items()}
        plain["overtaking"] = [list(pair) for pair in row["overtaking"]]
        plain |= {name: list(row[name]) for name in ("flips", "rebound")}
        plain["surviving"] = {k: v for k, v in by_scenario.items() if k != BASELINE}
        by_kind[kind].append(plain)
    return by_kind


def _variants(rows: Sequence[Record], case: Case) -> list[Record]:
    choices = {each.name: each for each in case.doubts.variants.choices}
    return [
        {
            "contradiction": choices[row["name"]].contradiction,
            **row,
            "what": choices[row["name"]].what,
            "source_ids": list(choices[row["name"]].source_ids),
        }
        for row in rows
    ]


def _assumptions(rows: Sequence[Record], case: Case) -> list[Record]:
    ends = {row["name"]: row for row in rows}
    found = [_assumption(each, ends) for each in case.doubts.assumptions]
    return sorted(found, key=lambda row: (-row["moves"], row["assumption"]))


def _assumption(row: Assumption, ends: Mapping[str, Record]) -> Record:
    """Return how far an assumption moves what survives the scenario that it moves most."""
    own = {
        end: ends[name]
        for end, value in (("low", row.low), ("high", row.high))
        if (name := f"{row.assumption}={value}") in ends
    }
    sure = [each for each in own.values() if each["certified"]]
    most = max(sure, key=_moves, default=None)
    scenario = None if most is None else most["moved"]
    survives = {end: each["surviving"].get(scenario) for end, each in own.items()}
    return {
        "assumption": row.assumption,
        "low": row.low,
        "central": row.central,
        "high": row.high,
        "acts": any(each["acts"] for each in own.values()),
        "moves": 0.0 if most is None else _moves(most),
        "scenario": scenario,
        "surviving_at_low": survives.get("low"),
        "surviving_at_central": None if most is None else most["before"],
        "surviving_at_high": survives.get("high"),
        "flips": [name for name in _SAID if any(name in each["flips"] for each in own.values())],
        "at": own,
        "certified": len(sure) == len(own),
    }


def _moves(row: Record) -> float:
    before, after = row["before"], row["after"]
    return 0.0 if before is None or after is None else abs(after - before)


# --- in words


def lines(found: Restated | None, case: Case, *, width: int = 100) -> Iterator[str]:
    """Yield what a terminal shows of it, a line each; nothing where nothing was asked."""
    asked = told(found, case)
    if asked["variants"] is not None:
        yield from ("", *_variant_lines(asked["variants"], width=width))
    if asked["assumptions"] is not None:
        yield from ("", *_assumption_lines(asked["assumptions"], width=width))
    if asked["evidence"] is not None:
        yield from ("", *_evidence_lines(asked["evidence"]))


def _variant_lines(rows: Sequence[Record], *, width: int) -> Iterator[str]:
    yield f"Where sources contradict: {_counted(len(rows), 'other reading')}, each alone"
    if not rows:
        return
    name = max(len(row["name"]) for row in rows) + 2
    half = max(width - name, 60) // 2
    yield f"{'Reading':<{name}}{'Leaves least':<{half}}Moves most"
    for row in rows:
        least = f"{visible(row['worst'], longest=half - 9)} {percent(row['surviving_of_worst'])}"
        yield f"{visible(row['name']):<{name}}{least:<{half}}{moved(row, longest=half - 18)}"
        yield from (f"  {sentence}" for sentence in flips(row))
    yield stands(rows, "readings")


def moved(row: Record, *, longest: int = 200) -> str:
    """Return what moves most, from where to where."""
    if not row["certified"]:
        return "uncertified"
    if not _moves(row):
        return "nothing"
    span = f"{percent(row['before'])} to {percent(row['after'])}"
    return f"{visible(row['moved'], longest=longest)} {span}"


def flips(row: Record) -> list[str]:
    """Return which conclusions are others, a sentence each."""
    if not row["certified"]:
        return []
    found = []
    if row["overtaking"]:
        pairs = [f"{visible(one)} leaves less than {visible(other)}"
                 for one, other in row["overtaking"]]  # fmt: skip
        found.append(f"order: {_first(pairs)}")
    if row["rebound"]:
        found.append(
            f"another pillar binds under {listed(list(map(visible, row['rebound'])), most=3)}"
        )
    return found


def said(conclusions: Sequence[str]) -> str:
    """Return conclusions as people call them."""
    return ", ".join(_SAID[each] for each in conclusions)


def _first(texts: Sequence[str]) -> str:
    more = len(texts) - _PAIRS
    return "; ".join(texts[:_PAIRS]) + (f"; and {more} more" if more > 0 else "")


def stands(rows: Sequence[Record], what: str) -> str:
    """Return which conclusions stand under all other facts, and how many overturn the others."""
    sure = [row for row in rows if row["certified"]]
    counts = {name: sum(name in row["flips"] for row in sure) for name in _SAID}
    parts = [
        f"{_SAID[name]} stands" if not count else f"{_SAID[name]} changes under {count}"
        for name, count in counts.items()
    ]
    missing = len(rows) - len(sure)
    unsure = f" {missing} not certified." if missing else ""
    told_of = f"Of {len(sure)} {what}: {', '.join(parts)}. "
    return f"{told_of}Order: who passes whom of the {TOP} that leave least.{unsure}"


def _evidence_lines(rows: Sequence[Record]) -> Iterator[str]:
    for row in rows:
        if not row["certified"]:
            yield f"If only {row['name']} limits counted: uncertified."
            continue
        least = f"{visible(row['worst'])} leaves least, {percent(row['surviving_of_worst'])}"
        most = moved(row)
        yield f"If only {row['name']} limits counted, and others were not known: {least}."
        yield f"  Moves most: {most}."


def _assumption_lines(rows: Sequence[Record], *, width: int) -> Iterator[str]:
    acting = [row for row in rows if row["acts"]]
    many = _counted(len(rows), "assumption")
    yield f"{many} at low and at high, each alone; what moves most first"
    if not acting:
        return
    name = max(len(row["assumption"]) for row in acting) + 2
    rest = max(width - name - 44, 20)
    ends = f"{'at low':>9}{'used':>9}{'at high':>9}"
    yield f"{'Assumption':<{name}}{'low':>7}{'high':>7}  {'Survives':<{rest}}{ends}"
    for row in acting[:_MOST]:
        yield _assumption_line(row, name=name, rest=rest)
        if row["flips"]:
            yield f"  flips: {said(row['flips'])}"
    if len(acting) > _MOST:
        yield f"  … and {len(acting) - _MOST} that move less"
    idle = [row["assumption"] for row in rows if not row["acts"]]
    if idle:
        yield f"Of no account in the steady state: {listed(idle, most=len(idle))}."
    yield stands([end for row in rows for end in row["at"].values()], "ends")


def _assumption_line(row: Record, *, name: int, rest: int) -> str:
    values = [row[f"surviving_at_{end}"] for end in ("low", "central", "high")]
    cells = "".join(f"{percent(value):>9}" for value in values)
    scenario = visible(row["scenario"], longest=rest - 1)
    start = f"{row['assumption']:<{name}}{row['low']:>7}{row['high']:>7}"
    return f"{start}  {scenario:<{rest}}{cells}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def frame(found: Restated) -> pd.DataFrame:
    """Return the conclusions as rows that a file of values separated by commas can hold."""
    joined = {
        "flips": [";".join(each) for each in found.table["flips"]],
        "overtaking": [";".join(f"{a}<{b}" for a, b in each) for each in found.table["overtaking"]],
        "rebound": [";".join(each) for each in found.table["rebound"]],
    }
    return found.table.assign(**joined)
