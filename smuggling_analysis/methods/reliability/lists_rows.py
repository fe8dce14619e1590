"""The rules of the gate for several lists, one row each, with thresholds and where they come from."""

from __future__ import annotations

from smuggling_analysis.chains import LEAST_ESS, MOST_RHAT, REFUSED_ESS, REFUSED_RHAT
from smuggling_analysis.methods.multiple_systems.bayesian.under_priors import DECIDING_FACTOR
from smuggling_analysis.methods.reliability import estimate_measures, sources
from smuggling_analysis.methods.reliability import lists_measures as measures
from smuggling_analysis.methods.reliability.rules import Rule

_MORE_OVERLAP = "lists that share more people, or a further list that overlaps the others"
_FEWER_TERMS = "a model with fewer terms, lists merged where they do not overlap, or lists that share more people"
_LONGER = "longer chains, or another sampler"
_MORE_LISTS = "a further list, or strata within which people are alike"
_KNOWLEDGE = "knowledge of how the lists come about, to rule out some of the answers; or a further, independent list"

_DATA = (
    Rule(name="people-on-several-lists", title="Minimum data", looks_at="people on more than one list",
         measure=measures.people_on_several_lists, beyond="below", caution=30, refusal=7,
         says="{measured:,.0f} people are on more than one list, fewer than {threshold:g}",
         why="All knowledge of the unseen comes from people on more than one list; with fewer than seven even the "
             "two-list estimator is biased. The mark of thirty is ours.",
         helps=_MORE_OVERLAP, source=sources.SEBER),
    Rule(name="overlap-share", title="Overlap share", looks_at="share of the people observed on more than one list",
         measure=measures.overlap_share, beyond="below", caution=0.10, refusal=0.01,
         says="{percent:.3g} % of the people observed are on more than one list, under {limit:g} %",
         why="Where few people are on more than one list the model, not the counts, makes the answer.",
         helps=_MORE_OVERLAP, source=sources.WHITEHEAD),
    Rule(name="empty-overlaps", title="Pairs of lists without overlap",
         looks_at="share of pairs of lists that nobody is on together",
         measure=measures.share_of_empty_overlaps, caution=0.5,
         says="{percent:.0f} % of the pairs of lists share nobody, more than {limit:g} %",
         why="Such lists may reach different people, and then they do not count one population.",
         helps="lists that reach the same people, or lists merged where they do not overlap",
         source=sources.SHARIFI_FAR),
)

_MODEL = (
    Rule(name="existence", title="Existence", looks_at="whether the model has a maximum likelihood estimate",
         measure=measures.without_estimate, refusal=0, own=False,
         says="the model named has no maximum likelihood estimate on this table: software that prints one has stopped "
              "somewhere on its way",
         why="The likelihood keeps rising as some counts are pushed to zero; a number printed is where a programme "
             "stopped.",
         helps=_FEWER_TERMS, source=sources.FIENBERG_RINALDO),
    Rule(name="identifiability", title="Identifiability", looks_at="whether only one population fits the model best",
         measure=measures.not_identified, refusal=0, own=False,
         says="different populations fit the model named equally well",
         why="The number printed is one of many that explain the counts as well.",
         helps=_FEWER_TERMS, source=sources.CHAN),
    Rule(name="boundary", title="Boundary", looks_at="weight of models with a parameter at minus infinity",
         measure=measures.weight_on_the_boundary, caution=0.05,
         says="{percent:.0f} % of the weight (more than {limit:g} %) lies on models that take it that nobody at all "
              "can be on some lists together",
         why="One person on both lists would change the model.",
         helps="a check of why nobody is on both lists: another population, or records that were not linked",
         source=sources.CHAN),
    Rule(name="degrees-of-freedom", title="Parameters against histories",
         looks_at="histories left after the model's parameters", measure=measures.degrees_of_freedom, beyond="below",
         caution=1, own=False,
         says="{measured:g} histories are left to contradict the model, fewer than {threshold:g}",
         why="A model with as many parameters as histories fits anything.",
         helps="a model with fewer terms, or a further list", source=sources.CORMACK),
    Rule(name="misfit", title="Fit", looks_at="chance of so large a deviance if the model held",
         measure=measures.chance_of_the_misfit, beyond="below", caution=1e-3, refusal=1e-6,
         says="the counts contradict the model: so large a deviance has a chance of {measured:.1g}, below "
              "{threshold:g}",
         why="A model that the seen contradict is no guide to the unseen.",
         helps=_MORE_LISTS + "; or a model with more dependence", source=sources.CORMACK),
    Rule(name="divergence-over-models", title="Divergence over models",
         looks_at="factor between the estimates of models within 10 BIC points of the best",
         measure=measures.spread_over_models, caution=1.5, refusal=3,
         says="models that fit about as well (within 10 BIC points) differ by a factor of {measured:.3g}, more than "
              "{threshold:g}",
         why="Ten points are strong grounds to prefer a model; fewer are not, and then the choice makes the number.",
         helps=_KNOWLEDGE, source=sources.RAFTERY),
)

