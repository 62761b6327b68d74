"""The group of commands, loaded one at a time."""

from __future__ import annotations

import importlib

import click

from trilc.version import VERSION

COMMANDS = {
    "compile": "Compile a checkpoint to a netlist.",
    "simulate": "Run a checkpoint or a netlist on tokens.",
    "score": "Say how well a model foretells a text.",
    "opt": "Simplify anybody's BLIF or AIGER.",
    "ask": "Ask what a model can ever do, or never.",
    "formula": "Write neurons as formulas.",
    "trace": "Show what every token did to the state.",
    "verify": "Prove two models or netlists equal, or not.",
    "diff": "Name the pass or the gate that differs.",
    "fsm": "The minimal automaton of a checkpoint.",
    "realise": "A checkpoint of a given automaton.",
    "modules": "Say which state bits depend on which.",
    "layout": "Draw the gates of a netlist.",
    "report": "Lay a model open in one HTML page.",
    "info": "Describe a checkpoint or a netlist.",
}
"""Every command, the main job first. Each lives in the module of its name and is imported when it is called."""

EPILOG = """
Every command explains itself with examples: trilc compile --help

Exit codes: 0 when it is done; 2, with one line on standard error, for whatever you can mend. For verify, diff
and fsm also 1 for different, for ask 1 for no, and for all four 3 for unknown.
"""


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
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
@click.version_option(VERSION, prog_name="trilc", message="%(prog)s %(version)s")
@click.pass_context
def trilc(context: click.Context) -> None:
    """Turn trained ternary recurrent networks into exact logic.

    \b
    Examples:
      trilc compile model.npz -o model.blif -o model.v -o model.aig
      echo "in the beginning" | trilc simulate model.npz --input text --show text
      trilc info model.npz
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
