"""Checks a certificate that two machines behave alike; knows nothing but the files in its directory.

    python check.py DIRECTORY

Needs Python alone, and is read in half an hour; where numba is installed, large proofs take seconds, not minutes. It
reads the machines (AIGER), makes of every two neighbours the formula that says "some output or next state differs"
itself, compares that with the file, and goes through the proof that it can't be satisfied: each clause of a DRUP
file must follow by unit propagation from those before it, up to the empty one (Goldberg, Novikov 2003). Both
formula and proof are also what drat-trim takes.

Why that is enough. For machines A and B, registers of the same name are equal at reset, and those of A that B has
removed are what the manifest says, a constant, a register of B or its complement. Call that the relation. Where it
holds and the constraints do, the formula ``step`` says that it holds of the next states, and that the outputs are
equal; the formula ``constraints``, that those of A hold just where those of B do. Where the manifest names invariants,
pairs of registers of A that are never true together, ``step`` is asked where they hold; they hold at reset, and the
formula ``invariants`` says that they hold of the next state where they do of this one. So by induction over the steps
the machines put out the same on all inputs; and what holds of neighbours in a row holds of the ends.

Exit codes: 0 accepted; 1 rejected, with a reason; 3 where all that is there is right, but proofs are missing.
"""

import json
import sys
from functools import cache
from pathlib import Path

LARGE = 1 << 16
"""Literals from which on compiling pays."""

REFUSED, OPEN, EMPTY = range(3)


class RejectedError(Exception):
    """Something is not as it has to be."""


# Machines ------------------------------------------------------------------------------------------------


class Machine:
    """An AIGER file: literals are 2·node + complement; node 0 is false, then inputs, registers, AND gates."""

    def __init__(self, data):
        head, _, rest = data.partition(b"\n")
        fields = head.split()
        require(fields[:1] in ([b"aig"], [b"aag"]), "no AIGER file")
        require(6 <= len(fields) <= 8 and all(x.isdigit() and len(x) < 10 for x in fields[1:]), "AIGER header")
        counts = [int(x) for x in fields[1:]] + [0, 0]
        largest, inputs, registers, outputs, ands, bad, constraints = counts[:7]
        require(bad == 0 and largest == inputs + registers + ands, "AIGER header: counts")
        require(largest <= 16 * len(data) + 64, "AIGER header: more than the file holds")
        binary = fields[0] == b"aig"
        self.first = 1 + inputs + registers
        self.reader = _Lines(rest)
        if not binary:
            for k in range(inputs):
                require(self.reader.numbers(1, 1) == [2 * (1 + k)], "AIGER: inputs are not in order")
        self.next_state, self.reset = [], []
        for k in range(registers):
            own = 2 * (1 + inputs + k)
            row = self.reader.numbers(1, 2) if binary else self.reader.numbers(2, 3)
            if not binary:
                require(row.pop(0) == own, "AIGER: registers are not in order")
            self.next_state.append(row[0])
            self.reset.append(row[1] if len(row) > 1 else 0)
            require(self.reset[-1] in (0, 1, own), "AIGER: a reset is not 0, 1 or unknown")
            if self.reset[-1] == own:
                self.reset[-1] = None
        self.outputs = [self.reader.numbers(1, 1)[0] for _ in range(outputs)]
        self.constraints = [self.reader.numbers(1, 1)[0] for _ in range(constraints)]
        self.gates = []
        for node in range(self.first, self.first + ands):
            if binary:
                x = 2 * node - self.reader.delta()
                y = x - self.reader.delta()
            else:
                own, x, y = self.reader.numbers(3, 3)
                require(own == 2 * node, "AIGER: gates are not in order")
            require(0 <= x < 2 * node and 0 <= y < 2 * node, "AIGER: a gate reads what comes later")
            self.gates.append((x, y))
        roots = [*self.next_state, *self.outputs, *self.constraints]
        require(all(x < 2 * (1 + largest) for x in roots), "AIGER: a literal of no node")
        table = {"i": [None] * inputs, "l": [None] * registers, "o": [None] * outputs}
        self.reader.symbols(table)
        self.input_names, self.register_names, self.output_names = table["i"], table["l"], table["o"]
        for names in table.values():
            require(None not in names and len(set(names)) == len(names), "AIGER: names are missing or twice the same")


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


# Formulas ------------------------------------------------------------------------------------------------


