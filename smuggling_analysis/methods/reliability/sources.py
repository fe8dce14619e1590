"""Where the gate's rules come from."""

from __future__ import annotations

from smuggling_analysis.methods.registry import Citation

SEBER = Citation(
    "Seber, G. A. F. (1982). The Estimation of Animal Abundance, second edition, 59-60. London: Griffin.")
SILVERMAN = Citation(
    "Silverman, B. W. (2020). Multiple-systems analysis for the quantification of modern slavery: classical and "
    "Bayesian approaches. Journal of the Royal Statistical Society Series A 183(3), 691-736.", "10.1111/rssa.12505")
SHARIFI_FAR = Citation(
    "Sharifi Far, S., King, R., Bird, S., Overstall, A., Worthington, H. and Jewell, N. (2021). Multiple systems "
    "estimation for modern slavery: robustness of list omission and combination. Crime & Delinquency 67(13-14).",
    "10.1177/0011128720951429")
WHITEHEAD = Citation(
    "Whitehead, J., Jackson, J., Balch, A. and Francis, B. (2021). On the unreliability of multiple systems estimation "
    "for estimating the number of potential victims of modern slavery in the UK. Journal of Human Trafficking 7(1), "
    "1-13.", "10.1080/23322705.2019.1660952")
BINETTE_STEORTS = Citation(
    "Binette, O. and Steorts, R. C. (2022). On the reliability of multiple systems estimation for the quantification "
    "of modern slavery. Journal of the Royal Statistical Society Series A 185(2), 640-676.")
CHAN = Citation(
    "Chan, L., Silverman, B. W. and Vincent, K. (2021). Multiple systems estimation for sparse capture data: "
    "inferential challenges when there are nonoverlapping lists. Journal of the American Statistical Association "
    "116(535), 1297-1306.", "10.1080/01621459.2019.1708748")
FIENBERG_RINALDO = Citation(
    "Fienberg, S. E. and Rinaldo, A. (2012). Maximum likelihood estimation in log-linear models. Annals of Statistics "
    "40(2), 996-1023.")
RAFTERY = Citation(
    "Raftery, A. E. (1995). Bayesian model selection in social research. Sociological Methodology 25, 111-163.")
BOOTSTRAP = Citation(
    "Silverman, B. W., Chan, L. and Vincent, K. (2024). Bootstrapping multiple systems estimates to account for model "
    "selection. Statistics and Computing 34, 44.", "10.1007/s11222-023-10346-9")
VEHTARI = Citation(
    "Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Buerkner, P.-C. (2021). Rank-normalization, folding, and "
    "localization: an improved R-hat for assessing convergence of MCMC. Bayesian Analysis 16(2), 667-718.")
MADIGAN_YORK = Citation(
    "Madigan, D. and York, J. C. (1997). Bayesian methods for estimation of the size of a closed population. "
    "Biometrika 84(1), 19-31.")
CHAO = Citation(
    "Chao, A. (1987). Estimating the population size for capture-recapture data with unequal catchability. Biometrics "
    "43(4), 783-791.", "10.2307/2531532")
CHAO_TSAY = Citation(
    "Chao, A. and Tsay, P. K. (1998). A sample coverage approach to multiple-system estimation with application to "
    "census undercount. Journal of the American Statistical Association 93, 283-293.")
CORMACK_INTERVAL = Citation(
    "Cormack, R. M. (1992). Interval estimation for mark-recapture studies of closed populations. Biometrics 48(2), "
    "567-576.")
CORMACK = Citation(
    "Cormack, R. M. (1989). Log-linear models for capture-recapture. Biometrics 45(2), 395-413.")
IDENTIFYING = Citation(
    "Aleshin-Guendel, S., Sadinle, M. and Wakefield, J. (2021). The central role of the identifying assumption in "
    "population size estimation. arXiv:2101.09304.")
ZERO_ONE = Citation(
    "Boehning, D. and van der Heijden, P. G. M. (2019). The identity of the zero-truncated, one-inflated likelihood "
    "and the zero-one-truncated likelihood for general count densities with an application to drink-driving in "
    "Britain. Annals of Applied Statistics 13(2), 1198-1211.", "10.1214/18-AOAS1232")
GODWIN = Citation(
    "Godwin, R. T. and Boehning, D. (2017). Estimation of the population size by using the one-inflated positive "
    "Poisson model. Journal of the Royal Statistical Society Series C 66(2), 425-448.")
BOUND_WITHOUT_ONES = Citation(
    "Boehning, D., Kaskasamkul, P. and van der Heijden, P. G. M. (2019). A modification of Chao's lower bound "
    "estimator in the case of one-inflation. Metrika 82, 361-384.", "10.1007/s00184-018-0689-5")
SPARSE_ONES = Citation(
    "Boehning, D. and Friedl, H. (2021). Population size estimation based upon zero-truncated, one-inflated and sparse "
    "count data. Statistical Methods & Applications 30, 1197-1217.", "10.1007/s10260-021-00556-8")
HEIJDEN = Citation(
    "van der Heijden, P. G. M., Bustami, R., Cruyff, M. J. L. F., Engbersen, G. and van Houwelingen, H. C. (2003). "
    "Point and interval estimation of the population size using the truncated Poisson regression model. Statistical "
    "Modelling 3, 305-322.", "10.1191/1471082X03st057oa")
ZHANG = Citation(
    "Zhang, L.-C. (2008). Developing methods for determining the number of unauthorized foreigners in Norway. "
    "Documents 2008/11, Statistics Norway.")
BERESEWICZ = Citation(
    "Beresewicz, M. and Pawlukiewicz, K. (2020). Estimation of the number of irregular foreigners in Poland using "
    "non-linear count regression models. arXiv:2008.09407.")
OPTIONS = Citation(
    "National Research Council (2013). Options for Estimating Illegal Entries at the U.S.-Mexico Border. Washington, "
    "DC: The National Academies Press.", "10.17226/13498")
ZHANG = Citation(
    "Zhang, L.-C. (2008). Developing methods for determining the number of unauthorized foreigners in Norway. "
    "Documents 2008/11, Statistics Norway.")
BERESEWICZ = Citation(
    "Beresewicz, M. and Pawlukiewicz, K. (2020). Estimation of the number of irregular foreigners in Poland using "
    "non-linear count regression models. arXiv:2008.09407.")
LOG_OF_GRAVITY = Citation(
    "Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. Review of Economics and Statistics 88(4), "
    "641-658.")
SELF_LIANG = Citation(
    "Self, S. G. and Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and likelihood ratio "
    "tests under nonstandard conditions. Journal of the American Statistical Association 82, 605-610.")
