"""``python -m trilc``."""

from trilc.cli import main

if __name__ == "__main__":
    main()
