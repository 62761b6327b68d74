"""Machines as AIGER files have them."""

from .machine import Machine
from .nets import build
from .rejection import require


def read(data):
    """The machine in an AIGER file, ascii or binary; bad states are outputs after the others."""
    head, _, rest = data.partition(b"\n")
    fields = head.split()
    require(fields[:1] in ([b"aig"], [b"aag"]), "no AIGER file")
    require(6 <= len(fields) <= 8 and all(x.isdigit() and len(x) < 10 for x in fields[1:]), "AIGER header")
    counts = [int(x) for x in fields[1:]] + [0, 0]
    largest, inputs, registers, outputs, ands, bad, constraints = counts[:7]
    require(inputs + registers + ands <= 16 * len(data) + 64, "AIGER header: more than the file holds")
    binary = fields[0] == b"aig"
    require(not binary or largest == inputs + registers + ands, "AIGER header: counts")
    reader = _Lines(rest)
    own = [2 * (1 + k) if binary else reader.number() for k in range(inputs)]
    latches = []
    for k in range(registers):
        latches.append([2 * (1 + inputs + k), *reader.numbers(1, 2)] if binary else reader.numbers(2, 3))
    roots = [reader.number() for _ in range(outputs + bad)]
    held = [reader.number() for _ in range(constraints)]
    gates = {}
    for k in range(ands):
        if binary:
            target = 2 * (1 + inputs + registers + k)
            x = target - reader.delta()
            row = [target, x, x - reader.delta()]
            require(row[2] >= 0, "AIGER: a gate reads what is not there")
        else:
            row = reader.numbers(3, 3)
        require(row[0] >> 1 not in gates and row[0] % 2 == 0, "AIGER: a variable is defined twice")
        gates[row[0] >> 1] = row[1:]
    resets = [row[2] if len(row) > 2 else 0 for row in latches]
    require(all(reset in (0, 1, row[0]) for reset, row in zip(resets, latches, strict=True)), "AIGER: a reset")
    machine = Machine([None] * inputs, [None] * registers, [None if x > 1 else x for x in resets])
    leaves = own + [row[0] for row in latches]
    require(all(x > 1 and x % 2 == 0 for x in leaves), "AIGER: a variable that can't be one")
    literals = {0: 0} | {x >> 1: 2 + 2 * k for k, x in enumerate(leaves)}
    require(len(literals) == 1 + len(leaves) and not literals.keys() & gates.keys(), "AIGER: a variable twice")

    def literal(x):
        require(x >> 1 in literals, "AIGER: a literal of nothing")
        return literals[x >> 1] ^ x & 1

    reads = {variable: [x >> 1 for x in row] for variable, row in gates.items()}
    build(gates, reads, lambda variable: machine.and_(*map(literal, gates[variable])), literals)
    machine.next_state = [literal(row[1]) for row in latches]
    machine.outputs, machine.constraints = list(map(literal, roots)), list(map(literal, held))
    names = {"i": machine.input_names, "l": machine.register_names, "o": [None] * outputs, "b": [None] * bad}
    reader.symbols(names, constraints)
    for letter, kind in names.items():
        kind[:] = [f"{letter}{k}" if name is None else name for k, name in enumerate(kind)]
    machine.output_names = names["o"] + names["b"]
    for kind in (machine.input_names, machine.register_names, machine.output_names):
        require(len(set(kind)) == len(kind), "AIGER: names are twice the same")
    return machine


class _Lines:
    """Reads a file from its front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def line(self):
        end = self.data.find(b"\n", self.place)
        end = len(self.data) if end < 0 else end
        require(self.place < len(self.data), "AIGER: the file ends early")
        found, self.place = self.data[self.place : end], end + 1
        return found

    def numbers(self, least, most):
        fields = self.line().split()
        require(least <= len(fields) <= most, "AIGER: a line of the wrong length")
        require(all(x.isdigit() and len(x) < 11 for x in fields), "AIGER: no number")
        return [int(x) for x in fields]

    def number(self):
        return self.numbers(1, 1)[0]

    def delta(self):
        value = shift = 0
        while True:
            require(self.place < len(self.data) and shift < 35, "AIGER: the gates end early")
            byte = self.data[self.place]
            self.place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def symbols(self, table, constraints):
        while self.place < len(self.data):
            line = self.line()
            if line == b"c":
                return
            place, _, name = line.decode().partition(" ")
            kind, number = place[:1], place[1:]
            require(number.isdigit() and len(number) < 11, "AIGER: a symbol of what is not there")
            if kind == "c" and int(number) < constraints:
                continue
            require(kind in table and int(number) < len(table[kind]), "AIGER: a symbol of what is not there")
            require(table[kind][int(number)] is None, "AIGER: two symbols for one thing")
            table[kind][int(number)] = name
