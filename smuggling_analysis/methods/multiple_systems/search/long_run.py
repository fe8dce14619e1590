"""A search of its own: any reach, any budget or every model, with progress, resumed after an interruption."""

from __future__ import annotations

import time
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.draws import digest
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import highest_order, resolve_order
from smuggling_analysis.methods.multiple_systems.log_linear.model_table import ModelTable, require_lists, table_found
from smuggling_analysis.methods.multiple_systems.search.branches import Branches
from smuggling_analysis.methods.multiple_systems.search.checkpoint import Arrays, Layout, load, refused, save
from smuggling_analysis.methods.multiple_systems.search.every_model import MOST_LISTS, Visit, visit_all
from smuggling_analysis.methods.multiple_systems.search.model_search import BUDGET, REACHES, found_by, search
from smuggling_analysis.methods.multiple_systems.search.search_task import Search, State, Task, task_of
from smuggling_analysis.methods.multiple_systems.search.term_space import Rows
from smuggling_analysis.progress import Bar

_SECONDS_BETWEEN_SAVES = 5.0
_STATE_LAYOUT: Layout = {
    "status": ("i", 2), "floor": ("f", 2), "lower": ("f", 1), "means": ("f", 2), "kept": ("i", 2),
    "counts": ("i", 1), "work": ("f", 1)}
_VISIT_LAYOUT: Layout = {"last": ("i", 1), "kept": ("i", 2), "counts": ("i", 1)}


def search_models(histories: CaptureHistories, *, max_order: int | None = None, criterion: str = "bic",
                  reach: float | None = None, budget: float = BUDGET, exhaustive: bool = False,
                  checkpoint: str | PathLike[str] | None = None, progress: bool = True,
                  n_jobs: int = 1) -> ModelTable:
    """Find every log-linear model within reach of the best, however many models there are.

    By branch and bound: what can be shown to lie beyond reach is passed over without a visit. Where the search
    ends within its budget the answer is certain (`table.search.certified`): no model left out is within reach.
    Else the best models found are returned with a caution that says how good a model not visited could be.

    Parameters
    ----------
    histories : CaptureHistories
        Two to twelve lists; strata are added together.
    max_order : int, optional
        The most lists in one term: by default all but one, unless that makes too many terms.
    criterion : {"bic", "aic"}
        What is best.
    reach : float, optional
        How far above the best a model may lie and be shown, in points of the criterion: by default 10 for BIC, 4
        for AIC.
    budget : float
        How much work to do before giving up, in thousand million additions: a core does about five in a second.
        Counted in arithmetic, not by the clock, so that the answer is the same everywhere.
    exhaustive : bool
        Visit every model instead, however bad: up to six lists (7,785,061 models of terms up to five lists).
    checkpoint : path, optional
        Where to write the state of the search every few seconds; a search of the same table with the same options
        goes on from there. A larger budget goes on from a smaller one.
    progress : bool
        Whether to show progress when it takes more than two seconds.
    n_jobs : int
        Workers; the answer does not depend on it.

    Returns
    -------
    ModelTable
        The models within reach, best BIC first, with `.search`.

    Raises
    ------
    ValueError
        If an option makes no sense, or there are too many lists or terms.
    BadInput
        If the checkpoint is damaged, no checkpoint, or another search's.
    NoEstimate
        If there is one list only.

    References
    ----------
    Edwards, D. and Havranek, T. (1985). A fast procedure for model search in multidimensional contingency tables.
    Biometrika 72(2), 339-351.

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> table = search_models(histories)
    >>> table.frame["model"].head(2).tolist(), table.search.certified, table.search.visited
    (['[1,2,3]', '[13,2]'], True, 8)
    """
    require_lists(histories)
    order = resolve_order(histories.n_lists, highest_order(histories.n_lists) if max_order is None else max_order)
    if exhaustive and histories.n_lists > MOST_LISTS:
        raise ValueError(f"every model can be visited up to {MOST_LISTS} lists, there are {histories.n_lists}: leave "
                         "exhaustive out")
    reach = REACHES.get(criterion, 0.0) if reach is None else float(reach)
    task = task_of(histories.dense().astype(float), histories.n_lists, order, criterion, reach, budget)
    path = Path(checkpoint) if checkpoint is not None else None
    asked = digest("search_models", histories.fingerprint, order, criterion, reach, exhaustive)
    with Bar(progress) as bar:
        kept, found, record = (_visited if exhaustive else _searched)(task, path, asked, bar, n_jobs)
    return table_found(histories, order, found_by(task, kept, found, record))


