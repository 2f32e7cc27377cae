"""`python -m headatlas` is the command line."""

from headatlas.cli import main

if __name__ == "__main__":
    main(prog_name="headatlas")
