"""Everything an assessment is made from, checked before anything runs; all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from smuggling_analysis.assessment.chapters import CHAPTERS, ChapterRow
from smuggling_analysis.assessment.definition import ROLES, Definition, EvidenceFile, examine_definition
from smuggling_analysis.assessment.notebooks import PARAMETERS, undeclared
from smuggling_analysis.problems import BadInput, Problem, raise_any
from smuggling_analysis.sources.checksum import sha256_of
from smuggling_analysis.sources.external import place_of, shown_as
from smuggling_analysis.sources.load import check, is_at_hand, load_source
from smuggling_analysis.sources.project import ASSESSMENTS, RAW
from smuggling_analysis.sources.readers import READERS
from smuggling_analysis.sources.validation_study import FILES, STUDY, published_validation


@dataclass(frozen=True)
class Inputs:
    """The checked inputs of an assessment.

    Parameters
    ----------
    definition : Definition
        As it holds for the year, if one was asked for.
    checksums : mapping of str to str
        SHA-256 of every file, by its path in the project: definition, sources, notebooks, validation study. A file
        kept outside the project is named `reference data/NAME`, without its folder.
    simulated : bool
        Whether any of its sources is simulated.
    standing_in : tuple of str
        For each file that is kept outside the project and not at hand while another plays its role, which it is
        and how to get it.
    """

    definition: Definition
    checksums: Mapping[str, str]
    simulated: bool = False
    standing_in: tuple[str, ...] = ()


def check_inputs(name: str, root: Path, *, year: int | None = None,
                 chapters: Sequence[ChapterRow] = CHAPTERS) -> Inputs:
    """Check a definition, every file it names and every notebook; nothing is run.

    Parameters
    ----------
    name : str
        The assessment's name.
    root : Path
        The project's folder.
    year : int, optional
        The year the assessment is to be made for.
    chapters : sequence of ChapterRow
        The chapters whose notebooks are needed.

    Raises
    ------
    BadInput
        With every problem of all of them.
    """
    definition, problems = examine_definition(name, root)
    if definition is not None:
        problems += _year_problems(definition, year)
        definition = definition if year is None else definition.in_year(year)
        rows = _rows(definition, year)
        problems += [problem for row in rows for problem in _evidence_problems(row, definition.name, root)]
    problems += [problem for row in chapters for problem in _notebook_problems(row, root)]
    problems += _study_problems(root)
    raise_any(dict.fromkeys(problems))
    assert definition is not None
    used = [row.at_hand(root) for row in rows]
    simulated = any(load_source(row.folder, root).simulated for row in used)
    return Inputs(definition, _checksums(definition.name, used, root, chapters), simulated,
                  tuple(_standing_in(row, root) for row in rows if row.at_hand(root) is not row))


def _rows(definition: Definition, year: int | None) -> tuple[EvidenceFile, ...]:
    """Return the files of a year, or of every year."""
    return definition.files if year is None else tuple(definition.evidence.values())


def _year_problems(definition: Definition, year: int | None) -> list[Problem]:
    if year is None or not definition.years or year in definition.years:
        return []
    return [Problem(f"the assessment is not defined for {year}",
                    f"choose one of {', '.join(map(str, definition.years))}, or add the year",
                    f"{ASSESSMENTS}/{definition.name}.toml", column="years")]


def _evidence_problems(row: EvidenceFile, name: str, root: Path) -> list[Problem]:
    """Return the problems of a file that plays a role, and of the file that stands in for it."""
    try:
        absent = not is_at_hand(row.file, root)
    except BadInput as error:
        return list(error.problems)
    standing_in = [] if row.otherwise is None else _evidence_problems(row.otherwise, name, root)
    if absent and row.otherwise is not None:
        return standing_in
    return [*(check(row.file, root=root, where=dict(row.where)) or _reader_problems(row, name, root)), *standing_in]


def _standing_in(row: EvidenceFile, root: Path) -> str:
    """Say which file is not at hand, what plays its role, and how to get it."""
    folder, _, name = row.file.partition("/")
    described = load_source(folder, root).files[name]
    assert row.otherwise is not None
    return (f"{shown_as(described)} is not there, and {RAW}/{row.otherwise.file} plays its role ({row.role}); "
            f"{described.obtain.strip().rstrip('.')}; then name its folder by --reference-data")


def _reader_problems(row: EvidenceFile, name: str, root: Path) -> list[Problem]:
    folder, _, file = row.file.partition("/")
    reader = load_source(folder, root).files[file].reader
    if READERS[reader].evidence == ROLES[row.role]:
        return []
    wanted = ", ".join(one.name for one in READERS.values() if one.evidence == ROLES[row.role])
    return [Problem(f"the file is read as {reader}, which cannot play the role {row.role}",
                    f"name a file whose reader is {wanted}, or name this one under its own role",
                    f"{ASSESSMENTS}/{name}.toml", column=f"evidence.{row.role}.file")]


def _notebook_problems(row: ChapterRow, root: Path) -> list[Problem]:
    file, path = f"notebooks/{row.notebook}", root / "notebooks" / row.notebook
    if not path.is_file():
        return [Problem(f"the notebook of the chapter {row.name} is missing", "restore it", file)]
    try:
        missing = undeclared(path, PARAMETERS)
    except OSError as error:
        return [Problem(f"the file cannot be read: {error.strerror}", "check its permissions", file)]
    except Exception as error:  # nbformat has many ways to say that a file is no notebook
        return [Problem(f"the file is not a notebook: {type(error).__name__}: {str(error).splitlines()[0]}",
                        "restore it", file)]
    return [Problem(f"the parameter {parameter} is not declared",
                    f'add a line "{parameter} = ..." to the code cell tagged "parameters"', file)
            for parameter in missing]


def _study_problems(root: Path) -> list[Problem]:
    try:
        published_validation(root)
    except BadInput as refused:
        return list(refused.problems)
    return []


def _checksums(name: str, used: Sequence[EvidenceFile], root: Path,
               chapters: Sequence[ChapterRow]) -> dict[str, str]:
    paths = [f"{ASSESSMENTS}/{name}.toml", *sorted({f"{RAW}/{row.folder}/source.toml" for row in used}),
             *(f"notebooks/{row.notebook}" for row in chapters),
             *(f"{STUDY}/{file}" for file in FILES if (root / STUDY).is_dir())]
    files = dict(_checksum_of_data(row, root) for row in used)
    return {path: sha256_of((root / path).read_bytes()) for path in paths} | dict(sorted(files.items()))


def _checksum_of_data(row: EvidenceFile, root: Path) -> tuple[str, str]:
    """Return a data file's name, without the folder of one that is kept outside the project, and its checksum."""
    folder, _, name = row.file.partition("/")
    described = load_source(folder, root).files[name]
    path, shown = ((place_of(described, root), shown_as(described)) if described.external
                   else (root / RAW / row.file, f"{RAW}/{row.file}"))
    return shown, sha256_of(path.read_bytes())
