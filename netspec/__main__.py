"""`python -m netspec`."""

from netspec.cli import entry

if __name__ == "__main__":
    entry()
