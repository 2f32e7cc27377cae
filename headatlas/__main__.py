"""`python -m headatlas` is the command line."""

from headatlas.cli.main import main

if __name__ == "__main__":
    main(prog_name="headatlas")
