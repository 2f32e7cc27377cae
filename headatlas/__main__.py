"""`python -m headatlas` is the command line."""

import sys

try:
    from headatlas.cli.main import main
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    main(prog_name="headatlas")
