"""A dataset whose 101 supplies make 5,050 pairs, solved fast: one good is short, nine are not."""

from pathlib import Path

ORIGINS = range(10)
GOODS = range(10)


def write(folder: Path) -> None:
    """Write the dataset into a new folder."""
    folder.mkdir()
    for name, text in _files().items():
        (folder / name).write_text(text, encoding="utf-8")


def _files() -> dict[str, str]:
    supplies = [
        f"c{good}-{origin},c{good},O{origin},{_capacity(good, origin)},assumed"
        for good in GOODS
        for origin in ORIGINS
    ]
    recipe = [f"s,slot-{good},c{good},1,assumed" for good in GOODS]
    return {
        "dataset.yaml": "id: wide\ntitle: Ten goods from ten origins\ndestination: END\n",
        "places.csv": _lines("place", "END", *(f"O{n}" for n in ORIGINS)),
        "components.csv": _lines(
            "component,value_usd,basis", *(f"c{good},1,assumed" for good in GOODS)
        ),
        "systems.csv": _lines("system,target_per_month,basis", "s,100,assumed"),
        "requirements.csv": _lines("product,slot,component,quantity,basis", *recipe),
        "supplies.csv": _lines(
            "supply,component,origin,capacity_per_month,basis", *supplies, "c0-10,c0,O0,3,assumed"
        ),
        "lanes.csv": _lines(
            "lane,from_place,to_place,basis", *(f"l{n},O{n},END,assumed" for n in ORIGINS)
        ),
    }


def _capacity(good: int, origin: int) -> int:
    return 6 + 5 * origin % 9 if good == 0 else 13 + origin % 3


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
