"""The corpus of bad scenario files and paths: what each gets, and on which line.

Numbers are those of the corpus; a letter tells variants of one number apart.
"""

import os
import socket
from pathlib import Path

import pytest

from scenarios.load import load, read_file, read_folder
from scenarios.schema import BadScenarioError, ScenarioFault
from tests.corpus import numbered

CUT = "id: a\nmeasures:\n  - id: m\n    where: {table: lanes, lane: x}\n    cut: "


def scenario_with(line: str) -> str:
    """Return a sound scenario whose sixth line is the given one."""
    return CUT + f"1\n    {line}\n"


def scenario_where(keys: str) -> str:
    """Return a scenario whose fourth line is the given selector."""
    return f"id: a\nmeasures:\n  - id: m\n    where: {{{keys}}}\n    cut: 1\n"


SOUND = scenario_with("note: sound")
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"

REFUSED = [
    ("96 sexagesimal", CUT + "12:30:45\n", 5, "not a plain number"),
    ("98a infinity", CUT + ".inf\n", 5, "no finite number"),
    ("98b not a number", scenario_with("leak: .NaN"), 6, "no finite number"),
    ("98c inf", CUT + "inf\n", 5, "not a plain number"),
    ("98d overflow", scenario_with("markup: 1e400"), 6, "not a plain number"),
    ("98e large number", scenario_with("markup: 1e99"), 6, "above 1000000000"),
    ("99 duplicate key", scenario_with("cut: 0.5"), 6, "stands twice"),
    ("100 alias bomb", BOMB, 1, "anchors are not read"),
    ("101 recursive alias", "a: &a [*a]\n", 1, "anchors are not read"),
    ("102 merge", scenario_with("<<: {leak: 0.5}"), 6, "merges are not read"),
    ("103 python tag", scenario_with("note: !!python/object/apply:os.system [x]"), 6, "tags"),
    ("104a local tag", scenario_with("note: !unknown x"), 6, "tags are not read"),
    ("104b plain tag", scenario_with("note: !!str x"), 6, "tags are not read"),
    ("105a nesting", "a: " + "[" * 500 + "]" * 500, 1, "nests deeper"),
    ("105b nesting", "[" * 100_000, 1, "nests deeper"),
    ("105c nesting", "".join(" " * n + "a:\n" for n in range(500)), 32, "nests deeper"),
    ("106 large file", "#" * (10 << 20), None, "larger than 1 MiB"),
    ("107 long number", CUT + "9" * 5000 + "\n", 5, "not a plain number"),
    ("108 two documents", SOUND + "---\n" + SOUND, 7, "several documents"),
    ("109a unknown key", scenario_with("cutt: 1"), 6, "unknown. Did you mean 'cut'?"),
    ("109b unknown key", SOUND + "measure: x\n", 7, "unknown"),
    ("109c inner name", scenario_where("any_of: []"), 4, "unknown"),
    ("109d key of a range", CUT + "{low: 0, central: 0, high: 1, mid: 0.5}\n", 5, "unknown"),
    ("109e key of another table", scenario_where("table: lanes, origin: A"), 4, "no key 'origin'"),
    ("110 tab", SOUND.replace("    cut", "\tcut"), 5, "tab"),
    ("111a above one", CUT + "1.5\n", 5, "above 1"),
    ("111b below zero", CUT + "-0.1\n", 5, "below 0"),
    ("111c percent", CUT + '"50%"\n', 5, "0.5 for 50 %"),
    ("111d range that falls", CUT + "{low: 0.5, central: 0.4, high: 0.9}\n", 5, "must not fall"),
    ("111e part of a range", CUT + "{low: 0.1, central: 50%, high: 0.9}\n", 5, "0.5 for 50 %"),
    ("114 regex", scenario_where("table: lanes, lane: 'a*'"), 4, "only hs6"),
    (
        "116a until before from",
        scenario_with("in_force_from: 2024-05").replace(
            "cut: 1", "cut: 1\n    in_force_until: 2024-04-30"
        ),
        3,
        "lies before",
    ),
    ("116b months", scenario_with("until_month: 2\n    from_month: 3"), 3, "lies before"),
    ("116c no date", scenario_with("in_force_from: 2024-02-30"), 6, "no date"),
    ("reserved id", SOUND.replace("id: a", "id: Baseline"), 1, "kept for"),
    ("empty file", "", 1, "the file is empty"),
    ("comments only", "# later\n", 2, "the file is empty"),
    ("a list", "- id: a\n", 1, "neither a scenario"),
    ("measures no list", "id: a\nmeasures: x\n", 2, "a list belongs here"),
    ("measures of nothing", "id: a\nmeasures: [~, [x]]\n", 2, "a measure or its id"),
    ("empty condition", scenario_where("table: lanes, lane: "), 4, "empty"),
    ("empty list", scenario_where("table: lanes, lane: []"), 4, "list is empty"),
    ("long list", "a: [" + "x," * 10_001 + "]\n", 1, "over 10000 items"),
    ("many measures", "id: a\nmeasures: [" + "x, " * 301 + "]\n", 1, "over 300 measures"),
    ("many faults", "id: a\n" + "".join(f"k{n}: 1\n" for n in range(101)) + SOUND[6:], 1, "1 more"),
    ("half a character escaped", scenario_with('note: "\\U00110000"'), None, "not YAML"),
    ("no cut", "id: a\nmeasures:\n  - id: m\n    where: {table: lanes}\n", 3, "needs `where`"),
    ("no id", "id: a\nmeasures:\n  - where: {table: lanes}\n    cut: 1\n", 3, "`id` is missing"),
    ("no value", scenario_with("note:"), 6, "no value"),
    ("no truth", scenario_with("once: yes"), 6, "neither true nor false"),
    ("half a month", scenario_with("from_month: 1.5"), 6, "not whole"),
    ("unknown kind", scenario_with("kind: embrago"), 6, "Did you mean 'embargo'?"),
    ("senders", scenario_with("senders: {USA: 0.5, EU: 0.4}"), 3, "must sum to 1"),
    ("senders twice", scenario_with("senders: [USA, USA]"), 6, "once"),
    ("senders nested", scenario_with("senders: [[USA]]"), 6, "once"),
    ("51 half a character", scenario_with('note: "\\ud800"'), 6, "half a character"),
    ("56 path as a name", SOUND.replace("id: a", "id: a/b"), 1, "no ';', '/'"),
    ("56b dots", SOUND.replace("id: a", "id: .."), 1, "more than dots"),
    ("57 long name", SOUND.replace("id: a", "id: " + "a" * 300), 1, "over 64 characters"),
    ("58 blank name", SOUND.replace("id: a", 'id: "  "'), 1, "no blanks around"),
    ("hidden name", SOUND.replace("id: a", 'id: "a\\u200b"'), 1, "hidden characters"),
    ("broken quotes", SOUND + 'summary: "x\n', 8, "not YAML"),
    ("directive", "%YAML 1.1\n---\n" + SOUND, 2, "directives"),
    ("own key file", SOUND + "file: x\n", 7, "unknown"),
    ("complex key", SOUND + "? [a]\n: b\n", 7, "not a name"),
    ("7 NUL", SOUND + "title: a\0b\n", 7, "not YAML"),
]


