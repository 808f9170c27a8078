import csv
import shutil
from pathlib import Path

import pytest

from supply_data import BadTablesError, folder
from supply_data.derive import derived
from supply_data.derive.facts import read_facts
from supply_data.derive.lanes import fit
from supply_data.derive.needs import needs_of
from supply_data.rederived import write_tables

FOLDER = folder("russia-uas")
QUADCOPTERS = 115_000 + 20_000


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER / "facts", tmp_path / "facts")
    return tmp_path


def changed_row(path: Path, key: str, **cells: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if key in row.values():
            row.update(cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_what_one_assumption_alone_gives_a_range_moves_with_it() -> None:
    tables = derived(FOLDER)
    rows = [row for name in ("supplies", "lanes", "plants") for row in tables[name]]
    ends = {"supplies": "capacity_per_month", "plants": "capacity_per_month"}
    ends["lanes"] = "capacity_usd_per_month"
    for name, column in ends.items():
        moving = [row for row in tables[name] if row.get("moves_with") == "headroom"]
        assert moving
        for row in moving:
            low, central, high = (float(row[f"{column}{end}"]) for end in ("_low", "", "_high"))
            assert (low / central, high / central) == pytest.approx(
                (1 / 1.15, 1.4 / 1.15), rel=1e-5
            )
    others = {row.get("moves_with") or "" for row in rows} - {"headroom", ""}
    assert others == {f"substitute_{grade}_spare" for grade in ("easy", "medium", "hard")}
    # a range of its own beside headroom's is another doubt
    by_supply = {row["supply"]: row for row in tables["supplies"]}
    assert by_supply["thermal-chn-chn"]["moves_with"] == ""


def test_the_shipped_tables_are_what_the_facts_give(tmp_path: Path) -> None:
    tables = derived(FOLDER)
    write_tables(tables, tmp_path)
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(tables)
    for name in tables:
        assert (tmp_path / f"{name}.csv").read_bytes() == (FOLDER / f"{name}.csv").read_bytes()


def test_deriving_twice_gives_the_same_bytes_whatever_the_order_of_the_shares(
    copied: Path, tmp_path: Path
) -> None:
    path = copied / "facts" / "class_shares.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([header, *reversed(lines)]) + "\n", encoding="utf-8")
    assert derived(copied) == derived(FOLDER)


def test_need_counts_quantities_fills_and_products_of_products() -> None:
    needs = needs_of(read_facts(FOLDER / "facts", assumptions={}))
    assert needs.need("fpv_radio") == 115_000
    assert needs.need("motor") == pytest.approx(4 * 0.9 * QUADCOPTERS + 2_200 + 300 + 0.5 * 400)
    assert needs.need("magnet") == pytest.approx(4 * 0.1 * QUADCOPTERS)
    assert needs.need("piston_local") == pytest.approx(3_800 * 0.875 * 0.6)
    assert needs.need("bearing") == needs.need("piston_local")


def test_bare_fibre_is_what_spools_wound_at_home_take() -> None:
    needs = needs_of(read_facts(FOLDER / "facts", assumptions={}))
    assert needs.need("fibre") == pytest.approx(10_461)
    assert needs.need("bare_fibre") == pytest.approx(20 * (20_000 - 10_461))


def test_boards_of_one_way_attack_types_take_the_chips() -> None:
    needs = needs_of(read_facts(FOLDER / "facts", assumptions={}))
    assert needs.need("boards_owa") == 3_800
    assert needs.need("fpga") == 3_800 + 400


def test_a_pool_gives_its_divertible_share() -> None:
    usual = {row["supply"]: row for row in derived(FOLDER)["supplies"]}
    pool = usual["bare_fibre-telecom"]
    assert pool["channel"] == "civil"
    assert float(pool["capacity_per_month"]) == pytest.approx(0.1 * 17.5e6 / 12, rel=1e-4)
    assert float(pool["capacity_per_month_high"]) == pytest.approx(0.5 * 20e6 / 12, rel=1e-4)
    hobby = 0.1 * 0.3 * (4 * 0.9 * QUADCOPTERS + 2_200 + 300 + 0.5 * 400)
    assert float(usual["motor-hobby"]["capacity_per_month"]) == pytest.approx(hobby)


def test_nothing_of_a_pool_is_had_where_nothing_can_be_diverted() -> None:
    none = {"divertible_fibre": 0.0, "divertible_motors": 0.0}
    rows = {row["supply"]: row for row in derived(FOLDER, assumptions=none)["supplies"]}
    assert rows["bare_fibre-telecom"]["capacity_per_month"] == "0"
    assert rows["motor-hobby"]["capacity_per_month"] == "0"


def test_goods_of_a_pool_find_room_on_the_lane() -> None:
    lanes = {
        share: {
            row["lane"]: float(row["capacity_usd_per_month"] or 0)
            for row in derived(FOLDER, assumptions={"divertible_fibre": share})["lanes"]
        }
        for share in (0.0, 0.1)
    }
    more = lanes[0.1]["chn-rus-fibre"] - lanes[0.0]["chn-rus-fibre"]
    assert more == pytest.approx(1.15 * 2.25 * 145_833, rel=1e-4)
    assert lanes[0.1]["chn-rus-motors"] == lanes[0.0]["chn-rus-motors"]


def test_plants_grow_by_a_share_of_today_up_to_a_ceiling() -> None:
    grows = {"plant_ramp": 0.04, "plant_ceiling": 2.0}
    plants = {row["plant"]: row for row in derived(FOLDER, assumptions=grows)["plants"]}
    lines = plants["garpiya-lines"]
    assert float(lines["ramp_per_month"]) == pytest.approx(0.04 * 500)
    assert float(lines["ceiling_per_month"]) == pytest.approx(2 * 500)


def test_hubs_grow_from_what_they_carry_and_goods_straight_from_their_maker_do_not() -> None:
    lanes = {row["lane"]: row for row in derived(FOLDER)["lanes"]}
    carried = float(lanes["hkg-rus-chips"]["capacity_usd_per_month"]) / 1.15
    assert float(lanes["hkg-rus-chips"]["ramp_per_month"]) == pytest.approx(0.1 * carried, rel=1e-4)
    ceiling = float(lanes["hkg-rus-chips"]["ceiling_usd_per_month"])
    assert ceiling == pytest.approx(3 * carried, rel=1e-4)
    assert not lanes["chn-rus-fibre"].get("ramp_per_month")


def test_funding_is_in_dollars_at_the_assumed_rate() -> None:
    dearer = derived(FOLDER, assumptions={"rub_per_usd": 100.0})["programmes"]
    (national,) = (row for row in dearer if row["programme"] == "uas-national")
    assert float(national["funding_usd"]) == pytest.approx(1.121e9)
    assert national["funding_usd_low"] == "1121000000"


def test_alternatives_open_after_the_months_of_their_grade() -> None:
    slots = {(row["product"], row["component"]): row for row in derived(FOLDER)["requirements"]}
    assert slots["lancet", "ai_module_alt"]["adopt_months"] == "8"
    assert slots["fpv_radio", "motor_local"]["adopt_months"] == "4"
    assert slots["airframe_geran", "labour_prk"]["adopt_months"] == "2"
    assert slots["lancet", "ai_module_alt"]["adopt_share_per_month_low"] == "0.05"
    assert slots["lancet", "ai_module"]["adopt_months"] == ""


def test_a_substitute_has_no_need_but_the_room_of_the_slots_it_may_fill() -> None:
    needs = needs_of(read_facts(FOLDER / "facts", assumptions={}))
    assert needs.need("mcu_alt") == 0
    assert needs.room("mcu_alt") == pytest.approx(1.2 * needs.need("mcu"))


def test_crews_take_the_intake_less_headroom() -> None:
    needs = needs_of(read_facts(FOLDER / "facts", assumptions={}))
    trained = 0.5 * (7_125 + 483 + 500 + 625)
    assert needs.need("trainee") == pytest.approx(trained / 1.15)


def test_headroom_scales_a_capacity_and_leaves_the_target() -> None:
    usual = {row["supply"]: row for row in derived(FOLDER)["supplies"]}
    wider = {
        row["supply"]: row for row in derived(FOLDER, assumptions={"headroom": 1.3})["supplies"]
    }
    for key in ("mcu-usa-usa", "battery-chn-chn"):
        ratio = float(wider[key]["capacity_per_month"]) / float(usual[key]["capacity_per_month"])
        assert ratio == pytest.approx(1.3 / 1.15, rel=1e-5)
    assert derived(FOLDER, assumptions={"headroom": 1.3})["systems"] == derived(FOLDER)["systems"]


def test_where_coalition_brands_are_made_follows_its_assumption() -> None:
    rows = derived(FOLDER, assumptions={"third_country_china": 1.0})["supplies"]
    capacity = {row["supply"]: float(row["capacity_per_month"] or 0) for row in rows}
    assert capacity["mcu-usa-mys"] == 0
    whole = sum(capacity[f"mcu-usa-{origin}"] for origin in ("usa", "chn", "mys"))
    assert capacity["mcu-usa-chn"] == pytest.approx(0.61 * whole, rel=1e-4)


def test_an_unknown_assumption_is_refused() -> None:
    with pytest.raises(KeyError, match="headrom"):
        derived(FOLDER, assumptions={"headrom": 1.3})


def test_a_missing_file_of_facts_is_refused(copied: Path) -> None:
    (copied / "facts" / "legs.csv").unlink()
    with pytest.raises(BadTablesError, match=r"facts/legs\.csv: it cannot be read"):
        derived(copied)


def test_a_blank_figure_that_is_needed_is_named(copied: Path) -> None:
    changed_row(copied / "facts" / "families.csv", "decoy", target="")
    with pytest.raises(ValueError, match="target is blank"):
        derived(copied)


def test_the_ends_of_what_is_no_range_change_nothing(copied: Path) -> None:
    with (FOLDER / "facts" / "figures.csv").open(encoding="utf-8", newline="") as file:
        listed = [row["fact"] for row in csv.DictReader(file) if row["is_range"] == "no"]
    assert len(listed) >= 8
    for fact in listed:
        changed_row(copied / "facts" / "figures.csv", fact, low="1", high="9999999")
    assert derived(copied) == derived(FOLDER)


def test_a_dispatch_share_moves_the_lanes_of_its_hub(copied: Path) -> None:
    changed_row(copied / "facts" / "figures.csv", "R02", central="10")
    usual = {row["lane"]: row for row in derived(FOLDER)["lanes"]}
    fewer = {row["lane"]: row for row in derived(copied)["lanes"]}
    key, column = "hkg-rus-chips", "capacity_usd_per_month"
    assert float(fewer[key][column]) < float(usual[key][column])


def test_the_fit_keeps_the_sums_and_the_pull() -> None:
    seed = {"chips": {"HKG": 6.0, "CHN": 1.0}, "boards": {"HKG": 1.0, "CHN": 3.0}}
    table = fit(seed, rows={"chips": 20, "boards": 80}, columns={"HKG": 30, "CHN": 70})
    assert sum(table["chips"].values()) == pytest.approx(20)
    assert table["chips"]["HKG"] + table["boards"]["HKG"] == pytest.approx(30)
    odds = (table["chips"]["HKG"] * table["boards"]["CHN"]) / (
        table["chips"]["CHN"] * table["boards"]["HKG"]
    )
    assert odds == pytest.approx(18)
