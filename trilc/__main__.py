"""``python -m trilc``."""

from trilc.cli import program

if __name__ == "__main__":
    program()
