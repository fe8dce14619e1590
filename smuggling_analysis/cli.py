"""The command line: assess, check, list, methods, validate.

Whatever fails says so in words on the error stream and ends with a code that is not zero.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from smuggling_analysis.assessment.assess import Published

TRACEBACK = "SMUGGLING_ANALYSIS_TRACEBACK"

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})

Name = Annotated[str, typer.Argument(metavar="NAME", help="The assessment: a file of notebooks/assessments, "
                                                          "without .toml.")]

ReferenceData = Annotated[Path | None, typer.Option(
    "--reference-data", metavar="PATH", exists=True, resolve_path=True, envvar="SMUGGLING_REFERENCE_DATA",
    show_default="../shared/data/datasets", help="The folder of files that are kept outside the project, or the one "
                                                 "file that is needed.")]


def _show_version(asked: bool) -> None:
    if asked:
        from smuggling_analysis import __version__

        typer.echo(f"smuggling-analysis {__version__}")
        raise typer.Exit


@app.callback()
def _program(version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True,
                                                   help="Show the version and exit.")] = False) -> None:
    """Annual assessments of migrant smuggling, from agencies' figures to a published report.

    Run inside the project's folder. `smuggling-analysis list` shows the assessments there are.
    """


@app.command()
def assess(
    name: Name,
    year: Annotated[int, typer.Option(help="The assessment year.")],
    jobs: Annotated[int | None, typer.Option(min=1, max=64, show_default="2, or 1 on one processor",
                                             help="Chapters to run at a time.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random number: the same seed, the same "
                                                  "numbers.")] = 1,
    only: Annotated[str, typer.Option(metavar="CHAPTER", show_default="all chapters",
                                      help="Run this chapter and those it needs, into a folder of its "
                                           "own.")] = "",
    output: Annotated[Path | None, typer.Option(metavar="DIR", show_default="reports",
                                                help="Where reports go.")] = None,
    reference_data: ReferenceData = None,
) -> None:
    """Make an assessment: check everything, run the chapters, publish the report.

    The report replaces the last one of the same name and year only when all of it is made.
    """
    from rich.console import Console

    from smuggling_analysis.assessment.assess import assess as make
    from smuggling_analysis.assessment.chapters import CHAPTERS

    if only and only not in [row.name for row in CHAPTERS]:
        raise typer.BadParameter(f"there is no chapter {only}; the chapters are "
                                 f"{', '.join(row.name for row in CHAPTERS)}", param_hint="--only")
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    console.print(f"{name} {year}")
    _look_in(reference_data)
    try:
        with _ended_as_by_hand():
            published = make(name, year, root=_root(), seed=seed, jobs=jobs, only=only, output=output,
                             console=console)
    except KeyboardInterrupt:
        _leave("stopped; the last published report is as it was", 130)
    _summary(published, console)
    if published.warning:
        typer.echo(f"warning: {published.warning}", err=True)


@app.command()
def check(
    name: Name,
    year: Annotated[int | None, typer.Option(help="Also check that it is defined for this year.")] = None,
    reference_data: ReferenceData = None,
) -> None:
    """Check an assessment's definition, sources and notebooks; run nothing."""
    from smuggling_analysis.assessment.inputs import check_inputs

    _look_in(reference_data)
    inputs = check_inputs(name, _root(), year=year)
    roles = len({row.role for row in inputs.definition.files})
    typer.echo(f"{name}: {roles} role{'' if roles == 1 else 's'} of evidence, {len(inputs.checksums)} files, "
               "no problem found")
    for line in inputs.standing_in:
        typer.echo(f"note: {line}")


@app.command(name="list")
def list_assessments() -> None:
    """List the assessments defined in this project."""
    from smuggling_analysis.assessment.definition import names

    root = _root()
    found = names(root)
    if not found:
        typer.echo("no assessment is defined: add a file to notebooks/assessments")
    width = max(map(len, found), default=0)
    for name in found:
        typer.echo(f"{name:<{width}}  {_years_and_title(name, root)}")


def _years_and_title(name: str, root: Path) -> str:
    from smuggling_analysis.assessment.definition import examine_definition
    from smuggling_analysis.problems import BadInput

    try:
        definition, problems = examine_definition(name, root)
    except BadInput:
        return "cannot be used: name the file with small letters, digits and hyphens"
    if definition is None or problems:
        return f"cannot be used: smuggling-analysis check {name} says why"
    return f"{', '.join(map(str, definition.years))}  {definition.title}"


