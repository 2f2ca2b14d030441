"""The options of the functions of `decouple.api`, a file each; docs/generate_options.py writes them."""
