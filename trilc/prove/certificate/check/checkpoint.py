"""What a checkpoint means: its step as gates, made from the numbers in the file, all of which count as they stand.

For each layer, weights times the values of the old state, and of what comes from below (the token's row, or the new
state of the layer below), and a bias add up to ``pre``; a bit's value is 2b − 1 where the states are ±1, b where they
are 0 and 1. The new bit is 1 where ``pre`` comes to 0 at least, or what normalisation makes of it does, which is
``(pre − mean) / √(var + eps) · weight + bias``. The scores are weights times the values of the last new state, and a
bias; the output is the index of the largest: by its integer part, then by its fraction, then the lowest.
"""

import json
from bisect import bisect_left
from fractions import Fraction
from math import floor, gcd, lcm

from . import npz, safetensors
from .machine import Machine
from .rejection import require
from .sums import Adders, Number, form, least, most, plus

WIDEST = 1000
"""Bits of a number."""


def read(data, outputs, hints):
    """The machine of a checkpoint that puts out ``argmax``, ``scores`` or ``state``, and how many tokens it reads."""
    arrays = (npz if data[:2] == b"PK" else safetensors).read(data)
    header = json.loads(arrays["__trilc__"], parse_float=Fraction)
    require(header["format"] == "trilc-checkpoint" and header["version"] == 1, "no checkpoint")
    require(header["cell"] == "elman" and header["state"] in ("pm1", "01"), "another cell")
    net = _Net(arrays, header["state"] == "pm1", Fraction(header.get("norm_eps", Fraction(1, 100000))), hints)
    return net.build(outputs), net.vocabulary


