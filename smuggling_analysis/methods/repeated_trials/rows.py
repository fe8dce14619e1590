"""The rows of METHODS for encounters at a border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smuggling_analysis.methods.registry import Citation, Method

if TYPE_CHECKING:
    from smuggling_analysis.evidence.encounters import Encounters

ESPENSHADE_1995 = Citation(
    "Espenshade, T. J. (1995). Using INS border apprehension data to measure the flow of undocumented migrants "
    "crossing the U.S.-Mexico frontier. International Migration Review 29.")
MASSEY_SINGER_1995 = Citation(
    "Massey, D. S. and Singer, A. (1995). New estimates of undocumented Mexican migration and the probability of "
    "apprehension. Demography 32(2).")
DHS_2017 = Citation(
    "Office of Immigration Statistics (2017). Efforts by DHS to estimate southwest border security between ports of "
    "entry. Washington, DC: Department of Homeland Security.")
DHS_2018 = Citation(
    "US Department of Homeland Security (2018). Border security metrics report. Washington, DC, 1 May 2018.")
NRC_2013 = Citation(
    "National Research Council (2013). Options for estimating illegal entries at the U.S.-Mexico border. Washington, "
    "DC: The National Academies Press.", "10.17226/13498")
ROBERTS_2017 = Citation(
    "Roberts, B. W. (2017). Illegal immigration outcomes on the U.S. southern border. Cato Journal, fall 2017.")

_QUESTION = "How many resort to smugglers?"
_DETERRENCE = ("The share of those returned that does not try again is as stated: no count of encounters says it, and "
               "entries are proportional to those who do try again.")
_ALIKE = ("Everybody is apprehended with the same chance at every attempt. Where some are easier to apprehend, they "
          "are the ones apprehended again, and the estimated flow is too low.")
_RECOGNISED = "Of those apprehended again, as many are recognised as stated: all of them, unless told otherwise."
_WITHIN = ("People finish within the period and the places counted: repeats at another border or in another year are "
           "missed, and somebody who comes twice is two persons.")
_EVADING = "Those apprehended tried to evade: people who give themselves up are left out of the counts."
_ONE_BY_ONE = ("People are apprehended independently of one another: where they cross in groups, intervals are too "
               "narrow.")
_TURNED = ("Where people turned back are not recorded there are none: otherwise some of the entries are theirs, and "
           "attempts are too few.")
_TRIALS = (_DETERRENCE, _ALIKE, _RECOGNISED, _EVADING, _WITHIN, _TURNED, _ONE_BY_ONE)
_TRIAL_CITATIONS = (ESPENSHADE_1995, MASSEY_SINGER_1995, ROBERTS_2017, NRC_2013)
_TRIAL_OPTIONS = ("deterrence", "recognition", "giving_up", "by_place", "confidence_level", "draws", "rng")


def _needs_repeats(encounters: Encounters) -> str:
    if encounters.repeats is None:
        return "it is not recorded who had been apprehended before"
    return "" if encounters.repeats.any() else "nobody was apprehended again"


def _needs_returns(encounters: Encounters) -> str:
    if encounters.retried is None and encounters.returned is None:
        return "it is not recorded how many were returned, or how many of them tried again"
    return _needs_repeats(encounters)


def _needs_got_aways(encounters: Encounters) -> str:
    return "entries that were seen and not prevented are not recorded" if encounters.got_away is None else ""


def _needs_turning_back(encounters: Encounters) -> str:
    return "people turned back are not recorded" if encounters.turned_back is None else _needs_repeats(encounters)


ROWS = (
    Method(
        name="apprehension_probability", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Apprehension probability by repeated trials",
        idea="Who is returned and tries again is apprehended again as often as anybody is. The share apprehended "
             "again, among those who try again, is the chance of an apprehension.",
        formula=r"\hat q = \frac{R}{n\,c\,(1-d)}, \qquad \hat p = \frac{\hat q}{1 + \hat q\,(1-g)\,B/A}",
        assumptions=_TRIALS, citations=_TRIAL_CITATIONS, requires=_needs_repeats, options=_TRIAL_OPTIONS,
    ),
    Method(
        name="successful_entries", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Entries by repeated trials",
        idea="With the chance of an apprehension at hand, every apprehension stands for so many entries that were not "
             "prevented: the odds against being apprehended.",
        formula=r"\widehat{\text{entries}} = A\,\frac{1-\hat q}{\hat q} - g B",
        assumptions=_TRIALS, citations=_TRIAL_CITATIONS, requires=_needs_repeats, options=_TRIAL_OPTIONS,
    ),
    Method(
        name="entry_attempts", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Attempts to enter by repeated trials",
        idea="Apprehensions, people turned back and the entries estimated are together all attempts.",
        formula=r"\widehat{\text{attempts}} = \frac{A}{\hat q} + (1-g) B",
        assumptions=_TRIALS, citations=_TRIAL_CITATIONS, requires=_needs_repeats, options=_TRIAL_OPTIONS,
    ),
    Method(
        name="persons_attempting", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Persons attempting to enter by repeated trials",
        idea="Persons apprehended at least once are a known share of all who tried: the chance that somebody who sets "
             "out is apprehended.",
        formula=r"\widehat{\text{persons}} = \frac{A - R/c}{\hat q}",
        assumptions=_TRIALS, citations=_TRIAL_CITATIONS, requires=_needs_repeats, options=_TRIAL_OPTIONS,
    ),
    Method(
        name="partial_apprehension", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Partial apprehension rate",
        idea="Of those returned who are known to have tried again, how many were apprehended: a rate for them alone.",
        formula=r"\hat q_r = \frac{R}{c\,r}",
        assumptions=("Those returned who try again are taken by themselves: the rate is not one for first attempts.",
                     "Who tried again is known, or the share deterred is as stated.", _RECOGNISED, _WITHIN,
                     _ONE_BY_ONE),
        citations=(DHS_2017, DHS_2018, ROBERTS_2017), requires=_needs_returns,
        options=("deterrence", "recognition", "confidence_level", "draws", "rng"),
    ),
    Method(
        name="model_interdiction_rate", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Interdiction rate by repeated trials",
        idea="Apprehended and turned back, among all attempts that repeated trials imply, entries nobody saw included.",
        formula=r"\frac{A + B}{A / \hat q + (1-g) B}",
        assumptions=(*_TRIALS, "Of those turned back as many give up as stated: anything from none to all, unless told "
                               "otherwise."),
        citations=(ESPENSHADE_1995, DHS_2017, DHS_2018, NRC_2013), requires=_needs_turning_back, options=_TRIAL_OPTIONS,
    ),
    Method(
        name="interdiction_effectiveness", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Interdiction effectiveness, attempts seen",
        idea="Apprehended and turned back, among all attempts that were seen.",
        formula=r"\frac{A + B}{A + B + G}",
        assumptions=("Every entry was seen: those that nobody saw are left out, so the share is the most it can be.",
                     "Nobody is counted under two headings, and no attempt twice.", _ONE_BY_ONE),
        citations=(DHS_2017, DHS_2018, NRC_2013), requires=_needs_got_aways,
        options=("confidence_level", "draws", "rng"),
    ),
    Method(
        name="interdiction_rate", module="repeated_trials", evidence="Encounters", question=_QUESTION,
        title="Interdiction rate with entries seen in part",
        idea="Known got-aways are the share of all entries that is seen. With that share stated, all attempts can be "
             "added up.",
        formula=r"\frac{A + B}{A + B + G / \delta}",
        assumptions=("The share of entries that is seen is as stated: nothing that is seen says it.",
                     "Nobody is counted under two headings, and no attempt twice.", _ONE_BY_ONE),
        citations=(DHS_2017, DHS_2018, NRC_2013), requires=_needs_got_aways,
        options=("detection", "confidence_level", "draws", "rng"),
    ),
)
