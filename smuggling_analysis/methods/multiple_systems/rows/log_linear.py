"""The row of METHODS for log-linear models."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows.common import (
    ALIKE,
    CLOSED,
    CORMACK_INTERVAL,
    LINKED,
    QUESTION,
    SAME,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method

ROWS = (
    Method(
        name="loglinear", module="multiple_systems", title="Log-linear multiple systems estimator",
        evidence="CaptureHistories", question=QUESTION,
        idea="A model of how the lists overlap, with the dependence between them that the counts show, is "
             "carried on to the one cell nobody counted: the people on no list.",
        formula=(r"\log \mu_c = \sum_{S \subseteq c,\; S \in M} \theta_S, "
                 r"\qquad \hat N = n + e^{\hat\theta_\emptyset}"),
        assumptions=(
            "The dependence between all lists at once, which no data can show, is none beyond the model's "
            "terms.",
            ALIKE, SAME, LINKED, CLOSED),
        citations=(
            Citation("Fienberg, S. E. (1972). The multiple recapture census for closed populations and "
                     "incomplete 2^k contingency tables. Biometrika 59(3), 591-603.",
                     "10.1093/biomet/59.3.591"),
            Citation("Cormack, R. M. (1989). Log-linear models for capture-recapture. Biometrics 45(2), "
                     "395-413."),
            CORMACK_INTERVAL,
            Citation("Baillargeon, S. and Rivest, L.-P. (2007). Rcapture: Loglinear models for "
                     "capture-recapture in R. Journal of Statistical Software 19(5), 1-31.",
                     "10.18637/jss.v019.i05"),
            Citation("Fienberg, S. E. and Rinaldo, A. (2012). Maximum likelihood estimation in log-linear "
                     "models. Annals of Statistics 40(2), 996-1023."),
            Citation("Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for "
                     "sparse capture data: inferential challenges when there are nonoverlapping lists. "
                     "Journal of the American Statistical Association 116(535), 1297-1306.",
                     "10.1080/01621459.2019.1708748"),
            Citation("Silverman, B. W., Chan, L. and Vincent, K. (2024). Bootstrapping multiple systems "
                     "estimates to account for model selection. Statistics and Computing 34, 44.",
                     "10.1007/s11222-023-10346-9"),
            Citation("Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American "
                     "Statistical Association 82(397), 171-185.", "10.1080/01621459.1987.10478410"),
            Citation("Zwane, E. and van der Heijden, P. G. M. (2007). Analysing capture-recapture data when some "
                     "variables of heterogeneous catchability are not collected or asked in all registrations. "
                     "Statistics in Medicine 26, 1069-1089."),
            Citation("Sutherland, J. M., Schwarz, C. J. and Rivest, L.-P. (2007). Multilist population estimation "
                     "with incomplete and partial stratification. Biometrics 63(3), 910-916."),
            Citation("van der Heijden, P. G. M., Whittaker, J., Cruyff, M., Bakker, B. and van der Vliet, R. "
                     "(2012). People born in the Middle East but residing in the Netherlands: invariant population "
                     "size estimates and the role of active and passive covariates. Annals of Applied Statistics "
                     "6(3), 831-852.", "10.1214/12-AOAS536"),
            Citation("van der Heijden, P. G. M., Smith, P. A., Cruyff, M. and Bakker, B. (2018). An overview of "
                     "population size estimation where linking registers results in incomplete covariates, with "
                     "an application to mode of transport of serious road casualties. Journal of Official "
                     "Statistics 34(1), 239-263.", "10.1515/jos-2018-0011"),
            Citation("Cruyff, M., van Dijk, J. and van der Heijden, P. G. M. (2017). The challenge of counting "
                     "victims of human trafficking: not on the record: a multiple systems estimation of the "
                     "numbers of human trafficking victims in the Netherlands in 2010-2015 by year, age, gender, "
                     "and type of exploitation. Chance 30(3)."),
        ),
        requires=two_or_more_lists,
        options=("covariates", "model", "selection", "max_order", "interval", "resampling", "replicates", "threshold",
                 "n_jobs", "rng", "confidence_level"),
    ),
)
