"""`python -m headatlas` is the command line."""

try:
    from headatlas.cli.main import main
except KeyboardInterrupt:
    from headatlas.cli.leaving import leave_stopped

    leave_stopped()

if __name__ == "__main__":
    main(prog_name="headatlas")