class Both:
    """The gates of two machines over the same leaves; the variable of node ``n`` is ``n + 1``.

    Nodes are the constant, the inputs of A, its registers but for the removed ones, the registers that only B has
    by name, the gates of A, those of B, one for each invariant, and three for each pair of literals that is compared.
    """

    def __init__(self, a, b, removed, never):
        self.a, self.b, self.removed = a, b, removed
        for kind in ("input_names", "output_names"):
            require(set(getattr(a, kind)) == set(getattr(b, kind)), f"the machines differ in their {kind}")
        require(len(a.constraints) == len(b.constraints), "the machines differ in their number of constraints")
        own = set(b.register_names)
        for name, source in removed.items():
            require(name in a.register_names and name not in own, f"{name} is not a register that was removed")
            require(source in ("0", "1") or source.removeprefix("!") in own, f"{name} is what is not there")
        kept = [name for name in a.register_names if name not in removed]
        state = kept + sorted(own - set(a.register_names))
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
            require(left[name] == reset ^ source.startswith("!"), f"register {name} does not start as it is rebuilt")

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
        """How many variables, and the clauses: those of gates, that ``held`` hold, and that one of ``some`` does."""
        gates = self.gates + further
        clauses = [[-1]]
        for k, (x, y) in enumerate(gates):
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


# Proofs --------------------------------------------------------------------------------------------------


def numbers(data):
    """The clauses of a DIMACS or DRUP file, which are lines that end in 0; deletions are left out."""
    clauses = []
    for line in data.split(b"\n"):
        if line[:1] in (b"c", b"d", b"p", b""):
            continue
        try:
            row = [int(field) for field in line.split()]
        except ValueError:
            raise RejectedError("a line that is no clause") from None
        require(row and row[-1] == 0 and 0 not in row[:-1], "a clause that does not end in 0")
        clauses.append(row[:-1])
    return clauses


def refuted(variables, formula, proof):
    """Raise :class:`RejectedError` unless each clause follows by unit propagation, up to the empty one."""
    flat = []
    for clause in formula:
        flat += [2 * x if x > 0 else 1 - 2 * x for x in clause] + [0]
    begin = len(flat)
    for number, lemma in enumerate(proof, 1):
        known = all(-variables <= x <= variables for x in lemma)
        require(known, f"clause {number} is about no variable of the formula")
        clause = plain(lemma)
        if clause is not None:
            flat += [2 * x if x > 0 else 1 - 2 * x for x in clause] + [0]
    words = len(flat) + 3 * (len(formula) + len(proof)) + 1
    places = 2 * variables + 2
    run, propagate, array = _compiled() if len(flat) > LARGE else (_run, _propagate, list)
    arena, watch, value, trail = (array([0] * size) for size in (words, places, places, variables + 1))
    place, answer = run(array(flat), begin, arena, watch, value, trail, propagate)
    if answer != EMPTY:
        number = sum(1 for x in flat[begin:place] if x == 0) + 1
        raise RejectedError("the proof ends before the empty clause" if answer == OPEN else
                       f"clause {number} of the proof does not follow by unit propagation")


def _run(flat, begin, arena, watch, value, trail, propagate):
    """Add the clauses in ``flat``, those from ``begin`` on being checked; returns where it ended, and how.

    A clause in the arena is its size, the next clause in the lists of its first two literals, and its literals;
    ``value[x]`` is 1 where the literal is true, −1 where it is false; ``trail`` holds the true ones.
    """
    place, count, top = 0, 0, 1
    while place < len(flat):
        end = place
        while flat[end] != 0:
            end += 1
        if place >= begin:
            marked, conflict = count, False
            for k in range(place, end):
                x = flat[k]
                if value[x] == 1:
                    conflict = True
                elif value[x] == 0:
                    value[x], value[x ^ 1] = -1, 1
                    trail[count] = x ^ 1
                    count += 1
            if not conflict:
                count, conflict = propagate(arena, watch, value, trail, marked, count)
            for k in range(marked, count):
                value[trail[k]] = value[trail[k] ^ 1] = 0
            count = marked
            if not conflict:
                return place, REFUSED
        size, holds = 0, False
        for k in range(place, end):
            x = flat[k]
            if value[x] == 1:
                holds = True
            elif value[x] == 0:
                arena[top + 3 + size] = x
                size += 1
        if holds:
            place = end + 1
            continue
        if size == 0:
            return place, EMPTY
        if size == 1:
            x = arena[top + 3]
            value[x], value[x ^ 1] = 1, -1
            trail[count] = x
            count, conflict = propagate(arena, watch, value, trail, count, count + 1)
            if conflict:
                return place, EMPTY
        else:
            arena[top] = size
            for side in range(2):
                x = arena[top + 3 + side]
                arena[top + 1 + side] = watch[x]
                watch[x] = top
            top += 3 + size
        place = end + 1
    return place, OPEN


