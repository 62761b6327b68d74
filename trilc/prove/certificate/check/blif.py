"""Machines as BLIF files have them."""

from .machine import Machine
from .nets import build
from .rejection import require

RESETS = {"0": 0, "1": 1, "2": None, "3": None}


def read(data):
    """The machine in a BLIF file of one model: ``.names`` and ``.latch``; an input that is but a clock is none."""
    inputs, outputs, latches, covers = _statements(data.decode())
    require(all(2 <= len(row) <= 5 for row in latches), "BLIF: .latch")
    clocks = {row[3] for row in latches if len(row) > 3}
    inputs = [name for name in inputs if name not in clocks]
    resets = [RESETS.get(row[-1], 9) if len(row) in (3, 5) else None for row in latches]
    require(9 not in resets, "BLIF: the initial value of a latch")
    machine = Machine(inputs, [row[1] for row in latches], resets)
    literals = {**machine.inputs(), **machine.registers()}
    require(len(literals) == len(inputs) + len(latches) and not clocks & {*outputs}, "BLIF: a net driven twice")
    require(not literals.keys() & covers.keys(), "BLIF: a net driven twice")
    wanted = [*outputs, *(row[0] for row in latches)]
    reads = {net: names for net, (names, _) in covers.items()}

    def cover(net):
        names, rows = covers[net]
        return _cover(machine, [literals[name] for name in names], rows)

    build(wanted, reads, cover, literals)
    machine.output_names, machine.outputs = outputs, [literals[name] for name in outputs]
    require(len(set(outputs)) == len(outputs), "BLIF: an output twice")
    machine.next_state = [literals[row[0]] for row in latches]
    return machine


def _statements(text):
    """Inputs, outputs, the words of latches, and by net the nets that a cover reads and its rows."""
    inputs, outputs, latches, covers = [], [], [], {}
    rows = None
    for line in text.replace("\\\n", " ").split("\n"):
        words = line.partition("#")[0].split()
        if not words or words[0] in (".model", ".end"):
            continue
        if not words[0].startswith("."):
            require(rows is not None, "BLIF: a row of no cover")
            rows.append(words)
            continue
        kind, names, rows = words[0], words[1:], None
        if kind == ".inputs":
            inputs += names
        elif kind == ".outputs":
            outputs += names
        elif kind == ".latch":
            latches.append(names)
        else:
            require(kind == ".names" and names and names[-1] not in covers, f"BLIF: {kind}")
            rows = []
            covers[names[-1]] = (names[:-1], rows)
    return inputs, outputs, latches, covers


def _cover(machine, reads, rows):
    """The function of a cover: some row fits, or none does where rows end in 0."""
    found, ending = 0, rows[0][-1] if rows else "1"
    for row in rows:
        fits = row[0] if reads else ""
        require(len(row) == 1 + bool(reads) and len(fits) == len(reads), "BLIF: a row")
        require(row[-1] == ending and ending in ("0", "1"), "BLIF: a row")
        term = 1
        for literal, wanted in zip(reads, fits, strict=True):
            require(wanted in ("0", "1", "-"), "BLIF: a row")
            if wanted != "-":
                term = machine.and_(term, literal ^ (wanted == "0"))
        found = machine.or_(found, term)
    return found ^ (ending == "0")
