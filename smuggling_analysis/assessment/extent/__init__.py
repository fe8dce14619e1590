"""The extent chapter, part by part: one module for each kind of evidence, and `parts` for what they share."""
