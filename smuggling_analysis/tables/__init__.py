"""Tables for readers: numbers aligned and rounded, every text escaped, nothing loaded from elsewhere."""

from __future__ import annotations

from smuggling_analysis.tables.annex import judgements as judgements
from smuggling_analysis.tables.annex import method_page as method_page
from smuggling_analysis.tables.annex import result_list as result_list
from smuggling_analysis.tables.annex import source_files as source_files
from smuggling_analysis.tables.capacity import SCORES as SCORES
from smuggling_analysis.tables.capacity import capacity_scores as capacity_scores
from smuggling_analysis.tables.gaps import QUESTIONS as QUESTIONS
from smuggling_analysis.tables.gaps import answers as answers
from smuggling_analysis.tables.gaps import methods_used as methods_used
from smuggling_analysis.tables.gaps import question_of as question_of
from smuggling_analysis.tables.gaps import unanswered as unanswered
from smuggling_analysis.tables.page import html as html
from smuggling_analysis.tables.panel import beside as beside
from smuggling_analysis.tables.panel import chains as chains
from smuggling_analysis.tables.panel import gate_findings as gate_findings
from smuggling_analysis.tables.panel import gate_rules as gate_rules
from smuggling_analysis.tables.panel import kind_in_words as kind_in_words
from smuggling_analysis.tables.panel import priors as priors
from smuggling_analysis.tables.panel import tried as tried
from smuggling_analysis.tables.panel import verdicts as verdicts
from smuggling_analysis.tables.reference import coefficients as coefficients
from smuggling_analysis.tables.reference import countries_left_out as countries_left_out
from smuggling_analysis.tables.reference import dependence_steps as dependence_steps
from smuggling_analysis.tables.reference import periods as periods
from smuggling_analysis.tables.reference import reference_counts as reference_counts
from smuggling_analysis.tables.reference import reference_models as reference_models
from smuggling_analysis.tables.registers import distribution_tests as distribution_tests
from smuggling_analysis.tables.registers import distributions as distributions
from smuggling_analysis.tables.registers import people_left_out as people_left_out
from smuggling_analysis.tables.registers import register_frequencies as register_frequencies
from smuggling_analysis.tables.registers import strata as strata
from smuggling_analysis.tables.results import ResultTable as ResultTable
from smuggling_analysis.tables.results import best_models as best_models
from smuggling_analysis.tables.results import described as described
from smuggling_analysis.tables.results import estimates as estimates
from smuggling_analysis.tables.results import estimates_in as estimates_in
from smuggling_analysis.tables.results import fee_quotes as fee_quotes
from smuggling_analysis.tables.results import indicators as indicators
from smuggling_analysis.tables.results import refusals as refusals
from smuggling_analysis.tables.validation import VALIDATION as VALIDATION
from smuggling_analysis.tables.validation import validation_rows as validation_rows
from smuggling_analysis.tables.validation import validation_study as validation_study
from smuggling_analysis.tables.validation import validation_words as validation_words

__all__ = ["QUESTIONS", "SCORES", "VALIDATION", "ResultTable", "answers", "beside", "best_models",
           "capacity_scores", "chains", "coefficients", "countries_left_out", "dependence_steps", "described",
           "distribution_tests", "distributions", "estimates", "estimates_in", "fee_quotes", "gate_findings",
           "gate_rules", "html", "indicators", "judgements", "kind_in_words", "method_page", "methods_used",
           "people_left_out", "periods", "priors", "question_of", "reference_counts", "reference_models",
           "refusals", "register_frequencies", "result_list", "source_files", "strata", "tried", "unanswered",
           "validation_rows", "validation_study", "validation_words", "verdicts"]
