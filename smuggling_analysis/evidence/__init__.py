"""Evidence: what was observed, already counted; small, frozen, free of names.

One module per kind of evidence. Methods take evidence and nothing else, so no method ever sees a
table of people.
"""
