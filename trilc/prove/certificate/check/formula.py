"""One step of two machines, or two, as clauses: what is to be refuted."""

from .rejection import require


class Gates:
    """Gates over leaves, and what is asked of them; the variable of node ``n`` is ``n + 1``.

    Nodes are the constant, the leaves, and gates in the order in which they come.
    """

    def __init__(self, leaves):
        self.first = 1 + leaves
        self.leaves = [2 + 2 * k for k in range(leaves)]
        self.gates = []

    def enter(self, machine, inputs, state):
        """Where the nodes of a machine are that reads literals: inputs by name, registers in their order."""
        own = [0, *(inputs[name] for name in machine.input_names), *state]
        for x, y in machine.gates:
            own.append(self.gate(own[x >> 1] ^ (x & 1), own[y >> 1] ^ (y & 1)))
        return own

    def gate(self, x, y):
        """One more."""
        self.gates.append((x, y))
        return 2 * (self.first + len(self.gates) - 1)

    def equal(self, pairs):
        """That two literals are equal, for each pair."""
        found = []
        for x, y in pairs:
            one, other = self.gate(x, y ^ 1), self.gate(x ^ 1, y)
            found.append(self.gate(one ^ 1, other ^ 1))
        return found

    def differ(self, pairs, held):
        """That the literals of some pair differ while all of ``held`` hold."""
        return self.formula([x ^ 1 for x in self.equal(pairs)], held)

    def formula(self, some, held):
        """How many variables, and the clauses: those of gates, that ``held`` hold, and that one of ``some`` does.

        Gates that neither reads are left out.
        """
        gates = self.gates
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


def alike(a, b):
    """Reject machines of other inputs, outputs or numbers of constraints."""
    for kind in ("input_names", "output_names"):
        require(set(getattr(a, kind)) == set(getattr(b, kind)), f"the machines differ in their {kind}")
    require(len(a.constraints) == len(b.constraints), "the machines differ in their number of constraints")


def at(nodes, literals):
    """Where literals of a machine are."""
    return [nodes[x >> 1] ^ (x & 1) for x in literals]


def outputs(a, left, b, right):
    """Each output of both, by name."""
    theirs = dict(zip(b.output_names, at(right, b.outputs), strict=True))
    return [(x, theirs[name]) for name, x in zip(a.output_names, at(left, a.outputs), strict=True)]


class OneStep:
    """Two machines whose registers correspond.

    Registers of the same name are one, and removed ones are what they are said to be, constants or registers of B.
    Leaves are the inputs of A, its registers but for the removed ones, and the other registers that only B has. Gates
    are those of A, those of B, one for each invariant, and three for each pair of literals that is compared.
    """

    def __init__(self, a, b, removed, never):
        alike(a, b)
        self.a, self.b, self.removed, self.never = a, b, removed, never
        own, every = set(b.register_names), {*a.register_names, *b.register_names}
        for name, source in removed.items():
            known = source in ("0", "1") or source.removeprefix("!") in own - removed.keys()
            require(name in every and known, f"{name} is no register, or said to be what is none")
        for pair in never:
            require(len(pair) == 2, "an invariant is about two registers")
            known = all(source.removeprefix("!") in a.register_names and source not in ("0", "1") for source in pair)
            require(known, "an invariant is about none")

    def begin(self):
        """The gates that each formula begins with: those, both machines' nodes, and what holds."""
        a, b = self.a, self.b
        kept = [name for name in a.register_names if name not in self.removed]
        state = kept + sorted(set(b.register_names) - set(a.register_names) - self.removed.keys())
        gates = Gates(len(a.input_names) + len(state))
        inputs = dict(zip(a.input_names, gates.leaves, strict=False))
        registers = dict(zip(state, gates.leaves[len(inputs) :], strict=True))
        for name, source in self.removed.items():
            registers[name] = follow(source, registers)
        left = gates.enter(a, inputs, [registers[name] for name in a.register_names])
        right = gates.enter(b, inputs, [registers[name] for name in b.register_names])
        broken = [gates.gate(*(follow(source, registers) for source in pair)) for pair in self.never]
        return gates, left, right, at(left, a.constraints) + [x ^ 1 for x in broken]

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
        gates, left, _, held = self.begin()
        following = dict(zip(self.a.register_names, at(left, self.a.next_state), strict=True))
        both = [gates.gate(*(follow(source, following) for source in pair)) for pair in self.never]
        return gates.formula(both, held)

    def constraints(self):
        """That some constraint holds in one machine and not in the other."""
        gates, left, right, _ = self.begin()
        pairs = zip(at(left, self.a.constraints), at(right, self.b.constraints), strict=True)
        return gates.differ(list(pairs), [])

    def step(self):
        """That some output or next state differs where the constraints of A and the invariants hold."""
        gates, left, right, held = self.begin()
        following = dict(zip(self.b.register_names, at(right, self.b.next_state), strict=True))
        pairs = outputs(self.a, left, self.b, right)
        for name, x in zip(self.a.register_names, at(left, self.a.next_state), strict=True):
            if name in self.removed:
                pairs.append((x, follow(self.removed[name], following)))
            elif name in following:
                pairs.append((x, following[name]))
        for name, x in following.items():
            if name in self.removed:
                pairs.append((x, follow(self.removed[name], following)))
        return gates.differ(pairs, held)


