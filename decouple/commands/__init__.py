"""One file per command of the `decouple` program."""
