"""``trilc ask``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trilc.cli.options import output_file, path, seconds_option_of
from trilc.errors import InputError
from trilc.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trilc.aig import AIG
    from trilc.explain.inquiry import Reply
    from trilc.explain.subject import Trace
    from trilc.explain.witness import Witness
    from trilc.model import Model

HELP = """
\b
Questions (the whole language: trilc/explain/QUESTIONS.md):
  always F, never F          after every token of every stream
    … after G                wherever G holds (… ever after G: from then on)
    … within N tokens        for streams that are no longer
    … assuming G             for streams in which G holds after every token
  reach F                    is there a stream after which F holds?
  shortest input so that F   the same, and the shortest such stream
  constant h[*]              which state bits never change?
  does out depend on tok@-5  can out be another where that one token (or bits
                             of the state, h[3]@-2) is another?
  equal FILE [on N tokens]   does another model or netlist say the same?
  minimal change of input that flips out      (or: makes F) of --text
  why out [from h@-1]        a smallest part of --text that forces it
\b
Statements F:
  tok='a', out != 3, tok in letters, out in {'a', 'e'..'i'}, tok=tok@-1
  h[3], h[3] == h[17], h[0..3] = 0b10x1, h = h@-1, count(h[*]) > 9
  score['a'] > score['b'] + 2, read 'the ', said 'he'
  not F, F and G, F or G, F implies G, F iff G, once F, (F)
  @-n is n tokens earlier; tok@0 is the token just read, h the state after it
"""

EXAMPLES = """
\b
Examples:
  trilc ask model.npz "never out='b' after tok='a'"
  trilc ask model.npz "reach h = 0b1011… within 20" --seconds 300
  trilc ask model.npz "minimal change of input that flips out" --text "in the b"
  trilc ask model.npz "does out depend on tok@-5" --json
  trilc ask model.npz "always h[3] == h[17]" -o question.aig
