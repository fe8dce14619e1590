"""This project's own assessments, published by the command: their numbers held to the published figures."""

from __future__ import annotations

import json

import pandas as pd
import pytest

NAMES = ["south-east-asia", "netherlands", "united-kingdom"]


def numbers(folder):
    return pd.read_csv(folder / "estimates.csv").set_index("key")


@pytest.mark.parametrize("name", NAMES)
def test_a_report_is_complete(published, name):
    folder = published(name)
    for file in ("assessment.html", "assessment.pdf", "estimates.csv", "estimates.json", "run.json"):
        assert (folder / file).stat().st_size > 100, file
    record = json.loads((folder / "run.json").read_text())
    assert {chapter["status"] for chapter in record["chapters"].values()} == {"done"}
    assert len(list((folder / "chapters").glob("*.ipynb"))) == len(record["chapters"]) == 8


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_the_machine_is_in_a_report(published, tmp_path_factory, name):
    folder = published(name)
    home = str(tmp_path_factory.getbasetemp())
    for file in folder.rglob("*"):
        if file.suffix in (".html", ".csv", ".json", ".ipynb", ".svg"):
            assert home not in file.read_text(encoding="utf-8"), file.name


def test_south_east_asia_has_no_number_of_smuggled_people_and_says_what_would_give_one(published):
    results = numbers(published("south-east-asia"))
    size = results[results["question"] == "Q8"]
    assert "estimate" not in set(size["kind"])
    refusal = size[size["kind"] == "no estimate"].iloc[0]
    assert "linked lists" in refusal["reason"]
    assert "pseudonym" in refusal["needed"]


def test_the_netherlands_gives_the_published_number_of_irregular_residents(published):
    """van der Heijden et al. (2003): 12,690, 95 % interval 7,186 to 18,194."""
    results = numbers(published("netherlands"))
    found = results[results["estimate"].between(12_690, 12_691) & (results["interval"] == "normal")].iloc[0]
    assert found[["lower", "upper"]].tolist() == pytest.approx([7_186.449, 18_194.25], rel=2e-6)


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
    results = numbers(published("netherlands"))
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
