"""This project's own assessments, published by the command: their numbers held to the published figures."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import NormalDist

import pandas as pd
import pytest

from smuggling_analysis.methods.single_register.families import FAMILIES
from smuggling_analysis.sources.external import place_of
from smuggling_analysis.sources.load import is_at_hand, load_source

ROOT = Path(__file__).parents[2]
REPORTS = [("south-east-asia", 2023), ("netherlands", 1995), ("netherlands", 2015), ("united-kingdom", 2013),
           ("poland", 2024)]
REGISTER = "netherlands-2009/register.csv"
TEXTS = (".html", ".csv", ".json", ".ipynb", ".svg")


def numbers(folder):
    return pd.read_csv(folder / "estimates.csv").set_index("key")


@pytest.mark.parametrize(("name", "year"), REPORTS)
def test_a_report_is_complete(published, name, year):
    folder = published(name, year)
    for file in ("assessment.html", "assessment.pdf", "estimates.csv", "estimates.json", "run.json"):
        assert (folder / file).stat().st_size > 100, file
    record = json.loads((folder / "run.json").read_text())
    assert {chapter["status"] for chapter in record["chapters"].values()} == {"done"}
    assert len(list((folder / "chapters").glob("*.ipynb"))) == len(record["chapters"]) == 8


@pytest.mark.parametrize(("name", "year"), REPORTS)
def test_no_path_of_the_machine_is_in_a_report(published, tmp_path_factory, name, year):
    folder = published(name, year)
    given = os.environ.get("SMUGGLING_REFERENCE_DATA", "")
    private = [str(tmp_path_factory.getbasetemp()), str(ROOT), *([str(Path(given).resolve()), given] if given else [])]
    for file in folder.rglob("*"):
        if file.suffix in TEXTS:
            text = file.read_text(encoding="utf-8")
            assert not [path for path in private if path in text], file.name


def test_south_east_asia_has_no_number_of_smuggled_people_and_says_what_would_give_one(published):
    results = numbers(published("south-east-asia"))
    size = results[results["question"] == "Q8"]
    assert "estimate" not in set(size["kind"])
    refusal = size[size["kind"] == "no estimate"].iloc[0]
    assert "linked lists" in refusal["reason"]
    assert "pseudonym" in refusal["needed"]


def methods_of(folder, kind):
    return pd.read_csv(folder / "tables" / f"extent-{kind}-methods.csv").set_index("key")


def test_irregular_residents_of_1995_are_the_published_number_and_no_headline(published):
    """van der Heijden et al. (2003): 12,690, normal 95 % interval 7,186.449 to 18,194.25, refused for its misfit.

    Our limits are log-normal; the normal ones follow from the standard error.
    """
    folder = published("netherlands", 1995)
    found = methods_of(folder, "register").loc["truncated-count-poisson-covariates"]
    away = NormalDist().inv_cdf(0.975) * found["se"]
    assert found["value"] == pytest.approx(12_690.35, abs=0.01)
    assert [found["value"] - away, found["value"] + away] == pytest.approx([7_186.449, 18_194.25], rel=2e-6)
    assert (found["verdict"], found["weight"]) == ("refused", 0.0)
    results = numbers(folder)
    assert results.loc["published-01", ["indicator", "indicator_low", "indicator_high"]].tolist() == [
        12_690.35, 7_186.449, 18_194.25]
    headline = results.loc["register-headline"]
    assert (headline["kind"], headline["headline"]) == ("no estimate", True)
    assert "distributions that fit about as well" in headline["reason"]
    assert not (results["headline"] & (results["kind"] == "estimate")).any()


def test_every_family_is_in_the_report_of_1995_with_all_that_it_rests_on(published):
    folder = published("netherlands", 1995)
    shown = set(methods_of(folder, "register").index)
    for family in FAMILIES:
        key = f"truncated-count-{family.replace(' ', '-')}"
        assert {key, f"{key}-covariates"} <= shown
    assert {path.stem.removeprefix("extent-") for path in (folder / "figures").glob("extent-*.svg")} >= {
        "register-forest", "rootogram-1", "ratios", "register-residuals", "register-influence", "register-levels",
        "register-bootstrap"}
    assert "Distributions that fit alike and differ" in (folder / "assessment.html").read_text()


def test_poland_shows_the_published_value_beside_and_no_headline(published):
    """R package uncounted 2.1.0: 95,935 in 2024, from a fit that stops just short of the maximum; ours is 95,881."""
    folder = published("poland", 2024)
    results, methods = numbers(folder), methods_of(folder, "reference")
    assert methods.loc["hidden-population-poisson-covariates", "value"] == pytest.approx(95_935.01, rel=1e-3)
    assert results.loc["published-06", ["indicator", "period"]].tolist() == [95_935.01, 2024]
    headline = results.loc["reference-headline"]
    assert (headline["kind"], headline["headline"]) == ("no estimate", True)
    values = methods["value"].dropna()
    assert f"a factor of {values.max() / values.min():.2g}" in headline["reason"]
    assert not (results["headline"] & (results["kind"] == "estimate")).any()


def test_poland_shows_each_year_against_the_one_before_and_the_published_ones(published):
    """R package uncounted 2.1.0, by year: ours are within 0.5 %, where gamma is flat."""
    folder = published("poland", 2024)
    years = pd.read_csv(folder / "tables" / "extent-reference-periods.csv")
    assert years["year"].tolist() == list(range(2019, 2025))
    assert years["value"].tolist() == pytest.approx(years["published"].tolist(), rel=5e-3)
    assert years["change"].notna().tolist() == [False, *[True] * 5]
    assert "Hidden population by year, and change on the one before." in (folder / "assessment.html").read_text()


def test_no_row_of_the_polish_counts_is_in_the_report(published):
    """The counts may not be given on: what is shown of them are sums over years and sexes, or over countries."""
    folder = published("poland", 2024)
    rows = rows_of("poland-2019-2024/irregular_migration.csv")
    for file in folder.rglob("*"):
        if file.suffix in TEXTS:
            assert not set(file.read_text(encoding="utf-8").splitlines()) & rows, file.name
    for file in (folder / "tables").glob("*.csv"):
        assert not {"country", "sex", "year"} <= set(pd.read_csv(file).columns), file.name


def rows_of(path):
    """Return the rows of a file that is kept outside the project, as it has them."""
    source, _, name = path.partition("/")
    place = place_of(load_source(source, ROOT).files[name], ROOT)
    return set(place.read_text(encoding="utf-8").splitlines()) - {""}


@pytest.mark.slow
def test_the_register_of_2009_is_counted_with_the_time_at_risk_and_no_person_is_in_the_report(published):
    if not is_at_hand(REGISTER, ROOT):
        pytest.skip(f"{REGISTER} is not in the reference data: its source.toml says how to get it")
    folder = published("netherlands", 2009, only="extent")
    methods = methods_of(folder, "register")
    assert methods.index.str.endswith("-time-at-risk").any()
    assert "4,257 people were seen" in (folder / "assessment.html").read_text()
    assert "was not at hand" not in (folder / "assessment.html").read_text()
    record = json.loads((folder / "run.json").read_text())
    assert "reference data/netherlands_2009_unit.csv" in record["inputs"]
    for file in (folder / "tables").glob("*.csv"):
        frame = pd.read_csv(file)
        assert "time_risk" not in frame.columns and len(frame) < 100, file.name
    rows = {row for row in rows_of(REGISTER) if row.count(",") > 4}
    for file in folder.rglob("*"):
        if file.suffix in TEXTS:
            assert not set(file.read_text(encoding="utf-8").splitlines()) & rows, file.name


@pytest.mark.slow
def test_without_the_register_of_2009_the_report_says_what_stands_in_for_it(published, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    folder = published("netherlands", 2009, only="extent", reference_data=str(empty))
    page = (folder / "assessment.html").read_text()
    assert ("The file netherlands_2009_unit.csv, kept outside this project, was not at hand: The counts of persons by "
            "times apprehended are used instead") in page
    assert "4,257 people were seen" in page
    assert not methods_of(folder, "register").index.str.endswith("-time-at-risk").any()
    assert str(empty) not in page


def command(*arguments, reference_data):
    return subprocess.run([sys.executable, "-m", "smuggling_analysis", *arguments], cwd=ROOT, capture_output=True,
                          text=True, env={**os.environ, "SMUGGLING_REFERENCE_DATA": str(reference_data)})


@pytest.mark.parametrize("arguments", [("check", "poland"), ("assess", "poland", "--year", "2024")], ids=" ".join)
def test_without_the_polish_counts_nothing_is_run_and_the_way_to_get_them_is_said(tmp_path, arguments):
    output = ["--output", str(tmp_path / "reports")] if arguments[0] == "assess" else []
    done = command(*arguments, *output, reference_data=tmp_path)
    assert done.returncode == 1
    assert "reference data/poland_irregular_migration_2019_2024.csv" in done.stderr
    assert "the data set irregular_migration of the R package uncounted" in done.stderr
    assert "--reference-data FOLDER" in done.stderr
    assert str(tmp_path) not in done.stderr
    assert not list(tmp_path.rglob("*.html"))


def test_without_the_register_of_2009_the_check_notes_what_stands_in(tmp_path):
    done = command("check", "netherlands", "--year", "2009", reference_data=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    (note,) = re.findall("^note: .*$", done.stdout, flags=re.MULTILINE)
    assert "reference data/netherlands_2009_unit.csv is not there" in note
    assert "data/raw/netherlands-2009/frequencies.csv plays its role (repeats)" in note
    assert str(tmp_path) not in done.stdout


def test_the_united_kingdom_shows_the_published_range_and_no_bare_headline(published):
    """Silverman (2014): 10,000 to 13,000; models of nearly equal merit and latent classes go on to twice that."""
    results = numbers(published("united-kingdom"))
    chosen = results.loc["loglinear-bic-bootstrap"]
    assert 10_000 <= chosen["estimate"] <= 13_000
    assert chosen["observed"] == 2_744
    assert chosen["upper"] > 13_000, "an interval that repeats the choice of model is wider than the published range"
    headline = results[(results["question"] == "Q8") & results["headline"]].iloc[0]
    assert headline["kind"] == "no estimate"
    assert "no single number is given" in headline["reason"] and "12,350" in headline["reason"]


def test_the_netherlands_shows_every_selected_number_and_no_bare_headline(published):
    """Lists independent 52,823; models selected 111,139 and 118,739: side by side, and none of them is the number."""
    results = numbers(published("netherlands", 2015))
    refusal = results.loc["lists-headline"]
    assert refusal["kind"] == "no estimate" and refusal["headline"]
    for figure in ("52,823", "111,139", "118,739"):
        assert figure in refusal["reason"]
    assert "latent-class" in results.index
    classes = results.loc["latent-class"]
    assert classes["kind"] == "no estimate" or isinstance(classes["cautions"], str)


def test_contradicting_deaths_are_both_in_the_report(published):
    contradictions = (published("south-east-asia") / "tables" / "deaths-contradictions.csv").read_text()
    assert "573" in contradictions
    assert "348 + 569 = 917" in contradictions
