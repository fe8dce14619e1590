"""The panel of reference counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.reference_counts import ReferenceCounts
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.panel.fitted import Fitted, guarded
from smuggling_analysis.methods.panel.options import check_options, whom_of
from smuggling_analysis.methods.panel.reference_result import ReferencePanel
from smuggling_analysis.methods.panel.reference_variants import COVARIATES, reference_variants
from smuggling_analysis.methods.panel.synthesis import Choice, families_of, weighed, with_headline
from smuggling_analysis.methods.panel.variants import Variant
from smuggling_analysis.methods.reference_population.dependence import dependence_band
from smuggling_analysis.methods.reference_population.fits import fit
from smuggling_analysis.methods.reference_population.frailty import frailty_sensitivity
from smuggling_analysis.methods.reference_population.left_out import leave_one_country_out
from smuggling_analysis.methods.reference_population.populations import hidden_population, hidden_population_by
from smuggling_analysis.methods.reference_population.reference_fit import ReferenceFit
from smuggling_analysis.methods.reliability import ReferenceFacts, judge
from smuggling_analysis.methods.reliability.reference_rows import OF_REFERENCE_HEADLINES
from smuggling_analysis.progress import Bar

_POISSON = "hidden-population-poisson"
_NEGATIVE_BINOMIAL = "hidden-population-negative-binomial"
_NEEDED = "apprehended, otherwise recorded and registered people of twenty countries or more"


def panel_of_reference(counts: ReferenceCounts, *, alpha: str | None = None, beta: str | None = None,
                       where: Mapping[str, Any] | None = None, replicates: int = 499,
                       rng: int | np.random.Generator | None = None, published: Iterable[Indicator] = (),
                       sensitivity: bool = True, **described: str) -> ReferencePanel:
    """Estimate from counts by country by every method, judge each, and recommend one number or none.

    The model is fitted by Poisson pseudo-likelihood, negative binomial likelihood and two kinds of least squares,
    without covariates and with them, under four links of detection.

    Parameters
    ----------
    counts : ReferenceCounts
        Of all periods: the models are fitted to all rows.
    alpha, beta : str, optional
        Covariates of the two exponents: "year * ukr + sex".
    where : mapping, optional
        Values of covariates whose rows are added up: `{"year": "2024"}`.
    replicates : int
        Replicates of the bootstrap by random weights of the countries.
    rng : int, Generator or None
        Randomness.
    published : iterable of Indicator
        Published values of the same population, to be shown beside.
    sensitivity : bool
        Whether to add what the estimate rests on: the bootstrap, countries left out, dependence, frailty, periods.
    **described
        `population`, `place` and `period` of the estimates.

    Returns
    -------
    ReferencePanel

    Raises
    ------
    ValueError
        If a formula or another option cannot be used.
    TypeError
        If an option is unknown.

    References
    ----------
    Beręsewicz, M. & Pawlukiewicz, K. (2020). Estimation of the number of irregular foreigners in Poland using
    non-linear count regression models. arXiv:2008.09407.

    Examples
    --------
    >>> from smuggling_analysis.simulate import reference_counts, reference_population
    >>> counts = reference_counts(countries=60, alpha=0.7, beta=0.6, gamma=0.005, rng=1)
    >>> found = panel_of_reference(counts, rng=1, sensitivity=False)
    >>> estimate = found["hidden-population-poisson"].given
    >>> estimate.lower < reference_population(countries=60, alpha=0.7) < estimate.upper
    True
    """
    check_options({"replicates": replicates}, described)
    members = np.ones(len(counts.countries), dtype=bool) if not where else counts.where(**where)
    stream = int(np.random.default_rng(rng).integers(2**63))
    work = _Work(counts, dict(where or {}), members, described, replicates, stream)
    work.check_formulas(alpha, beta)
    parts: list[tuple[str, Callable[[], None]]] = [
        *((variant.label, partial(work.run, variant)) for variant in reference_variants(alpha, beta)),
        ("The gate", work.judge_all)]
    if sensitivity:
        parts += [(title, partial(work.add, name, made)) for name, (title, made) in work.pieces_to_make().items()]
    with Bar() as bar:
        for place, (words, part) in enumerate(parts):
            bar.show(words, place, len(parts))
            part()
    return ReferencePanel(evidence=counts, fitted=work.fitted, verdict=work.verdict, published=tuple(published),
                          where=work.where, best=work.best, fits=work.fits, **work.pieces)


@dataclass(eq=False)
class _Work:
    """One call's work: what several of its parts share is made once."""

    counts: ReferenceCounts
    where: dict[str, Any]
    members: Any
    described: Mapping[str, str]
    replicates: int
    stream: int
    given: list[tuple[Variant, Estimate | NoEstimate]] = field(default_factory=list)
    fits: dict[str, ReferenceFit] = field(default_factory=dict)
    fitted: tuple[Fitted, ...] = ()
    verdict: Any = None
    pieces: dict[str, Any] = field(default_factory=dict)

    def check_formulas(self, alpha: str | None, beta: str | None) -> None:
        """Refuse at once what would otherwise become a failure of every variant."""
        from smuggling_analysis.methods.reference_population.design import design_of

        for formula in (alpha, beta):
            design_of(self.counts, formula, np.ones(len(self.counts.countries)))

    def run(self, variant: Variant) -> None:
        """Fit a variant and add it up."""
        self.given.append((variant, guarded(variant.label, lambda: self._estimate(variant))))

    def judge_all(self) -> None:
        """Put every estimate to the gate, weigh the methods, and choose."""
        judged = weighed([self._judged(variant, result) for variant, result in self.given])
        said = {one.key: one.given.value for one in judged if one.given is not None}
        recommended = (_POISSON + COVARIATES, _POISSON)
        choice = Choice(recommended=recommended, rules=OF_REFERENCE_HEADLINES,
                        told={one.key: one.label.replace("Least", "least").replace("Negative", "negative")
                              for one in judged if "link" not in one.variant.options}, needed=_NEEDED)
        facts = ReferenceFacts(headline=True, said=said, families=families_of(judged), preferred=self._preferred(
            {one.key: one for one in judged}, recommended))
        self.fitted, self.verdict = with_headline(judged, self.counts, choice, facts, whom=whom_of(self.described))

    def _preferred(self, judged: Mapping[str, Fitted], recommended: tuple[str, ...]) -> float | None:
        """Return by how much BIC prefers the negative binomial method, where it does not bear out the one recommended.

        It does not where the gate refused it, or where it lies outside the interval of the one recommended.
        """
        chosen = next((judged[key] for key in recommended if key in judged and judged[key].passed), None)
        if chosen is None or not isinstance(chosen.result, Estimate):
            return None
        rival = judged[chosen.key.replace(_POISSON, _NEGATIVE_BINOMIAL)]
        if rival.key not in self.fits:
            return None
        borne_out = isinstance(rival.result, Estimate) and (
            chosen.result.lower <= rival.result.value <= chosen.result.upper)
        return None if borne_out else self.fits[chosen.key].bic - self.fits[rival.key].bic

    @property
    def best(self) -> str:
        """Return the variant that the pieces look at."""
        return next((key for key in (_POISSON + COVARIATES, _POISSON) if key in self.fits), "")

    def pieces_to_make(self) -> dict[str, tuple[str, Callable[[ReferenceFit], Any]]]:
        """Return what to add: by name, what a bar calls it and how it is made of the best fit."""
        where = self.where or None
        return {
            "replicates": ("The bootstrap", lambda best: hidden_population(
                best, where=where, interval="bootstrap", replicates=self.replicates, rng=self.stream)),
            "countries": ("Leaving one country out", leave_one_country_out),
            "dependence": ("The dependence band", lambda best: dependence_band(best, where=where)),
            "frailty": ("Frailty", lambda best: frailty_sensitivity(best, where=where)),
            "by_period": ("Periods", lambda best: hidden_population_by(best, list(self.counts.periods[:1]))
                          if self.counts.periods else None),
        }

    def add(self, name: str, made: Callable[[ReferenceFit], Any]) -> None:
        """Make a piece; whatever stops it becomes a refusal in words."""
        best = self.fits.get(self.best)
        self.pieces[name] = (NoEstimate("the Poisson pseudo-likelihood has no estimate", _NEEDED) if best is None else
                             guarded(name.capitalize(), lambda: made(best)))

    def _estimate(self, variant: Variant) -> Estimate:
        fitted = fit(self.counts, **variant.options)
        self.fits[variant.key] = fitted
        return hidden_population(fitted, where=self.where or None).described(**self.described)

    def _judged(self, variant: Variant, result: Estimate | NoEstimate) -> Fitted:
        verdict = judge(result, self.counts, self._facts(variant, result))
        given = result if isinstance(result, Estimate) else None
        return Fitted(variant, verdict.result, judgement=verdict, given=given)

    def _facts(self, variant: Variant, result: Estimate | NoEstimate) -> ReferenceFacts:
        fitted = self.fits.get(variant.key)
        if fitted is None or isinstance(result, NoEstimate):
            return ReferenceFacts()
        return ReferenceFacts(logs_of_counts=variant.options["method"] == "ols",
                              beyond_registered=float((fitted.alpha[self.members] > 1).mean()),
                              influence=_influence(fitted) if variant.key == self.best else None)


def _influence(fitted: ReferenceFit) -> float | None:
    """Return the factor by which leaving out one country moves the sum over the others most."""
    found = guarded("Leaving one country out", lambda: leave_one_country_out(fitted))
    if isinstance(found, NoEstimate):
        return None
    moved = 1.0 + found.frame["others_change"].dropna().to_numpy(float)
    return float(np.exp(np.abs(np.log(moved)).max())) if moved.size else None
