"""Two lists: Lincoln-Petersen and Chapman."""
