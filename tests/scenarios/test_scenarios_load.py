"""Folders, files, names and references between them; what the tutorial ships."""

from pathlib import Path

import pytest

from scenarios.load import EMPTY, Library, library, load, read_file, read_folder
from scenarios.schema import BadScenarioError, Kind, Status, Table

BLOCK = "id: tr-block\nwhere: {table: lanes, lane: a}\ncut: 0.5\nleak: 0.1\n"


def folder_of(root: Path, **files: str) -> Path:
    (root / "measures").mkdir(exist_ok=True)
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.yaml"
        path.write_text(text, encoding="utf-8")
    return root


def faults_of(root: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(BadScenarioError) as refused:
        read_folder(root)
    return [(Path(f.file).name, f.line, f.rule) for f in refused.value.faults]


def rules(found: Library) -> list[str]:
    return [warning.rule for warning in found.warnings]


def test_the_tutorial_ships_its_five_scenarios_without_a_warning() -> None:
    shipped = library("tutorial")
    assert list(shipped.scenarios) == [
        "brand-control",
        "hub-and-school",
        "hub-closed",
        "origin-control",
        "school-halved",
    ]
    assert shipped.warnings == ()
    both = shipped.scenarios["hub-and-school"].measures
    assert both == (shipped.measures["hub-closed"], shipped.measures["school-halved"])
    assert all(scenario.title and scenario.summary for scenario in shipped.scenarios.values())
    for measure in shipped.measures.values():
        assert (measure.status, measure.basis) == (Status.HYPOTHETICAL, "assumed")
        assert measure.note


def test_brand_and_origin_control_differ_in_one_key() -> None:
    measures = library("tutorial").measures
    brand, origin = measures["brand-control"], measures["origin-control"]
    assert brand.where is not None
    assert origin.where is not None
    assert brand.where.table is Table.SUPPLIES
    assert brand.where.conditions() == {"brand": ("ALPHA",)}
    assert origin.where.conditions() == {"origin": ("ALPHA",)}
    assert (brand.cut, brand.leak) == (origin.cut, origin.leak)


def test_shipped_files_are_named_without_the_machine() -> None:
    file = library("tutorial").scenarios["hub-closed"].file
    assert file == "scenarios/tutorial/hub-closed.yaml"


@pytest.mark.parametrize(
    "name", ["none-such", "", ".", "..", "../supply_data", "tutorial/measures"]
)
def test_a_dataset_without_scenarios_has_an_empty_library(name: str) -> None:
    assert library(name) == EMPTY


def test_a_measure_file_is_named_by_id_and_changed_for_one_scenario(tmp_path: Path) -> None:
    found = read_folder(
        folder_of(
            tmp_path,
            measures__block=BLOCK,
            plain="id: plain\nmeasures: [tr-block]\n",
            leaky="id: leaky\nmeasures:\n  - {id: tr-block, leak: 0.4, kind: transit_ban}\n",
        )
    )
    (plain,) = found.scenarios["plain"].measures
    (leaky,) = found.scenarios["leaky"].measures
    assert plain is found.measures["tr-block"]
    assert leaky.leak.central == 0.4
    assert leaky.kind is Kind.TRANSIT_BAN
    assert (leaky.where, leaky.cut) == (plain.where, plain.cut)
    assert found.measures["tr-block"].leak.central == 0.1


def test_measures_may_lie_in_the_folder_or_in_another_scenario(tmp_path: Path) -> None:
    found = read_folder(
        folder_of(
            tmp_path,
            block=BLOCK,
            a="id: a\nmeasures: [tr-block, inline]\n",
            b="id: b\nmeasures:\n  - {id: inline, where: {table: plants, place: X}, cut: 1}\n",
        )
    )
    assert [measure.id for measure in found.scenarios["a"].measures] == ["tr-block", "inline"]
    assert set(found.measures) == {"tr-block", "inline"}


def test_other_files_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    folder_of(tmp_path, a="id: a\nmeasures: [x]\n", measures__x=BLOCK.replace("tr-block", "x"))
    (tmp_path / "README.md").write_text("# no scenario", encoding="utf-8")
    (tmp_path / ".a.yaml").write_text("left: by an editor", encoding="utf-8")
    assert list(read_folder(tmp_path).scenarios) == ["a"]


def test_plain_values_stay_text_where_text_is_wanted(tmp_path: Path) -> None:
    text = """\
id: 1E5
title: 12:30:45
measures:
  - id: 010101
    where: {table: supplies, origin: [NO, on, NA], hs6: 010121, tier: [1, 3.10]}
    cut: 1e-1
    from_month: 2
    until_month: null
    once: true
    note: "null"
    in_force_from: 2024
"""
    found = read_folder(folder_of(tmp_path, a=text)).scenarios["1E5"]
    (measure,) = found.measures
    assert found.title == "12:30:45"
    assert measure.id == "010101"
    assert measure.where is not None
    assert measure.where.conditions() == {
        "origin": ("NO", "on", "NA"),
        "hs6": ("010121",),
        "tier": ("1", "3.10"),
    }
    assert measure.cut is not None
    assert (measure.cut.low, measure.cut.high) == (0.1, 0.1)
    assert (measure.from_month, measure.until_month, measure.once) == (2, None, True)
    assert (measure.note, measure.in_force_from) == ("null", "2024")


def test_templates_and_variables_are_never_expanded(tmp_path: Path) -> None:
    text = "id: a\ntitle: '{{7*7}} ${HOME} %(x)s'\nmeasures: [tr-block]\n"
    found = read_folder(folder_of(tmp_path, a=text, measures__b=BLOCK))
    assert found.scenarios["a"].title == "{{7*7}} ${HOME} %(x)s"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    folder_of(tmp_path, measures__b=BLOCK)
    (tmp_path / "a.yml").write_bytes(b"\xef\xbb\xbfid: a\r\nmeasures: [tr-block]\r\n")
    assert list(read_folder(tmp_path).scenarios) == ["a"]


def test_a_list_of_senders_means_equal_shares(tmp_path: Path) -> None:
    folder_of(tmp_path, measures__b=BLOCK + "senders: [USA, EU]\n")
    assert read_folder(tmp_path).measures["tr-block"].senders == {"USA": 0.5, "EU": 0.5}


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        a="id: a\nmeasures:\n  - nowhere\n  - id: b\n    where: {table: lanes}\n    cut: 2\n",
        c="id: c\nid: d\nmeasures: []\n",
        measures__x="id: x\nwhere: {table: lanes, origin: A}\ncut: 1\namends: y\n",
    )
    assert faults_of(tmp_path) == [
        ("a.yaml", 3, "no measure has this id"),
        ("a.yaml", 6, "the number is above 1.0"),
        ("c.yaml", 2, "the key stands twice in one mapping"),
        ("x.yaml", 2, "lanes have no key 'origin'"),
    ]


