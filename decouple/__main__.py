"""`python -m decouple` is the `decouple` command."""

import sys

from decouple.cli import main

if __name__ == "__main__":
    sys.exit(main())