_REPLICATES = (
    Rule(name="selection-share", title="Selection instability",
         looks_at="share of bootstrap replicates that choose the same model",
         measure=measures.share_of_the_same_choice, beyond="below", caution=0.5,
         says="{percent:.0f} % of the bootstrap replicates choose the same model, under {limit:g} %",
         why="Another sample of the same people would have led to another model.",
         helps="an interval that repeats the choice, or the average of the models", source=sources.BOOTSTRAP),
    Rule(name="selection-spread", title="Selection instability in N",
         looks_at="factor between the quartiles of replicates that repeat the choice",
         measure=measures.spread_over_replicates, caution=1.5, refusal=2,
         says="the middle half of the bootstrap replicates, which repeat the choice of the model, spans a factor of "
              "{measured:.3g}, more than {threshold:g}",
         why="Chance alone moves the answer this far, because it moves the choice.",
         helps=_MORE_OVERLAP, source=sources.BOOTSTRAP),
    Rule(name="failed-replicates", title="Replicates without an estimate",
         looks_at="share of bootstrap replicates without an estimate",
         measure=measures.share_of_failed_replicates, caution=0.05, refusal=0.5,
         says="{percent:.0f} % of the bootstrap replicates have no estimate, more than {limit:g} %",
         why="Those without one are mostly those with no upper limit: the interval reaches too little upwards.",
         helps=_MORE_OVERLAP, source=sources.BOOTSTRAP),
)

_CHAINS = (
    Rule(name="r-hat", title="R-hat", looks_at="rank-normalised split R-hat of the chains", measure=measures.r_hat,
         caution=MOST_RHAT, refusal=REFUSED_RHAT,
         says="R-hat is {measured:.2f}, above {threshold:g}: the chains are not about the same number",
         why="Chains that disagree have not found the posterior. 1.01 is the source's mark, 1.1 ours for a refusal.",
         helps=_LONGER, source=sources.VEHTARI),
    Rule(name="ess-bulk", title="Effective draws, middle", looks_at="bulk effective sample size",
         measure=measures.bulk_draws, beyond="below", caution=LEAST_ESS, refusal=REFUSED_ESS,
         says="for its middle the posterior is known from the worth of {measured:,.0f} independent draws, fewer than "
              "{threshold:g}",
         why="With few independent draws the median is chance. 400 is the source's mark, 100 ours for a refusal.",
         helps=_LONGER, source=sources.VEHTARI),
    Rule(name="ess-tail", title="Effective draws, ends", looks_at="tail effective sample size",
         measure=measures.tail_draws, beyond="below", caution=LEAST_ESS, refusal=REFUSED_ESS,
         says="for its ends the posterior is known from the worth of {measured:,.0f} independent draws, fewer than "
              "{threshold:g}",
         why="With few independent draws the limits are chance. 400 is the source's mark, 100 ours for a refusal.",
         helps=_LONGER, source=sources.VEHTARI),
    Rule(name="chance-of-the-seed", title="Chance of the seed",
         looks_at="factor by which the estimate moves if what stayed in the model by chance of the draws had not",
         measure=measures.spread_over_seeds, caution=1.02, refusal=1.1,
         says="another seed may move the estimate by a factor of {measured:.3g}, more than {threshold:g}: whether a "
              "pair of lists stays in the model is chance of the draws",
         why="A number that changes with the seed says which random numbers were drawn, not what was counted.",
         helps="more draws, or a method that averages over models", source=sources.SILVERMAN),
    Rule(name="prior-dominance", title="Prior dominance", looks_at="factor between the estimates under several priors",
         measure=measures.spread_over_priors, caution=1.5, refusal=DECIDING_FACTOR,
         says="the prior decides: estimates under the priors tried differ by a factor of {measured:.3g}, more than "
              "{threshold:g}",
         warns="the prior has a say: estimates under the priors tried differ by a factor of {measured:.3g}, more than "
               "{threshold:g}",
         why="Then the number says what was believed before, not what was counted.",
         helps="a prior that somebody can defend from other evidence, or " + _MORE_OVERLAP,
         source=sources.MADIGAN_YORK),
)