class _Net:
    def __init__(self, arrays, signed, epsilon, hints):
        self.arrays, self.signed, self.epsilon, self.hints = arrays, signed, epsilon, hints
        self.layers = sum(name.startswith("rnn.weight_hh_l") for name in arrays)
        known = {"__trilc__", "embedding.weight", "head.weight", "head.bias"}
        parts = (
            "weight_ih_l{}", "weight_hh_l{}", "bias_l{}", "bias_ih_l{}", "bias_hh_l{}", "h0_l{}",
            "norm_l{}.weight", "norm_l{}.bias", "norm_l{}.mean", "norm_l{}.var",
        )  # fmt: skip
        known |= {"rnn." + part.format(k) for k in range(self.layers) for part in parts}
        require(self.layers, "no layer")
        require(arrays.keys() <= known, f"entries of no meaning: {sorted(arrays.keys() - known)}")
        self.tables = {int(name): table for name, table in hints["tables"].items()}

    def rows(self, name, columns=None):
        """A matrix."""
        shape, values = self.arrays[name]
        require(len(shape) == 2 and shape[1] > 0 and columns in (None, shape[1]), f"{name}: its shape")
        return [values[k * shape[1] : (k + 1) * shape[1]] for k in range(shape[0])]

    def vector(self, name, size):
        """One number for each; 0 where there is no such entry."""
        if name not in self.arrays:
            return [0] * size
        shape, values = self.arrays[name]
        require(shape == (size,), f"{name}: its shape")
        return values

    def build(self, outputs):
        """The machine."""
        require(outputs in ("argmax", "scores", "state"), "outputs of another kind")
        below = self.rows("rnn.weight_ih_l0")
        embedding = self.rows("embedding.weight", len(below[0])) if "embedding.weight" in self.arrays else None
        self.vocabulary = len(embedding or below[0])
        width = max(1, (self.vocabulary - 1).bit_length())
        sizes = [self.arrays[f"rnn.weight_hh_l{k}"][0][0] for k in range(self.layers)]
        names = [f"h_l{k}[{j}]" for k, size in enumerate(sizes) for j in range(size)]
        reset = [x for k, size in enumerate(sizes) for x in self.vector(f"rnn.h0_l{k}", size)]
        require(all(x in (0, 1) for x in reset), "a reset that is no bit")
        self.machine = Machine([f"tok[{k}]" for k in range(width)], names, reset)
        self.adders = Adders(self.machine)
        self.token = list(self.machine.inputs().values())
        self.old = self.machine.registers()
        for name, x in self.old.items():
            self.adders.claim(self.hints["registers"].get(name, 0), x)
        new = []
        for k, size in enumerate(sizes):
            if k:
                weights = self.rows(f"rnn.weight_ih_l{k}", len(new))
                new = self.layer(k, size, weights, [[0]] * size, new)
            else:
                new = self.layer(k, size, [[]] * size, [by_token(row, embedding) for row in below], [])
            if outputs == "state":
                for j, x in enumerate(new):
                    self.put(f"state_l{k}[{j}]", x)
        if outputs != "state":
            scores, fractions = self.scores(new)
            (self.put_scores if outputs == "scores" else self.put_best)(scores, fractions)
        return self.machine

    def put(self, name, x):
        """An output."""
        self.machine.output_names.append(name)
        self.machine.outputs.append(x)

    def values(self, weights, bits):
        """``Σ weight · value(bit)``."""
        if self.signed:
            return form([(x, 2 * w) for x, w in zip(bits, weights, strict=True)], -sum(weights))
        return form(zip(bits, weights, strict=True))

    # The state -------------------------------------------------------------------------------------------

    def layer(self, k, size, from_below, added, below):
        """The new state of a layer; ``added`` are what each token adds to each sum."""
        recurrent = self.rows(f"rnn.weight_hh_l{k}", size)
        parts = [self.vector(f"rnn.bias_{part}l{k}", size) for part in ("", "ih_", "hh_")]
        bias = [sum(numbers) for numbers in zip(*parts, strict=True)]
        require(len(recurrent) == len(from_below) == len(added) == size, f"layer {k}: shapes")
        names = [f"h_l{k}[{j}]" for j in range(size)]
        bits = [self.old[name] for name in names] + below
        norms = self.norms(k, size)
        new = []
        for j, name in enumerate(names):
            total = self.values(recurrent[j] + from_below[j], bits)
            x = self.neuron(name, total, [bias[j] + here for here in added[j]], norms[j])
            self.adders.claim(self.hints["new_state"].get(name, 0), x)
            new.append(x)
        self.machine.next_state += new
        return new

    def norms(self, k, size):
        """Gain, shift, mean and variance for each neuron."""
        names = [f"rnn.norm_l{k}.{part}" for part in ("weight", "bias", "mean", "var")]
        if names[0] not in self.arrays:
            return [(1, 0, 0, Fraction(1))] * size
        gain, shift, mean, var = (self.vector(name, size) for name in names)
        var = [self.epsilon + x for x in var]
        require(all(x > 0 for x in var), f"{names[3]}: not positive")
        return list(zip(gain, shift, mean, var, strict=True))

    def neuron(self, name, total, added, norm):
        """Whether ``total + added[token]``, normalised, comes to 0 at least.

        That is where a count of the bits comes to what is needed for the token, and that is where the count and a
        number that the token gives come to a threshold.
        """
        gain, shift, mean, variance = norm
        scale = lcm(*(Fraction(weight).denominator for weight in total[1].values()))
        unit = Fraction(gcd(*(int(weight * scale) for weight in total[1].values())) or scale, scale)
        if gain < 0:
            unit = -unit  # the fewer, the better
        count = (0, {x: int(weight / unit) for x, weight in total[1].items()} if gain else {})
        low, high = least(count), most(count) + 1

        def fires(number, here):
            rational = gain * (unit * number + total[0] + here - mean)
            return not_negative(rational, shift, variance)

        # the first count that suffices; where none does, one that never is
        needed = [low + bisect_left(range(low, high), True, key=lambda n, here=here: fires(n, here)) for here in added]
        hint = self.hints["counts"].get(name)
        entries, threshold, table = self.hinted(hint, count, needed) if hint else (None, None, None)
        if entries is None:
            hint, threshold, table = None, max(needed), []
            entries = [threshold - need for need in needed]
        bits = self.of_token(entries, max(max(entries).bit_length(), len(table)))
        number = Number(self.adders, plus(count, form([(x, 1 << j) for j, x in enumerate(bits)])))
        if hint:
            for claim, x in zip(table, bits, strict=True):
                self.adders.claim(claim, x)
            number.follow(hint["adders"])
        return number.at_least(threshold)

    def hinted(self, hint, count, needed):
        """What the token gives and the threshold, as a hint has them, if that comes to the same; and its literals."""
        terms = list(zip(hint["literals"], hint["weights"], strict=True))
        table = [(x, weight) for x, weight in terms if x in self.tables]
        own = self.ours([(x, weight) for x, weight in terms if x not in self.tables])
        if own is None or own[1] != count[1] or any(weight != 1 << j for j, (_, weight) in enumerate(table)):
            return None, None, None
        require(0 <= hint["columns"] <= WIDEST, "a hint of too many columns")
        threshold = (1 << hint["columns"]) - hint["constant"] - own[0]
        entries = [sum((self.tables[x] >> t & 1) << j for j, (x, _) in enumerate(table)) for t in range(len(needed))]
        low, high = least(count), most(count) + 1
        if [min(max(threshold - entry, low), high) for entry in entries] != needed:
            return None, None, None
        return entries, threshold, [x for x, _ in table]

    def ours(self, terms, constant=0):
        """A form over literals of the hints, over ours, if each stands for one."""
        known = [(self.adders.literal(x), weight) for x, weight in terms]
        return None if any(x is None for x, _ in known) else form(known, constant)

    def of_token(self, entries, width):
        """The bits of a number that the token gives; a single one is the same for all."""
        if len(entries) == 1:
            return [entries[0] >> j & 1 for j in range(width)]
        found = []
        for j in range(width):
            row = [entry >> j & 1 for entry in entries] + [0] * ((1 << len(self.token)) - len(entries))
            for bit in self.token:
                row = [self.machine.mux(bit, then, other) for other, then in zip(row[::2], row[1::2], strict=True)]
            found.append(row[0])
        return found

    # The scores ------------------------------------------------------------------------------------------

    def scores(self, bits):
        """The integer part of each score, in units of the head's scale, and the fractions."""
        weights = self.rows("head.weight", len(bits))
        scales = {abs(weight) for row in weights for weight in row} - {0} or {1}
        require(len(scales) == 1, "head.weight: more than one scale")
        scale = Fraction(scales.pop())
        bias = [Fraction(b) / scale for b in self.vector("head.bias", len(weights))]
        rows = [[int(weight / scale) for weight in row] for row in weights]
        scores = [plus(self.values(row, bits), (floor(b), {})) for row, b in zip(rows, bias, strict=True)]
        return scores, [b - floor(b) for b in bias]

    def number(self, total, width, hint):
        """The low bits of a form."""
        number = Number(self.adders, total)
        if hint:
            number.follow(hint["adders"])
        return number.bits(width)

    def put_scores(self, scores, fractions):
        """Each as a word in two's complement, all of one width."""
        require(not any(fractions), "scores that are no integers")
        low, high = min(map(least, scores)), max(map(most, scores))
        width = 1 + max(high.bit_length(), (~low).bit_length() if low < 0 else 0)
        for o, score in enumerate(scores):
            for k, x in enumerate(self.number(score, width, self.hints["counts"].get(f"score{o}"))):
                self.put(f"score{o}[{k}]", x)

    def put_best(self, scores, fractions):
        """The index of the best score."""
        words, order = self.contest(scores, fractions) or self.plain_contest(scores, fractions)
        columns = max(map(most, words.values())).bit_length()
        hints = [self.hints["counts"].get(f"score {o}") for o in order]
        bits = [self.number(words[o], columns, hint) for o, hint in zip(order, hints, strict=True)]
        for k, x in enumerate(self.winner(bits, order, max(1, (len(scores) - 1).bit_length()))):
            self.put(f"out[{k}]", x)

    def plain_contest(self, scores, fractions):
        """The scores above their least value, and the order in which ties are broken."""
        low = min(map(least, scores))
        order = sorted(range(len(scores)), key=lambda o: (-fractions[o], o))
        return {o: plus(score, (-low, {})) for o, score in enumerate(scores)}, order

    def contest(self, scores, fractions):
        """The same with the words of hints, if these can be seen to have the same winner; else None.

        A score must be a multiple of its word and what all have in common, but for a remainder below the factor, which
        breaks ties; and a score without a word must always have a better one, as a mixture of others shows.
        """
        hints = {o: self.hints["counts"].get(f"score {o}") for o in range(len(scores))}
        words = {
            o: self.ours(zip(hint["literals"], hint["weights"], strict=True), hint["constant"])
            for o, hint in hints.items()
            if hint
        }
        if not words or None in words.values() or min(map(least, words.values())) < 0:
            return None
        unit = self.unit(scores, words)
        common = {o: plus(scores[o], word, -unit) for o, word in words.items()}
        alike = next(iter(common.values()))[1]
        if any(rest[1] != alike for rest in common.values()):
            return None
        lowest = min(rest[0] for rest in common.values())
        remainders = {o: rest[0] - lowest for o, rest in common.items()}
        if max(remainders.values()) >= unit:
            return None
        if not all(o in words or self.is_never_best(o, scores, fractions) for o in range(len(scores))):
            return None
        return words, sorted(words, key=lambda o: (-remainders[o], -fractions[o], o))

    def is_never_best(self, o, scores, fractions):
        """Whether a score is never ahead of its rivals on the whole, each as often as hints say: one is ahead of it.

        Places among equals count as less than one together, so that no two are level.
        """
        order = sorted(range(len(scores)), key=lambda p: (fractions[p], -p))
        place = {p: k for k, p in enumerate(order)}
        lead, rivals = form([]), self.hints.get("never_best", {}).get(str(o), [])
        for p, often in rivals:
            if p == o or p not in place or type(often) is not int or often < 1:
                return False
            ahead = plus(scores[o], scores[p], -1)
            lead = plus(lead, ahead, often * len(scores))
            lead = plus(lead, (place[o] - place[p], {}), often)
        return bool(rivals) and most(lead) <= 0

    def unit(self, scores, words):
        """By what the words' differences are to be multiplied, as the first shows that is not zero."""
        first = next(iter(words))
        for o in words:
            for x, weight in plus(words[o], words[first], -1)[1].items():
                return max(1, plus(scores[o], scores[first], -1)[1].get(x, 0) // weight)
        return 1

    def winner(self, words, indices, width):
        """The bits of the index of the largest word, the first of those among equals."""
        machine = self.machine
        alive = [1] * len(words)
        for column in reversed(range(len(words[0]))):
            having = [machine.and_(x, word[column]) for x, word in zip(alive, words, strict=True)]
            none = self.any(having) ^ 1
            alive = [machine.or_(has, machine.and_(x, none)) for has, x in zip(having, alive, strict=True)]
        found = [[index >> j & 1 for j in range(width)] for index in indices]
        while len(found) > 1:
            pairs = [
                [machine.mux(alive[k], x, y) for x, y in zip(found[k], found[k + 1], strict=True)]
                for k in range(0, len(found) - 1, 2)
            ]
            some = [machine.or_(alive[k], alive[k + 1]) for k in range(0, len(found) - 1, 2)]
            odd = len(found) % 2
            found, alive = pairs + found[len(found) - odd :], some + alive[len(alive) - odd :]
        return found[0]

    def any(self, literals):
        """Whether one of them is true."""
        while len(literals) > 1:
            pairs = zip(literals[::2], literals[1::2], strict=False)
            literals = [self.machine.or_(x, y) for x, y in pairs] + (literals[-1:] if len(literals) % 2 else [])
        return literals[0]


def by_token(weights, embedding):
    """What each token adds to a sum: weights times its row, or the weight that is its own."""
    if embedding is None:
        return weights
    return [sum(w * x for w, x in zip(weights, row, strict=True)) for row in embedding]


def not_negative(rational, factor, square):
    """Whether ``rational + factor · √square`` is 0 at least."""
    if rational >= 0:
        return factor >= 0 or rational * rational >= factor * factor * square
    return factor > 0 and factor * factor * square >= rational * rational
