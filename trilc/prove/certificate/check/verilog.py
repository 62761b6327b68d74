"""Machines as Verilog files have them, of the kind with one ``assign`` for a gate and one ``always`` for all registers.

    module name(input clk, input rst, input en, input [1:0] x, output y);
      reg r;  wire n1, n2;
      assign n1 = x[0] & ~r;  assign y = n1;
      always @(posedge clk) if (rst) begin r <= 1'b0; end else if (en) begin r <= ~n1; end
    endmodule

A register that ``rst`` does not load starts unknown.
"""

import re

from .machine import Machine
from .nets import build
from .rejection import require

WORD = re.compile(r"\s+|//[^\n]*|(\\[!-~]+|[A-Za-z0-9_$']+|[()\[\];,=<~&:@])")
WORDS = {"module", "endmodule", "input", "output", "reg", "wire", "assign", "always", "posedge", "if", "else", "begin",
         "end"}
LONGEST = 1 << 20
"""Bits of a vector."""


def read(data):
    """The machine in a Verilog file."""
    return _Module(_words(data.decode())).machine()


def _words(text):
    found, place = [], 0
    while place < len(text):
        match = WORD.match(text, place)
        require(match, "Verilog: a sign of no meaning")
        if match[1]:
            found.append(match[1])
        place = match.end()
    return found


