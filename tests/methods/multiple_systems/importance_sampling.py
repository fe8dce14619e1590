"""Posteriors of single log-linear models by importance sampling in numpy: another way to the same numbers.

Nothing is shared with the package: contrasts that sum to zero, the prior as its authors write it, and a t distribution
around the mode as the proposal.
"""

from itertools import product

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln
from scipy.stats import poisson

SHAPE = SCALE = 0.0005
FREEDOM = 6


def contrasts(levels):
    """Contrasts that sum to zero, (levels, levels - 1)."""
    return np.vstack([np.eye(levels - 1), -np.ones(levels - 1)])


def design(sizes, sets):
    """The intercept, then the columns of every set of variables, over all cells, the first variable fastest."""
    cells = np.array([levels[::-1] for levels in product(*(range(size) for size in sizes[::-1]))])
    columns = [np.ones((len(cells), 1))]
    for chosen in sets:
        block = np.ones((len(cells), 1))
        for variable in chosen:
            own = contrasts(sizes[variable])[cells[:, variable]]
            block = (block[:, :, None] * own[:, None, :]).reshape(len(cells), -1)
        columns.append(block)
    return np.hstack(columns)


def posterior(counts, known, columns, prior, draws=10_000, seed=1):
    """Log marginal likelihood, its Monte Carlo error, and the posterior mean of the people not counted for certain.

    `known` is "counted", "unseen" or "censored" by cell.
    """
    cells, parameters = columns.shape
    counted, unseen, censored = (known == word for word in ("counted", "unseen", "censored"))
    inverse = np.linalg.inv(cells * np.linalg.inv(columns.T @ columns))[1:, 1:]
    shape = 0.5 * (parameters - 1)

    def log_posterior(theta):
        eta = theta @ columns.T
        total = (counts[counted] * eta[:, counted] - np.exp(eta[:, counted]) - gammaln(counts[counted] + 1)).sum(axis=1)
        if censored.any():
            total = total + poisson.logcdf(counts[censored], np.exp(eta[:, censored])).sum(axis=1)
        squares = np.einsum("di,ij,dj->d", theta[:, 1:], inverse, theta[:, 1:])
        constant = 0.5 * np.linalg.slogdet(inverse)[1] - shape * np.log(2 * np.pi)
        if prior == "unit_information":
            return total + constant - 0.5 * squares
        return (total + constant + gammaln(SHAPE + shape) - gammaln(SHAPE) + SHAPE * np.log(SCALE)
                - (SHAPE + shape) * np.log(SCALE + 0.5 * squares))

    start = 0.9 * np.linalg.lstsq(columns[counted], np.log(counts[counted] + 0.5), rcond=None)[0]
    mode = minimize(lambda theta: -max(log_posterior(theta[None])[0], -1e12), start, method="BFGS").x
    # A censored count bends the posterior less than one that is known, often not at all.
    seen = columns[counted]
    curvature = (seen * np.exp(seen @ mode)[:, None]).T @ seen
    squares = mode[1:] @ inverse @ mode[1:]
    curvature[1:, 1:] += inverse * (1.0 if prior == "unit_information" else shape / (SCALE + 0.5 * squares))
    root = np.linalg.cholesky(np.linalg.inv(curvature))
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((draws, parameters)) / np.sqrt(rng.chisquare(FREEDOM, draws) / FREEDOM)[:, None]
    theta = mode + 1.2 * steps @ root.T
    density = (gammaln((FREEDOM + parameters) / 2) - gammaln(FREEDOM / 2) - 0.5 * parameters * np.log(FREEDOM * np.pi)
               - np.log(1.2 * np.diag(root)).sum()
               - 0.5 * (FREEDOM + parameters) * np.log1p((steps**2).sum(axis=1) / FREEDOM))
    logs = log_posterior(theta) - density
    weights = np.exp(logs - logs.max())
    means = np.exp(theta @ columns.T)
    people = means[:, unseen].sum(axis=1)
    for cell in np.flatnonzero(censored):
        # E(y | y <= most) of a Poisson count.
        below, chance = (poisson.cdf(counts[cell] - less, means[:, cell]) for less in (1, 0))
        people = people + means[:, cell] * below / np.maximum(chance, 1e-300)
    error = weights.std() / weights.mean() / np.sqrt(draws)
    return logs.max() + np.log(weights.mean()), error, float(weights @ people / weights.sum())


def averaged(counts, known, sizes, alone, interactions, prior, **options):
    """Every subset of interactions of two: probabilities by subset, their largest relative error, mean people."""
    found = {}
    for picked in product([0, 1], repeat=len(interactions)):
        sets = [*alone, *(chosen for chosen, inside in zip(interactions, picked, strict=True) if inside)]
        found[picked] = posterior(counts, known, design(sizes, sets), prior, **options)
    logs = np.array([one[0] for one in found.values()])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    return (dict(zip(found, weights, strict=True)), max(one[1] for one in found.values()),
            float(weights @ [one[2] for one in found.values()]))