ESTIMATE = (
    Rule(name="below-observed", title="Interval below the observed",
         looks_at="people observed whom the interval leaves out", measure=estimate_measures.people_below_the_observed,
         refusal=0, own=False,
         says="the interval reaches {measured:,.0f} people below the number observed",
         why="So many were seen; an interval that doubts it was made on the wrong scale.",
         helps="an interval on the unseen: profile likelihood or log-normal", source=sources.CHAO),
    Rule(name="relative-error", title="Exploding estimator", looks_at="standard error against the estimate",
         measure=estimate_measures.relative_error, caution=0.5, refusal=1,
         says="the standard error is {percent:,.0f} % of the estimate, more than {limit:g} %",
         why="A coverage near zero in a denominator sends estimate and error up together.",
         helps=_MORE_OVERLAP, source=sources.CHAO_TSAY),
    Rule(name="multiple-of-observed", title="Multiple of the observed",
         looks_at="people estimated for each one observed",
         measure=estimate_measures.multiple_of_the_observed, caution=10, refusal=50,
         says="{measured:,.3g} people are estimated for each one observed, more than {threshold:g}",
         why="So far from what was seen, any small departure from the assumptions is multiplied.",
         helps="lists that reach more of the population", source=sources.BINETTE_STEORTS),
    Rule(name="flat-likelihood", title="Flat likelihood", looks_at="whether the interval has an upper limit",
         measure=estimate_measures.without_upper_limit, refusal=0, own=False,
         says="the likelihood sets no upper limit to the population",
         why="Every larger number explains the counts about as well.",
         helps=_MORE_OVERLAP, source=sources.CORMACK_INTERVAL),
    Rule(name="heavy-tail", title="Heavy tail", looks_at="mean against median of the distribution",
         measure=estimate_measures.mean_over_median, caution=1.25, refusal=2,
         says="the mean of the distribution is {measured:.3g} times its middle, more than {threshold:g}: a few huge "
              "values make it",
         why="A distribution with such a tail has no middle worth quoting.",
         helps="a bound on the population from other evidence, or " + _MORE_OVERLAP, source=sources.SILVERMAN),
    Rule(name="width", title="Width of the interval", looks_at="upper against lower limit",
         measure=estimate_measures.width, caution=3, refusal=10,
         says="the upper limit is {measured:.3g} times the lower, more than {threshold:g}",
         why="An interval that spans an order of magnitude is an answer to no question.",
         helps=_MORE_OVERLAP, source=sources.BINETTE_STEORTS),
)

OF_HEADLINES = (
    Rule(name="list-left-out", title="One list left out",
         looks_at="factor by which leaving out one list moves the estimate",
         measure=measures.spread_without_a_list, caution=1.5,
         says="leaving out one list moves the estimate by a factor of {measured:.3g}, more than {threshold:g}",
         why="If all lists draw on one population the estimate does not hang on one of them.",
         helps="a check of whether that list reaches the same people as the others", source=sources.SHARIFI_FAR),
    Rule(name="families-passing", title="Families that pass",
         looks_at="families of methods that pass, of three lists or more",
         measure=measures.families_that_passed, beyond="below", refusal=2,
         says="the number of families of methods that pass is {measured:g}, fewer than {threshold:g}",
         why="One method alone cannot show how much its assumptions decide.",
         helps=_MORE_OVERLAP, source=sources.BINETTE_STEORTS),
    Rule(name="divergence-over-families", title="Divergence over families",
         looks_at="factor between what the families say that pass", measure=estimate_measures.spread_over_families,
         caution=1.5, refusal=2,
         says="families of methods that pass differ by a factor of {measured:.3g}, more than {threshold:g}",
         why="Each family rests on another assumption that cannot be tested; where they part, none can be quoted "
             "alone.",
         helps=_KNOWLEDGE, source=sources.IDENTIFYING),
    Rule(name="families-apart", title="Families whose intervals do not meet",
         looks_at="factor between families whose intervals have nothing in common",
         measure=estimate_measures.spread_of_families_apart, caution=1, refusal=1.5,
         says="families of methods whose intervals do not meet differ by a factor of {measured:.3g}, more than "
              "{threshold:g}",
         why="Chance cannot explain the difference, so an assumption of one of them is wrong.",
         helps=_KNOWLEDGE, source=sources.IDENTIFYING),
)

OF_LISTS: tuple[Rule, ...] = (*_DATA, *_MODEL, *_REPLICATES, *_CHAINS, *ESTIMATE, *OF_HEADLINES)
