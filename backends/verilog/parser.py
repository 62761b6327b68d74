"""The grammar of our Verilog subset: from words to signals, assignments and clocked registers."""

from __future__ import annotations

import re
from typing import NoReturn

import numpy as np

from backends import metadata
from backends.verilog import scanner as v
from backends.verilog.statements import FAULTS, assignments, decimals, declare_wires, operand
from backends.words import Words
from trilc.errors import InputError


class Module:
    """What a walk over a file's words found. A variable is a bit; the bits of a signal follow each other.

    Raises :class:`InputError`, naming the line, for anything outside the grammar.
    """

    def __init__(self, data: bytes) -> None:
        self.extras = metadata.find(data, b"//", r"constraint[A-Za-z0-9_]*")
        self._marked = list(dict.fromkeys(name.encode() for name in self.extras.constraints))
        self.words = Words.scan(data, v.scan, [*v.VOCABULARY, *self._marked])
        self.ids = np.append(self.words.ids, np.uint32(0))
        """(words + 1,) numbers of words; 0 stands after the end."""
        spellings = len(self.words.spans)
        self.base = np.zeros(spellings, np.int64)
        """(spellings,) the variable of bit 0 of the signal with that name, or 0."""
        self.width = np.zeros(spellings, np.int64)
        """(spellings,) how many bits; 0 for a scalar."""
        self.variables = 1
        self.inputs: list[int] = []
        """Numbers of words, as are the next three."""
        self.outputs: list[int] = []
        self.registers: list[int] = []
        self.harness: list[int] = []
        """Clock, reset, enable."""
        self.reset: dict[int, int] = {}
        """Variable → bit."""
        self.next: dict[int, int] = {}
        """Variable → literal."""
        assigns = int(np.count_nonzero(self.ids == v.ASSIGN))
        self.gates = np.empty((assigns, 3), np.uint32)
        """For :func:`backends.linking.link`; the first ``num_gates`` count."""
        self.targets = np.empty(assigns, np.int64)
        """Where the net on the left of each assignment stands."""
        self.num_gates = 0
        self._value = np.empty(spellings, np.int64)
        decimals(np.frombuffer(self.words.text, np.uint8), self.words.spans, self._value)
        self._limit = len(data) + 2**20
        self._at = 0
        self._walk()

    # Words -------------------------------------------------------------------------------------------

    def _refuse(self, expected: str) -> NoReturn:
        number = self._peek()
        found = self.words.quoted(number) if number else "the end of the file"
        raise InputError(f"{self.words.line(self._at)}: expected {expected}, found {found}")

    def _peek(self) -> int:
        return int(self.ids[self._at])

    def _take(self, *expected: int) -> None:
        for number in expected:
            if self._peek() != number:
                self._refuse(self.words.quoted(number))
            self._at += 1

    def _take_name(self) -> int:
        number = self._peek()
        if not re.match(rb"[A-Za-z_\\]", self.words.spelling(number)) or 0 < number <= len(v.VOCABULARY):
            self._refuse("a name")
        self._at += 1
        return number

    # Grammar -----------------------------------------------------------------------------------------

    def _walk(self) -> None:
        self._take(v.MODULE)
        self._take_name()
        self._take(v.OPEN)
        while self._peek() != v.CLOSE:
            if self.inputs or self.outputs:
                self._take(v.COMMA)
            if self._peek() not in (v.INPUT, v.OUTPUT):
                self._refuse("'input' or 'output'")
            kind = self.inputs if self._peek() == v.INPUT else self.outputs
            self._at += 1
            kind.append(self._declare())
        self._take(v.CLOSE, v.SEMICOLON)
        while self._peek() != v.ENDMODULE:
            word = self._peek()
            if word == v.REG:
                self._at += 1
                self.registers.append(self._declare())
                self._take(v.SEMICOLON)
            elif word == v.WIRE:
                self._wires()
            elif word == v.ASSIGN:
                self._assigns()
            elif word == v.ALWAYS and not self.harness:
                self._always()
            else:
                self._refuse("'reg', 'wire', 'assign', one 'always' or 'endmodule'")
        self._at += 1
        if self._peek():
            self._refuse("nothing after 'endmodule'")

    def _declare(self) -> int:
        """One signal, after its keyword: ``[3:0] tok``, or a scalar's name."""
        width = 0
        if self._peek() == v.LEFT:
            self._at += 1
            width = 1 + int(self._value[self._peek()])
            if not 0 < width <= self._limit - self.variables:
                self._refuse("the highest bit's number (and not more bits than the file has bytes)")
            self._at += 1
            self._take(v.COLON, v.ZERO, v.RIGHT)
        number = self._take_name()
        if self.base[number]:
            self._at -= 1
            self._refuse("a name that is not declared yet")
        self.base[number] = self.variables
        self.width[number] = width
        self.variables += max(width, 1)
        return number

    def _wires(self) -> None:
        at, self.variables, fault = declare_wires(self.ids, self._at, self.base, self._value, self.variables)
        self._at = at
        if fault:
            self._refuse(FAULTS[fault])

    def _assigns(self) -> None:
        self._at, self.num_gates, fault = assignments(
            self.ids, self._at, self.base, self.width, self._value, self.gates, self.targets, self.num_gates
        )
        if fault:
            self._refuse(FAULTS[fault])

    def _always(self) -> None:
        """The block that clocks the registers."""
        self._take(v.ALWAYS, v.AT, v.OPEN, v.POSEDGE)
        self.harness.append(self._take_name())
        self._take(v.CLOSE, v.IF, v.OPEN)
        self.harness.append(self._take_name())
        self._take(v.CLOSE, v.BEGIN)
        while self._peek() != v.END:
            self._load()
        self._take(v.END, v.ELSE, v.IF, v.OPEN)
        self.harness.append(self._take_name())
        self._take(v.CLOSE, v.BEGIN)
        while self._peek() != v.END:
            target = self._target()
            if target in self.next:
                self._refuse("another bit than before")
            self._take(v.LESS, v.EQUALS)
            self.next[target] = self._operand()
            self._take(v.SEMICOLON)
        self._take(v.END)
        for number in self.harness:
            if number not in self.inputs or self.width[number]:
                line = self.words.line(int(np.argmax(self.ids == number)))
                raise InputError(
                    f"{line}: {self.words.quoted(number)} clocks, resets or enables, and is no scalar input"
                )

    def _load(self) -> None:
        """``h <= 64'h12;`` or ``h[3] <= 1'b0;`` under reset."""
        whole = self._peek()
        if self.width[whole] and self.ids[self._at + 1] != v.LEFT:
            self._at += 1
            first, width = int(self.base[whole]), int(self.width[whole])
        else:
            first, width = self._target(), 1
        self._take(v.LESS, v.EQUALS)
        form = re.fullmatch(rb"(\d{1,10})'(?:h([0-9a-f]+)|b([01]))", self.words.spelling(self._peek()))
        digits = (form[2] or form[3]) if form else b""
        if form is None or int(form[1]) != width or len(digits) > -(-width // 4):
            self._refuse(f"a constant of {width} bits")
        value = int(digits, 16)
        for k in range(width):
            self.reset[first + k] = value >> k & 1
        self._at += 1
        self._take(v.SEMICOLON)

    def _target(self) -> int:
        """The variable of a bit that is assigned to."""
        start = self._at
        literal = self._operand()
        if literal < 2 or literal & 1:
            self._at = start
            self._refuse("a bit of a register")
        return literal >> 1

    def _operand(self) -> int:
        literal, at, fault = operand(self.ids, self._at, self.base, self.width, self._value)
        self._at = at
        if fault:
            self._refuse(FAULTS[fault])
        return int(literal)

    # Questions about what was found -------------------------------------------------------------------

    def constraint(self, name: str) -> int:
        """The variable of a constraint net, which the metadata names."""
        number = 1 + len(v.VOCABULARY) + self._marked.index(name.encode())
        if not self.base[number]:
            raise InputError(f"the constraint {name!r}, which the metadata names, is not declared")
        return int(self.base[number])

    def spell(self, variable: int) -> str:
        """The signal that a variable is a bit of, with the line of its first mention."""
        past = self.base + np.maximum(self.width, 1)
        number = int(np.argmax((self.base > 0) & (self.base <= variable) & (variable < past)))
        return f"{self.words.line(int(np.argmax(self.ids == number)))}: {self.words.quoted(number)}"
