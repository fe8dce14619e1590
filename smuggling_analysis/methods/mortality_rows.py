"""The row of METHODS for deaths at sea and on land."""

from __future__ import annotations

from smuggling_analysis.methods.registry import Citation, Method

CLOPPER_PEARSON_1934 = Citation(
    "Clopper, C. J. & Pearson, E. S. (1934). The use of confidence or fiducial limits illustrated in the "
    "case of the binomial. Biometrika 26, 404-413.", "10.1093/biomet/26.4.404")
KORN_GRAUBARD_1998 = Citation(
    "Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number "
    "of positive counts estimated from survey data. Survey Methodology 24, 193-201.")

ROWS = (
    Method(
        name="death_rate", module="mortality", title="Deaths per 1,000 departures", evidence="Voyages",
        question="How many lose their lives?",
        idea="Recorded deaths are divided by departures. People in one boat live or die together, so the "
             "number of boats, not of people, decides how sure the rate is.",
        formula=r"r = 1000 \, d / n, \quad \text{limits of Clopper and Pearson at } n / \{1 + (n / b - 1) "
                r"\rho\} \text{ for } b \text{ boats}",
        assumptions=("Every death and every departure of the period is recorded: a death nobody reported "
                     "makes the rate too low, a departure nobody reported makes it too high.",
                     "Deaths within one boat are related as strongly as the stated correlation says; boats "
                     "are independent of each other."),
        citations=(CLOPPER_PEARSON_1934, KORN_GRAUBARD_1998),
        options=("per", "within_boat_correlation", "confidence_level"),
    ),
)
