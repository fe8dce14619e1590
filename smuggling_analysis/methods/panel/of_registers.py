"""The panel of one register."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.indicator import Indicator
from smuggling_analysis.methods.panel.fitted import Fitted, attempt, guarded
from smuggling_analysis.methods.panel.options import check_options, whom_of
from smuggling_analysis.methods.panel.register_pieces import MOST_CELLS, cells_of, pieces_of
from smuggling_analysis.methods.panel.register_rivals import beyond_the_interval, bic_of, if_time_ended_when_seen
from smuggling_analysis.methods.panel.register_variants import BOUNDS_FITTED, SUFFIXES, register_variants
from smuggling_analysis.methods.panel.registers_result import RegisterPanel
from smuggling_analysis.methods.panel.synthesis import Choice, families_of, weighed, with_headline
from smuggling_analysis.methods.panel.variants import Variant
from smuggling_analysis.methods.reliability import RegisterFacts, judge
from smuggling_analysis.methods.reliability.registers_rows import OF_REGISTER_HEADLINES
from smuggling_analysis.methods.single_register.design import design_of, log_time_at_risk
from smuggling_analysis.methods.single_register.families import DISTRIBUTIONS
from smuggling_analysis.methods.single_register.fitting import Fitting
from smuggling_analysis.methods.single_register.kept_fits import fits_kept
from smuggling_analysis.progress import Bar

NEAR = 10.0
"""Distributions within so many BIC points of the best fit about as well."""
_TOLD_OF = 4
"""How many distributions a reader who is given no number is told of."""
_NEEDED = "one register in which people are recognised when they are seen again, and more of them seen again"


def panel_of_registers(counts: RepeatCounts, *, formula: str | None = None, exposure: str | None = None,
                       ends_when_seen: bool = False, replicates: int = 1000,
                       rng: int | np.random.Generator | None = None,
                       published: Iterable[Indicator] = (), sensitivity: bool = True,
                       **described: str) -> RegisterPanel:
    """Estimate from one register by every method that applies, judge each, and recommend one number or none.

    Every distribution is fitted without covariates, with them, and with the time at risk, where these are given. The
    one of lowest BIC among those that pass is recommended, unless others that fit as well say something else.

    Parameters
    ----------
    counts : RepeatCounts
        The register.
    formula : str, optional
        Covariates of the rate: "gender + age + nation".
    exposure : str, optional
        The covariate that says how long each person could be seen.
    ends_when_seen : bool
        Whether that time ends by being seen, as by expulsion.
    replicates : int
        Replicates of the bootstrap of the best distribution.
    rng : int, Generator or None
        Randomness.
    published : iterable of Indicator
        Published values of the same population, to be shown beside.
    sensitivity : bool
        Whether to add what the estimate rests on: the bootstrap, cells and levels left out, strata.
    **described
        `population`, `place` and `period` of the estimates.

    Returns
    -------
    RegisterPanel

    Raises
    ------
    ValueError
        If the formula or another option cannot be used.
    BadInput
        If a time at risk is no number above zero.
    TypeError
        If an option is unknown.

    References
    ----------
    van der Heijden, P. G. M., Bustami, R., Cruyff, M. J. L. F., Engbersen, G. & van Houwelingen, H. C.
    (2003). Point and interval estimation of the population size using the truncated Poisson regression model.
    Statistical Modelling 3, 305-322. doi:10.1191/1471082X03st057oa

    Examples
    --------
    >>> counts = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})
    >>> found = panel_of_registers(counts, rng=1, sensitivity=False)
    >>> found["truncated-count-poisson"].given
    Estimate(7,080 persons, 95% interval 6,411 to 7,848; zero-truncated Poisson; 2 cautions)
    >>> found["truncated-count-poisson"].judgement.verdict
    'refused'
    """
    check_options({"replicates": replicates}, described)
    _check_covariates(counts, formula, exposure, ends_when_seen)
    stream = int(np.random.default_rng(rng).integers(2**63))
    work = _Work(counts, described, replicates, stream)
    parts: list[tuple[str, Callable[[], None]]] = [
        *((variant.label, partial(work.run, variant))
          for variant in register_variants(formula, exposure, ends_when_seen)),
        ("Tests of the distributions", work.test_families), ("The gate", work.judge_all)]
    if sensitivity:
        parts.append(("What the estimate rests on", work.look_closer))
    with Bar() as bar, fits_kept():
        for place, (words, part) in enumerate(parts):
            bar.show(words, place, len(parts))
            part()
    return RegisterPanel(evidence=counts, fitted=work.fitted, verdict=work.verdict, published=tuple(published),
                         formula=formula, exposure=exposure, best=work.best, frequencies=work.frequencies,
                         surplus=work.surplus, wider=work.wider, **work.pieces)


def _check_covariates(counts: RepeatCounts, formula: str | None, exposure: str | None,
                      ends_when_seen: bool) -> None:
    """Refuse at once what would otherwise become a failure of every variant."""
    design_of(counts, formula, np.ones(len(counts.patterns), dtype=bool))
    if exposure is not None:
        log_time_at_risk(counts, exposure)
    elif ends_when_seen:
        raise ValueError("ends_when_seen needs exposure, the covariate that says how long people could be seen")


@dataclass(eq=False)
class _Work:
    """One call's work: what several of its parts share is made once."""

    counts: RepeatCounts
    described: Mapping[str, str]
    replicates: int
    stream: int
    given: dict[str, tuple[Variant, Estimate | NoEstimate]] = field(default_factory=dict)
    fittings: dict[str, Fitting] = field(default_factory=dict)
    surplus: dict[str, Any] = field(default_factory=dict)
    wider: dict[str, Any] = field(default_factory=dict)
    frequencies: dict[str, Any] = field(default_factory=dict)
    fitted: tuple[Fitted, ...] = ()
    verdict: Any = None
    best: str = ""
    pieces: dict[str, Any] = field(default_factory=dict)

    def run(self, variant: Variant) -> None:
        """Apply a variant, and keep the fit behind it."""
        from smuggling_analysis.methods import METHODS

        chance = {"rng": self._seed(variant.key)} if "rng" in METHODS[variant.method].options else {}
        result = attempt(replace(variant, options={**variant.options, **chance}), self.counts, self.described)
        self.given[variant.key] = (variant, result)
        if isinstance(result, Estimate) and (family := _family_of(variant)):
            self._keep_fit(variant, family)

    def test_families(self) -> None:
        """Test each distribution against one with a surplus of people seen once, and one where people differ more."""
        from smuggling_analysis.methods.single_register.one_inflation import one_inflation_test
        from smuggling_analysis.methods.single_register.wider_family import NARROWER, wider_family_test

        for key, fitting in self.fittings.items():
            variant, _ = self.given[key]
            if str(variant.options.get("family", "")).endswith(NARROWER):
                held = guarded(variant.label, partial(wider_family_test, fitting))
                if not isinstance(held, NoEstimate):
                    self.wider[key] = held
            if variant.options.get("family") in DISTRIBUTIONS and "ends_when_seen" not in variant.options:
                tested = guarded(variant.label, partial(one_inflation_test, self.counts, **variant.options))
                if not isinstance(tested, NoEstimate):
                    self.surplus[key] = tested

    def judge_all(self) -> None:
        """Put every estimate to the gate, weigh the families, and choose."""
        judged = weighed([self._judged(variant, result) for variant, result in self.given.values()])
        compared = [one for one in judged if not math.isnan(bic_of(one))]
        # Where people's time at risk is known, a distribution that does not know it is of other people.
        timed = [one for one in compared if "exposure" in one.variant.options]
        ranked = sorted(timed or compared, key=bic_of)
        passing = [one for one in ranked if one.passed]
        if ranked:
            self.best = (passing or ranked)[0].key
        near = {one.key: one.result.value for one in passing if isinstance(one.result, Estimate)
                and bic_of(one) <= bic_of(passing[0]) + NEAR}
        choice = Choice(recommended=tuple(one.key for one in (passing or ranked)[:_TOLD_OF]),
                        rules=OF_REGISTER_HEADLINES, told=self._told(ranked), needed=_NEEDED)
        facts = RegisterFacts(near=near, families=families_of(judged), **self._beside(passing, ranked))
        self.fitted, self.verdict = with_headline(judged, self.counts, choice, facts, whom=whom_of(self.described))

    def _beside(self, passing: list[Fitted], ranked: list[Fitted]) -> dict[str, Any]:
        """Return what speaks against the best distribution that passes, if any does."""
        if not passing:
            return {}
        best = passing[0]
        wider = self.wider.get(best.key)
        return {"beyond": beyond_the_interval(best, ranked, self.wider),
                "limitless": wider is not None and wider.limitless,
                "bound_with_ones": self._bound("chao", best.key) if _sets_ones_apart(best.variant) else None,
                "if_time_ended": if_time_ended_when_seen(best, self.counts)}

    def look_closer(self) -> None:
        """Add what the best estimate rests on."""
        if self.best:
            variant, _ = self.given[self.best]
            self.pieces = pieces_of(self.fittings[self.best], variant, replicates=self.replicates,
                                    rng=self._seed("bootstrap"))

    def _keep_fit(self, variant: Variant, family: str) -> None:
        from smuggling_analysis.methods.single_register.any_fit import fit_register
        from smuggling_analysis.methods.single_register.frequencies import frequency_fit

        fitting = fit_register(self.counts, **{**variant.options, "family": family})
        self.fittings[variant.key] = fitting
        if fitting.model.family.claims_all:
            fits = guarded(variant.label, lambda: frequency_fit(fitting))
            if not isinstance(fits, NoEstimate):
                self.frequencies[variant.key] = fits

    def _judged(self, variant: Variant, result: Estimate | NoEstimate) -> Fitted:
        verdict = judge(result, self.counts, self._facts(variant, result))
        given = result if isinstance(result, Estimate) else None
        return Fitted(variant, verdict.result, judgement=verdict, given=given)

    def _facts(self, variant: Variant, result: Estimate | NoEstimate) -> RegisterFacts:
        if isinstance(result, NoEstimate):
            return RegisterFacts()
        tested = self.surplus.get(variant.key)
        return RegisterFacts(
            bound=self._bound("chao", variant.key), bound_without_ones=self._bound("one-inflated-chao", variant.key),
            wider=None if variant.key not in self.wider else self.wider[variant.key].p_value,
            one_inflation=None if tested is None else tested.p_value, knows_one_inflation=_sets_ones_apart(variant),
            **self._influence(variant.key))

    def _bound(self, method: str, key: str) -> float | None:
        """Return a lower bound that takes into account what the variant does; else the plain one.

        None of the bounds knows of people who leave when they are seen: for those there is none.
        """
        if "ends_when_seen" in self.given[key][0].options:
            return None
        suffix = next((one for one in SUFFIXES if key.endswith(one)), "")
        for name in (method + suffix, method):
            if name != key and name in self.given and isinstance(found := self.given[name][1], Estimate):
                return found.value
        return None

    def _influence(self, key: str) -> dict[str, Any]:
        """Return how cells of a handful of people move the estimate, and how many of them it needs to be at all."""
        from smuggling_analysis.methods.single_register.influence import leave_one_cell_out

        fitting = self.fittings.get(key)
        if fitting is None or cells_of(fitting) > MOST_CELLS:
            return {}
        found = guarded(key, lambda: leave_one_cell_out(fitting))
        return {} if isinstance(found, NoEstimate) else {"influence": found.factor, "handfuls": len(found.refused)}

    def _told(self, ranked: list[Fitted]) -> dict[str, str]:
        """Say side by side the best few distributions, and the lower bound."""
        told = {"chao": "Chao's lower bound"}
        return told | {one.key: one.label[:1].lower() + one.label[1:] for one in ranked[:_TOLD_OF]}

    def _seed(self, key: str) -> int:
        """Return a seed of a variant's own: which others are run does not matter."""
        made = np.random.SeedSequence([self.stream, crc32(key.encode())])
        return int(made.generate_state(1, np.uint64)[0] >> 1)


def _family_of(variant: Variant) -> str:
    """Return the family that the variant fits, by the name `fit_register` knows; empty where it fits none."""
    return str(variant.options.get("family", "")) or BOUNDS_FITTED.get(variant.method, "")


def _sets_ones_apart(variant: Variant) -> bool:
    return variant.method == "one_inflated_chao" or (
        variant.method == "truncated_count" and variant.options["family"] not in DISTRIBUTIONS)
