"""The table of every log-linear model, not only the winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.log_linear.every_fit import fit_every
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits
from smuggling_analysis.methods.multiple_systems.log_linear.hierarchy import (
    can_visit_all,
    hierarchical_models,
    resolve_order,
)
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.multiple_systems.log_linear.overlap_cautions import (
    divergence_caution,
    spread,
    table_cautions,
)
from smuggling_analysis.methods.multiple_systems.search.model_search import Found, search_table
from smuggling_analysis.methods.multiple_systems.search.search_task import Search


@dataclass(frozen=True, eq=False)
class ModelTable:
    """Every hierarchical log-linear model of one table of histories, or the best of them.

    Parameters
    ----------
    models : sequence of Model
        The models, in the order of `fits`.
    fits : Fits
        Their fits.
    lists : tuple of str
        The lists' names, in the order in which models number them.
    max_order : int
        The most lists in one term.
    cautions : tuple of str
        What a reader must know of the table.
    fingerprint : str
        Fingerprint of the histories.
    simulated : bool
        Whether the people are simulated.
    search : Search, optional
        Where there were too many models to visit: what the search did. The table then holds the models within
        reach of the best.
    heterogeneity : str, optional
        The form of heterogeneity between people that every model holds.
    """

    models: Sequence[Model]
    fits: Fits
    lists: tuple[str, ...]
    max_order: int
    cautions: tuple[str, ...]
    fingerprint: str
    simulated: bool = False
    search: Search | None = None
    heterogeneity: str | None = None

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per model: model, value, se, df, deviance, aic, bic, weight, exists, identified.

        Best BIC first; of equal ones that with the least population, then in the order of their notation. BIC
        counts the people observed (log n). Models without one estimate come last, with neither value nor criteria
        and weight 0.
        """
        fits = self.fits
        frame = pd.DataFrame({
            "model": [model.notation for model in self.models], "value": fits.value, "se": fits.se,
            "df": fits.df, "deviance": fits.deviance, "aic": fits.aic, "bic": fits.bic, "weight": fits.weight,
            "exists": fits.exists, "identified": fits.identified})
        # Models with equal fits differ in the last bits: they are ordered by population and name, not by rounding.
        order = pd.DataFrame({"bic": frame["bic"].round(7), "value": frame["value"].round(4),
                              "model": frame["model"]}).sort_values(["bic", "value", "model"], na_position="last").index
        return frame.loc[order].reset_index(drop=True)

    @property
    def spread(self) -> tuple[float, float, int]:
        """The least and largest population within 10 BIC points of the best model, and how many are there."""
        return spread(self.fits)

    def __len__(self) -> int:
        return len(self.models)

    def __repr__(self) -> str:
        searched = "" if self.search is None else (
            f", all within {self.search.reach:g} points of the best" if self.search.certified else
            ", the best of an unfinished search")
        return (f"ModelTable({len(self):,} models of terms up to {self.max_order} of the lists "
                f"{', '.join(self.lists)}; {int(self.fits.estimable.sum()):,} with an estimate{searched})")


def require_lists(histories: CaptureHistories) -> None:
    """Refuse one list.

    Raises
    ------
    NoEstimate
        If there is one list only.
    """
    if histories.n_lists < 2:
        raise NoEstimate(f"there is one list ({histories.lists[0]}), and one list cannot tell whom it misses",
                         "a second list of the same population whose records can be linked")


def table_found(histories: CaptureHistories, order: int, found: Found) -> ModelTable:
    """Return the table of the models a search found."""
    search = found.search
    cautions = (*table_cautions(histories), *search.cautions,
                *divergence_caution(found.fits, search.criterion, search.reach))
    return ModelTable(found.models(), found.fits, histories.lists, order, cautions, histories.fingerprint,
                      histories.simulated, search)


def loglinear_models(histories: CaptureHistories, *, max_order: int | None = None,
                     heterogeneity: str | None = None, theta: float | None = None) -> ModelTable:
    """Fit every hierarchical log-linear model, or where there are too many find the best of them.

    Every model of any order up to five lists and of two-list terms with six is in the table. Of more, it holds
    those within 10 BIC points of the best, found by `search_models`, and `.search` says whether that is certain.

    Parameters
    ----------
    histories : CaptureHistories
        Two to twelve lists; strata are added together.
    max_order : int, optional
        The most lists in one term: by default all but one up to five lists, two for more.
    heterogeneity : {None, "chao", "poisson", "darroch", "gamma"}
        A form of heterogeneity between people that is added to every model, as in `closed_population`; for as
        many models as can all be visited.
    theta : float, optional
        Of "poisson" (2 unless given) and "gamma" (3.5).

    Returns
    -------
    ModelTable
        With `.frame`, best BIC first.

    Raises
    ------
    ValueError
        If there are too many lists or terms to search.
    NoEstimate
        If there is one list only.

    References
    ----------
    Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for capture-recapture in R. Journal
    of Statistical Software 19(5), 1-31. doi:10.18637/jss.v019.i05

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 40, "c": 30, ("a", "b"): 12, ("a", "c"): 9, ("b", "c"): 5, ("a", "b", "c"): 3},
    ...     lists=["a", "b", "c"])
    >>> table = loglinear_models(histories)
    >>> table
    ModelTable(8 models of terms up to 2 of the lists a, b, c; 8 with an estimate)
    >>> table.frame[["model", "value", "bic"]].head(2).round(2)
         model   value    bic
    0  [1,2,3]  347.71  52.61
    1   [13,2]  357.00  57.60
    """
    require_lists(histories)
    order = resolve_order(histories.n_lists, max_order)
    if heterogeneity is not None:
        return _with_heterogeneity(histories, order, heterogeneity, theta)
    if theta is not None:
        raise ValueError("theta belongs to heterogeneity='poisson' or 'gamma'")
    if not can_visit_all(histories.n_lists, order):
        return table_found(histories, order, search_table(histories.dense().astype(float), histories.n_lists,
                                                            order, "bic"))
    models = hierarchical_models(histories.n_lists, order)
    fits = fit_every(histories.dense().astype(float), histories.n_lists, order)
    cautions = (*table_cautions(histories), *divergence_caution(fits))
    return ModelTable(models, fits, histories.lists, order, cautions, histories.fingerprint,
                      histories.simulated)


def _with_heterogeneity(histories: CaptureHistories, order: int, heterogeneity: str,
                        theta: float | None) -> ModelTable:
    from smuggling_analysis.methods.multiple_systems.closed.heterogeneous_fits import fit_with_heterogeneity

    if not can_visit_all(histories.n_lists, order):
        raise ValueError(f"there are too many models on {histories.n_lists} lists to add heterogeneity to "
                         "each one: merge lists, or set max_order lower")
    models = hierarchical_models(histories.n_lists, order)
    fits = fit_with_heterogeneity(histories, models, heterogeneity, theta)
    cautions = (*table_cautions(histories), *divergence_caution(fits))
    return ModelTable(models, fits, histories.lists, order, cautions, histories.fingerprint,
                      histories.simulated, heterogeneity=heterogeneity)
