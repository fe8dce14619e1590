"""Log-linear models of several lists: chosen, averaged, and all of them side by side."""
