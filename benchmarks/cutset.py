"""How long it takes to prove which cuts are best, on the sizes that figures are stated for.

Times are processor time of this process; the greedy set stands beside the proven one.
"""

from time import process_time

from analyzer.network.case import Case, case
from analyzer.network.groups import Over
from analyzer.study.cutset import Ask, Cutset, cutset
from benchmarks.realistic import SIZES, realistic

TRIED = (
    ("S", Over.ELEMENT, 2),
    ("S", Over.ELEMENT, 3),
    ("M", Over.ELEMENT, 2),
    ("russia-uas", Over.MEASURE, 5),
)


def opened(name: str) -> Case:
    """Return a network of a size, or a shipped dataset."""
    return Case(realistic(0, SIZES[name])) if name in SIZES else case(name)


def line(name: str, found: Cutset, seconds: float) -> str:
    """Return a row of the table."""
    greedy = found.greedy[-1].surviving if found.greedy else 1.0
    best = found.steps[-1].best.surviving
    return (
        f"| {name} | {found.ask.over} | {len(found.cuts)} | {found.ask.size} | {found.status} | "
        f"{best:.4f} | {greedy:.4f} | {found.nodes} | {found.rows} | {found.tally.solves} | "
        f"{seconds:.1f} |"
    )


def main() -> None:
    """Print a table."""
    print("| network | over | cuts | size | status | best | greedy | sets | plans | solves | s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, over, size in TRIED:
        setting = opened(name)
        begun = process_time()
        found = cutset(setting, Ask(over, size=size))
        print(line(name, found, process_time() - begun), flush=True)


if __name__ == "__main__":
    main()
