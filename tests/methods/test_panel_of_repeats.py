"""The panel of one register: every method that applies, and what they say together."""

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.evidence.repeat_counts import RepeatCounts
from smuggling_analysis.methods import METHODS
from smuggling_analysis.methods.chooser import choose
from smuggling_analysis.methods.panel import estimates_of, refusals_of, repeats_panel, spread

REPEATS = RepeatCounts.from_frequencies({1: 1645, 2: 183, 3: 37, 4: 13, 5: 1, 6: 1})


def test_every_method_that_applies_is_in_the_panel():
    used = {fitted.variant.method for fitted in repeats_panel(REPEATS)}
    assert used == set(choose({"role": REPEATS}).methods_for("role")) <= set(METHODS)


def test_keys_are_unique_and_begin_with_the_methods_name():
    panel = repeats_panel(REPEATS)
    assert len({fitted.key for fitted in panel}) == len(panel)
    assert all(fitted.key.startswith(fitted.variant.method.replace("_", "-")) for fitted in panel)


def test_the_headline_says_when_methods_disagree():
    panel = repeats_panel(REPEATS)
    low, high = spread(panel)
    (best,) = [fitted.result for fitted in panel if fitted.headline]
    assert (high / low > 1.5) == any(caution.startswith("the methods disagree") for caution in best.cautions)
    # Published values of these data: no covariates 7,079.93, Zelterman 9,424.6 (van der Heijden et al. 2003).
    assert round(low) == 7080
    assert round(high) == 9425


def test_a_register_without_repeats_gives_refusals_not_numbers():
    panel = repeats_panel(RepeatCounts.from_frequencies({1: 50}))
    assert not estimates_of(panel)
    assert len(refusals_of(panel)) == len(panel)
    assert isinstance(next(fitted.result for fitted in panel if fitted.headline), NoEstimate)


def test_estimates_are_described():
    panel = repeats_panel(REPEATS, population="irregular residents", place="Netherlands", period="1995")
    assert all(isinstance(one, Estimate) and one.place == "Netherlands" for one in estimates_of(panel).values())


def test_a_method_that_cannot_be_used_says_why_and_which_data_it_needs():
    (chao, *_) = repeats_panel(RepeatCounts.from_frequencies({1: 50}))
    assert "nobody was seen exactly twice" in chao.result.reason
    assert chao.result.needed.startswith("one register")
