# One call of a reference package, timed: Rscript beside_r.R <work> <table.csv> <replicates>
# Prints the elapsed seconds of the call alone, or "absent" and the name of a package that is not installed.
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(arguments[[2]])
replicates <- as.integer(arguments[[3]])

# One row per person, bootstrapped by the zero-truncated Poisson regression.
register <- function(kind) {
  people <- table[rep(seq_len(nrow(table)), table$n_persons), ]
  estimatePopsize(times_caught ~ gender + age + nation, data = people, model = ztpoisson, popVar = "bootstrap",
                  controlPopVar = controlPopVar(B = replicates, bootType = kind))
}

works <- list(
  "MultipleSystemsEstimation every model" = function() estimate_population_bic(table),
  "MultipleSystemsEstimation stepwise BCa" =
    function() estimate_population_stepwise(table, nboot = replicates, iseed = 1234),
  "MultipleSystemsEstimation BIC BCa" = function() estimate_population_bic(table, nboot = replicates, iseed = 1234),
  "MultipleSystemsEstimation two-way BIC BCa" =
    function() estimate_population_bic(table, nboot = replicates, iseed = 1234, maxorder = 2, ntopmodels = 50),
  "MultipleSystemsEstimation bayesthresh" = function() estimate_population_bayesthresh(table, prior = "proper"),
  "Rcapture every two-way model" = function() closedpMS.t(as.matrix(table), dfreq = TRUE, maxorder = 2),
  "SparseMSE stepwise BCa" =
    function() estimatepopulation(table, nboot = replicates, pthresh = 0.02, iseed = 1234),
  "singleRcapture parametric bootstrap" = function() register("parametric"),
  "singleRcapture semi-parametric bootstrap" = function() register("semiparametric"),
  "singleRcapture non-parametric bootstrap" = function() register("nonparametric"),
  # The package ships the same table of hepatitis A.
  "CARE1 low coverage" = function() {
    data(HAV, package = "CARE1")
    estN(HAV, method = "LSC", se = TRUE, nboot = replicates)
  }
)

# What a package uses without asking for it.
besides <- list("MultipleSystemsEstimation bayesthresh" = "MCMCpack")

package <- strsplit(arguments[[1]], " ")[[1]][[1]]
needed <- c(package, besides[[arguments[[1]]]])
installed <- vapply(needed, requireNamespace, logical(1), quietly = TRUE)
if (!all(installed)) {
  cat("absent", needed[!installed], "\n")
} else {
  suppressMessages(suppressWarnings(library(package, character.only = TRUE)))
  invisible(capture.output(taken <- system.time(suppressWarnings(works[[arguments[[1]]]]()))))
  cat(taken[["elapsed"]], "\n")
}
