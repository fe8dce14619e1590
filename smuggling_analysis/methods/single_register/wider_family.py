"""Do people differ more than the distribution allows? The negative binomial one, which contains it, may fit better."""

from __future__ import annotations

from dataclasses import dataclass

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.single_register.families import CUTS, FAMILIES
from smuggling_analysis.methods.single_register.fits import MAXIMUM, RUNS_OFF, maximise
from smuggling_analysis.methods.single_register.fitting import Fitting, Model, likelihood_of

WIDER = "negative-binomial"
NARROWER = ("poisson", "geometric")


@dataclass(frozen=True)
class WiderFamilyTest:
    """A likelihood-ratio test of a family against the negative binomial one under the same cut.

    Parameters
    ----------
    family, wider : str
        The two families, rows of `FAMILIES`.
    statistic : float
        Twice the gain in log-likelihood by the wider one; 0 where it gains nothing.
    p_value : float
        The chance of so large a gain if the narrower one holds.
    limitless : bool
        Whether the wider one rises for ever: it fits the better the more people there are whom hardly anybody sees, and
        sets no upper limit to them.
    null : str
        What is tested.
    """

    family: str
    wider: str
    statistic: float
    p_value: float
    limitless: bool
    null: str = "people differ in how often they are seen no more than the distribution says"


def wider_family_test(fitting: Fitting) -> WiderFamilyTest:
    """Test whether people differ more than a fitted Poisson or geometric family allows.

    A Poisson distribution is a negative binomial one without dispersion, at the edge of what it can be: the statistic
    is zero in half of all samples if it holds (Self & Liang 1987). A geometric one has dispersion 1, which may be too
    little or too much. Where the wider family has no maximum, what it gains is taken where its climb ended: a lower
    bound, at which the test rejects the less.

    Parameters
    ----------
    fitting : Fitting
        From `fit_register`, of a Poisson or geometric family under any cut.

    Returns
    -------
    WiderFamilyTest

    Raises
    ------
    NoEstimate
        If what the wider family gains is not known.
    ValueError
        If the family is neither Poisson nor geometric.

    References
    ----------
    Self, S. G. & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio
    tests under nonstandard conditions. Journal of the American Statistical Association 82, 605-610.

    Examples
    --------
    >>> from smuggling_analysis.evidence.repeat_counts import RepeatCounts
    >>> from smuggling_analysis.methods.single_register import fit_register
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> test = wider_family_test(fit_register(counts, family="geometric"))
    >>> test.limitless, test.p_value < 0.001
    (True, True)
    """
    from scipy.special import chdtrc

    model = fitting.model
    family, wider = _names(fitting)
    formulas = {name: formula for name, formula in model.formulas.items() if name in FAMILIES[wider].predictors}
    links = {name: link.name for name, link in zip(model.family.predictors, model.family.links, strict=True)
             if name in FAMILIES[wider].predictors}
    _, _, likelihood = likelihood_of(fitting.counts, Model.of(
        FAMILIES[wider], formulas, links=links, exposure=model.exposure, ends_when_seen=model.ends_when_seen))
    fits = maximise(likelihood)
    if fits.verdicts[0] not in (MAXIMUM, RUNS_OFF):
        raise NoEstimate(f"the fit of the {wider} family is {fits.verdicts[0]}: what it gains is not known",
                         "more people seen more than once")
    gain = 2.0 * (float(fits.log_likelihood[0]) - fitting.log_likelihood)
    statistic = gain if gain > 1e-9 * (1.0 + abs(fitting.log_likelihood)) else 0.0
    chance = float(chdtrc(1, statistic)) if statistic else 1.0
    at_the_edge = statistic and family.endswith("poisson")
    return WiderFamilyTest(family, wider, statistic, chance / 2 if at_the_edge else chance,
                           bool(fits.verdicts[0] == RUNS_OFF and statistic))


def _names(fitting: Fitting) -> tuple[str, str]:
    title = fitting.model.family.title
    for cut in CUTS:
        for narrow in NARROWER:
            name = cut.name.format(narrow)
            family = FAMILIES[name]
            if title in (family.title, family.departing.title if family.departing else ""):
                return name, cut.name.format(WIDER)
    raise ValueError(f"{title} is neither a Poisson nor a geometric family: the negative binomial one contains these")