"""

CODES = {"yes": 0, "no": 1, "unknown": 3}
"""By answer."""

CODES_HELP = """\b
Exit codes: 0 yes; 1 no; 3 unknown; 2, with one line on standard error, for whatever you can mend.
"""


@click.command("ask", epilog=HELP + EXAMPLES + CODES_HELP)
@click.argument("model", metavar="MODEL_OR_NETLIST", type=path)
@click.argument("question")
@click.option("--text", metavar="TEXT", help="The input that a question about a certain input is about.")
@click.option("--tokens", metavar="IDS", help="The same as ids between spaces.")
@seconds_option_of("60")
@click.option(
    "--engine", type=click.Choice(["auto", "simulate", "states", "bmc", "induction", "pdr"]), default="auto",
    show_default=True,
    help="What is tried: random streams, all states in turn, bounded model checking, k-induction, property-directed "
    "reachability, or all of them, searches and proofs side by side.",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", type=output_file, metavar="FILE",
    help="Write the question itself to an .aig or .aag file, as a bad-state property, for other model checkers; "
    "nothing is answered then.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: Path,
    question: str,
    text: str | None,
    tokens: str | None,
    seconds: float | None,
    engine: str,
    target: Path | None,
    as_json: bool,
) -> None:
    """Ask a question about all that a model can ever do.

    The answer is exact: yes or no, with a stream that shows it, replayed on the numpy reference, or with a proof; or
    unknown, with what was tried within --seconds (inf for no end). Ctrl-C answers with what is
    known by then.
    """
    if text is not None and tokens is not None:
        raise click.UsageError("the input is either --text or --tokens")
    from trilc.cli.sources import read_source

    start = time.monotonic()
    source = read_source(model)
    if target is not None:
        written(source, question, target)
        return
    reply = asked(source, question, given_tokens(source, text, tokens), seconds, engine)
    taken = round(time.monotonic() - start, 2)
    if as_json:
        facts = {"trilc": VERSION, "model": str(model), **as_facts(source, reply), "seconds": taken}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"{reply.answer.value}: {reply.how} ({taken:.1f} s)")
        if reply.witness is not None:
            click.echo("\n".join(shown(source, reply.witness)))
        for name, kind in (("constant", dict), ("unknown", list)):
            if isinstance(found := reply.facts.get(name), kind) and found:
                items = [f"{bit}={value}" for bit, value in found.items()] if isinstance(found, dict) else found
                click.echo(f"  {name}  {' '.join(items)}")
    click.get_current_context().exit(CODES[reply.answer.value])


def written(source: Model | AIG, question: str, target: Path) -> None:
    """Write the machine of a question."""
    from backends import aiger, atomic_write
    from trilc.explain.inquiry import question_system

    if target.suffix not in (".aig", ".aag"):
        raise InputError(f"{target}: expected the ending .aig or .aag")
    aig = question_system(source, question).aig
    with atomic_write(target) as stream:
        aiger.write(aig, stream, ascii=target.suffix == ".aag", bad=True)


def asked(
    source: Model | AIG, question: str, given: Sequence[int] | None, seconds: float | None, engine: str
) -> Reply:
    """What is found; after Ctrl-C, what was found by then."""
    from trilc.cli.verify import Doing
    from trilc.explain.inquiry import SECONDS, Inquiry

    inquiry = Inquiry(source, question, given, SECONDS if seconds is None else seconds, engine)
    with Doing() as doing:
        try:
            inquiry.conclude(doing.say)
        except KeyboardInterrupt:
            inquiry.note("interrupted")
    return inquiry.reply()


def shown(source: Model | AIG, witness: Witness) -> list[str]:
    """The streams, and what is said to them."""
    lines = _stream(source, witness.trace)
    if witness.flips:
        flips = ", ".join(f"h[{bit}] after {place} tokens" for place, bit in witness.flips)
        lines.append(f"  against the same with {flips} flipped")
    elif witness.other is not None:
        lines.append("  against")
    if witness.other is not None:
        lines += _stream(source, witness.other)
    return lines


def as_facts(source: Model | AIG, reply: Reply) -> dict[str, Any]:
    """A reply for JSON."""
    facts: dict[str, Any] = {
        "question": str(reply.question), "answer": reply.answer.value, "how": reply.how, **reply.facts, "witness": None,
    }  # fmt: skip
    if reply.witness is not None:
        facts["witness"] = _stream_facts(source, reply.witness.trace)
        if reply.witness.other is not None:
            flips = [{"after": place, "state_bit": bit} for place, bit in reply.witness.flips]
            facts["against"] = {**_stream_facts(source, reply.witness.other), "flipped": flips}
    return facts


def given_tokens(source: Model | AIG, text: str | None, tokens: str | None) -> list[int] | None:
    """The ids of an input that is given as text or as ids; None where neither is."""
    if tokens is not None:
        words = tokens.split()
        if not all(word.isdecimal() and len(word) < 10 for word in words):
            raise InputError(f"--tokens: found {tokens[:40]!r}; expected ids between spaces")
        return [int(word) for word in words]
    if text is None:
        return None
    from trilc.cli.sources import read_prompt
    from trilc.model import Model, TextRules
    from trilc.text import Tokenizer

    if isinstance(source, Model):
        names, rules = source.tokens, source.text
    else:
        about = source.metadata.get("text")
        names, rules = source.metadata.get("tokens"), about and TextRules(**about)
    if names is None:
        raise InputError("--text: the tokens have no names; give ids with --tokens")
    return [token for piece in read_prompt(text, Tokenizer(names, rules)) for token in piece.tolist()]


def _stream(source: Model | AIG, trace: Trace) -> list[str]:
    from trilc.cli.verdicts import quoted

    facts = _stream_facts(source, trace)
    lines = [f"  tokens  {' '.join(map(str, trace.tokens))}"]
    if facts["text"] is not None:
        lines.append(f"  text    {quoted(facts['text'])}")
    if facts["said_text"] is not None:
        lines.append(f"  says    {quoted(facts['said_text'])}")
    elif trace.said is not None:
        lines.append(f"  says    {' '.join(map(str, trace.said.tolist()))}")
    return lines


def _stream_facts(source: Model | AIG, trace: Trace) -> dict[str, Any]:
    from trilc.explain.subject import Subject

    terms = Subject(source).terms
    said = None if trace.said is None else trace.said.tolist()
    names, spoken = terms.names("tok"), terms.names("out")
    return {
        "tokens": list(trace.tokens),
        "text": names and "".join(names[token] for token in trace.tokens),
        "said": said,
        "said_text": spoken and said and "".join(spoken[index] for index in said),
        "state": "".join(map(str, trace.states[-1].tolist())),
    }
