"""The format page, said in rationals straight from a checkpoint's tensors: nothing is folded."""

from __future__ import annotations

from fractions import Fraction


def exact(array):
    """A tensor as nested lists of rationals."""
    number = lambda x: [number(item) for item in x] if isinstance(x, list) else Fraction(x)  # noqa: E731
    return number(array.tolist())


def at_least_zero(x, y, radicand):
    """Whether ``x + y·√radicand >= 0``, by signs and squares."""
    if x >= 0 and y >= 0:
        return True
    if x <= 0 and y <= 0:
        return x == 0 and (y == 0 or radicand == 0)
    return x * x >= y * y * radicand if x > 0 else y * y * radicand >= x * x


class Meaning:
    """One stream through a checkpoint."""

    def __init__(self, checkpoint):
        self.tensors = {name: exact(array) for name, array in checkpoint.tensors.items()}
        self.signed = checkpoint.header["state"] == "pm1"
        self.eps = Fraction(str(checkpoint.header.get("norm_eps", "0.00001")))
        self.layers = sum(name.startswith("rnn.weight_hh") for name in self.tensors)
        self.state = [
            list(map(int, self.tensors.get(f"rnn.h0_l{k}", [0] * len(self.tensors[f"rnn.weight_hh_l{k}"]))))
            for k in range(self.layers)
        ]

    def value(self, bits):
        return [2 * b - 1 if self.signed else b for b in bits]

    def step(self, token):
        """The new state, as one list of bits."""
        one_hot = [int(i == token) for i in range(len(self.tensors["rnn.weight_ih_l0"][0]))]
        x = self.tensors["embedding.weight"][token] if "embedding.weight" in self.tensors else one_hot
        for k in range(self.layers):
            old = self.value(self.state[k])
            self.state[k] = [int(self.fires(k, j, old, x)) for j in range(len(old))]
            x = self.value(self.state[k])
        return [b for bits in self.state for b in bits]

    def fires(self, k, j, old, x):
        pre = dot(self.tensors[f"rnn.weight_hh_l{k}"][j], old)
        pre += dot(self.tensors[f"rnn.weight_ih_l{k}"][j], x)
        for name in ("bias", "bias_ih", "bias_hh"):
            if f"rnn.{name}_l{k}" in self.tensors:
                pre += self.tensors[f"rnn.{name}_l{k}"][j]
        if f"rnn.norm_l{k}.var" not in self.tensors:
            return pre >= 0
        gain, shift, mean, var = (
            self.tensors[f"rnn.norm_l{k}.{part}"][j] for part in ("weight", "bias", "mean", "var")
        )
        return at_least_zero((pre - mean) * gain, shift, var + self.eps)

    def scores(self):
        """The scores in the present state, over the head's scale."""
        weight = self.tensors["head.weight"]
        bias = self.tensors.get("head.bias", [0] * len(weight))
        scale = max(abs(w) for row in weight for w in row) or 1
        new = self.value(self.state[-1])
        return [(dot(row, new) + b) / scale for row, b in zip(weight, bias, strict=True)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))
