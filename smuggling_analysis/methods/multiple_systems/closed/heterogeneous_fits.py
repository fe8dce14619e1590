"""Hierarchical log-linear models with heterogeneity between people on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.closed.design_fits import DesignFit, NotIdentified, fit_design
from smuggling_analysis.methods.multiple_systems.closed.designs import apart
from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import FORMS, form_and_theta
from smuggling_analysis.methods.multiple_systems.log_linear.fitting import Fits
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model, term_table


@dataclass(frozen=True, eq=False)
class HeterogeneousFits(Fits):
    """Fits of models that hold a column for heterogeneity.

    Parameters
    ----------
    determined : (models,) array of int
        Parameters that the counts determine, heterogeneity's included: a model with every pair of lists holds
        Darroch's column already.
    """

    determined: NDArray[np.int64]

    @property
    def parameters(self) -> NDArray[np.int64]:
        """Number of parameters that the counts determine: (models,) array."""
        return self.determined


def fit_with_heterogeneity(histories: CaptureHistories, models: Sequence[Model], heterogeneity: str,
                           theta: float | None) -> HeterogeneousFits:
    """Fit every model with one form of heterogeneity added.

    Parameters
    ----------
    histories : CaptureHistories
        Strata are added up.
    models : sequence of Model
        The log-linear models.
    heterogeneity : {"chao", "poisson", "darroch", "gamma"}
        The form.
    theta : float, optional
        Of "poisson" and "gamma".

    Raises
    ------
    ValueError
        If the form is unknown or has no column.
    NoEstimate
        If there are fewer than three lists.
    """
    form, value = form_and_theta(heterogeneity, theta)
    if form is FORMS["normal"]:
        raise ValueError("normal heterogeneity is no column of a log-linear model: use closed_population for "
                         "one model, or 'darroch' here")
    if histories.n_lists < 3:
        raise NoEstimate("two lists cannot show how people differ", "a third list, or no heterogeneity")
    found: list[DesignFit | None] = []
    exists, identified = np.zeros(len(models), dtype=bool), np.zeros(len(models), dtype=bool)
    for place, model in enumerate(models):
        try:
            found.append(fit_design(apart(histories, model, form, value)))
            exists[place] = identified[place] = True
        except NoEstimate as refusal:
            found.append(None)
            # Either question may be the one that is answered no.
            exists[place] = isinstance(refusal, NotIdentified)
            identified[place] = not exists[place]
    terms = term_table(models)
    theta_out, error = np.full(terms.shape, np.nan), np.full(terms.shape, np.nan)
    for place, fit in enumerate(found):
        if fit is not None:
            theta_out[place, 0], error[place, 0] = fit.log_unseen, fit.error
    return HeterogeneousFits(
        histories.dense().astype(float), terms, theta_out, error,
        np.array([math.nan if fit is None else fit.deviance for fit in found]), exists, identified,
        np.array([len(model.terms) + 1 if fit is None else fit.parameters
                  for model, fit in zip(models, found, strict=True)], dtype=np.int64))
