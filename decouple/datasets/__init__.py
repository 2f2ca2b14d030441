"""Data sets: one file per loader, named in `decouple.datasets.table`; `decouple.datasets.load` makes splits of them."""
