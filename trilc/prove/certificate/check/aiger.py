"""Machines as AIGER files have them."""

from .machine import Machine
from .rejection import require


def read(data):
    """The machine in an AIGER file, ascii or binary."""
    head, _, rest = data.partition(b"\n")
    fields = head.split()
    require(fields[:1] in ([b"aig"], [b"aag"]), "no AIGER file")
    require(6 <= len(fields) <= 8 and all(x.isdigit() and len(x) < 10 for x in fields[1:]), "AIGER header")
    counts = [int(x) for x in fields[1:]] + [0, 0]
    largest, inputs, registers, outputs, ands, bad, constraints = counts[:7]
    require(bad == 0 and largest == inputs + registers + ands, "AIGER header: counts")
    require(largest <= 16 * len(data) + 64, "AIGER header: more than the file holds")
    binary = fields[0] == b"aig"
    reader = _Lines(rest)
    if not binary:
        for k in range(inputs):
            require(reader.numbers(1, 1) == [2 * (1 + k)], "AIGER: inputs are not in order")
    machine = Machine([None] * inputs, [None] * registers, [0] * registers)
    for k in range(registers):
        own = 2 * (1 + inputs + k)
        row = reader.numbers(1, 2) if binary else reader.numbers(2, 3)
        if not binary:
            require(row.pop(0) == own, "AIGER: registers are not in order")
        machine.next_state.append(row[0])
        reset = row[1] if len(row) > 1 else 0
        require(reset in (0, 1, own), "AIGER: a reset is not 0, 1 or unknown")
        machine.reset[k] = None if reset == own else reset
    machine.outputs = [reader.numbers(1, 1)[0] for _ in range(outputs)]
    machine.constraints = [reader.numbers(1, 1)[0] for _ in range(constraints)]
    for node in range(machine.first, machine.first + ands):
        if binary:
            x = 2 * node - reader.delta()
            y = x - reader.delta()
        else:
            own, x, y = reader.numbers(3, 3)
            require(own == 2 * node, "AIGER: gates are not in order")
        require(0 <= x < 2 * node and 0 <= y < 2 * node, "AIGER: a gate reads what comes later")
        machine.gate(x, y)
    roots = [*machine.next_state, *machine.outputs, *machine.constraints]
    require(all(x < 2 * (1 + largest) for x in roots), "AIGER: a literal of no node")
    machine.output_names = [None] * outputs
    reader.symbols({"i": machine.input_names, "l": machine.register_names, "o": machine.output_names})
    for names in (machine.input_names, machine.register_names, machine.output_names):
        require(None not in names and len(set(names)) == len(names), "AIGER: names are missing or twice the same")
    return machine


class _Lines:
    """Reads a file from its front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def line(self):
        end = self.data.find(b"\n", self.place)
        require(end >= 0, "AIGER: the file ends early")
        found, self.place = self.data[self.place : end], end + 1
        return found

    def numbers(self, least, most):
        fields = self.line().split()
        require(least <= len(fields) <= most, "AIGER: a line of the wrong length")
        require(all(x.isdigit() and len(x) < 11 for x in fields), "AIGER: no number")
        return [int(x) for x in fields]

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

    def symbols(self, table):
        while self.place < len(self.data):
            line = self.line()
            if line == b"c":
                return
            place, _, name = line.decode().partition(" ")
            kind, number = place[:1], place[1:]
            require(kind in table and number.isdigit() and len(number) < 11, "AIGER: a symbol of what is not there")
            require(int(number) < len(table[kind]), "AIGER: a symbol of what is not there")
            table[kind][int(number)] = name