ACCEPTED = [
    ("once", scenario_with("once: TRUE"), "once=True"),
    ("one sender", scenario_with("senders: USA"), "senders={'USA': 1.0}"),
    ("94 NO", scenario_where("table: supplies, origin: NO"), "origin=('NO',)"),
    ("95 leading zero", scenario_where("table: supplies, hs6: 010101"), "hs6=('010101',)"),
    ("97 exponent", scenario_with("from_month: 1e1"), "from_month=10"),
    ("114 regex is a name", scenario_where("table: lanes, lane: (a+)+$"), "lane=('(a+)+$',)"),
    ("117 template", scenario_with("note: '{{7*7}} ${HOME}'"), "note='{{7*7}} ${HOME}'"),
    ("12 quoted number", CUT + '"0.5"\n', "central=0.5"),
    ("21 minus zero", CUT + "-0\n", "central=0.0"),
    ("54 line separator", scenario_with('note: "a\\u2028b"'), r"note='a\u2028b'"),
    ("56 CON", SOUND.replace("id: a", "id: CON"), "id='CON'"),
    ("57 long text", scenario_with("title: " + "a" * 300), "a" * 300),
    ("YAML 1.2 stated", "%YAML 1.2\n---\n" + SOUND, "id='a'"),
]


def faults_of(path: Path) -> tuple[ScenarioFault, ...]:
    with pytest.raises(BadScenarioError) as refused:
        read_file(path)
    return refused.value.faults


