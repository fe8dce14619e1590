"""LINKS: how a parameter follows from its linear predictor.

Parameters travel as logarithms, because that is where rates next to zero and shares next to one keep their
digits. A share needs the logarithm of the rest, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from smuggling_analysis.methods.single_register.jets import (
    Array,
    Jet,
    exp,
    log1mexp,
    log_normal_chance,
    softplus,
    value_of,
)

_FARTHEST = 300.0
"""Logarithms of rates are held inside this range, where their exponentials are still numbers."""


@dataclass(frozen=True, eq=False, slots=True)
class Positive:
    """A rate or a dispersion, above zero.

    Parameters
    ----------
    log : jet or array
        Its logarithm.
    """

    log: Jet | Array


@dataclass(frozen=True, eq=False, slots=True)
class Share:
    """A probability, with what it leaves.

    Parameters
    ----------
    log : jet or array
        Its logarithm.
    log_rest : jet or array
        The logarithm of one less it.
    """

    log: Jet | Array
    log_rest: Jet | Array


@dataclass(frozen=True, kw_only=True)
class Link:
    """How a parameter follows from its linear predictor.

    Parameters
    ----------
    name : str
        As in the literature: "log", "logit".
    parameter : function of the linear predictor
        Makes the parameter, a `Positive` or a `Share`.
    predictor : function of a number
        The linear predictor at which the parameter has this value.
    share : bool
        Whether the parameter is a share, between 0 and 1.
    """

    name: str
    parameter: Callable[[Jet | Array], Positive | Share]
    predictor: Callable[[float], float]
    share: bool = False


def _held(predictor: Jet | Array) -> Jet | Array:
    """Keep the values inside the range of exponentials; the slope stays."""
    values = value_of(predictor)
    if values.min(initial=0.0) >= -_FARTHEST and values.max(initial=0.0) <= _FARTHEST:
        return predictor
    kept = np.clip(values, -_FARTHEST, _FARTHEST)
    return Jet(kept, predictor.gradient, predictor.hessian, predictor.linear) if isinstance(predictor, Jet) else kept


def _cloglog(predictor: Jet | Array) -> Share:
    hazard = exp(_held(predictor))
    return Share(log1mexp(hazard), -hazard)


LINKS: dict[str, Link] = {
    link.name: link for link in (
        Link(name="log", parameter=lambda eta: Positive(_held(eta)), predictor=math.log),
        Link(name="log half", parameter=lambda eta: Positive(_held(eta) + math.log(2)),
             predictor=lambda rate: math.log(rate / 2)),
        Link(name="log third", parameter=lambda eta: Positive(_held(eta) + math.log(3)),
             predictor=lambda rate: math.log(rate / 3)),
        Link(name="negative log", parameter=lambda eta: Positive(_held(-eta)),
             predictor=lambda rate: -math.log(rate)),
        Link(name="logit", parameter=lambda eta: Share(-softplus(-eta), -softplus(eta)),
             predictor=lambda share: math.log(share / (1 - share)), share=True),
        Link(name="cloglog", parameter=_cloglog,
             predictor=lambda share: math.log(-math.log1p(-share)), share=True),
        Link(name="probit", parameter=lambda eta: Share(log_normal_chance(eta), log_normal_chance(-eta)),
             predictor=NormalDist().inv_cdf, share=True),
    )
}
