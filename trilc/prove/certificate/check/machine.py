"""Machines: AND gates between registers."""

from .rejection import require

HELD = "the constraints"
"""The output of a sealed machine that says whether they hold, and the register that they did not."""


class Machine:
    """Literals are 2·node + complement; node 0 is false, then come inputs, registers, AND gates."""

    def __init__(self, inputs, registers, reset):
        self.input_names, self.register_names, self.reset = inputs, registers, reset
        """Names, and 0, 1 or None for a register that starts unknown."""
        self.first = 1 + len(inputs) + len(registers)
        self.gates = []
        """Two literals each."""
        self.next_state, self.output_names, self.outputs, self.constraints = [], [], [], []
        self._known = {}

    def inputs(self):
        """The literal of each input by its name."""
        return {name: 2 + 2 * k for k, name in enumerate(self.input_names)}

    def registers(self):
        """The literal of each register by its name."""
        return {name: 2 + 2 * (len(self.input_names) + k) for k, name in enumerate(self.register_names)}

    def gate(self, x, y):
        """A new gate, whatever there is already."""
        self.gates.append((x, y))
        return 2 * (self.first + len(self.gates) - 1)

    def and_(self, x, y):
        """Their conjunction, by a gate where there is none for it."""
        x, y = min(x, y), max(x, y)
        if x == 0 or x ^ y == 1:
            return 0
        if x in (1, y):
            return y
        if (x, y) not in self._known:
            self._known[x, y] = self.gate(x, y)
        return self._known[x, y]

    def or_(self, x, y):
        """Their disjunction."""
        return self.and_(x ^ 1, y ^ 1) ^ 1

    def mux(self, select, then, otherwise):
        """``then`` where ``select`` is true, else ``otherwise``."""
        return self.or_(self.and_(select, then), self.and_(select ^ 1, otherwise))

    def xor(self, x, y):
        """Whether they differ."""
        return self.and_(self.and_(x, y) ^ 1, self.or_(x, y))

    def without(self, names):
        """Leave out inputs that nothing reads."""
        kept = [k for k, name in enumerate(self.input_names) if name not in names]
        idle = {1 + k for k in range(len(self.input_names))} - {1 + k for k in kept}
        literals = [*self.next_state, *self.outputs, *self.constraints, *(x for gate in self.gates for x in gate)]
        require(not any(x >> 1 in idle for x in literals), "an input that is left out is read")
        places = [0, *(1 + kept.index(k) if k in kept else 0 for k in range(len(self.input_names)))]
        fewer = Machine([self.input_names[k] for k in kept], self.register_names, self.reset)

        def moved(x):
            node = x >> 1
            return x - 2 * len(idle) if node >= len(places) else 2 * places[node] + (x & 1)

        fewer.gates = [(moved(x), moved(y)) for x, y in self.gates]
        fewer.next_state, fewer.outputs, fewer.constraints = (
            list(map(moved, found)) for found in (self.next_state, self.outputs, self.constraints)
        )
        fewer.output_names = self.output_names
        fewer._known = {gate: 2 * (fewer.first + k) for k, gate in enumerate(fewer.gates)}
        return fewer

    def sealed(self):
        """The machine that stands still and says nothing from the step on in which its constraints don't hold.

        One more output says whether they do.
        """
        first, registers = self.first, [*self.register_names, HELD]
        require(HELD not in (*self.register_names, *self.output_names), "a name that is taken")
        new = Machine(self.input_names, registers, [*self.reset, 0])
        nodes = [*range(0, 2 * first, 2)]
        for x, y in self.gates:
            nodes.append(new.and_(nodes[x >> 1] ^ (x & 1), nodes[y >> 1] ^ (y & 1)))
        following, outputs, constraints = (
            [nodes[x >> 1] ^ (x & 1) for x in found] for found in (self.next_state, self.outputs, self.constraints)
        )
        held = 2 * first ^ 1
        for x in constraints:
            held = new.and_(held, x)
        own = list(self.registers().values())
        new.next_state = [*(new.mux(held, x, y) for x, y in zip(following, own, strict=True)), held ^ 1]
        new.output_names = [*self.output_names, HELD]
        new.outputs = [*(new.and_(x, held) for x in outputs), held]
        return new

    def under(self, other):
        """Constrain the inputs as another machine's are, whatever the state, and nothing else."""
        mine = self.inputs()
        nodes = [0, *(mine[name] for name in other.input_names), *[None] * len(other.register_names)]
        for x, y in other.gates:
            known = nodes[x >> 1] is not None and nodes[y >> 1] is not None
            nodes.append(self.and_(nodes[x >> 1] ^ (x & 1), nodes[y >> 1] ^ (y & 1)) if known else None)
        require(all(nodes[x >> 1] is not None for x in other.constraints), "constraints that depend on a state")
        self.constraints = [nodes[x >> 1] ^ (x & 1) for x in other.constraints]

    def within(self, tokens):
        """Constrain the token, whose bits are the inputs ``tok[0] …``, to be below a number, and nothing else."""
        bits = self.inputs()
        require({f"tok[{k}]" for k in range(len(bits))} == bits.keys(), "the inputs are not the bits of a token")
        require(0 < tokens <= 1 << len(bits), "more tokens than there are codes")
        holds = 1
        for k in range(len(bits)):
            bit = bits[f"tok[{k}]"] ^ 1
            holds = self.or_(bit, holds) if (tokens - 1) >> k & 1 else self.and_(bit, holds)
        self.constraints = [] if holds == 1 else [holds]
