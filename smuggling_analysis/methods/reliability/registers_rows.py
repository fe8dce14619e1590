"""The rules of the gate for one register, one row each, with thresholds and where they come from."""

from __future__ import annotations

from dataclasses import replace

from smuggling_analysis.methods.reliability import registers_measures as measures
from smuggling_analysis.methods.reliability import sources
from smuggling_analysis.methods.reliability.lists_rows import ESTIMATE
from smuggling_analysis.methods.reliability.rules import Rule

_MORE_AGAIN = "a longer period or a second register, in which more people are seen again"
_WHY_ONCE = "knowledge of what happens to people after the first time: expulsion, hiding, another name"
_SECOND = _WHY_ONCE + "; or a second, independent register of the same people"
_COVARIATES = "what makes people differ, recorded for each; or a lower bound in place of an estimate"

_DATA = (
    Rule(name="people-seen-again", title="Minimum data of a register", looks_at="people seen more than once",
         measure=measures.people_seen_again, beyond="below", caution=30, refusal=7,
         says="{measured:,.0f} people were seen more than once, fewer than {threshold:g}",
         why="All knowledge of the unseen comes from people seen again. Both marks are ours, as for lists.",
         helps=_MORE_AGAIN, source=sources.CHAO),
    Rule(name="share-seen-once", title="Seen only once", looks_at="share of the people observed who were seen once",
         measure=measures.share_seen_once, caution=0.95, refusal=0.995,
         says="{percent:.3g} % of the people observed were seen once only, more than {limit:g} %",
         why="Where nearly everybody is seen once, a rule that keeps people from being seen again looks like a huge "
             "hidden population.",
         helps=_MORE_AGAIN + "; " + _WHY_ONCE, source=sources.SPARSE_ONES),
)

_MODEL = (
    Rule(name="one-inflation", title="More seen once than the model allows",
         looks_at="chance of the gain by a surplus of people seen once, were there none",
         measure=measures.chance_of_no_surplus, beyond="below", caution=0.05, refusal=1e-3,
         says="more people were seen once than the model allows: the gain in likelihood by a surplus of them has a "
              "chance of {measured:.1g}, below {threshold:g}",
         why="People who are expelled, hide or learn after the first time are seen once by rule; a model that does not "
             "know it takes them for a sign of many unseen.",
         helps="a model with a surplus of people seen once; " + _WHY_ONCE, source=sources.GODWIN),
    Rule(name="wider-distribution", title="People differ more than the distribution allows",
         looks_at="chance of the gain by the negative binomial distribution that contains it, if it held",
         measure=measures.chance_of_no_more_difference, beyond="below", caution=0.05, refusal=1e-3,
         says="a distribution in which people differ more fits better: so large a gain has a chance of {measured:.1g}, "
              "below {threshold:g}",
         why="The wider distribution may set no limit to the people hardly anybody sees; the narrower one then has an "
             "estimate only because it cannot be wider.",
         helps=_COVARIATES, source=sources.SELF_LIANG),
    Rule(name="heterogeneity", title="Below the lower bound",
         looks_at="Chao's lower bound against the upper limit of the interval",
         measure=measures.bound_over_upper_limit, refusal=1, own=False,
         says="the lower bound of Chao, which holds however people differ, is {measured:.3g} times the interval's "
              "upper limit",
         why="A model whose whole interval lies below a lower bound takes people to be more alike than the counts "
             "show. Models with a surplus of people seen once are held to the bound that leaves these aside.",
         helps=_COVARIATES, source=sources.CHAO),
    Rule(name="near-the-bound", title="Lower bound above the estimate",
         looks_at="Chao's lower bound against the estimate, where it lies within the interval",
         measure=measures.bound_over_estimate, caution=1.05,
         says="the lower bound of Chao is {measured:.3g} times the estimate: people differ more than the model says",
         why="The estimate is then a lower bound at best.", helps=_COVARIATES, source=sources.BOUND_WITHOUT_ONES),
    Rule(name="register-misfit", title="Fit of the numbers of times seen",
         looks_at="chance of so poor a fit if the model held", measure=measures.chance_of_the_misfit, beyond="below",
         caution=0.05, refusal=1e-3,
         says="the numbers of people seen once, twice, ... contradict the model: so poor a fit has a chance of "
              "{measured:.1g}, below {threshold:g}",
         why="A model that the seen contradict is no guide to the unseen.",
         helps="another distribution, or what makes people differ, recorded for each", source=sources.HEIJDEN),
    Rule(name="influence", title="One cell decides",
         looks_at="factor by which leaving out the people of one cell moves the estimate",
         measure=measures.move_by_a_cell, caution=1.25, refusal=2,
         says="leaving out the people of one cell of the register moves the estimate by a factor of {measured:.3g}, "
              "more than {threshold:g}",
         why="A number that hangs on a handful of people hangs on how they were recorded.",
         helps="a check of those records; " + _MORE_AGAIN, source=sources.HEIJDEN),
    Rule(name="handful", title="A handful allows the estimate",
         looks_at="cells of a handful of people without whom there is no estimate",
         measure=measures.handfuls_that_decide, caution=0,
         says="the estimate hangs on a handful of people alike: without them there would be none (such handfuls: "
              "{measured:,.0f})",
         why="That there is a number at all then hangs on how a few people were recorded.",
         helps="a check of those records; " + _MORE_AGAIN, source=sources.HEIJDEN),
)

