"""A model fitted to one register, to be looked at from all sides."""

from __future__ import annotations

from collections.abc import Mapping

from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.covariance import COVARIANCES
from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.methods.single_register.families.family import Family
from smuggling_analysis.methods.single_register.families.ones_and_twos import (
    CHAO,
    ONE_INFLATED_CHAO,
    ZELTERMAN,
)
from smuggling_analysis.methods.single_register.fitting import Fitting, Model
from smuggling_analysis.methods.single_register.kept_fits import fit

_BOUNDS: dict[str, Family] = {"chao": CHAO, "zelterman": ZELTERMAN, "one-inflated chao": ONE_INFLATED_CHAO}


def fit_register(counts: RepeatCounts, *, family: str = "poisson", formula: str | None = None,
                 dispersion: str | None = None, inflation: str | None = None, hurdle: str | None = None,
                 links: Mapping[str, str] | None = None, exposure: str | None = None, ends_when_seen: bool = False,
                 covariance: str = "observed") -> Fitting:
    """Fit what `truncated_count`, `chao`, `zelterman` or `one_inflated_chao` fits, and keep the fit.

    The fit is what `residuals`, `frequency_fit`, `leave_one_out`, `leave_one_level_out` and `by_stratum` look
    at.

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    family : str
        A row of `FAMILIES`, or "chao", "zelterman", "one-inflated chao".
    formula, dispersion, inflation, hurdle, links, exposure, ends_when_seen, covariance
        As in `truncated_count`.

    Returns
    -------
    Fitting

    Raises
    ------
    NoEstimate
        If the likelihood has no finite maximum: the covariate level or the parameter is named.
    ValueError
        If the family, a formula or another option is unknown.

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> fit_register(counts).model.family.title
    'zero-truncated Poisson'
    """
    known = {**FAMILIES, **_BOUNDS}
    if family not in known:
        raise ValueError(f"family is one of {', '.join(known)}, got {family!r}")
    if covariance not in COVARIANCES:
        raise ValueError(f"covariance is one of {', '.join(COVARIANCES)}, got {covariance!r}")
    formulas = {"rate": formula, "dispersion": dispersion, "inflation": inflation, "hurdle": hurdle}
    model = Model.of(known[family], formulas, links=links, exposure=exposure, ends_when_seen=ends_when_seen)
    return fit(counts, model, covariance=covariance)
