"""The rules of the gate for encounters at a border, one row each, with thresholds and where they come from."""

from __future__ import annotations

from dataclasses import replace

from smuggling_analysis.methods.reliability import encounters_measures as measures
from smuggling_analysis.methods.reliability import estimate_measures, sources
from smuggling_analysis.methods.reliability.lists_rows import ESTIMATE
from smuggling_analysis.methods.reliability.rules import Rule
from smuggling_analysis.methods.repeated_trials.rows import DHS_2017, ESPENSHADE_1995, MASSEY_SINGER_1995

_MORE_AGAIN = "a longer period, or more places, in which more people are apprehended again"
_SURVEY = "a survey of people returned that asks whether they try again"
_FINGERPRINTS = "a test of how many people known to have been apprehended before are recognised"
_ONE_BY_ONE = "periods, routes or kinds of people within which everybody is apprehended alike"

_DATA = (
    Rule(name="repeat-apprehensions", title="Minimum data of a border", looks_at="repeat apprehensions",
         measure=measures.repeats, beyond="below", caution=30, refusal=7,
         says="{measured:,.0f} apprehensions are repeats, fewer than {threshold:g}",
         why="All knowledge of those who pass unseen comes from people apprehended again. Both marks are ours, as for "
             "lists.",
         helps=_MORE_AGAIN, source=sources.SEBER),
    Rule(name="seldom-again", title="Seldom apprehended again", looks_at="share of those free to try again who are "
         "apprehended again", measure=measures.share_again, beyond="below", caution=0.02, refusal=0.002,
         says="{percent:.2g} % of those free to try again were apprehended again, under {limit:g} %",
         why="Where hardly anybody is apprehended again nobody can tell people who pass unseen from people who give "
             "up, go elsewhere or are not recognised.",
         helps=f"{_SURVEY}; {_FINGERPRINTS}", source=sources.OPTIONS),
    Rule(name="mostly-again", title="Mostly apprehended again", looks_at="share of those free to try again who are "
         "apprehended again", measure=measures.share_again, caution=0.5, refusal=0.9,
         says="{percent:.3g} % of those free to try again were apprehended again, more than {limit:g} %",
         why="Surveys find that about one attempt in three is apprehended; far more says that people give themselves "
             "up, or that one stay is counted as several apprehensions.",
         helps="apprehensions of people who tried to evade, each counted once", source=MASSEY_SINGER_1995),
    Rule(name="recognition-unstated", title="Recognition unknown",
         looks_at="whether it is stated how many of those apprehended again are recognised",
         measure=measures.recognition_unstated, caution=0, own=False,
         says="nobody stated how many of those apprehended again are recognised: everybody is taken to be",
         why="Whoever is not recognised looks like another person, and as if more people passed unseen.",
         helps=_FINGERPRINTS, source=sources.OPTIONS),
    Rule(name="turning-back-missing", title="Turning back not recorded",
         looks_at="whether people turned back are counted", measure=measures.turning_back_missing, caution=0, own=False,
         says="people turned back are not recorded: there may be more attempts and fewer entries",
         why="Whoever is turned back and gives up looks like somebody who entered.",
         helps="counts of people turned back at the same place and period", source=DHS_2017),
)

_MODEL = (
    Rule(name="shares-contradicted", title="Counts against stated shares",
         looks_at="share of the draws of the stated shares that contradict the counts",
         measure=measures.share_contradicted, refusal=0.5,
         says="{percent:.0f} % of the draws of the stated shares contradict the counts, more than {limit:g} %",
         why="Then what was stated is mostly wrong, and the number is what is left of it.",
         helps=f"{_SURVEY}, or shares that agree with the counts", source=ESPENSHADE_1995),
    Rule(name="stated-shares", title="Dominance of the stated shares",
         looks_at="factor between the ends of what the stated shares leave open, were the counts free of chance",
         measure=measures.spread_by_stated_shares, caution=2, refusal=4,
         says="the prior decides: the stated shares alone leave open a factor of {measured:.3g}, more than "
              "{threshold:g}",
         warns="the prior has a say: the stated shares alone leave open a factor of {measured:.3g}, more than "
               "{threshold:g}",
         why="No count of encounters says who gives up or is not recognised; however many are counted, the number is "
             "no surer than what is stated.",
         helps=_SURVEY, source=sources.OPTIONS),
    Rule(name="persons-differ", title="Persons apprehended unlike one another",
         looks_at="factor between the shares apprehended again after once and after more often, where beyond chance",
         measure=measures.shares_of_persons_apart, refusal=2,
         says="people apprehended once and people apprehended more often are apprehended again with shares that differ "
              "by a factor of {measured:.3g}, more than {threshold:g}",
         why="Repeated trials take everybody to be apprehended alike; where some are far easier to apprehend the "
             "others, who pass, are not seen in the repeats.",
         helps=_ONE_BY_ONE, source=sources.OPTIONS),
)

_ESTIMATE = (
    Rule(name="below-counted", title="Interval below the counted",
         looks_at="persons, attempts or entries counted that the interval leaves out",
         measure=measures.below_the_counted, refusal=0, own=False,
         says="the interval reaches {measured:,.0f} below the number counted",
         why="So many were counted; an interval that doubts it was made without them.",
         helps="an interval on those not seen", source=DHS_2017),
    Rule(name="multiple-of-apprehended", title="Multiple of the apprehended", looks_at="number estimated for each "
         "apprehension", measure=measures.multiple_of_the_apprehended, caution=10, refusal=50,
         says="{measured:,.3g} are estimated for each apprehension, more than {threshold:g}",
         why="So far from what was seen, any small departure from the assumptions is multiplied.",
         helps=_SURVEY, source=sources.BINETTE_STEORTS),
)

OF_ENCOUNTER_HEADLINES = (
    Rule(name="deterrence-moves", title="Deterrence a little otherwise",
         looks_at="factor by which ten points more, or fewer, of those returned deterred move the estimate",
         measure=measures.move_by_deterrence, caution=1.5, refusal=3,
         says="ten points more, or fewer, of those returned deterred move the estimate by a factor of {measured:.3g}, "
              "more than {threshold:g}",
         why="Deterrence is stated, not counted; few surveys know it to ten points.",
         helps=_SURVEY, source=DHS_2017),
    Rule(name="readings-differ", title="Readings of the counts that differ",
         looks_at="factor between what the readings of the counts say that pass",
         measure=estimate_measures.spread_over_families, caution=1.5, refusal=2,
         says="readings of the counts that pass differ by a factor of {measured:.3g}, more than {threshold:g}",
         why="Places together or one by one, retries counted or deterrence stated: if the model holds they agree.",
         helps=_ONE_BY_ONE, source=sources.IDENTIFYING),
)

_NOT_OF_BORDERS = ("below-observed", "multiple-of-observed")
# The same marks for any estimate; what would help is another thing at a border.
OF_ESTIMATES = tuple(replace(rule, helps=_MORE_AGAIN) for rule in ESTIMATE if rule.name not in _NOT_OF_BORDERS)

OF_ENCOUNTERS: tuple[Rule, ...] = (*_DATA, *_MODEL, *_ESTIMATE, *OF_ESTIMATES, *OF_ENCOUNTER_HEADLINES)