@pytest.mark.parametrize(
    ("text", "line", "words"),
    numbered([pytest.param(*case[1:], id=case[0]) for case in REFUSED], "refused"),
)
def test_a_bad_file_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int | None, words: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(text.encode())
    fault = faults_of(path)[0]
    assert (fault.file, fault.line) == (str(path), line)
    assert words in f"{fault.rule}. {fault.remedy}"
    assert "pydantic" not in str(fault)


@pytest.mark.parametrize(
    ("text", "seen"),
    numbered([pytest.param(*case[1:], id=case[0]) for case in ACCEPTED], "accepted"),
)
def test_what_only_looks_odd_is_read_as_written(tmp_path: Path, text: str, seen: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    assert seen in repr(read_file(path))


@pytest.mark.parametrize(
    ("raw", "line"),
    numbered(
        [
            pytest.param("id: a\nmeasures: []\n".encode("utf-16"), 1, id="4 UTF-16"),
            pytest.param("id: a\ntitle: да\n".encode("cp1251"), 2, id="5 cp1251"),
            pytest.param(b"id: a\nmeasures: []\nsummary: \xff\n", 3, id="6 broken UTF-8"),
        ],
        "refused",
    ),
)
def test_another_encoding_is_refused_with_the_line(tmp_path: Path, raw: bytes, line: int) -> None:
    (tmp_path / "bad.yaml").write_bytes(raw)
    (fault,) = faults_of(tmp_path / "bad.yaml")
    assert fault.line == line
    assert fault.rule.startswith("the file is not UTF-8")


def test_a_reference_may_not_change_what_the_measure_is_aimed_at(tmp_path: Path) -> None:
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "m.yaml").write_text("id: m\nnot_modelled: why\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("id: a\nmeasures: [{id: m, cut: 1}]\n", encoding="utf-8")
    with pytest.raises(BadScenarioError, match="stands also in"):
        read_folder(tmp_path)


def test_a_fault_in_a_reference_stands_in_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "m.yaml").write_text("id: m\nnot_modelled: why\n", encoding="utf-8")
    path = tmp_path / "a.yaml"
    path.write_text("id: a\nmeasures:\n  - id: m\n    leak: 2\n    lek: 1\n", encoding="utf-8")
    assert [(Path(fault.file).name, fault.line) for fault in faults_of(path)] == [
        ("a.yaml", 4),
        ("a.yaml", 5),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    numbered(
        [
            pytest.param("../../etc/passwd", "no YAML file", id="118"),
            pytest.param("/etc/passwd", "no YAML file", id="119"),
            pytest.param("/dev/zero", "no YAML file", id="124a"),
            pytest.param("/proc/self/mem", "no YAML file", id="124b"),
            pytest.param("file:///etc/x.yaml", "addresses are not read", id="126a"),
            pytest.param("http://example.org/x.yaml", "addresses are not read", id="126b"),
            pytest.param("s3://bucket/x.yaml", "addresses are not read", id="126c"),
            pytest.param("file:x.yaml", "addresses are not read", id="126d"),
            pytest.param(r"\\host\share\x.yaml", "network shares", id="127a"),
            pytest.param("//host/share/x.yaml", "network shares", id="127b"),
            pytest.param("a:b", "no ':'", id="128"),
            pytest.param("a\0.yaml", "no NUL", id="131"),
            pytest.param("missing.yaml", "cannot be read (No such file", id="missing"),
            pytest.param("x" * 5000 + ".yaml", "cannot be read", id="long"),
            pytest.param("  ", "blank", id="blank"),
            pytest.param("", "blank", id="nothing"),
            pytest.param("nothing", "no such scenario", id="unknown"),
        ],
        "refused",
    ),
)
def test_a_path_that_is_not_followed_is_refused(name: str, words: str) -> None:
    with pytest.raises(BadScenarioError) as refused:
        load([name])
    (fault,) = refused.value.faults
    assert words in fault.rule


