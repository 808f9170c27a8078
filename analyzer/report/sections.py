"""What the report says, section by section: plain values that a template lays out.

Convention: a section is a function of what a run kept; None or an empty list where there is nothing
to say, and then the template leaves it out. Texts are made safe to show here, numbers are words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import fsum
from typing import Any

import pandas as pd

from analyzer.report import otherwise, words
from analyzer.report.kept import Kept
from analyzer.report.kept_months import months
from analyzer.report.pictures import OF_SCENARIO, last_legs, overview
from analyzer.report.records import Record
from analyzer.report.tables import totals
from analyzer.report.words import amount, capacity_words, listed, percent, visible
from analyzer.study.compare import BASELINE
from supply_data.schema import Pillar

DRAWN = 3
"""So many scenarios, those that leave least, have figures; the others have tables alone."""
_LIMITS, _GOODS, _ITEMS, _CUTS = 10, 8, 12, 20
_TEXT = 2000
_MINUS = "\N{MINUS SIGN}"
_NOTICEABLE = 1e-3
_GROUPS = {
    "origin": "all supplies from {}",
    "brand": "all supplies of brands of {}",
    "hub": "all lanes into and out of {}",
}
_BY = {"origin": "Supplies, by origin", "brand": "Supplies, by brand", "last_lane": "Last lanes"}


def in_short(run: Kept) -> list[str]:
    """Return the answer in one paragraph, a sentence a part."""
    base = run.baseline
    if not base["certified"]:
        return ["The baseline is uncertified: no share of it is shown.", words.NOT_A_FORECAST]
    said = capacity_words(base["capacity"], weighting=run.answer["weighting"])
    told = [f"The baseline can field {said}."]
    sure = [row for row in run.costly if row["certified"]]
    count = len(run.ranked)
    if count:
        told.append(
            f"Of {count} scenario{'s' * (count != 1)} {len(sure)} cost capacity even after "
            f"everybody re-plans; {len(run.idle)} leave all of it, over the whole of their ranges."
        )
    if sure:
        worst = sure[0]
        lead = words.answer(worst, unknown=0, weighting=run.answer["weighting"], baseline=False)
        bound = words.binds(worst)
        which = "no pillar binds alone" if bound == "joint" else f"{bound} binds"
        told.append(
            f"“{visible(worst['title'])}” leaves least: {lead.figure} {lead.lead.rstrip('.')}; "
            f"{which}."
        )
    alone = _largest_alone(sure)
    if alone:
        told.append(alone)
    return [*told, _rests(run), words.NOT_A_FORECAST]


def _largest_alone(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return which scenario of one measure costs most."""
    single = [row for row in rows if len(row["measures"]) == 1]
    if not single:
        return ""
    row = single[0]
    return (
        f"Of those with one measure, “{visible(row['title'])}” leaves least, "
        f"{percent(row['surviving'])}."
    )


def _rests(run: Kept) -> str:
    rows = [limit for row in (run.baseline, *run.ranked) for limit in row["binding"]]
    binding = pd.DataFrame(rows, columns=["loss_1pct", "basis", "as_of"])
    certified = [bool(row["certified"]) for row in (run.baseline, *run.ranked)]
    unknown = len(run.answer["baseline"]["unknown"])
    return totals(certified, unknown=unknown, binding=binding)


def ranking(run: Kept) -> list[Record]:
    """Return the scenarios that cost something, the one that leaves least first."""
    return [_ranked(row, place) for place, row in enumerate(run.costly, 1)]


def _ranked(row: Mapping[str, Any], place: int) -> Record:
    sure = bool(row["certified"])
    ends = (row["interval_low"], row["interval_high"])
    return {
        "anchor": f"s{place}",
        "title": visible(row["title"] or row["scenario"]),
        "key": visible(row["scenario"]),
        "certified": sure,
        "survives": percent(row["surviving"]) if sure else words.UNCERTIFIED,
        "range": "" if not sure or None in ends or _alike(*ends) else words.percent_range(*ends),
        "at_once": percent(row["at_once"]) if sure else "",
        "binds": words.binds(row),
        "assumed": "" if row["assumed_share"] is None else percent(row["assumed_share"]),
        "bar": _bar(row["surviving"], row["interval_low"], row["interval_high"], row["at_once"]),
    }