def _propagate(arena, watch, value, trail, done, count):
    """Draw all conclusions from the trail, from ``done`` on; returns its length then, and if there is a conflict."""
    while done < count:
        false = trail[done] ^ 1
        done += 1
        before = 0
        clause = watch[false]
        while clause != 0:
            side = 0 if arena[clause + 3] == false else 1
            link = clause + 1 + side
            following = arena[link]
            other = arena[clause + 4 - side]
            moved = False
            if value[other] != 1:
                for k in range(clause + 5, clause + 3 + arena[clause]):
                    x = arena[k]
                    if value[x] != -1:
                        arena[clause + 3 + side], arena[k] = x, false
                        arena[link] = watch[x]
                        watch[x] = clause
                        moved = True
                        break
                if not moved:
                    if value[other] == -1:
                        return count, True
                    value[other], value[other ^ 1] = 1, -1
                    trail[count] = other
                    count += 1
            if not moved:
                before = link
            elif before == 0:
                watch[false] = following
            else:
                arena[before] = following
            clause = following
    return count, False


@cache
def _compiled():
    """The same loops, compiled, and arrays for them; as they are where that can't be."""
    try:
        import numba
        import numpy
    except ImportError:
        return _run, _propagate, list
    return numba.njit(_run), numba.njit(_propagate), lambda values: numpy.array(values, numpy.int64)


# The certificate -----------------------------------------------------------------------------------------


def check(directory):
    """What is missing from a certificate, in words; raises :class:`RejectedError` where anything is wrong."""
    folder = Path(directory)
    about = json.loads(_bytes(folder, "manifest.json"))
    require(about["format"] == "trilc certificate" and about["version"] == 1, "the manifest is of another kind")
    machines = [Machine(_bytes(folder, entry["file"])) for entry in about["machines"]]
    links = about["links"]
    require(len(machines) > 1 and len(links) == len(machines) - 1, "the links don't join the machines in a row")
    missing = []
    for k, link in enumerate(links):
        require(sorted(link["machines"]) == [k, k + 1], "the links don't join the machines in a row")
        files = " and ".join(about["machines"][n]["file"] for n in link["machines"])
        if link["step"] is None:
            missing.append(f"that {files} behave alike")
            continue
        a, b = (machines[n] for n in link["machines"])
        both = Both(a, b, link["removed"], link["never"])
        both.starts_alike()
        if both.never:
            _refute(folder, link["invariants"], both.invariants())
        if a.constraints:
            _refute(folder, link["constraints"], both.constraints())
        _refute(folder, link["step"], both.step())
        print(f"{files} behave alike", flush=True)
    return missing


def _refute(folder, files, formula):
    variables, clauses = formula
    data = _bytes(folder, files["cnf"])
    require(data.startswith(b"p cnf %d %d\n" % (variables, len(clauses))), f"{files['cnf']} has another header")
    require(numbers(data) == clauses, f"{files['cnf']} does not say what is to be refuted")
    try:
        refuted(variables, clauses, numbers(_bytes(folder, files["drup"])))
    except RejectedError as error:
        raise RejectedError(f"{files['drup']}: {error}") from None


def _bytes(folder, name):
    require(isinstance(name, str) and Path(name).name == name, "the manifest names a file elsewhere")
    return (folder / name).read_bytes()


def require(holds, otherwise):
    """Reject with a reason, unless something holds."""
    if not holds:
        raise RejectedError(otherwise)


def main(arguments):
    """The exit code."""
    if len(arguments) != 1:
        print("usage: python check.py DIRECTORY", file=sys.stderr)
        return 2
    try:
        missing = check(arguments[0])
    except RejectedError as error:
        print(f"rejected: {error}")
        return 1
    except OSError as error:
        print(f"rejected: cannot read {error.filename}: {error.strerror}")
        return 1
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        print(f"rejected: malformed ({type(error).__name__}: {error})")
        return 1
    for what in missing:
        print(f"no proof {what}")
    print("incomplete" if missing else "accepted")
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