def test_an_unknown_reference_is_refused_with_the_nearest(tmp_path: Path) -> None:
    folder_of(tmp_path, measures__b=BLOCK, a="id: a\nmeasures: [tr-blok]\n")
    with pytest.raises(BadScenarioError, match=r"line 2.*Did you mean 'tr-block'\?"):
        read_folder(tmp_path)


def test_one_id_has_one_definition_whatever_its_case(tmp_path: Path) -> None:
    folder_of(
        tmp_path, measures__b=BLOCK, measures__c=BLOCK.replace("tr", "TR"), a="id: a\nmeasures: []"
    )
    ((file, line, rule),) = faults_of(tmp_path)
    assert (file, line) == ("c.yaml", 1)
    assert "stands also in" in rule


def test_one_id_has_one_scenario_whatever_its_composition(tmp_path: Path) -> None:
    folder_of(tmp_path, a="id: caf\u00e9\nmeasures: []", b="id: cafe\u0301\nmeasures: []")
    ((file, line, _),) = faults_of(tmp_path)
    assert (file, line) == ("b.yaml", 1)


@pytest.mark.parametrize("key", ["amends", "supersedes"])
@pytest.mark.parametrize("other", ["unknown", "tr-block"])
def test_a_measure_amends_or_replaces_another_that_is_known(
    tmp_path: Path, key: str, other: str
) -> None:
    folder_of(tmp_path, measures__b=BLOCK + f"{key}: {other}\n")
    assert faults_of(tmp_path) == [("b.yaml", 5, "this must name another measure")]


def test_a_scenario_with_a_measure_and_its_replacement_is_warned(tmp_path: Path) -> None:
    newer = BLOCK.replace("tr-block", "newer") + "supersedes: tr-block\n"
    folder_of(
        tmp_path, measures__a=BLOCK, measures__b=newer, both="id: s\nmeasures: [tr-block, newer]\n"
    )
    found = read_folder(tmp_path)
    assert rules(found) == ["'newer' replaces 'tr-block', and both are in the list"]
    assert found.warnings[0].line == 2


