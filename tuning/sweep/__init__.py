"""A grid of data x stage one x stage two x seeds, each cell once, and one table of the results."""
