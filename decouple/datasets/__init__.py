"""Data sets: one file per loader, all in `decouple.datasets.table`; `decouple.datasets.load` makes their splits."""
