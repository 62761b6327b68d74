"""The group of commands, loaded one at a time, and the one place where an error becomes a line."""

from __future__ import annotations

import importlib
import os
import sys

import click

from trilc.errors import InputError
from trilc.version import VERSION

COMMANDS = {
    "compile": "Compile a checkpoint to a netlist.",
    "simulate": "Run a checkpoint or a netlist on tokens.",
    "opt": "Simplify anybody's BLIF or AIGER.",
    "info": "Describe a checkpoint or a netlist.",
}
"""Every command, the main job first. Each lives in the module of its name and is imported when it is called."""

BAD_INPUT = 2
"""The exit code of everything that the user can mend."""


class _Lazy(click.Group):
    """A group that imports a command when it is asked for: help is answered at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"trilc.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every command explains itself with examples: trilc compile --help",
)
@click.version_option(VERSION, prog_name="trilc", message="%(prog)s %(version)s")
def trilc() -> None:
    """Turn trained ternary recurrent networks into exact logic.

    \b
    Examples:
      trilc compile model.npz -o model.blif -o model.v -o model.aig
      echo "in the beginning" | trilc simulate model.npz - --input text --show text
      trilc info model.npz
    """


def main() -> None:
    """The console script: one line and exit code 2 for whatever the user can mend; never a traceback for it."""
    try:
        code = trilc.main(prog_name="trilc", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # whoever read our output has seen enough; nothing may be flushed to it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "trilc"
        code = _complain(f"{error.format_message()} (see {command} --help)")
    except (InputError, click.ClickException) as error:
        code = _complain(error.format_message() if isinstance(error, click.ClickException) else str(error))
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted; nothing half-written is left behind")
    except MemoryError:
        code = _complain("out of memory; 'trilc info' says how much a model needs")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        code = _complain(f"{where}{error.strerror or error}")
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str) -> int:
    line = " ".join(message.split())
    click.echo(f"trilc: error: {line}", err=True)
    return BAD_INPUT
