"""The command: ``python check [DIRECTORY]``."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent

if not __package__:
    sys.dont_write_bytecode = True  # what is checked stays as it is
    sys.path.insert(0, str(HERE))
    __package__ = "check"

from .directory import check  # noqa: E402
from .rejection import REFUSALS, RejectedError  # noqa: E402


def main(arguments):
    """The exit code."""
    if len(arguments) > 1:
        print("usage: python check [DIRECTORY]", file=sys.stderr)
        return 2
    try:
        missing = check(*arguments or [HERE])
    except RejectedError as error:
        print(f"rejected: {error}")
        return 1
    except OSError as error:
        print(f"rejected: cannot read {error.filename}: {error.strerror}")
        return 1
    except REFUSALS as error:
        print(f"rejected: malformed ({type(error).__name__}: {error})")
        return 1
    for what in missing:
        print(f"no proof {what}")
    print("incomplete" if missing else "accepted")
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
