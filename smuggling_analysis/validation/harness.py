"""The study: every method on every population of known size, in parallel, resumable, the same on any machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smuggling_analysis.progress import followed
from smuggling_analysis.validation.fits import FAILED, Fit, Task, from_plain, tasks_of, to_plain
from smuggling_analysis.validation.journal import Journal, code_fingerprint
from smuggling_analysis.validation.method_variants import Candidate, candidates
from smuggling_analysis.validation.scenario import Scenario
from smuggling_analysis.validation.scenarios import SCENARIOS

if TYPE_CHECKING:
    from smuggling_analysis.validation.coverage import ValidationTable

_SHOWN = 10


class ValidationFailed(Exception):
    """Fits that ended in an error, which no method may: which, and the seed that repeats each.

    Attributes
    ----------
    failures : tuple of Fit
        All of them.
    table : ValidationTable
        What the other fits came to.
    seed : int
        The study's seed: `fit_once(scenario, candidate, replicate, seed=seed)` repeats a failure.
    """

    def __init__(self, failures: tuple[Fit, ...], table: ValidationTable, seed: int):
        self.failures, self.table, self.seed = failures, table, seed
        lines = [f"{len(failures)} of the fits failed; fit_once(SCENARIOS[scenario], candidates()[key], replicate, "
                 f"seed={seed}) repeats one:"]
        lines += [f"  {fit.candidate}, {fit.scenario}, replicate {fit.replicate}: {fit.words}"
                  for fit in failures[:_SHOWN]]
        lines += [f"  ... and {len(failures) - _SHOWN} more"] if len(failures) > _SHOWN else []
        super().__init__("\n".join(lines))


def validate(methods: Iterable[str | Candidate] | None = None, scenarios: Iterable[str | Scenario] | None = None, *,
             replicates: int = 200, rng: int | np.random.Generator | None = None, n_jobs: int = 2,
             journal: Path | None = None) -> ValidationTable:
    """Hold methods to populations of known size: bias, error, coverage, width, refusals.

    Parameters
    ----------
    methods : iterable of str or Candidate, optional
        Names in METHODS, keys of `candidates()`, or candidates; by default every method
        in the ways the panel uses it.
    scenarios : iterable of str or Scenario, optional
        Names in SCENARIOS, structures ("heterogeneity"), or scenarios; by default all.
    replicates : int
        Populations drawn of each scenario, the same for all methods; slow methods see a share of them.
    rng : int, Generator or None
        The study's seed.
    n_jobs : int
        Processes; the numbers are the same for any, save the seconds.
    journal : Path, optional
        A file that finished work is written to; a study that was interrupted goes on from it.

    Returns
    -------
    ValidationTable

    Raises
    ------
    ValidationFailed
        At the end, if a fit ended in an error: every failure with what repeats it, and the table of the rest.
    ValueError
        If a method or a scenario is unknown, or nothing is left to be done.

    Examples
    --------
    >>> table = validate(["loglinear-independent"], ["positive dependence, 2 lists of 1,000, 20 % overlap"],
    ...                  replicates=20, rng=1, n_jobs=1)
    >>> bool(table.frame["bias"].iloc[0] < -0.3)
    True
    """
    from smuggling_analysis.validation.coverage import ValidationTable

    if replicates < 1:
        raise ValueError(f"replicates is how many populations are drawn, 1 or more, got {replicates}")
    chosen, populations = chosen_candidates(methods), chosen_scenarios(scenarios)
    seed = int(rng.integers(2**63)) if isinstance(rng, np.random.Generator) else _seed(rng)
    tasks = [task for scenario in populations.values() for candidate in chosen.values()
             for task in tasks_of(scenario, candidate, replicates, seed)]
    if not tasks:
        raise ValueError("none of these methods takes a table of the shape of these scenarios")
    fits = sorted(_done(tasks, n_jobs, journal), key=lambda fit: fit.replicate)
    table = ValidationTable.of(fits, populations, chosen, replicates=replicates, seed=seed)
    failures = tuple(fit for fit in fits if fit.outcome == FAILED)
    if failures:
        raise ValidationFailed(failures, table, seed)
    return table


def chosen_candidates(methods: Iterable[str | Candidate] | None) -> dict[str, Candidate]:
    """Return candidates by key: all, or those named by key or by method."""
    known = candidates()
    if methods is None:
        return known
    found: dict[str, Candidate] = {}
    for asked in methods:
        if isinstance(asked, Candidate):
            found[asked.key] = asked
            continue
        named = {key: one for key, one in known.items() if asked in (key, one.method)}
        if not named:
            raise ValueError(f"there is no method {asked} to validate; there are {', '.join(known)}")
        found |= named
    return found


def chosen_scenarios(scenarios: Iterable[str | Scenario] | None) -> dict[str, Scenario]:
    """Return scenarios by name: all, or those named, by their own name or by their structure's."""
    if scenarios is None:
        return dict(SCENARIOS)
    found: dict[str, Scenario] = {}
    for asked in scenarios:
        named = {asked.name: asked} if isinstance(asked, Scenario) else {
            name: one for name, one in SCENARIOS.items() if asked in (name, one.structure)}
        if not named:
            raise ValueError(f"there is no scenario {asked}; there are {'; '.join(SCENARIOS)}")
        found |= named
    return found


def _seed(rng: int | None) -> int:
    entropy = np.random.SeedSequence(rng).entropy
    assert isinstance(entropy, int)
    return entropy


def _done(tasks: list[Task], n_jobs: int, path: Path | None) -> Iterator[Fit]:
    """Do what the journal does not hold yet; failures are not written down, so that they are tried again."""
    from joblib import Parallel, delayed

    code = code_fingerprint() if path else ""
    with Journal(path) as journal:
        named = {task.identity(code): task for task in tasks}
        held = [journal.held[name] for name in named if name in journal.held]
        yield from (from_plain(plain) for work in held for plain in work)
        # The longest first, as far as can be told: two processes end together.
        left = sorted(((name, task) for name, task in named.items() if name not in journal.held),
                      key=lambda one: -(one[1].scenario.n_lists or 0))
        work = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(delayed(_finished)(*one) for one in left)
        for name, fits in followed(work, len(left), "validating: parts of the study done"):
            if not any(fit.outcome == FAILED for fit in fits):
                journal.finished(name, [to_plain(fit) for fit in fits])
            yield from fits


def _finished(name: str, task: Task) -> tuple[str, list[Fit]]:
    return name, task.fits()