class SideBySide:
    """Two machines with pairs of nodes of both that are said to be equal at every step.

    The nodes of both are numbered together: the constant, the inputs of A, the registers of A and of B, the gates of A
    and of B. Pairs are of literals, twice a node and 1 for its complement.
    """

    def __init__(self, a, b, equal):
        alike(a, b)
        self.a, self.b, self.equal = a, b, equal
        nodes = 1 + sum(map(len, (a.input_names, a.register_names, b.register_names, a.gates, b.gates)))
        for pair in equal:
            known = len(pair) == 2 and all(type(x) is int and 0 <= x < 2 * nodes for x in pair)
            require(known, "what is equal are pairs of nodes")
        self.inputs, self.state = len(a.input_names), len(a.register_names) + len(b.register_names)

    def enter(self, gates, inputs, state):
        """Both machines' nodes, and the pairs."""
        a, b = self.a, self.b
        named = dict(zip(a.input_names, inputs, strict=True))
        left = gates.enter(a, named, state[: len(a.register_names)])
        right = gates.enter(b, named, state[len(a.register_names) :])
        nodes = left[: a.first] + right[1 + self.inputs : b.first] + left[a.first :] + right[b.first :]
        return left, right, [tuple(at(nodes, pair)) for pair in self.equal]

    def base(self):
        """That the nodes of some pair differ in the first step where the constraints of A hold.

        Registers of the same name that start unknown start alike.
        """
        a, b = self.a, self.b
        resets = [*zip(a.register_names, a.reset, strict=True), *zip(b.register_names, b.reset, strict=True)]
        unknown = list(dict.fromkeys(name for name, reset in resets if reset is None))
        gates = Gates(self.inputs + len(unknown))
        free = dict(zip(unknown, gates.leaves[self.inputs :], strict=True))
        state = [free[name] if reset is None else reset for name, reset in resets]
        left, _, pairs = self.enter(gates, gates.leaves[: self.inputs], state)
        return gates.differ(pairs, at(left, a.constraints))

    def induction(self):
        """That some differ in a step, though none did in the step before, and the constraints of A held in both."""
        gates, count = Gates(2 * self.inputs + self.state), self.inputs
        now, later, state = gates.leaves[:count], gates.leaves[count : 2 * count], gates.leaves[2 * count :]
        left, right, pairs = self.enter(gates, now, state)
        held = gates.equal(pairs)
        following = at(left, self.a.next_state) + at(right, self.b.next_state)
        then, _, pairs = self.enter(gates, later, following)
        return gates.differ(pairs, at(left, self.a.constraints) + at(then, self.a.constraints) + held)

    def outputs(self):
        """That some output differs though all pairs are equal, and the constraints of A hold."""
        gates, left, right, pairs = self.anywhere()
        held = gates.equal(pairs)
        return gates.differ(outputs(self.a, left, self.b, right), at(left, self.a.constraints) + held)

    def constraints(self):
        """That some constraint holds in one machine and not in the other, in any state of each."""
        gates, left, right, _ = self.anywhere()
        return gates.differ(list(zip(at(left, self.a.constraints), at(right, self.b.constraints), strict=True)), [])

    def anywhere(self):
        """Both machines in any state."""
        gates = Gates(self.inputs + self.state)
        return gates, *self.enter(gates, gates.leaves[: self.inputs], gates.leaves[self.inputs :])


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
