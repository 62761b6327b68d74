"""Integers as weighted literals, and how such a number is added up and compared.

A form is a constant and the weight of each literal; each is true or false, 1 or 0. Only what leaves the number as it
is is ever done to one: ``a + b + c`` becomes the sum and twice the carry of a full adder. Which literals are added up
is said by hints, which can therefore be no more than useless.
"""


def form(terms, constant=0):
    """``constant + Σ weight · literal`` over positive literals: ``¬x`` is ``1 − x``."""
    weights = {}
    for x, weight in terms:
        constant += weight * (x & 1)
        if x > 1:
            weights[x & ~1] = weights.get(x & ~1, 0) + (-weight if x & 1 else weight)
    return constant, {x: weight for x, weight in weights.items() if weight}


def plus(one, other, times=1):
    """``one + times · other``."""
    constant, weights = other
    terms = [*one[1].items(), *((x, times * weight) for x, weight in weights.items())]
    return form(terms, one[0] + times * constant)


def least(number):
    """No value is below that."""
    return number[0] + sum(weight for weight in number[1].values() if weight < 0)


def most(number):
    """No value is above that."""
    return number[0] + sum(weight for weight in number[1].values() if weight > 0)


class Adders:
    """Full adders of a machine, each once; and what literals that hints name stand for, a mere claim."""

    def __init__(self, machine):
        self.machine, self.built, self.named = machine, {}, {0: 0}

    def claim(self, name, literal):
        """From here on a literal of the hints, if it is not constant, stands for one here."""
        if name > 1:
            self.named[name & ~1] = literal ^ (name & 1)

    def literal(self, name):
        """What a literal of the hints stands for, or None."""
        found = self.named.get(name & ~1)
        return None if found is None else found ^ (name & 1)

    def full(self, a, b, c):
        """The sum and the carry; with all three complemented, both are."""
        flip = a & 1
        key = a ^ flip, b ^ flip, c ^ flip
        if key not in self.built:
            a, b, c = key
            half = self.machine.xor(a, b & ~1) ^ b & 1
            total = self.machine.xor(half & ~1, c & ~1) ^ (half ^ c) & 1
            carry = self.machine.or_(self.machine.and_(a, b), self.machine.and_(half, c))
            self.built[key] = total, carry
        total, carry = self.built[key]
        return total ^ flip, carry ^ flip


class Number:
    """A form of weights that are powers of two: how often each literal is held in each column, and a constant."""

    def __init__(self, adders, number):
        self.adders, self.constant, self.columns = adders, number[0], []
        for x, weight in number[1].items():
            self.add(x, weight, 0)

    def add(self, x, weight, column):
        """Add ``weight · 2^column · x``."""
        if weight < 0:
            self.constant += weight << column
            x, weight = x ^ 1, -weight
        if x <= 1:
            self.constant += (weight << column) * x
            return
        while weight:
            while len(self.columns) <= column:
                self.columns.append({})
            if weight & 1:
                self.columns[column][x] = self.columns[column].get(x, 0) + 1
            weight >>= 1
            column += 1

    def pair(self, column):
        """Twice a literal is one of twice the weight; a literal and its complement are one."""
        if column >= len(self.columns):
            return
        held, self.columns[column] = self.columns[column], {}
        for x in list(held):
            both = min(held[x], held.get(x ^ 1, 0))
            if both:
                self.constant += both << column
                held[x] -= both
                held[x ^ 1] -= both
        for x, count in held.items():
            self.add(x, count, column)

    def replace(self, column, a, b, c):
        """Put a sum and a carry in the place of three literals; None unless all but constants are held."""
        held = self.columns[column]
        wanted = {}
        for x in (a, b, c):
            if x > 1:
                wanted[x] = wanted.get(x, 0) + 1
        if any(held.get(x, 0) < count for x, count in wanted.items()):
            return None
        for x, count in wanted.items():
            held[x] -= count
            if not held[x]:
                del held[x]
        self.constant -= (a, b, c).count(1) << column
        total, carry = self.adders.full(a, b, c)
        self.add(total, 1, column)
        self.add(carry, 1, column + 1)
        return total, carry

    def follow(self, adders):
        """Use the adders of a hint as far as they apply: a column, three literals, their sum, their carry."""
        settled = 0
        for column, a, b, c, total, carry in adders:
            while settled <= column < len(self.columns):
                self.pair(settled)
                settled += 1
            literals = [self.adders.literal(name) for name in (a, b, c)]
            if column < len(self.columns) and None not in literals:
                built = self.replace(column, *literals)
                if built and total >= 0:
                    self.adders.claim(total, built[0])
                if built:
                    self.adders.claim(carry, built[1])

    def bits(self, width):
        """The low bits, the number being taken modulo 2^width."""
        found = []
        for column in range(width):
            while len(self.columns) <= column:
                self.columns.append({})
            self.pair(column)
            while len(self.columns[column]) + (self.constant >> column & 1) > 1:
                ones = [1] * (self.constant >> column & 1)
                self.replace(column, *[*list(self.columns[column])[:3], *ones, 0, 0][:3])
            left = [*self.columns[column], *[1] * (self.constant >> column & 1)]
            found.append(left[0] if left else 0)
        return found

    def at_least(self, threshold):
        """The literal "number ≥ threshold": what is still needed decides, literal by literal."""
        column = 0
        while column < len(self.columns):
            self.pair(column)
            while len(self.columns[column]) > 16:
                self.replace(column, *list(self.columns[column])[:3])
            column += 1
        terms = [(x, 1 << j) for j, held in enumerate(self.columns) for x in held]
        reach = [0]
        for _, weight in terms:
            reach.append(reach[-1] + weight)

        def kept(need, k):
            return min(max(need, 0), reach[k] + 1)

        needs = [set() for _ in reach]
        needs[-1].add(kept(threshold - self.constant, len(terms)))
        for k in range(len(terms), 0, -1):
            for need in needs[k]:
                needs[k - 1] |= {kept(need, k - 1), kept(need - terms[k - 1][1], k - 1)}
        holds = {0: 1, 1: 0}
        for k, (x, weight) in enumerate(terms, 1):
            before, holds = holds, {}
            for need in needs[k]:
                holds[need] = self.adders.machine.mux(x, before[kept(need - weight, k - 1)], before[kept(need, k - 1)])
        return holds[kept(threshold - self.constant, len(terms))]