@app.command()
def methods(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show all of one method.")] = "",
) -> None:
    """List the estimation methods, or show one: its idea, formula, assumptions and literature."""
    from difflib import get_close_matches

    from smuggling_analysis.methods import METHODS

    if not name:
        width = max(map(len, METHODS))
        for row in METHODS.values():
            typer.echo(f"{row.name:<{width}}  {row.title} [{row.evidence}]")
        return
    if name not in METHODS:
        near = get_close_matches(name, METHODS, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "see: smuggling-analysis methods"
        raise typer.BadParameter(f"there is no method {name}; {hint}", param_hint="NAME")
    typer.echo(_described(METHODS[name]))
    if validated := _validated(name):
        typer.echo(validated)


@app.command()
def validate(
    replicates: Annotated[int, typer.Option(min=1, help="Populations drawn of each kind.")] = 200,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes at a time.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random number.")] = 1,
) -> None:
    """Hold every method of several lists to populations of known size, and publish the table.

    The table goes to data/processed/validation, whole or not at all; the methods annex of every report shows it.
    What an interruption left finished is not done again.
    """
    from smuggling_analysis.assessment.publish import discard, locked, publish, scratch_for
    from smuggling_analysis.sources.validation_study import STUDY
    from smuggling_analysis.validation.study import make_study

    target = _root() / STUDY
    journal = target.with_name(f".{target.name}.journal")
    with locked(target):
        scratch = scratch_for(target)
        try:
            with _ended_as_by_hand():
                made = make_study(scratch, replicates=replicates, seed=seed, n_jobs=jobs, journal=journal)
            publish(scratch, target)
        except KeyboardInterrupt:
            _leave("stopped; the next run goes on from here, and the last published table is as it was", 130)
        finally:
            discard(scratch)
    journal.unlink(missing_ok=True)
    typer.echo(made)
    typer.echo(f"  {_relative(target / 'coverage.csv')}")


def _described(row: Any) -> str:
    parts = [f"{row.name}: {row.title}", f"Answers:  {row.question}", f"Evidence: {row.evidence}", row.idea]
    if row.formula:
        parts.append(f"Formula:  {row.formula}")
    if row.options:
        parts.append(f"Options:  {', '.join(row.options)}")
    parts += ["Assumes:", *(f"  - {line}" for line in row.assumptions)]
    return "\n".join([*parts, "Literature:", *(f"  - {citation}" for citation in row.citations)])


def _validated(name: str) -> str:
    """Return what the project's published validation study says of a method; nothing outside a project."""
    from smuggling_analysis.problems import BadInput
    from smuggling_analysis.sources.validation_study import published_validation
    from smuggling_analysis.tables.validation import validation_words

    try:
        root = _root()
    except BadInput:
        return ""
    study = published_validation(root)
    return "" if study is None else validation_words(study, name)


def _look_in(reference_data: Path | None) -> None:
    """Have files that are kept outside the project looked for there, in the chapters' processes too."""
    from smuggling_analysis.sources.external import REFERENCE_DATA

    if reference_data is not None:
        os.environ[REFERENCE_DATA] = str(reference_data)


@contextmanager
def _ended_as_by_hand() -> Iterator[None]:
    """Let a request to end (kill, a closed terminal, a shutdown) stop the run as Ctrl-C does."""
    asked = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {one: signal.signal(one, signal.default_int_handler) for one in asked}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _summary(published: Published, console: Console) -> None:
    """Print the headline results, and where the files are."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from smuggling_analysis.assessment.headlines import headline_rows

    rows = headline_rows(published.recorded)
    if rows:
        table = Table("Question", "What", "Result", "Kind", box=box.SIMPLE_HEAD, title="Headline results",
                      title_justify="left", pad_edge=False)
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
    console.print(f"made in {published.seconds:.0f} s:")
    for file in ("assessment.html", "assessment.pdf", "estimates.csv"):
        if (published.folder / file).exists():
            console.print(Text(f"  {_relative(published.folder / file)}"))


def _relative(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _root() -> Path:
    from smuggling_analysis.sources.project import find_root

    return find_root()


def main() -> None:
    """Run the command line; every failure becomes a sentence and an exit code."""
    try:
        app()
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        _leave(_sentence(error), 1)


def _sentence(error: Exception) -> str:
    from smuggling_analysis.assessment.assess import RunFailed
    from smuggling_analysis.assessment.publish import Busy
    from smuggling_analysis.problems import BadInput
    from smuggling_analysis.validation.calibrations import CalibrationFailed
    from smuggling_analysis.validation.harness import ValidationFailed

    if isinstance(error, (BadInput, RunFailed, Busy, ValidationFailed, CalibrationFailed)):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return (f"unexpected {type(error).__name__}: {error}\nThis is a fault of the program: run again with "
            f"{TRACEBACK}=1 to see where, and report it")


def _leave(message: str, code: int) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise SystemExit(code)
