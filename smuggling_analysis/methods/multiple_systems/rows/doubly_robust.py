"""The row of METHODS for doubly robust estimates."""

from __future__ import annotations

from smuggling_analysis.methods.multiple_systems.rows.common import (
    CLOSED,
    LINKED,
    QUESTION,
    SAME,
    two_or_more_lists,
)
from smuggling_analysis.methods.registry import Citation, Method

ROWS = (
    Method(
        name="doubly_robust", module="multiple_systems", title="Doubly robust estimator with covariates",
        evidence="ListedPeople", question=QUESTION,
        idea="People of the same age, sex and origin are compared with one another: among those alike, the share "
             "of one list that is also on the other tells what both have missed. Two models of who is listed are "
             "learnt, and the answer is right if either is.",
        formula=(r"\frac{\hat N}{n} = \frac{1}{n}\sum_i \frac{\hat q_1(x_i)\,\hat q_2(x_i)}{\hat q_{12}(x_i)}"
                 r"\left(\frac{Y_{1i}}{\hat q_1(x_i)} + \frac{Y_{2i}}{\hat q_2(x_i)} - "
                 r"\frac{Y_{1i}Y_{2i}}{\hat q_{12}(x_i)}\right)"),
        assumptions=(
            "Among people who are alike in what is known of them, being on one list does not change the chance "
            "of being on the other.",
            "Everyone, whatever is known of them, has some chance to be on both lists.",
            SAME, LINKED, CLOSED),
        citations=(
            Citation("Das, M., Kennedy, E. H. and Jewell, N. P. (2021). Doubly robust capture-recapture methods "
                     "for estimating population size. arXiv:2104.14091.", "10.48550/arXiv.2104.14091"),
            Citation("van der Laan, M. J. and Rubin, D. (2006). Targeted maximum likelihood learning. The "
                     "International Journal of Biostatistics 2(1), Article 11.", "10.2202/1557-4679.1043"),
        ),
        requires=two_or_more_lists,
        options=("lists", "covariates", "by", "estimator", "nuisance", "folds", "least", "interval", "rng",
                 "confidence_level"),
    ),
)
