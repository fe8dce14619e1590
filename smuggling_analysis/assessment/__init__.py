"""Assessments: the chapters of one place and year, run, rendered and published with all a review needs.

| module | what it does |
|---|---|
| `definition` | reads `notebooks/assessments/NAME.toml`, strictly |
| `chapters` | the table of chapters: notebook, title, number, what each waits for |
| `chapter` | the object a chapter's notebook works with |
| `results`, `workspace` | what a chapter recorded, written down and read back whole |
| `inputs` | everything an assessment is made from, checked before anything runs |
| `kernels`, `run` | the notebooks, executed by papermill, side by side where independent |
| `render`, `mathematics`, `sanitise`, `pdf` | executed notebooks to one HTML page and its PDF |
| `record`, `publish` | estimates.csv, run.json; the lock and the atomic exchange |
| `assess` | the whole of it, in order |
"""