class _Module:
    def __init__(self, words):
        self.words, self.place = [*words, ""], 0
        self.widths = {}
        """By name, the number of bits, or None for a scalar."""
        self.gates, self.resets, self.following, self.harness = {}, {}, {}, []
        ports, registers = [], []
        self.take("module")
        self.name()
        self.take("(")
        while not self.skip(")"):
            require(not ports or self.skip(","), "Verilog: ports")
            ports.append((self.word(), self.declared()))
        self.take(";")
        while not self.skip("endmodule"):
            kind = self.word()
            if kind == "reg":
                registers.append(self.declared())
                self.take(";")
            elif kind == "wire":
                self.declare(self.name(), None)
                while not self.skip(";"):
                    self.take(",")
                    self.declare(self.name(), None)
            elif kind == "assign":
                self.assign()
            else:
                require(kind == "always" and not self.harness, f"Verilog: {kind}")
                self.always()
        require(self.place == len(self.words) - 1, "Verilog: more than a module")
        require(all(kind in ("input", "output") for kind, _ in ports), "Verilog: ports")
        inputs = [name for kind, name in ports if kind == "input"]
        require(all(name in inputs and self.widths[name] is None for name in self.harness), "Verilog: always")
        self.inputs = self.bits(name for name in inputs if name not in self.harness)
        self.outputs = self.bits(name for kind, name in ports if kind == "output")
        self.registers = self.bits(registers)

    def machine(self):
        """The machine."""
        clocked = set(self.registers)
        require(self.following.keys() == clocked and self.resets.keys() <= clocked, "Verilog: what is clocked")
        machine = Machine(*(list(map(_shown, nets)) for nets in (self.inputs, self.registers)), [])
        machine.reset = [self.resets.get(net) for net in self.registers]
        leaves = [*self.inputs, *self.registers]
        literals = {net: 2 + 2 * k for k, net in enumerate(leaves)}
        names = [machine.input_names, machine.register_names, list(map(_shown, self.outputs))]
        require(all(len(set(kind)) == len(kind) for kind in names), "Verilog: a name twice")
        require(not literals.keys() & self.gates.keys(), "Verilog: a net driven twice")
        reads = {net: [x for x, _ in operands if x is not None] for net, operands in self.gates.items()}
        wanted = [net for net, _ in self.following.values() if net is not None]

        def value(operand):
            net, flip = operand
            return flip if net is None else literals[net] ^ flip

        def gate(net):
            x, *y = map(value, self.gates[net])
            return machine.and_(x, *y) if y else x

        build([*self.outputs, *wanted], reads, gate, literals)
        machine.output_names, machine.outputs = names[2], [literals[net] for net in self.outputs]
        machine.next_state = [value(self.following[net]) for net in self.registers]
        return machine

    # Words -------------------------------------------------------------------------------------------

    def word(self):
        found = self.words[self.place]
        require(found, "Verilog: the file ends early")
        self.place += 1
        return found

    def skip(self, wanted):
        """Whether that is the next word, which is then taken."""
        found = self.words[self.place] == wanted
        self.place += found
        return found

    def take(self, *wanted):
        for word in wanted:
            found = self.word()
            require(found == word, f"Verilog: {found} in place of {word}")

    def name(self):
        found = self.word()
        require(re.match(r"[A-Za-z_\\]", found) and found not in WORDS, f"Verilog: {found} is no name")
        return found.removeprefix("\\")

    def number(self):
        found = self.word()
        require(found.isdecimal() and found.isascii() and len(found) < 9, f"Verilog: {found} is no number")
        return int(found)

    # Grammar -----------------------------------------------------------------------------------------

    def declare(self, name, width):
        require(name not in self.widths, f"Verilog: {name} is there twice")
        self.widths[name] = width

    def declared(self):
        """The name after a keyword, ``[3:0] x`` or ``x``."""
        width = None
        if self.skip("["):
            width = 1 + self.number()
            require(width <= LONGEST, "Verilog: a vector is too wide")
            self.take(":", "0", "]")
        name = self.name()
        self.declare(name, width)
        return name

    def bits(self, names):
        """Nets of signals: a name, and a place or None."""
        whole = [(name, self.widths[name]) for name in names]
        require(sum(width or 1 for _, width in whole) <= LONGEST, "Verilog: vectors are too wide")
        return [(name, k) for name, width in whole for k in ((None,) if width is None else range(width))]

    def net(self):
        """A scalar, or a bit of a vector."""
        name = self.name()
        require(name in self.widths, f"Verilog: {name} is not declared")
        if self.widths[name] is None:
            return name, None
        self.take("[")
        place = self.number()
        require(place < self.widths[name], f"Verilog: {name} has no bit {place}")
        self.take("]")
        return name, place

    def operand(self):
        """A net, or None for false, and whether it is complemented."""
        flip = int(self.skip("~"))
        for value in (0, 1):
            if self.skip(f"1'b{value}"):
                return None, flip ^ value
        return self.net(), flip

    def assign(self):
        net = self.net()
        require(net not in self.gates, f"Verilog: {_shown(net)} is driven twice")
        self.take("=")
        operands = [self.operand()]
        if self.skip("&"):
            operands.append(self.operand())
        self.take(";")
        self.gates[net] = operands

    def always(self):
        """The block that clocks the registers."""
        self.take("@", "(", "posedge")
        self.harness.append(self.name())
        self.take(")", "if", "(")
        self.harness.append(self.name())
        self.take(")", "begin")
        while not self.skip("end"):
            self.load()
        self.take("else", "if", "(")
        self.harness.append(self.name())
        self.take(")", "begin")
        require(len(set(self.harness)) == 3, "Verilog: always")
        while not self.skip("end"):
            net = self.net()
            require(net not in self.following, f"Verilog: {_shown(net)} is clocked twice")
            self.take("<", "=")
            self.following[net] = self.operand()
            self.take(";")

    def load(self):
        """``r <= 4'ha;`` or ``r[3] <= 1'b0;`` while ``rst`` is high."""
        name = self.name()
        self.place -= 1
        if self.widths.get(name) is not None and self.words[self.place + 1] == "<":
            self.place += 1
            nets = [(name, k) for k in range(self.widths[name])]
        else:
            nets = [self.net()]
        self.take("<", "=")
        form = re.fullmatch(r"([0-9]{1,10})'(?:h([0-9a-f]+)|b([01]))", self.word())
        require(form and int(form[1]) == len(nets), "Verilog: a constant")
        value = int(form[2] or form[3], 16)
        require(value < 1 << len(nets), "Verilog: a constant")
        for k, net in enumerate(nets):
            require(net not in self.resets, f"Verilog: {_shown(net)} is loaded twice")
            self.resets[net] = value >> k & 1
        self.take(";")


def _shown(net):
    """A net's name as others have it."""
    name, place = net
    return name if place is None else f"{name}[{place}]"
