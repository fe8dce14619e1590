"""From a model's name to its fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods.multiple_systems.closed import bias_corrected as correction
from smuggling_analysis.methods.multiple_systems.closed.behaviour_in_time import fit_behaviour_in_time
from smuggling_analysis.methods.multiple_systems.closed.design_fits import DesignFit, fit_design, profile_height
from smuggling_analysis.methods.multiple_systems.closed.designs import Design, alike, apart, occasions_of
from smuggling_analysis.methods.multiple_systems.closed.fitted_model import ClosedFit
from smuggling_analysis.methods.multiple_systems.closed.heterogeneity import FORMS, Form, form_and_theta
from smuggling_analysis.methods.multiple_systems.closed.normal_heterogeneity import fit_normal
from smuggling_analysis.methods.multiple_systems.closed.removal_models import fit_removal, fit_removal_corrected
from smuggling_analysis.methods.multiple_systems.log_linear.model_table import require_lists
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model

Evidence = CaptureHistories | RepeatCounts
ModelGiven = str | Iterable[str | Sequence[str]] | Model
NAMED = ("M0", "Mt", "Mh", "Mth", "Mb", "Mbh", "Mtb")
ALIKE, WITHOUT_FORM = ("M0", "Mh"), ("M0", "Mt", "Mb", "Mbh", "Mtb")
FEWEST_FOR_FORM = 3


@dataclass(frozen=True, eq=False)
class Asked:
    """A model that has a design, read from what the caller wrote.

    Parameters
    ----------
    label : str
        What to call it.
    design : Design
        Its design, without a column where heterogeneity is normal.
    form : Form, optional
        Heterogeneity.
    theta : float
        Its theta.
    occasions : float
        Number of occasions.
    apart : bool
        Whether lists are told apart.
    plain : bool
        Whether the log-linear part is that of M0 or Mt.
    """

    label: str
    design: Design
    form: Form | None
    theta: float
    occasions: float
    apart: bool
    plain: bool


def fit_closed(evidence: Evidence, model: ModelGiven, heterogeneity: str | None, theta: float | None, *,
               bias_corrected: bool = False, occasions: float | None = None,
               up_to: int | None = None) -> ClosedFit:
    """Fit one closed-population model; see `closed_population` for the options.

    Raises
    ------
    ValueError, NoEstimate
        As `closed_population`.
    """
    _check(evidence, model, heterogeneity, occasions, up_to)
    if model in ("Mb", "Mbh") and isinstance(evidence, CaptureHistories):
        first_apart = model == "Mbh"
        if bias_corrected:
            return fit_removal_corrected(evidence, first_apart=first_apart)
        return fit_removal(evidence, first_apart=first_apart)
    if model == "Mtb" and isinstance(evidence, CaptureHistories):
        if bias_corrected:
            raise NoEstimate("no bias correction is known for Mtb", "the estimate without bias correction")
        return fit_behaviour_in_time(evidence)
    asked = read_model(evidence, model, heterogeneity, theta, occasions=occasions, up_to=up_to)
    if bias_corrected:
        return _corrected(asked)
    return _normal(asked) if asked.form is FORMS["normal"] else _log_linear(asked)


def _check(evidence: Evidence, model: ModelGiven, heterogeneity: str | None, occasions: float | None,
           up_to: int | None) -> None:
    if isinstance(model, str) and model.startswith("M") and model not in NAMED:
        raise ValueError(f"model is one of {', '.join(NAMED)}, or a log-linear model such as \"[12,3]\", got "
                         f"{model!r}")
    if heterogeneity is None and model in ("Mh", "Mth"):
        raise ValueError(f"{model} needs a heterogeneity: one of {', '.join(FORMS)}")
    if isinstance(evidence, RepeatCounts) and model not in ALIKE:
        raise ValueError("numbers of people caught once, twice, ... do not tell occasions apart: take "
                         "model='M0' or 'Mh', or give capture histories")
    if isinstance(evidence, CaptureHistories):
        require_lists(evidence)
    occasions_of(evidence, occasions)
    if up_to is not None and model not in ALIKE:
        raise ValueError("up_to belongs to M0 and Mh, which fit numbers of people caught once, twice, ...")


def read_model(evidence: Evidence, model: ModelGiven, heterogeneity: str | None, theta: float | None, *,
               occasions: float | None = None, up_to: int | None = None) -> Asked:
    """Return the design of a model that has one: M0, Mh, Mt, Mth or a log-linear model."""
    form, value = None, 0.0
    if heterogeneity is not None and model not in WITHOUT_FORM:
        form, value = form_and_theta(heterogeneity, theta)
    t = occasions_of(evidence, occasions)
    if form is not None and t < FEWEST_FOR_FORM:
        raise NoEstimate(f"two occasions cannot show how people differ: {form.name} heterogeneity needs "
                         f"{FEWEST_FOR_FORM} or more", "a third list, or a model without heterogeneity")
    column = None if form is FORMS["normal"] else form
    if model in ALIKE:
        label, design = str(model), alike(evidence, column, value, occasions=occasions, up_to=up_to)
        return Asked(_label(label, form, value), design, form, value, t, False, True)
    assert isinstance(evidence, CaptureHistories)
    loglinear = Model(evidence.n_lists, ()) if model in ("Mt", "Mth") else Model.parse(model, evidence.lists)
    label = str(model) if model in ("Mt", "Mth") else loglinear.notation
    return Asked(_label(label, form, value), apart(evidence, loglinear, column, value), form, value, t, True,
                 not any(generator.bit_count() > 1 for generator in loglinear.generators))


def _label(model: str, form: Form | None, theta: float) -> str:
    if form is None:
        return model
    return f"{model} {form.name}" + (f" {theta:g}" if form.default_theta is not None else "")


def _log_linear(asked: Asked) -> ClosedFit:
    fit = fit_design(asked.design)
    return ClosedFit(asked.label, asked.design.observed, fit.unseen, fit.se, fit.deviance, fit.df,
                     fit.parameters, fit.loglikelihood, {**_told(asked, fit), "held_at_zero": list(fit.held)},
                     tuple(_cautions(asked, fit)), profile_height(fit), float(asked.design.counts.sum()))


def _told(asked: Asked, fit: DesignFit) -> dict[str, Any]:
    found = dict(zip(asked.design.names, fit.theta.tolist(), strict=True))
    return {"parameters": {name: value for name, value in found.items() if math.isfinite(value)}}


def _cautions(asked: Asked, fit: DesignFit) -> list[str]:
    found = []
    if asked.form is not None and asked.form.constrained:
        found.append("a lower bound where people differ in how easily they are caught")
    tau = fit.theta[-1] if asked.form is not None and not asked.form.constrained else 0.0
    if math.isnan(tau):
        found.append("heterogeneity cannot be told from the model's own terms: its parameter is not "
                     "determined, the population is")
    elif tau < 0.0:
        found.append("the heterogeneity comes out below nothing: people on one list are rarer on others than "
                     "chance would have it, which this form does not describe")
    if fit.emptied:
        found.append(f"on the boundary: the model takes it that {fit.emptied:,} of the histories cannot "
                     "occur")
    outside = asked.design.observed - float(asked.design.counts.sum())
    if outside > 0:
        found.append(f"{outside:,.0f} people were caught more often than the fit goes and are added as they "
                     "are")
    return found


def _normal(asked: Asked) -> ClosedFit:
    without = fit_design(asked.design)
    fit = fit_normal(asked.design, without, occasions=asked.occasions, apart=asked.apart)
    parameters = without.parameters + (fit.sigma > 0.0)
    cautions = [] if fit.sigma > 0.0 else ["no heterogeneity was found: the estimate is that of people who "
                                           "are all alike"]
    if fit.unlimited:
        cautions.append(f"people who differ far more than the estimate has it (log-odds with standard deviation "
                        f"{fit.sigma:.1f}) fit nearly as well: the counts set no upper limit to the population")
    return ClosedFit(asked.label, asked.design.observed, fit.unseen,
                     math.sqrt(fit.unseen + (fit.unseen * fit.error) ** 2), fit.deviance,
                     asked.design.histories - parameters, parameters,
                     asked.design.saturated - 0.5 * fit.deviance, {"sigma": fit.sigma}, tuple(cautions))


def _corrected(asked: Asked) -> ClosedFit:
    if not asked.plain or asked.form is FORMS["normal"]:
        raise NoEstimate(f"no bias correction is known for {asked.label}",
                         "the estimate without bias correction")
    unseen, se = correction.corrected(asked.design, asked.form, asked.theta, asked.occasions,
                                      apart=asked.apart)
    cautions = (("a lower bound where people differ in how easily they are caught",)
                if asked.form is not None and asked.form.constrained else ())
    return ClosedFit(f"{asked.label}, bias-corrected", asked.design.observed, unseen, se, math.nan, 0, 0,
                     math.nan, {}, cautions)




def parse_name(name: str) -> tuple[str, str | None, float | None]:
    """Read a model's name: its letters, its form and theta.

    Examples
    --------
    >>> parse_name("Mh poisson 3"), parse_name("Mt")
    (('Mh', 'poisson', 3.0), ('Mt', None, None))
    """
    model, *rest = name.split()
    if len(rest) > 2 or (len(rest) == 2 and not rest[1].replace(".", "", 1).isdigit()):
        raise ValueError(f"a model is written as 'Mt', 'Mh chao' or 'Mth poisson 2', got {name!r}")
    return model, rest[0] if rest else None, float(rest[1]) if len(rest) == 2 else None