OF_REGISTER_HEADLINES = (
    Rule(name="families-of-equal-fit", title="Distributions that fit alike and differ",
         looks_at="factor between what distributions say that fit within 10 BIC points of the best",
         measure=measures.spread_of_near_families, caution=1.5, refusal=2,
         says="distributions that fit about as well (within 10 BIC points) differ by a factor of {measured:.3g}, more "
              "than {threshold:g}",
         why="Nobody was seen no times: only the distribution that is assumed says how many there are, and the counts "
             "cannot tell these distributions apart.",
         helps=_SECOND, source=sources.ZERO_ONE),
    Rule(name="outside-the-interval", title="The interval leaves out what fits as well",
         looks_at="distributions within 2 BIC points, and the negative binomial one that contains the best: factor "
                  "from their estimates to the nearer end of its interval",
         measure=measures.beyond_the_interval, refusal=1,
         says="a distribution that the counts do not tell from the best lies outside its interval, by a factor "
              "of {measured:.3g} from its end",
         why="The interval is of one distribution, as if it were known. On registers of known size it left out the "
             "truth mostly where it left out what the wider distribution, or one of equal fit, said.",
         helps=_SECOND, source=sources.ZERO_ONE),
    Rule(name="wider-without-limit", title="A wider distribution sets no limit",
         looks_at="whether the negative binomial distribution that contains the best fits better without a limit",
         measure=measures.wider_without_limit, refusal=0,
         says="the wider distribution, which contains the best, fits better the more people there are whom hardly "
              "anybody sees: the counts set no upper limit",
         why="The upper limit is then assumed with the narrower distribution, not seen.",
         helps=_COVARIATES, source=sources.SELF_LIANG),
    Rule(name="ones-or-differences", title="Seen once by rule, or hard to see",
         looks_at="Chao's lower bound against the upper limit, where those seen once are set apart",
         measure=measures.bound_with_ones_over_upper_limit, refusal=1,
         says="if nothing keeps people from being seen again, there are at least {measured:.3g} times as many as the "
              "interval's upper limit: the counts cannot tell people seen once by rule from people who are hard to see",
         why="Both leave too many people seen once; the one makes the number smaller, the other larger.",
         helps=_SECOND, source=sources.GODWIN),
    Rule(name="end-of-the-time-at-risk", title="What ends the time at risk",
         looks_at="factor between the number with a time at risk set beforehand and one that ends by being seen",
         measure=measures.factor_if_time_ended, caution=1.25,
         says="if people's time at risk ended by their being seen, as by expulsion, the number would differ by a "
              "factor of {measured:.3g}, more than {threshold:g}: that it was set beforehand is taken for granted",
         why="Who was expelled was not at risk for long because he was seen; taken the other way round, the number can "
             "be five times too large. The counts do not tell the two apart.",
         helps="knowledge of what ended the time at risk, and ends_when_seen=True if being seen did",
         source=sources.HEIJDEN),
)

# The same marks for any estimate; what would help is another thing in a register.
OF_ESTIMATES = tuple(replace(rule, helps=_MORE_AGAIN) for rule in ESTIMATE)

OF_REGISTERS: tuple[Rule, ...] = (*_DATA, *_MODEL, *OF_ESTIMATES, *OF_REGISTER_HEADLINES)
