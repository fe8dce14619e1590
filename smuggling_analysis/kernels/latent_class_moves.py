"""Moves of a Markov chain through latent classes that jump: other labels, other classes, one class split in two."""

from __future__ import annotations

import math

from numba import njit

from smuggling_analysis.kernels.latent_class_posterior import FURTHEST, log_weights, posterior

_LEAST = 1e-300
_APART = 0.5
_FADED = 8.0


@njit(cache=True, nogil=True)
def copy(source, target):
    """Copy one place over another."""
    for i in range(source.size):
        target[i] = source[i]


@njit(cache=True, nogil=True)
def _together(one, other):
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))


@njit(cache=True, nogil=True)
def _softplus(logit):
    return max(logit, 0.0) + math.log1p(math.exp(-abs(logit)))


@njit(cache=True, nogil=True)
def _logit_of_kept(left):
    """Logit of a stick of which the share exp(-left) is left over."""
    return left if left > FURTHEST else math.log(max(math.expm1(left), _LEAST))


@njit(cache=True, nogil=True)
def draw_stick(rng, alpha):
    """Draw the logit of a Beta(1, alpha) variable."""
    return _logit_of_kept(rng.standard_exponential() / alpha)


@njit(cache=True, nogil=True)
def draw_chance(rng):
    """Draw the logit of a uniform variable."""
    share = rng.random()
    return min(max(math.log(max(share, _LEAST)) - math.log1p(-share), -FURTHEST), FURTHEST)


@njit(inline="always")
def draw_concentration(rng, place, last, shape, rate):
    """Draw the concentration given the sticks."""
    left = 0.0
    for k in range(last):
        left += _softplus(place[k])
    return max(rng.standard_gamma(shape + last) / (rate + left), _LEAST)


@njit(inline="always")
def relabel(rng, table, alpha, place, new, logs, order):
    """Propose the classes in size-biased order; the prior differs by the last one's weight to the power alpha."""
    last = table.classes - 1
    log_weights(place, alpha, logs)
    key = new[: last + 1]
    for k in range(last + 1):
        key[k] = math.log(rng.standard_exponential()) - logs[k]
        spot = k
        while spot > 0 and key[order[spot - 1]] > key[k]:
            order[spot] = order[spot - 1]
            spot -= 1
        order[spot] = k
    if math.log(rng.random()) >= alpha * (logs[order[last]] - logs[last]):
        return
    for i in range(table.lists):
        for k in range(last + 1):
            new[last + i * (last + 1) + k] = place[last + i * (last + 1) + order[k]]
    behind = logs[order[last]]
    for k in range(last - 1, -1, -1):
        new[k] = logs[order[k]] - behind
        behind = _together(logs[order[k]], behind)
    copy(new, place)


@njit(inline="always")
def _rescale(rng, last, shape, rate, alpha, place, new):
    """Propose a concentration, and the sticks from some class on that keep their exponentials; return log odds, it."""
    proposed = min(max(alpha * math.exp(2.0 * rng.standard_normal()), _LEAST), 1.0 / _LEAST)
    growth = math.log(proposed / alpha)
    start = int(rng.random() * (last + 1))
    odds = (shape + start) * growth - rate * (proposed - alpha)
    for k in range(last):
        left = _softplus(place[k])
        if k < start:
            odds -= (proposed - alpha) * left
        else:
            new[k] = _logit_of_kept(left * alpha / proposed)
    return odds, proposed


@njit(inline="always")
def refresh(rng, table, shape, rate, power, alpha, place, new, room, likelihood):
    """Propose from the prior one class's chances, then sticks, then the concentration; return it and log likelihood."""
    last = table.classes - 1
    for kind in range(3):
        copy(place, new)
        odds, proposed = 0.0, alpha
        if kind == 0:
            k = int(rng.random() * (last + 1))
            for j in range(table.lists):
                new[last + j * (last + 1) + k] = draw_chance(rng)
        elif kind == 1:
            for k in range(int(rng.random() * last), last):
                new[k] = draw_stick(rng, alpha)
        else:
            odds, proposed = _rescale(rng, last, shape, rate, alpha, place, new)
        found = posterior(table, power, proposed, new, room)[0]
        if math.log(rng.random()) < power * (found - likelihood) + odds:
            copy(new, place)
            likelihood, alpha = found, proposed
    return alpha, likelihood


@njit(cache=True, nogil=True)
def _log_density(table, alpha, place, logs, large, small):
    """Log prior of the share of two classes' weight and of the chances of the smaller, less that of proposing them."""
    classes = table.classes
    gap = logs[large] - logs[small]
    spread = -abs(gap) - 2.0 * math.log1p(math.exp(-abs(gap)))
    prior, near = 0.0, 0.0
    for j in range(table.lists):
        own, other = place[classes - 1 + j * classes + small], place[classes - 1 + j * classes + large]
        prior += own - 2.0 * _softplus(own)
        near -= 0.5 * ((own - other) / _APART) ** 2 + math.log(_APART * math.sqrt(2.0 * math.pi))
    proposal = spread + near
    if gap > 0.0:
        proposal = _together(proposal, prior - gap / _FADED - math.log(_FADED))
    weights, behind = (alpha - 1.0) * logs[classes - 1], logs[classes - 1]
    for k in range(classes - 2, 0, -1):
        behind = _together(logs[k], behind)
        weights -= behind
    return weights + spread + prior - proposal


@njit(inline="always")
def divide(rng, table, power, alpha, place, new, room, likelihood):
    """Propose to share two classes' weight anew: between alike classes, or nearly all to one of them.

    The proposal takes no notice of how they shared it; return the log likelihood.
    """
    classes, logs = table.classes, room.logs
    if classes < 2:
        return likelihood
    log_weights(place, alpha, logs)
    large, small = int(rng.random() * classes), int(rng.random() * (classes - 1))
    small += small >= large
    before, both = _log_density(table, alpha, place, logs, large, small), _together(logs[large], logs[small])
    copy(place, new)
    alike = rng.random() < 0.5
    gap = _logit_of_kept(rng.standard_exponential()) if alike else _FADED * rng.standard_exponential()
    for j in range(table.lists):
        at = classes - 1 + j * classes
        new[at + small] = place[at + large] + _APART * rng.standard_normal() if alike else draw_chance(rng)
        if abs(new[at + small]) > FURTHEST:
            return likelihood
    logs[large], logs[small] = both - _softplus(-gap), both - _softplus(gap)
    odds = _log_density(table, alpha, new, logs, large, small) - before
    behind = logs[classes - 1]
    for k in range(classes - 2, -1, -1):
        new[k] = logs[k] - behind
        behind = _together(logs[k], behind)
    found = posterior(table, power, alpha, new, room)[0]
    if math.log(rng.random()) < power * (found - likelihood) + odds:
        copy(new, place)
        return found
    return likelihood
