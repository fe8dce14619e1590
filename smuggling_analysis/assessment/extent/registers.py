"""The panel of one register as the extent chapter shows it: each function one part of the page."""

from __future__ import annotations

from typing import Any

from smuggling_analysis import numerals, plots, tables
from smuggling_analysis.assessment.extent.parts import sentence, show_table
from smuggling_analysis.assessment.show import literal
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.formulas import covariates_in

_COMPARED = 3
"""How many distributions' frequencies are shown beside one another."""
_LEAST = 11
"""Fewest people who are told of by their covariates, where the register is kept outside the project."""


def asked_of(chapter: Any, counts: Any) -> dict[str, Any]:
    """Return the formula and the time at risk that the judgements ask for, as far as this register records them."""
    found: dict[str, Any] = {}
    for option, key in (("formula", "repeats-formula"), ("exposure", "repeats-exposure")):
        judged = chapter.judgements.get(key)
        if judged is None:
            continue
        if all(name in counts.covariates for name in covariates_in(str(judged.value))):
            found[option] = str(judged.value)
        else:
            chapter.no_evidence(f"The {option} {judged.value} that was asked for is left out: this register does not "
                                "record it.")
    ends = chapter.judgements.get("repeats-exposure-ends-when-seen")
    return found | {"ends_when_seen": ends.value} if ends is not None and "exposure" in found else found


def show_register(chapter: Any, counts: Any, about: Any) -> None:
    """Show what the register holds."""
    chapter.text(f"## {literal(about.title)}\n\n{literal(about.notes)}")
    if instead := chapter.stand_in("repeats"):
        chapter.no_evidence(instead)
    frequencies = counts.table().groupby("times_caught", as_index=False)["n_persons"].sum()
    chapter.table("frequencies", frequencies, "People by how often the register saw them.",
                  labels={"times_caught": "times seen", "n_persons": "persons"})


def show_distributions(chapter: Any, panel: Any, reason: str) -> None:
    """Show every distribution that was fitted, not only the winner, and how well the best few give the counts."""
    chapter.text("### Every distribution, not only the winner" + (f"\n\n{literal(reason)}" if reason else "")
                 + "\n\nNobody was seen no times: what a distribution says of them follows from what it says of those "
                 "seen once, twice and more often. Distributions that fit alike can say very different things.")
    show_table(chapter, "distributions", tables.distributions(panel),
               "Every distribution that could be fitted, the best first.")
    keys = _compared(panel)
    if not keys:
        return
    show_table(chapter, "register-frequencies", tables.register_frequencies(panel, keys),
               "People seen once, twice, ..., and how many the best distributions expect; zero is whom nobody saw.")
    for place, key in enumerate(keys, start=1):
        chapter.figure(f"rootogram-{place}", plots.rootogram(panel.frequencies[key]),
                       f"{panel[key].label}: people seen so often (bars, hung from what is expected), on a square-root "
                       "scale. A bar that does not reach the ground, or goes through it, is a misfit.",
                       f"Bars for each number of times seen under {panel[key].label}.")


def show_tests(chapter: Any, panel: Any) -> None:
    """Show whether more people were seen once, or people differ more, than the distributions allow."""
    chapter.text("### Too many seen once?\n\nWhoever leaves, hides, is held or is misspelt after the first time is "
                 "seen once by rule. Such people look like a sign of many unseen, and are none.")
    if panel.surplus or panel.wider:
        show_table(chapter, "register-tests", tables.distribution_tests(panel),
                   "Tests for a surplus of people seen once beyond what each distribution allows, and for people who "
                   "differ more than it allows.")
    if len(panel.counts.times) > 2:
        chapter.figure("ratios", plots.ratio_plot(panel.counts),
                       "Ratios of neighbouring frequencies. Level for Poisson counts, rising where people differ; the "
                       "first point far below the others shows a surplus of people seen once.",
                       "Points for the ratio of each pair of neighbouring frequencies.")


def show_what_it_rests_on(chapter: Any, panel: Any) -> None:
    """Show residuals, influence, strata and bootstrap of the best distribution."""
    if not panel.best:
        return
    best = panel[panel.best]
    chapter.text(f"### What the best distribution rests on\n\n{literal(best.label)}"
                 f"{'' if best.passed else ', which the gate refused; no distribution that fits passed'}.")
    least = _LEAST if chapter.of_persons("repeats") else 1
    if least > 1:
        chapter.text(f"The register holds records of persons: fewer than {least} people alike are neither named nor "
                     "listed.")
    _residuals(chapter, panel, least)
    _left_out(chapter, panel.influence, least, "influence", "People of one cell left out: a number that moves with a "
              "handful of people moves with how they were recorded.")
    _left_out(chapter, panel.levels, least, "levels", "Everybody of one level of a covariate left out; the factor is "
              "that of the estimate of the others.")
    for name, split in panel.strata.items():
        made = tables.strata(split, least=least, simulated=panel.counts.simulated)
        show_table(chapter, f"strata-{name.replace('_', '-').lower()}", made,
                   f"The population by {name}, from the same fit. Standard errors of strata do not add up: they share "
                   "their coefficients.")
    _bootstrap(chapter, panel.replicates)


def _residuals(chapter: Any, panel: Any, least: int) -> None:
    try:
        drawn = plots.register_residuals(panel.best_fit, least=least)
    except NoEstimate as refusal:  # of people who leave when they are seen nothing is expected
        chapter.no_evidence(sentence(f"No residuals: {refusal.reason}"))
        return
    chapter.figure("register-residuals", drawn,
                   "People of each pattern and number of times seen: how far they lie from what the fit expects.",
                   "Discs for each pattern of covariates and number of times seen; their areas are numbers of people.")


def _left_out(chapter: Any, found: Any, least: int, name: str, caption: str) -> None:
    if found is None:
        return
    if isinstance(found, NoEstimate):
        chapter.no_evidence(f"Not shown: {found.reason}.")
    elif len((found := found.of_at_least(least)).frame):
        chapter.figure(f"register-{name}", plots.register_influence(found), caption,
                       f"The largest factor is {found.factor:.3g}.")
        show_table(chapter, f"register-{name}-table", tables.people_left_out(found),
                   "Those left out who move the estimate most.")


def _bootstrap(chapter: Any, shown: Any) -> None:
    if isinstance(shown, NoEstimate):
        chapter.no_evidence(sentence(f"No bootstrap: {shown.reason}"))
    elif isinstance(shown, Estimate) and shown.draws is not None:
        chapter.figure("register-bootstrap", plots.bootstrap(shown),
                       "What chance does to the estimate: registers drawn from the fitted model, fitted anew.",
                       f"Bars of {shown.draws.values.size:,} replicates; the middle "
                       f"{numerals.percent(shown.confidence_level)} from {shown.lower:,.0f} to {shown.upper:,.0f}.")


def _compared(panel: Any) -> tuple[str, ...]:
    """Return the keys of the plain Poisson distribution with all that is known, and of the best few."""
    frame = tables.distributions(panel).frame
    ranked = [key for key in frame["key"] if key in panel.frequencies]
    plain = [key for key in panel.frequencies if key.startswith("truncated-count-poisson")][-1:]
    return tuple(dict.fromkeys([*ranked[:_COMPARED - 1], *plain]))
