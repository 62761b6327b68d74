"""One step of two machines as clauses: what is to be refuted."""

from .rejection import require


class Both:
    """The gates of two machines over the same leaves; the variable of node ``n`` is ``n + 1``.

    Registers of the same name are one, and removed ones are what they are said to be, constants or registers of B.
    Nodes are the constant, the inputs of A, its registers but for the removed ones, the other registers that only B
    has, the gates of A, those of B, one for each invariant, and three for each pair of literals that is compared.
    """

    def __init__(self, a, b, removed, never):
        self.a, self.b, self.removed = a, b, removed
        for kind in ("input_names", "output_names"):
            require(set(getattr(a, kind)) == set(getattr(b, kind)), f"the machines differ in their {kind}")
        require(len(a.constraints) == len(b.constraints), "the machines differ in their number of constraints")
        own, every = set(b.register_names), {*a.register_names, *b.register_names}
        for name, source in removed.items():
            known = source in ("0", "1") or source.removeprefix("!") in own - removed.keys()
            require(name in every and known, f"{name} is no register, or said to be what is none")
        kept = [name for name in a.register_names if name not in removed]
        state = kept + sorted(own - set(a.register_names) - removed.keys())
        inputs = {name: 2 + 2 * k for k, name in enumerate(a.input_names)}
        registers = {name: 2 + 2 * (len(inputs) + k) for k, name in enumerate(state)}
        for name, source in removed.items():
            registers[name] = follow(source, registers)
        self.first = 1 + len(inputs) + len(state)
        self.gates = []
        self.left = self._enter(a, inputs, registers)
        self.right = self._enter(b, inputs, registers)
        self.never = never
        self.held = []
        for pair in never:
            require(len(pair) == 2, "an invariant is about two registers")
            require(all(source.removeprefix("!") in a.register_names for source in pair), "an invariant is about none")
            self.held.append(2 * (self.first + len(self.gates)) + 1)
            self.gates.append(tuple(follow(source, registers) for source in pair))

    def _enter(self, machine, inputs, registers):
        own = [0, *(inputs[n] for n in machine.input_names), *(registers[n] for n in machine.register_names)]
        for x, y in machine.gates:
            own.append(2 * (self.first + len(self.gates)))
            self.gates.append((own[x >> 1] ^ (x & 1), own[y >> 1] ^ (y & 1)))
        return own

    def starts_alike(self):
        """The relation holds at reset, and so do the invariants."""
        left = dict(zip(self.a.register_names, self.a.reset, strict=True))
        right = dict(zip(self.b.register_names, self.b.reset, strict=True))
        for name in left.keys() & right.keys():
            require(left[name] == right[name], f"register {name} has two resets")
        for name, source in self.removed.items():
            reset = int(source) if source in ("0", "1") else right[source.removeprefix("!")]
            require(reset is not None, f"register {name} is rebuilt from one that starts unknown")
            starts = {side[name] for side in (left, right) if name in side}
            require(starts == {reset ^ source.startswith("!")}, f"register {name} does not start as it is rebuilt")
        for pair in self.never:
            false = [left[source.removeprefix("!")] == int(source.startswith("!")) for source in pair]
            require(any(false), f"the invariant of {' and '.join(pair)} does not hold at reset")

    def invariants(self):
        """That some invariant does not hold of the next state where all hold of this one and the constraints do."""
        following = dict(zip(self.a.register_names, self._at(self.left, self.a.next_state), strict=True))
        gates = [tuple(follow(source, following) for source in pair) for pair in self.never]
        differ = [2 * (self.first + len(self.gates) + k) for k in range(len(gates))]
        return self._formula(gates, differ, self._at(self.left, self.a.constraints) + self.held)

    def constraints(self):
        """That some constraint holds in one machine and not in the other."""
        left, right = self._at(self.left, self.a.constraints), self._at(self.right, self.b.constraints)
        return self._differ(list(zip(left, right, strict=True)), [])

    def step(self):
        """That some output or next state differs where the constraints of A and the invariants hold."""
        outputs = dict(zip(self.b.output_names, self._at(self.right, self.b.outputs), strict=True))
        following = dict(zip(self.b.register_names, self._at(self.right, self.b.next_state), strict=True))
        mine = self._at(self.left, self.a.outputs)
        pairs = [(x, outputs[name]) for name, x in zip(self.a.output_names, mine, strict=True)]
        for name, x in zip(self.a.register_names, self._at(self.left, self.a.next_state), strict=True):
            if name in following or name in self.removed:
                pairs.append((x, follow(self.removed.get(name, name), following)))
        for name, x in following.items():
            if name in self.removed:
                pairs.append((x, follow(self.removed[name], following)))
        return self._differ(pairs, self._at(self.left, self.a.constraints) + self.held)

    def _at(self, side, literals):
        return [side[x >> 1] ^ (x & 1) for x in literals]

    def _differ(self, pairs, held):
        gates, differ = [], []
        for x, y in pairs:
            one = 2 * (self.first + len(self.gates) + len(gates))
            gates += [(x, y ^ 1), (x ^ 1, y), (one ^ 1, one + 3)]
            differ.append(one + 5)
        return self._formula(gates, differ, held)

    def _formula(self, further, some, held):
        """How many variables, and the clauses: those of gates, that ``held`` hold, and that one of ``some`` does.

        Gates that neither reads are left out.
        """
        gates = self.gates + further
        needed = [False] * (self.first + len(gates))
        for x in held + some:
            needed[x >> 1] = True
        for k in range(len(gates) - 1, -1, -1):
            if needed[self.first + k]:
                needed[gates[k][0] >> 1] = needed[gates[k][1] >> 1] = True
        clauses = [[-1]]
        for k, (x, y) in enumerate(gates):
            if needed[self.first + k]:
                gate, one, two = self.first + k + 1, signed(min(x, y)), signed(max(x, y))
                clauses += [[-gate, one], [-gate, two], [gate, -one, -two]]
        clauses += [[signed(x)] for x in held] + [[signed(x) for x in some]]
        return self.first + len(gates), [clause for clause in map(plain, clauses) if clause is not None]


def follow(source, values):
    """What a register is: a constant, another one, or its complement."""
    return int(source) if source in ("0", "1") else values[source.removeprefix("!")] ^ source.startswith("!")


def signed(literal):
    """A literal as DIMACS has it."""
    return -(literal // 2 + 1) if literal & 1 else literal // 2 + 1


def plain(clause):
    """A clause with each literal once; None for one that always holds."""
    found = list(dict.fromkeys(clause))
    return None if any(-literal in found for literal in found) else found
