"""The panel of reference counts as the extent chapter shows it: each function one part of the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smuggling_analysis import numerals, plots, tables
from smuggling_analysis.assessment.extent.parts import sentence, show_table
from smuggling_analysis.assessment.show import literal
from smuggling_analysis.estimate import Estimate, NoEstimate


def asked_of(chapter: Any, counts: Any) -> dict[str, Any]:
    """Return the formulas that the judgements ask for, and the rows of the assessment's year."""
    judged = {option: chapter.judgements.get(f"reference-{option}") for option in ("alpha", "beta")}
    found: dict[str, Any] = {option: str(one.value) for option, one in judged.items() if one is not None}
    if counts.periods and str(chapter.year) in set(counts.column(counts.periods[0])):
        found["where"] = {counts.periods[0]: str(chapter.year)}
    return found


def show_counts(chapter: Any, counts: Any, about: Any) -> None:
    """Show what the counts are."""
    chapter.text(f"## {literal(about.title)}\n\n{literal(about.notes)}")
    if instead := chapter.stand_in("reference"):
        chapter.no_evidence(instead)
    for name in counts.periods[:1]:
        show_table(chapter, "reference-counts", tables.reference_counts(counts, name),
                   f"People apprehended, in the second source, and registered, by {name}.")
    show_table(chapter, "reference-countries", tables.reference_counts(counts),
               "The countries of origin with most people apprehended, all periods together.")


def show_models(chapter: Any, panel: Any) -> None:
    """Show every model, not only the winner, with the likelihood over gamma."""
    reasons = [chapter.judgements[key].reason for key in ("reference-alpha", "reference-beta")
               if key in chapter.judgements]
    chapter.text("### Every method, not only one\n\n" + literal(" ".join(reasons)))
    show_table(chapter, "reference-models", tables.reference_models(panel), "Every method that could be fitted.")
    best = panel.fits.get(panel.best)
    if best is None:
        return
    show_table(chapter, "reference-coefficients", tables.coefficients(best),
               f"The coefficients of {panel[panel.best].label}; standard errors are clustered by country.")
    chapter.figure("reference-fitted", plots.fitted_counts(best),
                   "People apprehended in each row against those the model expects. Rows far from the line are not "
                   "described by the model.", f"{len(best.fitted):,} points, observed against expected counts.")
    if best.model.estimates_gamma:
        profile = best.gamma_profile
        chapter.figure("reference-gamma", plots.gamma_profile(best),
                       "The likelihood over gamma, the share detected where the second source has nobody, and the "
                       "number that goes with each gamma.",
                       f"Gammas from {profile.lower:.2g} to {profile.upper:.2g} fit as well.")


def show_years(chapter: Any, panel: Any, published: Iterable[Any] | None) -> None:
    """Show the same model's number for every period, and how each compares with the one before."""
    found = panel.periods
    if found is None or isinstance(found, NoEstimate):
        return
    name = found.columns[0]
    beside = [one for one in published or () if one.unit == "persons"]
    chapter.text(f"### From one {name} to the next\n\n{literal(panel[panel.best].label)}, all periods in one fit. The "
                 "errors of neighbouring periods are shared: what makes all numbers too large by the same factor is no "
                 "change, so that changes are known better than levels.")
    show_table(chapter, "reference-periods", tables.periods(panel, beside),
               f"Hidden population by {name}, and change on the one before.")
    chapter.figure("reference-years", plots.hidden_populations(panel.by_period),
                   f"Hidden population by {name} with its interval.",
                   f"{len(found)} numbers from {found['value'].min():,.0f} to {found['value'].max():,.0f}.")


def show_what_it_rests_on(chapter: Any, panel: Any) -> None:
    """Show the countries left out, the two sources' dependence, an unseen frailty, and the bootstrap."""
    if not panel.best:
        return
    best = panel[panel.best]
    chapter.text(f"### What the number rests on\n\nOf {literal(best.label)}.")
    if _shown(chapter, panel.countries):
        chapter.text(literal(sentence(panel.countries.sentence)))
        chapter.figure("reference-left-out", plots.countries_left_out(panel.countries),
                       "Each country left out in turn: how the estimate of the others changes.",
                       sentence(panel.countries.sentence))
        show_table(chapter, "reference-left-out-table", tables.countries_left_out(panel.countries),
                   "The countries without which the estimate of the others changes most.")
    if _shown(chapter, panel.dependence):
        chapter.text("#### If the two sources depend on one another\n\n"
                     f"{literal(sentence(panel.dependence.sentence))}")
        show_table(chapter, "reference-dependence", tables.dependence_steps(panel.dependence),
                   "The estimate if people are detected so many times as often as the second source implies.")
    if _shown(chapter, panel.frailty) and isinstance(best.given, Estimate):
        half = panel.frailty.sentence(0.5 * panel.frailty.value)
        chapter.text(f"#### If people differ in what nobody recorded\n\n{literal(sentence(half))}")
    if _shown(chapter, panel.replicates) and panel.replicates.draws is not None:
        shown = panel.replicates
        chapter.figure("reference-bootstrap", plots.bootstrap(shown),
                       "What chance does to the estimate: countries weighted anew at random, the model fitted anew.",
                       f"Bars of {shown.draws.values.size:,} replicates; the middle "
                       f"{numerals.percent(shown.confidence_level)} from {shown.lower:,.0f} to {shown.upper:,.0f}.")


def _shown(chapter: Any, piece: Any) -> bool:
    """Say whether a piece is there; what could not be made says why."""
    if isinstance(piece, NoEstimate):
        chapter.no_evidence(sentence(f"Not shown: {piece.reason}"))
    return piece is not None and not isinstance(piece, NoEstimate)
