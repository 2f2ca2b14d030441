"""The HTML report of runs: what is computed for it, and its pages."""