def test_a_key_plays_nothing_in_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(scenario_with('"\\e[2J\\u202ex": 1'), encoding="utf-8")
    assert "key <U+001B>[2J<U+202E>x," in str(faults_of(path)[0])


def test_of_a_long_path_the_file_is_told() -> None:
    path = Path("/", *["folder"] * 100, "none.yaml")
    with pytest.raises(BadScenarioError) as refused:
        read_file(path)
    (fault,) = refused.value.faults
    assert len(fault.file) <= 256
    assert fault.file.startswith("…")
    assert fault.file.endswith("/folder/none.yaml")


@pytest.mark.parametrize("single", [True, False], ids=["file", "folder"])
class TestOddEntries:
    """Entries that end in .yaml and are no regular file of the folder."""

    def rule(self, path: Path, *, single: bool) -> str:
        with pytest.raises(BadScenarioError) as refused:
            read_file(path) if single else read_folder(path.parent)
        (fault,) = refused.value.faults
        assert fault.file == str(path)
        return fault.rule

    @pytest.mark.corpus(120, "refused")
    def test_120_a_link_out_of_the_folder(self, tmp_path: Path, *, single: bool) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "out.yaml").write_text(SOUND, encoding="utf-8")
        link = tmp_path / "in" / "a.yaml"
        link.symlink_to("../out.yaml")
        assert self.rule(link, single=single) == "the link leads out of the folder"

    @pytest.mark.corpus(120, "refused")
    def test_120_a_loop_of_links(self, tmp_path: Path, *, single: bool) -> None:
        link = tmp_path / "a.yaml"
        link.symlink_to(link)
        assert "cannot be read" in self.rule(link, single=single)

    @pytest.mark.corpus(121, "refused")
    def test_121_a_link_put_in_place_after_the_check(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, single: bool
    ) -> None:
        (tmp_path / "in").mkdir()
        (tmp_path / "out.yaml").write_text(SOUND, encoding="utf-8")
        link = tmp_path / "in" / "a.yaml"
        link.symlink_to("../out.yaml")
        monkeypatch.setattr(Path, "resolve", lambda path, **_: path)
        assert "cannot be read" in self.rule(link, single=single)

    @pytest.mark.corpus(123, "refused")
    def test_123_a_pipe_does_not_hang(self, tmp_path: Path, *, single: bool) -> None:
        os.mkfifo(tmp_path / "a.yaml")
        assert self.rule(tmp_path / "a.yaml", single=single) == "this is no regular file"

    @pytest.mark.corpus(124, "refused")
    def test_124_a_link_to_a_device(self, tmp_path: Path, *, single: bool) -> None:
        (tmp_path / "a.yaml").symlink_to("/dev/zero")
        assert "out of the folder" in self.rule(tmp_path / "a.yaml", single=single)

    @pytest.mark.corpus(125, "refused")
    def test_125_a_folder(self, tmp_path: Path, *, single: bool) -> None:
        (tmp_path / "a.yaml").mkdir()
        assert self.rule(tmp_path / "a.yaml", single=single) == "this is no regular file"

    def test_a_socket(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, single: bool
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("a.yaml")
            assert "cannot be read" in self.rule(tmp_path / "a.yaml", single=single)


@pytest.mark.corpus(130, "refused")
def test_130_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(SOUND, encoding="utf-8")
    stat_of = os.fstat

    def meddling(handle: int) -> os.stat_result:
        state = stat_of(handle)
        path.write_text(SOUND + "# more\n", encoding="utf-8")
        return state

    monkeypatch.setattr(os, "fstat", meddling)
    (fault,) = faults_of(path)
    assert fault.rule == "the file changed while it was read"


@pytest.mark.corpus(129, "refused")
def test_129_files_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\nmeasures: []\n", encoding="utf-8")
    (tmp_path / "A.yaml").write_text("id: b\nmeasures: []\n", encoding="utf-8")
    with pytest.raises(BadScenarioError, match="only in case"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadScenarioError, match="there is no such folder"):
        read_folder(tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SOUND, "holds no scenarios"),
        ("~\n", "states no measure"),
        ("[a]\n", "states no measure"),
    ],
)
def test_the_folder_measures_holds_measures_only(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadScenarioError, match=words):
        read_folder(tmp_path)
