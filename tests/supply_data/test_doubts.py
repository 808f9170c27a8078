"""Assumptions and contradictions: told as they stand, refused with the row where they are wrong."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from supply_data import folder, load
from supply_data.doubts import NO_DOUBTS, doubts
from supply_data.schema import BadTablesError

RUSSIA = folder("russia-uas")


@pytest.fixture
def island(tmp_path: Path) -> Path:
    copytree(folder("tutorial"), tmp_path / "island")
    (tmp_path / "island" / "facts").mkdir()
    return tmp_path / "island"


def test_a_dataset_without_facts_has_no_doubts() -> None:
    assert doubts(folder("tutorial"), load("tutorial")) == NO_DOUBTS


def test_the_doubts_of_the_shipped_case_are_told_with_their_sources() -> None:
    found = doubts(RUSSIA, load("russia-uas"))
    headroom = found.assumptions[0]
    assert (headroom.low, headroom.central, headroom.high) == ("1", "1.15", "1.4")
    assert all(row.reason and row.what_would_settle_it for row in found.assumptions)
    assert all(row.source_ids for row in found.contradictions)


def test_the_data_card_lists_the_same_contradictions() -> None:
    card = (RUSSIA / "README.md").read_text(encoding="utf-8")
    listed = card.partition("## Nine contradictions")[2].partition("\n## ")[0]
    told = [text.strip() for text in re.findall(r"^\d+\. (.*)$", listed, re.MULTILINE)]
    found = doubts(RUSSIA, load("russia-uas"))
    assert told == [row.what for row in found.contradictions]


def test_every_contradiction_is_a_variant_or_says_why_it_cannot_be_one() -> None:
    known = doubts(RUSSIA, load("russia-uas")).variants
    assert len(known.contradictions) == 9
    for each in known.contradictions:
        assert bool(known.of(each.contradiction)) is not bool(each.no_variant)


def test_the_data_card_tells_every_reading_and_every_reason() -> None:
    card = (RUSSIA / "README.md").read_text(encoding="utf-8")
    known = doubts(RUSSIA, load("russia-uas")).variants
    for choice in known.choices:
        mark = "**" if choice.standard else ""
        assert f"{mark}`{choice.choice}`{mark}: {choice.what}" in card
    for each in known.contradictions:
        assert not each.no_variant or f"* `{each.contradiction}`: {each.no_variant}." in card


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("contradictions", "contradiction,what,source_ids\nc,one or two,S9\n", "no such source"),
        ("contradictions", "contradiction,text\nc,one or two\n", "column"),
        ("assumptions", "assumption,central,because\na,1,so\n", "because"),
        ("assumptions", "", "empty"),
    ],
)
def test_a_fault_is_named_with_its_file(island: Path, file: str, text: str, said: str) -> None:
    (island / "facts" / f"{file}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadTablesError) as refused:
        doubts(island, load(island))
    assert {fault.file for fault in refused.value.faults} == {f"facts/{file}.csv"}
    assert any(said in str(fault) for fault in refused.value.faults)
