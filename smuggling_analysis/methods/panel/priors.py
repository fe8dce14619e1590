"""The same Bayesian estimate under several priors: as its own diagnostics tell it, and as other runs do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.estimate import Estimate
from smuggling_analysis.methods.panel.variants import Plan, Variant

# Enough to see whether the prior decides; the estimate itself takes more.
_DRAWS = 600
_COLUMNS = ["prior", "value", "lower", "upper", "refused"]


@dataclass(frozen=True)
class OwnPriors:
    """A method's own table of estimates under several priors.

    Parameters
    ----------
    key : str
        The variant's.
    title : str
        What it is, for messages.
    make : callable
        Makes the method's own table of `CaptureHistories` and `Plan`.
    laid_out : callable
        Lays it out in the columns `prior, value, lower, upper, refused`.
    """

    key: str
    title: str
    make: Callable[[Any, Plan], Any]
    laid_out: Callable[[Any], pd.DataFrame]

    def made(self, histories: Any, plan: Plan) -> tuple[Any, pd.DataFrame]:
        """Return the method's own table, and that table laid out."""
        table = self.make(histories, plan)
        return table, self.laid_out(table)


def _against_classes(histories: Any, plan: Plan) -> Any:
    from smuggling_analysis.methods.multiple_systems import latent_class_prior_table

    return latent_class_prior_table(histories, chains=plan.chains, draws=_DRAWS, burn_in=_DRAWS, n_jobs=plan.n_jobs,
                                    rng=plan.seed("latent-class-priors"))


def _against_delta(histories: Any, plan: Plan) -> Any:
    from smuggling_analysis.methods.multiple_systems import prior_table as by_delta

    return by_delta(histories, priors=("inverse",))


def _laid_out(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns={"median": "value", "reason": "refused"})[_COLUMNS]


def _by_delta(table: Any) -> pd.DataFrame:
    words = [f"{delta:g} people, in thought, with each history (delta)" for delta in table.frame["delta"]]
    return _laid_out(table.frame.assign(prior=words))


PRIOR_TABLES = (
    OwnPriors("bayesian-graphical", "Decomposable graphs under other priors", _against_delta, _by_delta),
    OwnPriors("latent-class", "Latent classes under other priors", _against_classes,
               lambda table: _laid_out(table.frame)),
)
"""The tables that take runs of their own, one row each."""


def prior_table(variant: Variant, given: Estimate, others: Iterable[tuple[Variant, Estimate]],
                table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a Bayesian estimate under its own prior, first, and under others.

    Parameters
    ----------
    variant, given
        The variant, and what it gave.
    others : iterable of (Variant, Estimate)
        What else the panel holds: the same method under another prior is taken from it.
    table : DataFrame, optional
        The method's own table, with columns `prior, value, lower, upper` and, where it has one, `refused`.

    Returns
    -------
    DataFrame
        `prior, value, lower, upper, refused`; the limits are NaN where only the middle is known. Empty where no
        other prior was tried.
    """
    alike = [(other.label, *_numbers(found)) for other, found in others
             if "prior" in variant.options and other.method == variant.method and other.key != variant.key]
    rows = [*_told(given), *alike]
    if not rows and table is None:
        return pd.DataFrame(columns=_COLUMNS)
    own = ("as it was used", *_numbers(given))
    frame = pd.DataFrame([own, *rows], columns=_COLUMNS[:4]).assign(refused="")
    return frame if table is None else pd.concat([frame, table[_COLUMNS]], ignore_index=True)


def _numbers(given: Estimate) -> tuple[float, float, float]:
    return given.value, given.lower, given.upper


def _told(given: Estimate) -> Iterator[tuple[str, float, float, float]]:
    """Yield what an estimate's diagnostics say of other priors."""
    told: Any = given.diagnostics
    unseen = given.value - (given.observed or 0.0)
    for spread, factor in dict(told.get("unseen_by_prior_sd") or {}).items():
        yield f"standard deviation {spread}, by approximation", given.value + unseen * (factor - 1), np.nan, np.nan
    for name, words in (("under_a_narrower_prior", "narrower"), ("under_a_wider_prior", "wider")):
        if told.get(name) is not None:
            yield f"{words}, by reweighting", float(told[name]), np.nan, np.nan
    for words, median in dict(told.get("medians_under_other_priors") or {}).items():
        yield f"{words}, by reweighting", float(median), np.nan, np.nan