Result = tuple[Rows, Floats, Search]


def _searched(task: Task, path: Path | None, asked: str, bar: Bar, n_jobs: int) -> Result:
    def arrays(state: State) -> Arrays:
        counts = [state.visited, state.with_estimate, state.fits, state.closed]
        return {"status": state.open.status, "floor": state.open.floor, "lower": state.open.lower,
                "means": state.open.means, "kept": state.kept, "counts": np.array(counts),
                "work": np.array([state.work])}

    def watch(state: State) -> None:
        keeper.offer(state)
        bar.show(f"{task.criterion.upper()}, best {state.best:,.2f}: {state.visited:,} models visited, "
                 f"{state.closed:,} branches closed, {len(state.open):,} open", state.work / 1e9, task.budget)

    keeper = _Keeper(path, asked, arrays)
    state = search(task, state=_state_of(task, path, asked), n_jobs=n_jobs, watch=watch)
    keeper.keep(state)
    return state.kept, state.scores, task.result(state)


def _visited(task: Task, path: Path | None, asked: str, bar: Bar, n_jobs: int) -> Result:
    def arrays(here: Visit) -> Arrays:
        return {"last": here.last, "kept": here.kept,
                "counts": np.array([here.visited, here.with_estimate, here.ended])}

    def watch(here: Visit) -> None:
        keeper.offer(here)
        bar.show(f"{task.criterion.upper()}, best {here.best:,.2f}: {here.visited:,} models visited", here.visited,
                 _NUMBER_OF_MODELS.get((task.space.n_lists, task.space.order)))

    keeper = _Keeper(path, asked, arrays)
    here = visit_all(task.score, task.space, task.reach, begun=_visit_of(task, path, asked),
                     n_jobs=n_jobs, watch=watch)
    keeper.keep(here)
    return here.kept, here.scores, Search(task.criterion, task.reach, True, here.visited, here.with_estimate,
                                          here.visited, 0, here.best + task.reach)


def _state_of(task: Task, path: Path | None, asked: str) -> State | None:
    held = None if path is None else load(path, asked, _STATE_LAYOUT)
    if path is None or held is None:
        return None
    status, kept, branches = held["status"], held["kept"], len(held["lower"])
    sound = (status.shape == held["floor"].shape == (branches, task.space.size)
             and held["means"].shape == (branches, task.cells.size) and held["counts"].shape == (4,)
             and held["work"].shape == (1,) and bool(np.isin(status, (0, 1, 2)).all()))
    counts = _counts(path, held["counts"], task, kept, sound)
    kept = kept.astype(np.int8)
    return State(Branches(status.astype(np.int8), held["floor"].astype(float), held["lower"].astype(float),
                          held["means"].astype(float)), kept,
                 task.score(kept), counts[0], counts[1], counts[2], counts[3],
                 float(held["work"][0]))


def _visit_of(task: Task, path: Path | None, asked: str) -> Visit | None:
    held = None if path is None else load(path, asked, _VISIT_LAYOUT)
    if path is None or held is None:
        return None
    last, kept = held["last"], held["kept"]
    sound = last.shape == (task.space.size,) and held["counts"].shape == (3,) and task.space.closed(last[None, :])
    counts = _counts(path, held["counts"], task, kept, sound)
    kept = kept.astype(np.int8)
    return Visit(last.astype(np.int8), bool(counts[2]), kept,
                 task.score(kept), counts[0], counts[1])


def _counts(path: Path, counts: NDArray[Any], task: Task, kept: NDArray[Any], sound: bool) -> list[int]:
    if not sound or not task.space.closed(kept) or (counts < 0).any():
        raise refused(path, "this checkpoint is damaged")
    return [int(count) for count in counts]


class _Keeper:
    """Writes the checkpoint every few seconds, and at the end."""

    def __init__(self, path: Path | None, asked: str, arrays: Callable[[Any], Arrays]):
        self._path, self._asked, self._arrays, self._last = path, asked, arrays, time.monotonic()

    def offer(self, state: State | Visit) -> None:
        """Write the state if the last one is some seconds old."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_SAVES:
            self.keep(state)

    def keep(self, state: State | Visit) -> None:
        """Write the state."""
        if self._path is not None:
            save(self._path, self._asked, self._arrays(state))
        self._last = time.monotonic()


# Antichain covers of a labelled set (OEIS A006126), less the saturated model; every set of pairs.
_NUMBER_OF_MODELS = {(4, 3): 113, (5, 4): 6893, (6, 5): 7_785_061, (5, 2): 1024, (6, 2): 32_768}
