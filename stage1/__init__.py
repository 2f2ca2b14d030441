"""Stage one: learn a representation and a first classifier."""