def test_what_is_seldom_meant_is_warned(tmp_path: Path) -> None:
    folder_of(
        tmp_path,
        measures__a="id: a\nwhere: {table: plants}\ncut: 1\n",
        measures__b=BLOCK + "status: in_force\n",
        measures__c='id: c\nnot_modelled: "A\u202eB"\nnote: s\u043eme\n',
        s="id: s\nmeasures: []\n",
    )
    assert rules(read_folder(tmp_path)) == [
        "the measure aims at every row of plants",
        "the measure is in force, so the baseline's figures may contain it already",
        "the text holds characters that cannot be seen",
        "one word mixes Latin and Cyrillic letters",
        "the scenario has no measure: it is the baseline under another name",
    ]


def test_the_hash_follows_the_content_and_not_the_place(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        root.mkdir()
        folder_of(root, measures__b=BLOCK, a="id: a\nmeasures: [tr-block]\n")
    assert read_folder(first).sha256 == read_folder(second).sha256
    folder_of(second, measures__b=BLOCK + "# seen\n")
    assert read_folder(first).sha256 != read_folder(second).sha256


def test_a_single_file_may_name_measures_beside_it_and_in_the_library(tmp_path: Path) -> None:
    folder_of(tmp_path, measures__b=BLOCK, a="id: a\nmeasures: [tr-block, hub-closed]\n")
    found = read_file(tmp_path / "a.yaml", library=library("tutorial"))
    assert [measure.id for measure in found.measures] == ["tr-block", "hub-closed"]
    with pytest.raises(BadScenarioError, match="no measure has this id"):
        read_file(tmp_path / "a.yaml")


def test_a_copy_of_a_shipped_measure_may_be_changed_in_a_file_of_its_own(tmp_path: Path) -> None:
    text = "id: mine\nmeasures:\n  - {id: hub-closed, where: {table: lanes, lane: a}, cut: 0.5}\n"
    folder_of(tmp_path, mine=text)
    found = load([tmp_path / "mine.yaml"], library=library("tutorial"))
    (measure,) = found.scenarios["mine"].measures
    assert measure is found.measures["hub-closed"]
    assert measure.where is not None
    assert measure.where.conditions() == {"lane": ("a",)}


def test_a_file_that_names_nothing_else_does_not_depend_on_what_lies_beside(tmp_path: Path) -> None:
    text = "id: a\nmeasures: [{id: m, where: {table: lanes, lane: a}, cut: 1}]\n"
    folder_of(tmp_path, a=text, measures__broken="[")
    assert read_file(tmp_path / "a.yaml").id == "a"


def test_a_measure_file_is_no_scenario(tmp_path: Path) -> None:
    folder_of(tmp_path, b=BLOCK)
    with pytest.raises(BadScenarioError, match="a measure, not a scenario"):
        read_file(tmp_path / "b.yaml")


def test_names_stand_for_ids_files_and_folders_in_the_order_named(tmp_path: Path) -> None:
    folder_of(tmp_path, measures__b=BLOCK, a="id: a\nmeasures: [tr-block]\n")
    shipped = library("tutorial")
    names: list[str | Path] = ["school-halved", str(tmp_path / "a.yaml"), "hub-closed", tmp_path]
    found = load(names, library=shipped)
    assert list(found.scenarios) == ["school-halved", "a", "hub-closed"]
    assert found.sha256 != shipped.sha256
    assert {"tr-block", "hub-closed"} <= set(found.measures)


def test_no_name_at_all_means_the_whole_library() -> None:
    shipped = library("tutorial")
    assert load([], library=shipped) is shipped


def test_an_id_goes_before_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hub-closed").mkdir()
    folder_of(tmp_path / "hub-closed", a="id: a\nmeasures: []\n")
    monkeypatch.chdir(tmp_path)
    shipped = library("tutorial")
    assert list(load(["hub-closed"], library=shipped).scenarios) == ["hub-closed"]
    assert list(load(["./hub-closed"], library=shipped).scenarios) == ["a"]


def test_two_scenarios_of_one_id_are_not_run_together(tmp_path: Path) -> None:
    folder_of(tmp_path, a="id: hub-closed\nmeasures: []\n")
    with pytest.raises(BadScenarioError, match="a scenario of the same id 'hub-closed'"):
        load(["hub-closed", tmp_path], library=library("tutorial"))


def test_names_that_stand_for_nothing_are_all_told(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError) as refused:
        load(["hub-close", "nothing"], library=library("tutorial"))
    assert [fault.file for fault in refused.value.faults] == ["hub-close", "nothing"]
    assert refused.value.faults[0].remedy == "Did you mean 'hub-closed'?"