def _alike(low: float, high: float) -> bool:
    return percent(low) == percent(high)


def _bar(
    share: float | None, low: float | None, high: float | None, once: float | None
) -> Record | None:
    """Return the places on a bar of a hundred; what is beyond it is cut off."""
    if share is None:
        return None
    places = {"share": share, "low": low, "high": high, "once": once}
    return {
        name: None if value is None else round(100 * min(max(value, 0.0), 1.0), 1)
        for name, value in places.items()
    }


def idle(run: Kept) -> list[Record]:
    """Return the scenarios that leave all, with what they leave at once and why."""
    return [
        {
            "title": visible(row["title"] or row["scenario"]),
            "key": visible(row["scenario"]),
            "at_once": percent(row["at_once"]),
            "told": [visible(claim["text"], longest=_TEXT) for claim in row["findings"][1:3]],
        }
        for row in run.idle
    ]


def scenarios(run: Kept) -> list[Record]:
    """Return what is told of each scenario that costs something."""
    return [
        _ranked(row, place)
        | {
            "summary": visible(_stated(run, row).get("summary", ""), longest=_TEXT),
            "findings": [visible(claim["text"], longest=_TEXT) for claim in row["findings"]],
            "pictures": _pictures(run, row) if place <= DRAWN else [],
            "systems": list(_systems(run, row)),
            "pillars": list(_pillars(run, row)),
            "limits": list(_limits(run, row["binding"][:_LIMITS])),
            "more_limits": max(len(row["binding"]) - _LIMITS, 0),
            "measures": list(_measures(run, row)),
            "origins": list(_origins(run, row)),
            "lanes": list(_lanes(run, row)),
            "goods": list(_goods(run, row)),
        }
        for place, row in enumerate(run.costly, 1)
    ]


