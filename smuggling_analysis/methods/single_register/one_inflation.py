"""Were more people seen once than the family allows?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.single_register.families import DISTRIBUTIONS, FAMILIES
from smuggling_analysis.methods.single_register.fits import MAXIMUM, RUNS_OFF, maximise
from smuggling_analysis.methods.single_register.fitting import Model, fit_model, likelihood_of


@dataclass(frozen=True)
class OneInflationTest:
    """A likelihood-ratio test of a family against its one-inflated sister.

    Parameters
    ----------
    family, sister : str
        The two families, rows of `FAMILIES`.
    statistic : float
        Twice the gain in log-likelihood by inflation; 0 where inflation gains nothing.
    p_value : float
        The chance of so large a gain, were no share of people set apart.
    log_likelihood, inflated_log_likelihood : float
        Of the two families at their maxima.
    null : str
        What is tested.
    """

    family: str
    sister: str
    statistic: float
    p_value: float
    log_likelihood: float
    inflated_log_likelihood: float
    null: str = "no more people were seen exactly once than the family says"


def one_inflation_test(counts: RepeatCounts, *, family: str = "poisson", formula: str | None = None,
                       dispersion: str | None = None, links: Mapping[str, str] | None = None,
                       exposure: str | None = None) -> OneInflationTest:
    """Test whether more people were seen exactly once than a family says.

    People who are expelled, imprisoned, deterred or misspelt after their first time are seen once whatever their rate.
    A family that knows nothing of them takes them for people who are hard to see, and N grows far too large. The
    share set apart is zero under the null hypothesis, at the edge of what it can be: the statistic is zero in half of
    all samples and chi-square with one degree of freedom in the others (Self & Liang 1987).

    Parameters
    ----------
    counts : RepeatCounts
        How many people were seen once, twice, ..., per covariate pattern.
    family : {"poisson", "geometric", "negative-binomial"}
        The family without inflation.
    formula, dispersion, links, exposure
        As in `truncated_count`, for both families. The share set apart is the same for everybody.

    Returns
    -------
    OneInflationTest

    Raises
    ------
    NoEstimate
        If the family has no maximum, or its sister's is not found.
    ValueError
        If the family or an option is unknown.

    References
    ----------
    Godwin, R. T. & Böhning, D. (2017). Estimation of the population size by using the one-inflated positive Poisson
    model. Journal of the Royal Statistical Society C 66, 425-448. doi:10.1111/rssc.12192

    Self, S. G. & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio
    tests under nonstandard conditions. Journal of the American Statistical Association 82, 605-610.

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> test = one_inflation_test(counts)
    >>> round(test.statistic, 2), test.p_value < 1e-10
    (56.2, True)
    """
    from scipy.special import chdtrc

    if family not in DISTRIBUTIONS:
        raise ValueError(f"family is one of {', '.join(DISTRIBUTIONS)}, got {family!r}")
    formulas = {"rate": formula, "dispersion": dispersion}
    plain = fit_model(counts, Model(family=FAMILIES[family].with_links(links), formulas=formulas, exposure=exposure))
    sister = f"one-inflated {family}"
    model = Model(family=FAMILIES[sister].with_links(links), formulas=formulas, exposure=exposure)
    _, _, likelihood = likelihood_of(counts, model)
    fits = maximise(likelihood)
    if fits.verdicts[0] not in (MAXIMUM, RUNS_OFF):
        raise NoEstimate(f"the fit of the {model.family.title} is {fits.verdicts[0]}: what it gains is not known",
                         "more people seen more than once")
    # Without inflation the sister is the family itself: where it runs off it ends there, and has gained nothing.
    inflated = max(float(fits.log_likelihood[0]), plain.log_likelihood)
    statistic = 2.0 * (inflated - plain.log_likelihood)
    if statistic < 1e-9 * (1.0 + abs(plain.log_likelihood)):
        statistic = 0.0
    p_value = 0.5 * float(chdtrc(1, statistic)) if statistic > 0 else 1.0
    return OneInflationTest(family, sister, statistic, p_value, plain.log_likelihood, inflated)
