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
from smuggling_analysis.sources.load import check, load_source
from smuggling_analysis.sources.project import ASSESSMENTS, RAW
from smuggling_analysis.sources.readers import READERS
from smuggling_analysis.sources.validation_study import FILES, STUDY, published_validation


@dataclass(frozen=True)
class Inputs:
    """The checked inputs of an assessment.

    Parameters
    ----------
    definition : Definition
    checksums : mapping of str to str
        SHA-256 of every file, by its path in the project: definition, sources, notebooks, validation study.
    simulated : bool
        Whether any of its sources is simulated.
    """

    definition: Definition
    checksums: Mapping[str, str]
    simulated: bool = False


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
        problems += [problem for row in definition.evidence.values()
                     for problem in _evidence_problems(row, definition.name, root)]
    problems += [problem for row in chapters for problem in _notebook_problems(row, root)]
    problems += _study_problems(root)
    raise_any(dict.fromkeys(problems))
    assert definition is not None
    simulated = any(load_source(folder, root).simulated for folder in _folders(definition))
    return Inputs(definition, _checksums(definition, root, chapters), simulated)


def _year_problems(definition: Definition, year: int | None) -> list[Problem]:
    if year is None or not definition.years or year in definition.years:
        return []
    return [Problem(f"the assessment is not defined for {year}",
                    f"choose one of {', '.join(map(str, definition.years))}, or add the year",
                    f"{ASSESSMENTS}/{definition.name}.toml", column="years")]


def _evidence_problems(row: EvidenceFile, name: str, root: Path) -> list[Problem]:
    problems = check(row.file, root=root, where=dict(row.where))
    if problems:
        return problems
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


def _folders(definition: Definition) -> set[str]:
    return {row.file.split("/")[0] for row in definition.evidence.values()}


def _checksums(definition: Definition, root: Path, chapters: Sequence[ChapterRow]) -> dict[str, str]:
    paths = [f"{ASSESSMENTS}/{definition.name}.toml",
             *sorted({f"{RAW}/{row.file}" for row in definition.evidence.values()}
                     | {f"{RAW}/{folder}/source.toml" for folder in _folders(definition)}),
             *(f"notebooks/{row.notebook}" for row in chapters),
             *(f"{STUDY}/{name}" for name in FILES if (root / STUDY).is_dir())]
    return {path: sha256_of((root / path).read_bytes()) for path in paths}
