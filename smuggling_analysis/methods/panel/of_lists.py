"""The panel of several lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from smuggling_analysis.chains import Chains, Unmixed, chains_behind
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.multiple_systems.log_linear.every_fit import fits_kept
from smuggling_analysis.methods.multiple_systems.log_linear.models import Model
from smuggling_analysis.methods.panel.fitted import Fitted, attempt, guarded
from smuggling_analysis.methods.panel.lists_result import ListPanel
from smuggling_analysis.methods.panel.options import check_options, whom_of
from smuggling_analysis.methods.panel.pieces import PIECES, Basis, Piece
from smuggling_analysis.methods.panel.priors import PRIOR_TABLES, OwnPriors, prior_table
from smuggling_analysis.methods.panel.synthesis import Choice, families_of, weighed, with_headline
from smuggling_analysis.methods.panel.variants import Plan, Variant, list_variants
from smuggling_analysis.methods.reliability import Facts, judge
from smuggling_analysis.methods.reliability.lists_rows import OF_HEADLINES
from smuggling_analysis.progress import Bar

# The method whose estimate is varied in the sensitivity: the first of these that was tried.
_VARIED = ("loglinear-bic", "loglinear-stepwise", "chapman")

_CHOICE = Choice(
    # An interval that repeats the choice of the model comes first.
    recommended=("loglinear-bic-bootstrap", "loglinear-stepwise-bootstrap", "model-average", "chapman"),
    rules=OF_HEADLINES,
    told={"loglinear-independent": "lists independent", "loglinear-bic": "the model of lowest BIC",
          "loglinear-stepwise": "a model chosen by steps", "loglinear-given": "a model given",
          "model-average": "the average of all models", "sample-coverage": "sample coverage",
          "latent-class": "latent classes", "bayesian-graphical": "Bayesian averaging over graphs",
          "chapman": "Chapman"},
    needed="three lists or more of the same population whose records can be linked")


def panel_of_lists(histories: CaptureHistories, *, replicates: int = 1000, chains: int = 4,
                   max_order: int | None = None, model: str = "", rng: int | np.random.Generator | None = None,
                   published: Iterable[Indicator] = (), sensitivity: bool = True, n_jobs: int = 2,
                   **described: str) -> ListPanel:
    """Estimate from lists by every method that applies, judge each, and recommend one number or none.

    Parameters
    ----------
    histories : CaptureHistories
        Two lists or more.
    replicates : int
        Replicates of each bootstrap.
    chains : int
        Chains of each sampler.
    max_order : int, optional
        The most lists in one interaction; by default all.
    model : str
        A log-linear model of three lists or more to show beside those chosen: "[12,3]".
    rng : int, Generator or None
        Randomness. The same seed gives the same panel on any number of workers.
    published : iterable of Indicator
        Published values of the same population, to be shown beside.
    sensitivity : bool
        Whether to add what the estimates depend on without the data showing it: priors, lists left out, merged
        and dropped, residual dependence, linkage errors, held-out lists, the trajectory as lists are added.
    n_jobs : int
        Workers.
    **described
        `population`, `place` and `period` of the estimates.

    Returns
    -------
    ListPanel

    Raises
    ------
    ValueError
        If an option cannot be used, or `model` is no model of these lists.
    TypeError
        If an option is unknown.

    References
    ----------
    Silverman, B. W. (2020). Multiple-systems analysis for the quantification of modern slavery: classical and
    Bayesian approaches. Journal of the Royal Statistical Society Series A 183(3), 691-736.
    doi:10.1111/rssa.12505

    Examples
    --------
    >>> histories = CaptureHistories.from_counts(
    ...     {"police": 60, "ngo": 40, "court": 30, ("police", "ngo"): 12, ("police", "court"): 9,
    ...      ("ngo", "court"): 8, ("police", "ngo", "court"): 3}, lists=["police", "ngo", "court"])
    >>> found = panel_of_lists(histories, replicates=100, rng=1, sensitivity=False)
    >>> found["loglinear-bic"].result
    Estimate(338.9 persons, 95% interval 269.3 to 442.4; loglinear [1,2,3], chosen by BIC; 1 caution)
    """
    check_options({"replicates": replicates, "chains": chains, "n_jobs": n_jobs,
                   "max_order": 1 if max_order is None else max_order}, described)
    if model:
        Model.parse(model, histories.lists)
    plan = Plan(max_order=max_order, model=model, replicates=replicates, chains=chains, n_jobs=n_jobs,
                stream=int(np.random.default_rng(rng).integers(2**63)))
    work = _Work(histories, plan, described)
    parts: list[tuple[str, Callable[[], None]]] = [
        *((variant.label, partial(work.run, variant)) for variant in list_variants(histories, plan)),
        ("Every log-linear model", work.tabulate),
        *((row.title, partial(work.vary_prior, row)) for row in (PRIOR_TABLES if sensitivity else ())),
        *((piece.title, partial(work.add, piece)) for piece in (PIECES if sensitivity else ()))]
    with Bar() as bar, fits_kept():
        for place, (words, part) in enumerate(parts):
            bar.show(words, place, len(parts))
            part()
    left_out = getattr(work.pieces.get("leave_one_out"), "frame", None)
    varied = None if left_out is None else work.basis.original
    judged = weighed(work.judged())
    facts = Facts(families=families_of(judged), left_out=() if left_out is None else tuple(left_out["value"].dropna()),
                  varied=varied.value if isinstance(varied, Estimate) else None)
    fitted, verdict = with_headline(judged, histories, _CHOICE, facts, whom=whom_of(described))
    return ListPanel(evidence=histories, fitted=fitted, verdict=verdict, models=work.models, replicates=work.replicates,
                     chains=work.chains, priors=work.priors, prior_tables=work.prior_tables,
                     published=tuple(published), **work.pieces)


@dataclass(eq=False)
class _Work:
    """One call's work: what several of its parts share is made once."""

    histories: CaptureHistories
    plan: Plan
    described: Mapping[str, str]
    given: list[tuple[Variant, Estimate | NoEstimate]] = field(default_factory=list)
    replicates: Estimate | None = None
    models: Any = None
    chains: dict[str, Chains] = field(default_factory=dict)
    prior_tables: dict[str, Any] = field(default_factory=dict)
    laid_out: dict[str, pd.DataFrame] = field(default_factory=dict)
    priors: dict[str, pd.DataFrame] = field(default_factory=dict)
    pieces: dict[str, Any] = field(default_factory=dict)

    def run(self, variant: Variant) -> None:
        """Apply a variant."""
        how = _bootstrapped if variant.options.get("interval") == "bca" else _plainly
        result = how(self, variant)
        self.given.append((variant, result))
        drawn = result.chains if isinstance(result, Unmixed) else chains_behind(result) if isinstance(
            result, Estimate) else None
        if drawn is not None:
            self.chains[variant.key] = drawn

    def tabulate(self) -> None:
        """Make the table of models."""
        if self.histories.n_lists > 2:
            self.models = guarded("The table of models", self._models)

    def vary_prior(self, row: OwnPriors) -> None:
        """Make a method's own table of priors."""
        if any(variant.key == row.key and isinstance(_struck_out(result), Estimate) for variant, result in self.given):
            made = guarded(row.title, lambda: row.made(self.histories, self.plan))
            if not isinstance(made, NoEstimate):
                self.prior_tables[row.key], self.laid_out[row.key] = made

    def add(self, piece: Piece) -> None:
        """Make a piece of the sensitivity."""
        self.pieces[piece.name] = piece.make(self.basis)

    @cached_property
    def basis(self) -> Basis:
        """The method whose estimate is varied: the first of the plain ones that was tried."""
        plain = {variant.key: (variant, result) for variant, result in self.given if variant.refused is None}
        variant, result = next(plain[key] for key in _VARIED if key in plain)
        return Basis(self.histories, variant.method, variant.options, result)

    def judged(self) -> list[Fitted]:
        """Judge what was given."""
        # What chains that did not mix would have said is no estimate under another prior.
        others = [(variant, result) for variant, result in self.given if isinstance(result, Estimate)]
        for variant, result in self.given:
            if isinstance(given := _struck_out(result), Estimate):
                table = prior_table(variant, given, others, self.laid_out.get(variant.key))
                if len(table):
                    self.priors[variant.key] = table
        return [self._judged(variant, result) for variant, result in self.given]

    def _models(self) -> Any:
        from smuggling_analysis.methods.multiple_systems import loglinear_models
        from smuggling_analysis.methods.panel.variants import too_many_models

        if refused := too_many_models(self.histories.n_lists, self.plan.max_order):
            raise refused
        return loglinear_models(self.histories, max_order=self.plan.max_order)

    def _judged(self, variant: Variant, result: Estimate | NoEstimate) -> Fitted:
        draws = self.replicates.draws if self.replicates and variant.options.get("interval") == "bca" else None
        under_priors = self.priors.get(variant.key)
        facts = Facts(models=None if isinstance(self.models, NoEstimate) else self.models,
                      replicates=None if draws is None else draws.values,
                      priors=() if under_priors is None else tuple(under_priors["value"].dropna()))
        given = _struck_out(result)
        verdict = judge(given, self.histories, facts)
        return Fitted(variant, verdict.result, judgement=verdict, given=given if isinstance(given, Estimate) else None)


def _struck_out(result: Estimate | NoEstimate) -> Estimate | NoEstimate:
    """Return what chains that did not mix would have said, anything else as it is."""
    return result.struck_out if isinstance(result, Unmixed) else result


def _plainly(work: _Work, variant: Variant) -> Estimate | NoEstimate:
    return attempt(variant, work.histories, work.described)


def _bootstrapped(work: _Work, variant: Variant) -> Estimate | NoEstimate:
    """Run the bootstrap once: its replicates are kept where they fell, and its BCa interval is read off them."""
    from smuggling_analysis.methods.multiple_systems.log_linear.corrected_bootstrap import bias_corrected

    options = {**variant.options, "interval": "bootstrap"}
    found = attempt(replace(variant, options=options), work.histories, work.described)
    if isinstance(found, NoEstimate):
        return found
    work.replicates = found
    chosen = {"selection": options["selection"], "max_order": options.get("max_order")}
    return guarded(variant.label, lambda: bias_corrected(found, work.histories, **chosen))

