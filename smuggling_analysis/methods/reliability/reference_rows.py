"""The rules of the gate for reference counts, one row each, with thresholds and where they come from."""

from __future__ import annotations

from dataclasses import replace

from smuggling_analysis.methods.reliability import estimate_measures, sources
from smuggling_analysis.methods.reliability import reference_measures as measures
from smuggling_analysis.methods.reliability.lists_rows import ESTIMATE
from smuggling_analysis.methods.reliability.rules import Rule

_REGISTER = "a register in which a person is recognised when seen again, or lists that can be linked"
_COUNTRIES = "counts of more countries, or by sex and age within them"
_GAMMA = "a second source that reaches people of every country"

_DATA = (
    Rule(name="countries-observed", title="Minimum data of reference counts",
         looks_at="countries of which anybody was apprehended", measure=measures.countries_with_apprehensions,
         beyond="below", caution=20, refusal=5,
         says="people of {measured:,.0f} countries were apprehended, fewer than {threshold:g}",
         why="The two exponents are read off the differences between countries.",
         helps=_COUNTRIES, source=sources.ZHANG),
    Rule(name="logarithms-of-nothing", title="Logarithms of counts of nobody",
         looks_at="share of the rows without apprehensions, in least squares of logarithms",
         measure=measures.share_of_rows_without, caution=0.0, refusal=0.1,
         says="in {percent:.3g} % of the rows nobody was apprehended, more than {limit:g} %: the number added before "
              "taking logarithms decides",
         why="Least squares of logarithms are about typical counts, and zero has no logarithm.",
         helps="the Poisson pseudo-likelihood, which takes counts as they are", source=sources.LOG_OF_GRAVITY),
)

_MODEL = (
    Rule(name="flat-gamma", title="Detection without the second source",
         looks_at="factor between the numbers at all gammas that fit as well", measure=measures.total_over_gamma,
         caution=1.25, refusal=2,
         says="the counts hardly determine gamma, the share detected where the second source has nobody, and with it "
              "the number, by a factor of {measured:.3g}, more than {threshold:g}",
         why="Gamma cannot be seen: only its effect on countries without anybody in the second source can.",
         helps=_GAMMA, source=sources.BERESEWICZ),
    Rule(name="overdispersion", title="Counts vary more than the model has them",
         looks_at="variance of the counts against the model's", measure=measures.times_the_models_variance,
         caution=20, refusal=1000,
         says="the counts vary {measured:,.3g} times as much as the model has them, more than {threshold:g}",
         why="Standard errors clustered by country allow for it; a variance a thousand times too large says that the "
             "model is of something else.",
         helps="the negative binomial method, or covariates", source=sources.LOG_OF_GRAVITY),
    Rule(name="beyond-the-registered", title="More hidden than registered",
         looks_at="share of the rows with more people estimated than registered",
         measure=measures.share_beyond_the_registered, caution=0, refusal=0.25,
         says="in {percent:.3g} % of the rows more people are estimated than are registered, more than {limit:g} %",
         why="An exponent above 1 has more people in hiding than in the register, and grows with every country.",
         helps=_REGISTER, source=sources.ZHANG),
    Rule(name="country-left-out", title="One country decides",
         looks_at="factor by which leaving out one country moves the estimate of the others",
         measure=measures.move_by_a_country, caution=1.25, refusal=2,
         says="leaving out one country moves the estimate of the others by a factor of {measured:.3g}, more than "
              "{threshold:g}",
         why="If the model holds for all countries it does not hang on one of them.",
         helps="covariates that set that country apart", source=sources.BERESEWICZ),
)

OF_REFERENCE_HEADLINES = (
    Rule(name="methods-apart", title="Methods of equal standing",
         looks_at="factor between what all methods say, refused ones too", measure=measures.spread_of_all_methods,
         caution=2, refusal=10,
         says="methods that are used for such counts differ by a factor of {measured:.3g}, more than {threshold:g}",
         why="The methods make the same number of the same counts under other assumptions about their variance; where "
             "they part so far, the number is the assumption's.",
         helps=_REGISTER, source=sources.BERESEWICZ),
    Rule(name="methods-passing-apart", title="Methods that pass and differ",
         looks_at="factor between what the methods say that pass", measure=estimate_measures.spread_over_families,
         caution=1.5, refusal=2,
         says="methods that pass differ by a factor of {measured:.3g}, more than {threshold:g}",
         why="Where methods that pass part, none can be quoted alone.",
         helps=_REGISTER, source=sources.BERESEWICZ),
    Rule(name="counts-prefer-another", title="The counts prefer another method",
         looks_at="BIC of the Poisson method above that of the negative binomial, where the latter was refused or lies "
                  "outside the interval",
         measure=measures.bic_of_the_method_preferred, caution=2, refusal=10,
         says="the counts prefer the negative binomial method by {measured:,.3g} points of BIC, more than "
              "{threshold:g}, and it was refused or lies outside the interval",
         why="The Poisson method needs only the mean to be right, if there are countries enough; a method that fits "
             "the counts far better and says another thing, or nothing, tells that there are not.",
         helps=_COUNTRIES, source=sources.RAFTERY),
    Rule(name="independent-sources", title="Sources that find people independently",
         looks_at="what no count by country can show, of the number recommended",
         measure=measures.taken_for_granted, caution=0,
         says="that the two sources find people of a country independently is taken for granted: no count can show it",
         why="Where the second source finds those who are easily apprehended anyway, the number is too large; on "
             "simulated counts by two thirds, with intervals that nearly all missed (see dependence_band).",
         helps=_REGISTER, source=sources.ZHANG),
)

# The same marks for any estimate; what would help is another thing here.
OF_ESTIMATES = tuple(replace(rule, helps=_REGISTER) for rule in ESTIMATE)

OF_REFERENCE: tuple[Rule, ...] = (*_DATA, *_MODEL, *OF_ESTIMATES, *OF_REFERENCE_HEADLINES)