def _stated(run: Kept, row: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.about["scenarios"].get(row["scenario"], {})
    return found


def _pictures(run: Kept, row: Mapping[str, Any]) -> list[Any]:
    found = (draw(run, row) for draw in OF_SCENARIO.values())
    return [picture for picture in found if picture is not None]


def _systems(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    for each in run.systems(row).to_dict("records"):
        yield {
            "name": visible(each["name"]),
            "before": percent(each["before"]),
            "after": percent(each["after"]),
            "bar": _bar(each["after"], None, None, each["before"]),
            "fell": percent(each["before"]) != percent(each["after"]),
        }


def _pillars(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    base = run.baseline["capacity"]
    for pillar in Pillar:
        one = row["pillars"].get(pillar.value)
        if one and base:
            yield {
                "name": pillar.value,
                "alone": percent(one["ceiling"] / base),
                "without": percent(one["relief"] / base),
                "loss": percent(one["loss_share"]),
            }


def _limits(run: Kept, rows: Iterable[Mapping[str, Any]]) -> Iterator[Record]:
    for limit in rows:
        element = run.about["elements"][limit["element"]]
        yield {
            "title": visible(element["title"]),
            "pillar": element["pillar"],
            "basis": element["basis"],
            "confidence": element["confidence"],
            "as_of": element["as_of"],
            "usage": "" if limit["usage"] is None else percent(limit["usage"]),
            "loss": _price(limit["loss_1pct"]),
            "gain": _price(limit["gain_1pct"]),
        }


def _price(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{amount(value)} %" if value else "0"


def _measures(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    stated = _stated(run, row).get("measures", {})
    order = sorted(row["measures"], key=lambda each: (-(each["returns"] or 0.0), each["title"]))
    for each in order:
        own = stated.get(each["measure"], {})
        effect = words.EFFECTS.get(each["effect"], visible(each["effect"]))
        yield {
            "title": visible(each["title"]),
            "kind": own.get("kind", ""),
            "status": own.get("status", ""),
            # the reason, where there is one, is told beside it
            "effect": effect.partition(":")[0] if each["note"] else effect,
            "bites": each["effect"] == "bites",
            "returns": "" if each["returns"] is None else percent(each["returns"]),
            "why": visible(_in_words(run, each["note"]), longest=_TEXT),
        }


def _in_words(run: Kept, note: str) -> str:
    """Return a note with the groups that it ends in called by their names."""
    said, colon, rest = note.partition(": ")
    groups = rest.split(", ")
    if not colon or not all(_is_known(run, group) for group in groups):
        return note
    return f"{said}: {'; '.join(_called(run, group) for group in groups)}"


def _is_known(run: Kept, group: str) -> bool:
    kind, _, place = group.partition(":")
    return group in run.about["elements"] or (kind in _GROUPS and place in run.about["places"])


def _called(run: Kept, group: str) -> str:
    """Return what an element or a group of elements is called."""
    kind, _, place = group.partition(":")
    if kind in _GROUPS:
        return visible(_GROUPS[kind].format(run.about["places"].get(place, place)))
    return visible(run.title(group))


def _changed(run: Kept, rows: Iterable[tuple[str, float, float]]) -> Iterator[Record]:
    """Yield flows that change by more than dust beside all of them."""
    unit = run.usd
    rows = list(rows)
    least = max(1.0, _NOTICEABLE * fsum(before for _, before, _ in rows))
    for name, before, after in rows:
        if abs(after - before) > least:
            yield {
                "name": visible(name),
                "before": _counted(before / unit),
                "after": _counted(after / unit),
                "change": _signed((after - before) / unit),
                "less": after < before,
            }


def _origins(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    """Yield supplies by origin, home first, then by what they gave in the baseline."""
    home, places = run.about["dataset"]["destination"], run.about["places"]
    moved = run.moved(row["scenario"], "origin").items()
    order = sorted(moved, key=lambda item: (places.get(item[0]) != home, -item[1][0], item[0]))
    yield from _changed(run, ((places.get(key, key), *pair) for key, pair in order))


def _lanes(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    flows = last_legs(run, row["scenario"])
    yield from _changed(run, zip(flows["name"], flows["before"], flows["after"], strict=True))


def _goods(run: Kept, row: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the components whose supply changes most."""
    moved = run.moved(row["scenario"], "component").items()
    order = sorted(moved, key=lambda item: (-abs(item[1][1] - item[1][0]), item[0]))[:_GOODS]
    names = run.about["goods"]
    yield from _changed(run, ((names.get(key, key), *pair) for key, pair in order))


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else _MINUS}{_counted(abs(value))}"


def _counted(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or not value else amount(value)


def unlisted(run: Kept) -> list[Record]:
    """Return what binds though no measure and no tier aims at it, the most costly first."""
    titles = {row["scenario"]: row["title"] for row in run.ranked} | {BASELINE: "Baseline"}
    return [
        {
            "title": visible(run.title(row["element"])),
            "pillar": row["pillar"] or "",
            "civil_use": run.about["elements"][row["element"]]["civil_use"],
            "loss": _price(row["largest_loss_1pct"]),
            "scenario": visible(titles.get(row["scenario"], row["scenario"])),
            "scenarios": row["scenarios"],
        }
        for row in run.answer["unlisted"][:_ITEMS]
    ]


def losses(run: Kept) -> Record | None:
    """Return what single cuts cost, or pairs of them, if there was a scan."""
    if run.scan is None:
        return None
    cuts = [row for row in run.scan["cuts"] if row["certified"] and _costs(row)]
    pairs = run.scan["order"] > 1
    over = run.scan["over"]
    return {
        "caption": f"Each {over} with each other" if pairs else f"Each {over} alone",
        "pairs": pairs,
        "rows": [_loss(run, row) for row in cuts[:_CUTS]],
        "more": max(len(cuts) - _CUTS, 0),
        "harmless": sum(bool(row["certified"]) for row in run.scan["cuts"]) - len(cuts),
    }


def _costs(row: Mapping[str, Any]) -> bool:
    return percent(row["surviving"]) != percent(1.0)


def _loss(run: Kept, row: Mapping[str, Any]) -> Record:
    base = run.baseline["capacity"]
    helps = [limit for limit in row["binding"] or () if limit["gain_1pct"]]
    best = max(helps, key=lambda limit: float(limit["gain_1pct"]), default=None)
    synergy = row.get("synergy")
    return {
        "title": " + ".join(_cut_title(run, name) for name in row["cut"]),
        "survives": percent(row["surviving"]),
        "bar": _bar(row["surviving"], None, None, None),
        "synergy": "" if synergy is None or not base else f"{100 * synergy / base:+.1f}",
        "next": "" if best is None else visible(run.title(best["element"])),
        "civil_use": row["civil_use"] or "",
    }


def _cut_title(run: Kept, name: str) -> str:
    known = run.about["elements"].get(name)
    return visible(str(known["title"]) if known else name)


def concentration(run: Kept) -> list[Record]:
    """Return how concentrated all sources together are, and those of an item on average."""
    rows = run.about["concentration"]
    whole = {row["by"]: row for row in rows if row["scope"] == "pooled"}
    mean = {row["by"]: row for row in rows if row["scope"] == "mean"}
    return [
        {
            "by": _BY[by],
            "hhi": _index(row["hhi"]),
            "equivalent": _index(row["equivalent"]),
            "largest": _largest(run, row),
            "mean": _index(mean[by]["hhi"]),
            "counted": row["counted"],
            "unknown": row["unknown"],
        }
        for by, row in whole.items()
    ]


def _index(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"


def _largest(run: Kept, row: Mapping[str, Any]) -> str:
    if not row["largest"] or row["largest_share"] is None:
        return ""
    name = row["largest"]
    called = run.title(name) if row["by"] == "last_lane" else run.about["places"].get(name, name)
    return f"{visible(called)}, {percent(row['largest_share'])}"


def single_points(run: Kept) -> list[Record]:
    """Return what some system cannot be made without."""
    names = {each["system"]: each["name"] for each in run.about["systems"]}
    return [
        {
            "title": _called(run, row["element"]),
            "kind": row["kind"],
            "pillar": ", ".join((row["pillar"] or "").split(";")),
            "stopped": row["stopped"],
            "systems": "all"
            if row["stopped"] == len(names)
            else listed([visible(names.get(key, key)) for key in row["systems"].split(";")]),
        }
        for row in run.about["single_points"]
    ]


def depth(run: Kept) -> list[Record]:
    """Return the longest chain of making behind each system."""
    goods = run.about["goods"]
    return [
        {
            "name": visible(goods.get(row["item"], row["item"])),
            "stages": row["stages"],
            "chain": " → ".join(visible(goods.get(key, key)) for key in row["chain"].split(";")),
        }
        for row in run.about["depth"]
        if row["kind"] == "system"
    ]


def assumptions(run: Kept) -> Record:
    """Return what was assumed: rows by basis, what decides most, and the assumptions by name."""
    losses: dict[str, float] = {}
    for row in run.costly:
        for limit in row["binding"]:
            if limit["basis"] == "assumed" and limit["loss_1pct"]:
                losses[limit["element"]] = losses.get(limit["element"], 0.0) + limit["loss_1pct"]
    order = sorted(losses, key=lambda element: (-losses[element], element))[:_ITEMS]
    return {
        "bases": [
            {"basis": basis, "rows": run.about["bases"].get(basis, 0)}
            for basis in ("reported", "derived", "assumed")
        ],
        "deciding": [
            {"title": visible(run.title(element)), "loss": _price(losses[element])}
            for element in order
        ],
        "named": [_all_visible(row) for row in run.about["assumptions"]],
        "unknown": [visible(run.title(name)) for name in run.answer["baseline"]["unknown"]],
        "pruned": [visible(run.title(name)) for name in run.about["pruned"]],
    }


def contradictions(run: Kept) -> list[Record]:
    """Return where sources say different things."""
    anchors = {row["key"]: row["anchor"] for row in sources(run)}
    return [
        {
            "what": visible(row["what"], longest=_TEXT),
            "cited": [
                {"key": key, "anchor": anchors.get(key, "")}
                for key in map(visible, row["source_ids"])
            ],
            "no_variant": visible(row["no_variant"], longest=_TEXT),
            "readings": [
                _on_other_facts(each)
                for each in run.answer["variants"] or ()
                if each["contradiction"] == row["contradiction"]
            ],
        }
        for row in run.about["contradictions"]
    ]


def _on_other_facts(row: Record) -> Record:
    """Return what becomes of the conclusions on other facts, in words."""
    return {
        "name": visible(row["name"]),
        "what": visible(row.get("what", ""), longest=_TEXT),
        "least": f"{visible(row['worst'])}, {percent(row['surviving_of_worst'])}"
        if row["certified"]
        else words.UNCERTIFIED,
        "moved": otherwise.moved(row),
        "flips": otherwise.flips(row),
    }


def other_facts(run: Kept) -> Record:
    """Return which conclusions stand on other facts; blank where that was not asked."""
    readings, ends = run.answer["variants"], run.answer["assumptions"]
    return {
        "readings": otherwise.stands(readings, "readings") if readings else "",
        "ends": otherwise.stands([e for row in ends for e in row["at"].values()], "ends")
        if ends
        else "",
        "evidence": [_on_other_facts(row) for row in run.answer["evidence"] or ()],
        "assumptions": [_moved(row) for row in ends or () if row["acts"]],
    }


def _moved(row: Mapping[str, Any]) -> Record:
    return {
        "name": visible(row["assumption"]),
        "low": visible(row["low"]),
        "high": visible(row["high"]),
        "scenario": visible(row["scenario"] or ""),
        "at": [percent(row[f"surviving_at_{end}"]) for end in ("low", "central", "high")],
        "flips": otherwise.said(row["flips"]),
    }


def _all_visible(row: Mapping[str, Any]) -> Record:
    return {key: visible(value, longest=_TEXT) for key, value in row.items()}


def method(run: Kept) -> Record:
    """Return what was proved, and by what means."""
    proofs = run.proof["certificates"]
    widths = [row["width"] for row in proofs if row["width"] is not None]
    return {
        "solver": {"highs": "HiGHS", "cbc": "CBC"}.get(run.proof["solver"], run.proof["solver"]),
        "highspy": run.proof["versions"]["highspy"],
        "aftercut": run.proof["versions"]["aftercut"],
        "counts": run.proof["counts"],
        "certified": sum(bool(row["certified"]) for row in proofs),
        "plans": len(proofs),
        "width": f"{max(widths):.0e}" if widths else "unknown",
        "residual": f"{max((row['residual'] for row in proofs), default=0.0):.0e}",
    }


def sources(run: Kept) -> list[Record]:
    """Return the sources, made safe to show when they were kept; hostile ones have no link."""
    return [
        {**row, "anchor": f"source-{place}"} for place, row in enumerate(run.about["sources"], 1)
    ]


def heading(run: Kept) -> Record:
    """Return what the report is of."""
    dataset, answer = run.about["dataset"], run.answer
    budget = answer["budget_usd_per_month"]
    return {
        "title": visible(dataset["title"]),
        "summary": visible(dataset["summary"], longest=_TEXT),
        "as_of": visible(dataset["as_of"]),
        "licence": visible(dataset["licence"], longest=_TEXT),
        "notes": visible(dataset["notes"], longest=_TEXT),
        "destination": visible(dataset["destination"]),
        "id": visible(answer["dataset"]["id"]),
        "sha256": visible(answer["dataset"]["sha256"]),
        "weighting": visible(answer["weighting"]),
        "targets": visible(answer["targets"]),
        "reference": visible(answer["from"]),
        "usd": "USD a month" if run.usd == 1 else "thousand USD a month",
        "budget": "" if budget is None else amount(budget),
    }


SECTIONS: Mapping[str, Callable[[Kept], Any]] = {
    "heading": heading,
    "in_short": in_short,
    "overview": overview,
    "ranking": ranking,
    "idle": idle,
    "scenarios": scenarios,
    "unlisted": unlisted,
    "losses": losses,
    "months": months,
    "concentration": concentration,
    "single_points": single_points,
    "depth": depth,
    "assumptions": assumptions,
    "contradictions": contradictions,
    "other_facts": other_facts,
    "method": method,
    "sources": sources,
}
"""Everything that the report says, by the name under which the template finds it."""
