"""Which scenarios a folder, a file or a name stands for.

Convention: a folder holds scenario files (top-level key ``measures``) and measure files (one
measure, in the folder or in its subfolder ``measures``). A measure has one definition a folder;
scenarios name it by id, and may change anything in it but ``where``, ``cut`` and ``not_modelled``.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from scenarios.check import (
    checked_measure,
    checked_scenario,
    measure_warnings,
    nearest,
    text_warnings,
)
from scenarios.document import Document, Place, cut_short, document
from scenarios.files import (
    SUFFIXES,
    Source,
    check_path,
    file_source,
    folded,
    folder_sources,
    is_folder,
    measure_sources,
    refused,
)
from scenarios.schema import BadScenarioError, Measure, Scenario, ScenarioFault

_OWN = frozenset({"where", "cut", "not_modelled"})
_MOST_MEASURES = 300
_TWICE = "Keep one of them, in a file of the folder measures, and name it by id"


@dataclass(frozen=True)
class Library:
    """Scenarios and the measures that they may name, all checked."""

    scenarios: Mapping[str, Scenario]
    """By id, in the order of the files' names."""
    measures: Mapping[str, Measure]
    """All definitions by id, whether a scenario uses them or not."""
    warnings: tuple[ScenarioFault, ...] = ()
    """What was accepted, but is seldom meant."""
    files: tuple[tuple[str, str], ...] = ()
    """Name within its folder and SHA-256 of each file that was read."""

    @property
    def sha256(self) -> str:
        """Hash of the names and the content of all files, the same under any order."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files))
        return hashlib.sha256(lines.encode()).hexdigest()


EMPTY = Library({}, {})
"""No scenarios, no measures."""


def library(dataset_id: str) -> Library:
    """Return the scenarios that are shipped for a dataset; empty where there are none.

    Raises
    ------
    BadScenarioError
        If a shipped file is broken.
    """
    root = Path(str(resources.files("scenarios")))
    shipped = {child.name: child for child in root.iterdir() if child.is_dir()}
    folder = shipped.get(dataset_id)
    return EMPTY if folder is None else _gathered(folder, f"scenarios/{dataset_id}")


def read_folder(folder: Path) -> Library:
    """Return all scenarios and measures of a folder.

    Raises
    ------
    BadScenarioError
        With every fault of every file.
    """
    return _gathered(folder, str(folder))


def read_file(path: Path, *, library: Library | None = None) -> Scenario:
    """Return the scenario of one file.

    Parameters
    ----------
    path : Path
        A scenario file; it may name measures of the folder ``measures`` beside it.
    library : Library, optional
        Further measures that it may name. A definition of its own goes before them.

    Raises
    ------
    BadScenarioError
        With every fault of the file.
    """
    (found,) = _single(path, library or EMPTY).scenarios.values()
    return found


def load(names: Sequence[str | Path], *, library: Library = EMPTY) -> Library:
    """Return the scenarios that the names of a command stand for, in the order named.

    Parameters
    ----------
    names : sequence of str or Path
        Ids within the library, files or folders; an id goes before a folder of that name, and
        ``./name`` forces a path. None at all means the whole library.
    library : Library
        Where ids are looked up, and measures that files may name.

    Raises
    ------
    BadScenarioError
        If a name stands for nothing, or a file is refused.
    """
    if not names:
        return library
    faults: list[ScenarioFault] = []
    parts: list[Library] = []
    for name in names:
        try:
            parts.append(_named(name, library))
        except BadScenarioError as error:
            faults.extend(error.faults)
    if faults:
        raise BadScenarioError(tuple(dict.fromkeys(faults)))
    return _joined(parts)


def _named(name: str | Path, library: Library) -> Library:
    text = str(name)
    if isinstance(name, str) and name in library.scenarios:
        chosen = {name: library.scenarios[name]}
        return Library(chosen, library.measures, library.warnings, library.files)
    check_path(text)
    path = Path(name)
    if is_folder(path):
        return read_folder(path)
    if path.suffix.lower() in SUFFIXES or path.name != text:
        return _single(path, library)
    rule = "there is no such scenario, file or folder"
    raise refused(text, rule, nearest(text, library.scenarios))


def _joined(parts: Sequence[Library]) -> Library:
    chosen: dict[str, Scenario] = {}
    for part in parts:
        for name, scenario in part.scenarios.items():
            if chosen.setdefault(name, scenario) != scenario:
                rule = f"{chosen[name].file} holds a scenario of the same id {name!r}"
                raise refused(scenario.file, rule, "Rename one of them")
    return Library(
        chosen,
        {name: found for part in parts for name, found in part.measures.items()},
        tuple(dict.fromkeys(fault for part in parts for fault in part.warnings)),
        tuple(dict.fromkeys(file for part in parts for file in part.files)),
    )


def _gathered(folder: Path, shown: str) -> Library:
    faults: list[ScenarioFault] = []
    sources = folder_sources(folder, shown=shown, faults=faults)
    return _assembled(sources, {}, faults)


def _single(path: Path, library: Library) -> Library:
    own = file_source(path)
    faults: list[ScenarioFault] = []
    read = document(own.raw, file=own.shown)
    # a file that names nothing else does not depend on what lies beside it
    beside = path.parent if _names_others(read.content) else None
    others = measure_sources(beside, shown=str(beside), faults=faults) if beside else ()
    alone = _assembled((own, *others), library.measures, faults)
    if not alone.scenarios:
        rule = "the file holds a measure, not a scenario"
        raise refused(own.shown, rule, "Name a scenario file, or the folder")
    measures = {**library.measures, **alone.measures}
    return Library(alone.scenarios, measures, alone.warnings, alone.files)


def _names_others(content: object) -> bool:
    entries = content.get("measures") if isinstance(content, dict) else None
    return isinstance(entries, list) and not all(
        isinstance(entry, dict)
        and _OWN & entry.keys()
        and not {"amends", "supersedes"} & entry.keys()
        for entry in entries
    )


def _assembled(
    sources: Sequence[Source], known: Mapping[str, Measure], faults: list[ScenarioFault]
) -> Library:
    assembly = _Assembly(known, faults)
    assembly.take(sources)
    if faults:
        told = sorted(dict.fromkeys(faults), key=lambda fault: (fault.file, fault.line or 0))
        raise BadScenarioError(tuple(told))
    digests = ((source.name, hashlib.sha256(source.raw).hexdigest()) for source in sources)
    measures = {name: found for name, found in assembly.defined.items() if found is not None}
    return Library(assembly.scenarios, measures, tuple(assembly.warnings), tuple(digests))


@dataclass
class _Assembly:
    """The state of putting files together; faults are gathered on the way."""

    known: Mapping[str, Measure]
    """Measures that may be named besides the files' own."""
    faults: list[ScenarioFault]
    warnings: list[ScenarioFault] = field(default_factory=list)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    defined: dict[str, Measure | None] = field(default_factory=dict)
    """The files' own definitions; None where one was refused."""
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where a name stands first, by sort of thing and folded name."""
    links: list[tuple[Document, Place, Measure]] = field(default_factory=list)

    def take(self, sources: Iterable[Source]) -> None:
        """Read, define, resolve: in this order, since any file may name any measure."""
        scenarios: list[Document] = []
        for source in sources:
            read = self._parsed(source)
            if read is None or not self._is_sound(source.name, read):
                continue
            if "measures" in read.content:
                scenarios.append(read)
            else:
                self._define(read, (), read.content)
        for read in scenarios:
            for number, entry in enumerate(_entries(read)):
                if isinstance(entry, dict) and _OWN & entry.keys():
                    self._define(read, ("measures", number), entry)
        for read in scenarios:
            self._take_scenario(read)
        self._check_links()

    def _parsed(self, source: Source) -> Document | None:
        try:
            read = document(source.raw, file=source.shown)
        except BadScenarioError as error:
            self.faults.extend(error.faults)
            return None
        self.warnings.extend(text_warnings(read))
        return read

    def _is_sound(self, name: str, read: Document) -> bool:
        # refuse here what is neither scenario nor measure, so that later steps need not ask
        stated = read.content.keys() if isinstance(read.content, dict) else frozenset[str]()
        inside = name.startswith("measures/")
        if inside and "measures" in stated:
            rule, remedy = "the folder measures holds no scenarios", "Move the file up"
        elif inside and not stated:
            rule, remedy = "the file states no measure", "Write `id`, `where` and `cut`"
        elif not inside and not {"measures", *_OWN} & stated:
            rule = "this is neither a scenario (`measures`) nor a measure (`where` and `cut`)"
            remedy = "Write `measures:` and a list"
        elif not inside and len(_entries(read)) > _MOST_MEASURES:
            rule, remedy = f"the scenario has over {_MOST_MEASURES} measures", "Split it"
        else:
            return True
        self._note(read, (), rule, remedy)
        return False

    def _define(self, read: Document, path: Place, stated: Mapping[str, Any]) -> None:
        name = stated.get("id")
        if isinstance(name, str):
            self._claim("measure", name, read, (*path, "id"))
            self.defined.setdefault(name, None)
        found = self._checked(read, path, stated, None)
        if found is not None:
            self.defined[found.id] = found

    def _checked(
        self, read: Document, path: Place, stated: Mapping[str, Any], base: Measure | None
    ) -> Measure | None:
        try:
            found = checked_measure(read, path, stated, base=base)
        except BadScenarioError as error:
            self.faults.extend(error.faults)
            return None
        self.links.append((read, path, found))
        self.warnings.extend(measure_warnings(read, path, found) if base is None else ())
        return found

    def _claim(self, sort: str, name: str, read: Document, path: Place) -> None:
        here = f"{read.file}, line {read.line(path)}"
        first = self.taken.setdefault((sort, folded(name)), here)
        if first != here:
            remedy = _TWICE if sort == "measure" else "Rename one of them"
            rule = f"the {sort} {cut_short(name)!r} stands also in {first}"
            self._note(read, path, rule, remedy)

    def _take_scenario(self, read: Document) -> None:
        if not isinstance(read.content["measures"], list):
            self._note(read, ("measures",), "a list belongs here", "Write `- id: …` below it")
            return
        found = [self._entry(read, number, entry) for number, entry in enumerate(_entries(read))]
        measures = tuple(measure for measure in found if measure is not None)
        self._check_set(read, measures)
        try:
            scenario = checked_scenario(read, measures)
        except BadScenarioError as error:
            self.faults.extend(error.faults)
            return
        self._claim("scenario", scenario.id, read, ("id",))
        self.scenarios[scenario.id] = scenario

    def _entry(self, read: Document, number: int, entry: object) -> Measure | None:
        path: Place = ("measures", number)
        stated = {"id": entry} if isinstance(entry, str) else entry
        if isinstance(stated, dict) and _OWN & stated.keys():
            return self.defined.get(str(stated.get("id")))
        if not isinstance(stated, dict) or not isinstance(stated.get("id"), str):
            remedy = "Write the id of a measure, or `id`, `where` and `cut`"
            self._note(read, path, "a measure or its id belongs here", remedy)
            return None
        name = stated["id"]
        if name not in self.defined and name not in self.known:
            remedy = f"{nearest(name, {*self.defined, *self.known})} A new one needs where and cut"
            self.faults.append(read.fault(path, name, "no measure has this id", remedy))
            return None
        base = self.defined[name] if name in self.defined else self.known[name]
        if base is None or stated.keys() == {"id"}:
            return base
        return self._checked(read, path, stated, base)

    def _check_set(self, read: Document, measures: tuple[Measure, ...]) -> None:
        names = [measure.id for measure in measures]
        if len(set(names)) < len(names):
            self._note(read, ("measures",), "a measure stands twice in the list", "Keep one")
        for measure in measures:
            if measure.supersedes in names:
                rule = f"{measure.id!r} replaces {measure.supersedes!r}, and both are in the list"
                remedy = "Keep the newer one, unless both are meant to act"
                self.warnings.append(read.fault(("measures",), None, rule, remedy))
        if not measures:
            rule = "the scenario has no measure: it is the baseline under another name"
            self.warnings.append(read.fault(("measures",), None, rule, "Add one"))

    def _check_links(self) -> None:
        names = {*self.defined, *self.known}
        for read, path, measure in self.links:
            for key in ("amends", "supersedes"):
                other = getattr(measure, key)
                if other is not None and (other not in names or other == measure.id):
                    rule = "this must name another measure"
                    hint = nearest(other, names - {measure.id})
                    self.faults.append(read.fault((*path, key), other, rule, hint))

    def _note(self, read: Document, path: Place, rule: str, remedy: str) -> None:
        self.faults.append(read.fault(path, None, rule, remedy))


def _entries(read: Document) -> list[object]:
    entries = read.content.get("measures")
    return entries if isinstance(entries, list) else []
