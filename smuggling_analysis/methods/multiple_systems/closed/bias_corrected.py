"""Estimates without the first-order bias of the exponential (Rivest and Levesque 2001).

The expected number of unseen people is the exponential of a parameter, so its maximum likelihood estimate is
biased in two ways: the parameter is, and the exponential bends. Adding constants to the frequencies before
the model is fitted removes both. Half a count for every frequency that the model fits freely removes the
first (Firth's half counts, with leverage 1); subtracting half of the weight with which a frequency enters the
parameter removes the second. Where few are caught those are the frequencies of one, two and, with
heterogeneity, three captures, and the constants are those below.

The constants of Mb are not derived here: 2 added to the first captures of the first occasion and 1 taken from
each of the next two are what gives the figures of Rcapture 1.4-4. That they remove the bias is shown by
simulation: of 500 people, each caught with chance 0.3 on each of three occasions, Mb finds 12 too many on
average, and with them 0.5 too few (standard error 1.6).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.methods.multiple_systems.closed.design_fits import fit_design
from smuggling_analysis.methods.multiple_systems.closed.designs import Design
from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import Form
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Floats

_NEEDED = "the estimate without bias correction"


def corrected(design: Design, form: Form | None, theta: float, occasions: float, *,
              apart: bool) -> tuple[float, float]:
    """Return the bias-corrected number of people never caught, and the population's standard error.

    Parameters
    ----------
    design : Design
        Of M0, Mh, Mt or Mth.
    form : Form, optional
        The heterogeneity.
    theta : float
        Its theta.
    occasions : float
        Number of occasions.
    apart : bool
        Whether the lists are told apart (Mt, Mth).

    Raises
    ------
    NoEstimate
        If there are too few occasions, or no correction is known for the model.
    """
    needed = 2 if form is None else 3
    if occasions < needed:
        raise NoEstimate(f"the bias correction of this model needs {needed} occasions or more, there are "
                         f"{occasions:g}", _NEEDED)
    if form is not None and form.constrained and not apart:
        return chao(design, occasions)
    if apart and form is None and occasions == 2:
        return chapman_of(design)
    if apart and form is not None and form.name == "gamma":
        raise NoEstimate("no bias correction is known for Mth with gamma heterogeneity", _NEEDED)
    added = (_added_apart if apart else _added_alike)(design, form, theta, occasions)
    # Where nothing is added, rounding must not take a hair from an empty history.
    added[np.abs(added) < 1e-12] = 0.0
    counts = design.counts + added
    if (counts < 0.0).any():
        raise NoEstimate("the bias correction would take more people from a frequency than it holds", _NEEDED)
    fit = fit_design(replace(design, counts=counts))
    return fit.unseen, math.sqrt(fit.unseen + (fit.unseen * fit.error) ** 2)


def _added_alike(design: Design, form: Form | None, theta: float, occasions: float) -> Floats:
    """What M0 and Mh add to the numbers of people caught once, twice, ..."""
    number = 2 if form is None else 3
    if design.counts.size < number:
        raise NoEstimate("the bias correction of this model needs the numbers of people caught up to "
                         f"{number} times", _NEEDED)
    weights = np.linalg.solve(design.columns[:number, :number].T, design.unseen[:number])
    added = np.zeros(design.counts.size)
    added[:number] = 0.5 - 0.5 * weights
    return added


def _added_apart(design: Design, form: Form | None, theta: float, occasions: float) -> Floats:
    """What Mt and Mth add to every history of one, two and three captures."""
    t = int(occasions)
    number = 2 if form is None or form.constrained else 3
    sizes = np.array([math.comb(t, k) for k in range(1, number + 1)], dtype=float)
    captures = np.arange(1.0, number + 1)
    # A list's own term must cancel: each history of k captures holds it with share k / t.
    rows = [sizes, sizes * captures]
    if number == 3 and form is not None:
        rows.append(sizes * form.columns(captures, t, theta)[:, 0])
    weights = np.linalg.solve(np.array(rows), np.r_[1.0, np.zeros(number - 1)])
    # One capture: every list's own term is free; two and three: one parameter among all of them.
    free = np.r_[1.0, 1.0 / sizes[1:]]
    added = 0.5 * free - 0.5 * weights
    place = np.minimum(design.captures, number).astype(int) - 1
    return np.asarray(np.where(design.captures <= number, added[place], 0.0))


def chao(design: Design, occasions: float) -> tuple[float, float]:
    """Return Chao's bound without bias (Chao 1987), and its standard error.

    The variance takes the unbiased estimate of the square of the unseen from the square of the estimate.
    """
    once, twice = float(design.counts[0]), float(design.counts[1]) if design.counts.size > 1 else 0.0
    share = 1.0 if math.isinf(occasions) else (occasions - 1.0) / occasions
    unseen = 0.5 * share * once * (once - 1.0) / (twice + 1.0)
    squared = (0.25 * share**2 * once * (once - 1.0) * (once - 2.0) * (once - 3.0)
               / ((twice + 1.0) * (twice + 2.0)))
    return unseen, math.sqrt(max(unseen + unseen**2 - squared, 0.0))


def chapman_of(design: Design) -> tuple[float, float]:
    """Return Chapman's estimate of the unseen from two lists, and the standard error of Seber (1982)."""
    first, second, both = (float(number) for number in design.counts)
    unseen = first * second / (both + 1.0)
    variance = ((first + both + 1.0) * (second + both + 1.0) * first * second
                / ((both + 1.0) ** 2 * (both + 2.0)))
    return unseen, math.sqrt(variance)


def removal_added(first: Floats) -> Floats:
    """Return the numbers of first captures with what Mb adds: 2 to the first, less 1 on the next two.

    Raises
    ------
    NoEstimate
        If there are fewer than three of them, or fewer people than are taken away.
    """
    if first.size < 3:
        raise NoEstimate("the bias correction of Mb needs three occasions or more, that of Mbh four", _NEEDED)
    added = first + np.r_[2.0, -1.0, -1.0, np.zeros(first.size - 3)]
    if (added < 0.0).any():
        raise NoEstimate("the bias correction would take more first captures from an occasion than it had",
                         _NEEDED)
    return np.asarray(added)
