"""The panel of several lists as the extent chapter shows it: each function one part of the page."""

from __future__ import annotations

from typing import Any

from smuggling_analysis import numerals, plots, tables
from smuggling_analysis.assessment.extent.parts import sentence, show_table
from smuggling_analysis.assessment.show import literal
from smuggling_analysis.estimate import NoEstimate

_VARIED = "The estimate varied is that of the model of lowest BIC (with two lists Chapman's); a point is an estimate."
# What the pieces of the sensitivity are called, the figure that shows each, and what to conclude from it.
_PIECES: tuple[tuple[str, str, str, str, str], ...] = (
    ("leave_one_out", "Without one list", "left_out", "variant",
     "Each list left out in turn. If all lists draw on one population the estimate stays where it is."),
    ("merged", "Two lists as one", "left_out", "variant",
     "Each pair of lists merged into one: lists of which one feeds the other are one source."),
    ("dropped", "Without rare lists", "left_out", "variant",
     "Lists of few people dropped: they add little that can be known, and many models to choose from."),
    ("dependence", "Dependence nobody can see", "dependence", "odds_ratio",
     "The estimate if the lists named depend on one another beyond what the model takes into account, and the odds "
     "ratio at which the conclusion turns."),
    ("assumed_away", "The one number that must be assumed", "dependence", "odds_ratio",
     "The estimate if the interaction of all lists at once, which no data can show, is not what the model takes it "
     "to be."),
    ("link_errors", "Errors in the links", "tornado", "of",
     "The estimate if some links between the lists' records were missed, or false."),
    ("held_out", "Can the method predict what is known?", "held_out", "list",
     "The number of people on each list, which is known, as the method estimates it from the other lists."),
    ("trajectory", "As lists are added", "trajectory", "n_lists",
     "The estimate as lists are added, the largest first. A line that still moves says that one more list might move "
     "it, too."),
)


def show_models(chapter: Any, panel: Any, reason: str) -> None:
    """Show every log-linear model, not only the winner, and the bootstrap that repeats the choice."""
    models = panel.models
    if models is None or isinstance(models, NoEstimate):
        return
    low, high, near = models.spread
    chapter.text("### Every model, not only the winner" + (f"\n\n{literal(reason)}" if reason else "")
                 + f"\n\nOf {len(models):,} models, {near:,} explain the overlaps almost as well as the best (within "
                 f"10 points of BIC). They put the population at {numerals.span(low, high, digits=3)}.")
    best = tables.best_models(models)
    show_table(chapter, "models", best, f"The best of {len(models):,} log-linear models. Lists are numbered in the "
               f"order {', '.join(models.lists)}; [12,3] lets lists 1 and 2 depend on each other.")
    if models.fits.estimable.any():
        chapter.figure("model-space", plots.model_space(models, selected=_by_steps(panel)),
                       "Every model's estimate against how well it fits. Models of nearly equal merit that give "
                       "different numbers are the main uncertainty of this method.",
                       f"Points for each of {len(models):,} models: estimated persons against BIC above the best.")
    shown = panel.replicates
    if shown is not None:
        chapter.figure("lists-bootstrap", plots.bootstrap(shown),
                       "What chance does to the choice of the model and to the estimate: tables drawn anew, the model "
                       "chosen anew each time.",
                       f"Bars of {shown.draws.values.size:,} replicates; the middle 95 % from {shown.lower:,.0f} to "
                       f"{shown.upper:,.0f}.")


def show_priors(chapter: Any, panel: Any) -> None:
    """Show how far the Bayesian methods' answers depend on the prior."""
    if not panel.priors:
        return
    chapter.text("### What the prior decides\n\nEach Bayesian method again under other priors. Where the number "
                 "follows the prior, it says what was believed before, not what was counted.")
    against = panel.prior_tables.get("bayesian-graphical")
    if against is not None:
        chapter.text(literal(against.verdict))
        chapter.figure("priors-delta", plots.prior_sensitivity(against),
                       "The estimate by decomposable graphs against delta, the people in thought that the prior gives "
                       "each history. Hollow: the prior alone decides.", against.verdict)
    for key, priors in panel.priors.items():
        shown = tables.priors(priors, simulated=panel.histories.simulated)
        show_table(chapter, f"priors-{key}", shown, f"{panel[key].label}: the estimate under other priors.")


def show_chains(chapter: Any, panel: Any) -> None:
    """Show whether the chains of each sampler agree: trace and ranks, those of refused estimates too."""
    if not panel.chains:
        return
    chapter.text("### Do the chains agree?\n\nA sampler walks through its posterior in several chains. Where they tell "
                 "different stories (R-hat above 1.01, few effective draws) its number is cautioned, or refused.")
    show_table(chapter, "chains", tables.chains({panel[key].label: drawn for key, drawn in panel.chains.items()},
               simulated=panel.histories.simulated),
               "How far the chains of each sampler agree, and what they are worth.")
    for key, drawn in panel.chains.items():
        label, told = panel[key].label, f"R-hat is {drawn.rhat:.2f}."
        chapter.figure(f"trace-{key}", plots.trace(drawn), f"{label}: the way of each chain.", told)
        if drawn.values.shape[0] > 1:
            chapter.figure(f"ranks-{key}", plots.ranks(drawn), f"{label}: how each chain's draws rank among all.", told)


def show_sensitivity(chapter: Any, panel: Any) -> None:
    """Show what the estimate rests on without the data showing it, piece by piece, or why a piece was not made."""
    chapter.text(f"### What the estimate rests on\n\n{_VARIED}")
    for name, title, plot, first, caption in _PIECES:
        piece = getattr(panel, name)
        if piece is None:
            continue
        if isinstance(piece, NoEstimate):
            chapter.no_evidence(f"{title}: {piece.reason}.")
            continue
        chapter.text(f"#### {title}\n\n{literal(sentence(piece.sentence))}")
        key = name.replace("_", "-")
        drawn = getattr(plots, plot)([piece] if plot == "tornado" else piece)
        chapter.figure(key, drawn, caption, sentence(piece.sentence))
        show_table(chapter, f"{key}-table", tables.tried(piece, first), f"{title}: every estimate.")


def _by_steps(panel: Any) -> dict[str, str]:
    """Return the model chosen by steps where the table of models holds it."""
    steps, frame = panel["loglinear-stepwise"].given, panel.models.frame
    known = set(frame.loc[frame["value"].notna(), "model"])
    return {"by steps": steps.diagnostics["model"]} if steps and steps.diagnostics["model"] in known else {}
