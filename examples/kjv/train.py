"""Train a character model with ternary weights and binary state, and write it as a trilc checkpoint.

The net is one Elman layer, h' = sign(W h + U[token] + bias) with h in {-1, +1}. What is trained are
real-valued latent tensors. Every forward pass sees them quantised exactly as they will be stored, and
gradients pass straight through the rounding and the sign (Bengio, Léonard & Courville, "Estimating or
propagating gradients through stochastic neurons for conditional computation", 2013). So the loss in training
is the loss of the integer machine itself.
"""

# torch takes seconds to import, so that is left to what trains: --help answers at once.

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

TOKENS = " ,.:;abcdefghijklmnopqrstuvwxyz"
HELD_OUT = 0.05  # the last share of the text, never trained on
SAVE_EVERY = 1_000  # steps
HEAD_BIAS_UNIT = 32  # head biases are larger numbers than weights, and have to move as fast
Ids = NDArray[np.int64]
Checkpoint = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Recipe:
    """What, besides the text, decides the result."""

    units: int = 128
    density: float = 0.2  # share of non-zeros in the recurrent weights
    head_density: float = 0.5
    steps: int = 6_000
    seed: int = 1
    reach: int = 20  # a token adds an integer from -reach to reach to a unit's sum
    streams: int = 64  # read side by side
    window: int = 64  # characters per stream and step; gradients stop at its start, the state doesn't
    rate: float = 0.02
    softness: float = 0.4  # width of the slope that stands in for the sign's, about in deviations of the sum
    first_density: float = 0.6


def king_james() -> str:
    """The King James Bible, as Debian's packages bible-kjv and bible-kjv-text print it."""
    try:
        done = subprocess.run(
            ["bible", "genesis1:1-revelation22:21"], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise click.ClickException("no `bible` command: apt install bible-kjv, or give --text FILE") from None
    return done.stdout


def encode(text: str) -> Ids:
    """Token ids, shape (characters,): lower case, other characters dropped, then white space folded."""
    kept = "".join(c for c in text.lower() if c in TOKENS or c.isspace())
    return np.array([TOKENS.index(c) for c in " ".join(kept.split())], dtype=np.int64)


def ternary(latent: Tensor, density: float) -> Tensor:
    """The signs of the largest entries, zeros elsewhere.

    Ternary weight networks (Li & Liu, 2016) cut at a multiple of the mean magnitude; here the cut is a rank,
    so that the density is the one asked for.
    """
    import torch

    kept = latent.detach().abs().flatten().topk(math.ceil(density * latent.numel()), sorted=False).indices
    signs = torch.zeros(latent.numel())
    signs[kept] = latent.detach().sign().flatten()[kept]
    return straight_through(latent, signs.view_as(latent))


def rounded(latent: Tensor) -> Tensor:
    """The nearest integers."""
    return straight_through(latent, latent.round())


def straight_through(latent: Tensor, value: Tensor) -> Tensor:
    """The value, with the gradient of the latent."""
    return value.detach() + (latent - latent.detach())


class Quantised(NamedTuple):
    """The integers of the machine, as float tensors that gradients flow through."""

    hidden: Tensor  # (units, units), ternary
    drive: Tensor  # (tokens, units): what a token adds
    bias: Tensor  # (units,)
    head: Tensor  # (tokens, units), ternary
    head_bias: Tensor  # (tokens,)


class Net:
    """The latent tensors, and how they are seen by the forward pass."""

    def __init__(self, recipe: Recipe) -> None:
        import torch

        self.recipe = recipe
        generator = torch.Generator().manual_seed(recipe.seed)

        def latent(*shape: int, spread: float) -> Tensor:
            return (torch.randn(*shape, generator=generator) * spread).requires_grad_()

        self.hidden = latent(recipe.units, recipe.units, spread=0.1)
        self.drive = latent(len(TOKENS), recipe.units, spread=0.3)
        self.bias = latent(recipe.units, spread=0.01)
        self.head = latent(len(TOKENS), recipe.units, spread=0.1)
        self.head_bias = latent(len(TOKENS), spread=0.01)
        self.log_scale = torch.tensor(-0.5 * math.log(recipe.units), requires_grad=True)

    def parameters(self) -> list[Tensor]:
        """All that is trained."""
        return [self.hidden, self.drive, self.bias, self.head, self.head_bias, self.log_scale]

    def quantised(self, density: float) -> Quantised:
        """The integers, with this density of recurrent weights."""
        return Quantised(
            hidden=ternary(self.hidden, density),
            drive=rounded(self.recipe.reach * self.drive),
            bias=rounded(self.recipe.reach * self.bias),
            head=ternary(self.head, self.recipe.head_density),
            head_bias=rounded(HEAD_BIAS_UNIT * self.head_bias),
        )

    def checkpoint(self) -> Checkpoint:
        """The entries of a trilc checkpoint, version 1.

        An integer up to `reach` isn't a ternary weight, so the embedding repeats each token's one-hot vector
        `reach` times and the input weights count in unary.
        """
        import torch

        with torch.no_grad():
            integers = self.quantised(self.recipe.density)
            hidden, drive, bias, head, head_bias = (tensor.numpy() for tensor in integers)
            scale = round(float(self.log_scale.exp()), 4)
        header = {
            "format": "trilc-checkpoint",
            "version": 1,
            "cell": "elman",
            "state": "pm1",
            "output": "argmax",
            "tokens": list(TOKENS),
            "text": {"lower": True, "fold_space": True, "unknown": "skip"},
            "score_scale": scale,
        }
        unary = [np.sign(drive.T) * (np.abs(drive.T) > level) for level in range(self.recipe.reach)]
        return {
            "__trilc__": np.array(json.dumps(header)),
            "embedding.weight": np.tile(np.eye(len(TOKENS), dtype=np.int8), self.recipe.reach),
            "rnn.weight_ih_l0": np.hstack(unary).astype(np.int8),
            "rnn.weight_hh_l0": hidden.astype(np.int8),
            "rnn.bias_l0": bias.astype(np.int32),
            "rnn.h0_l0": np.zeros(self.recipe.units, np.uint8),
            "head.weight": head.astype(np.int8),
            "head.bias": head_bias.astype(np.int32),
        }


def unroll(drive: Tensor, weight: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """Pre-activations (time, streams, units) and states (time + 1, streams, units), the given one first."""
    import torch

    pre, states = torch.empty_like(drive), torch.empty(len(drive) + 1, *state.shape)
    states[0] = state
    transposed = weight.t().contiguous()
    for t in range(len(drive)):
        torch.addmm(drive[t], states[t], transposed, out=pre[t])
        torch.sign(pre[t], out=states[t + 1])
    return pre, states


def unroll_gradients(
    pre: Tensor, states: Tensor, weight: Tensor, grads: Tensor, softness: float
) -> tuple[Tensor, Tensor]:
    """Gradients of the drive and of the weight, from those of the states.

    The slope of the sign counts as 1 / (1 + (pre / softness)²) / softness, a surrogate of the kind that
    SuperSpike uses (Zenke & Ganguli, 2018). Written out, because autograd's graph of many small nodes would
    cost more than the arithmetic.
    """
    import torch

    below = torch.empty_like(pre)
    through_time = torch.zeros_like(states[0])
    for t in reversed(range(len(pre))):
        width = (pre[t] / softness).square_().add_(1).mul_(softness)
        torch.div(through_time.add_(grads[t]), width, out=below[t])
        torch.mm(below[t], weight, out=through_time)
    return below, below.flatten(0, 1).t() @ states[:-1].flatten(0, 1)


def train(recipe: Recipe, ids: Ids) -> Iterator[tuple[Net, float]]:
    """Train on the text, and yield the net and its loss in bits per character after every step."""
    import torch
    from torch.nn import functional

    torch.set_num_threads(1)
    net = Net(recipe)
    adam = torch.optim.Adam(net.parameters(), betas=(0.9, 0.99))
    text = torch.from_numpy(ids)
    starts = torch.arange(recipe.streams) * (len(ids) // recipe.streams)
    first = starts + torch.arange(recipe.window + 1)[:, None]
    state = torch.full((recipe.streams, recipe.units), -1.0)

    for step in range(recipe.steps):
        done = step / recipe.steps
        for group in adam.param_groups:
            group["lr"] = recipe.rate * min(1, step / 500) * (1 + math.cos(math.pi * done)) / 2
        # The density falls along a cubic (Zhu & Gupta, "To prune, or not to prune", 2017), then rests.
        density = recipe.density + max(0, recipe.first_density - recipe.density) * max(0, 1 - done / 0.6) ** 3
        softness = recipe.softness * math.sqrt(density * recipe.units + 8)

        window = text[(first + step * recipe.window) % len(ids)]
        q = net.quantised(density)
        drive = functional.embedding(window[:-1], q.drive + q.bias + 0.5)  # so that no sum is 0
        with torch.no_grad():
            pre, states = unroll(drive, q.hidden, state)
        seen = states[1:].requires_grad_()
        scores = functional.linear(seen.flatten(0, 1), q.head, q.head_bias) * net.log_scale.exp()
        loss = functional.cross_entropy(scores, window[1:].flatten())

        adam.zero_grad()
        loss.backward(inputs=[seen, net.head, net.head_bias, net.log_scale])
        with torch.no_grad():
            gradients = unroll_gradients(pre, states, q.hidden, seen.grad, softness)
        torch.autograd.backward([drive, q.hidden], gradients)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        with torch.no_grad():
            net.drive.clamp_(-1, 1)
        state = states[-1].detach()
        yield net, loss.item() / math.log(2)


def bits_per_character(checkpoint: Checkpoint, ids: Ids) -> float:
    """Mean code length of every character but the first, given all before it.

    One state runs through the whole text, from reset, in integers; only the scores are made probabilities.
    """
    # All sums stay far below 2^24, where float32 is exact and has the faster product.
    tensors = {name: tensor.astype(np.float32) for name, tensor in checkpoint.items() if name != "__trilc__"}
    drive = tensors["embedding.weight"] @ tensors["rnn.weight_ih_l0"].T + tensors["rnn.bias_l0"]
    hidden = np.ascontiguousarray(tensors["rnn.weight_hh_l0"].T)
    state = 2 * tensors["rnn.h0_l0"] - 1
    states = np.empty((len(ids) - 1, len(state)), np.float32)
    for t, token in enumerate(ids[:-1]):
        state = np.where(state @ hidden + drive[token] >= 0, np.float32(1), np.float32(-1))
        states[t] = state
    scores = states @ tensors["head.weight"].T + tensors["head.bias"]
    nats = scores.astype(np.float64) * json.loads(str(checkpoint["__trilc__"]))["score_scale"]
    lengths = np.logaddexp.reduce(nats, axis=1) - nats[np.arange(len(nats)), ids[1:]]
    return float(lengths.mean() / math.log(2))


EXAMPLES = """\b
Examples:
  python examples/kjv/train.py -o kjv128.npz
  python examples/kjv/train.py --units 64 --density 0.3 -o small.npz
  python examples/kjv/train.py --text alice.txt --steps 3000 -o alice.npz
"""
SHARE = click.FloatRange(0, 1, min_open=True)
COUNT = click.IntRange(min=1)
OUTPUT = click.Path(dir_okay=False, path_type=Path)
INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(help=__doc__, epilog=EXAMPLES, context_settings={"show_default": True})
@click.option("-o", "--output", type=OUTPUT, required=True, help="Checkpoint to write.")
@click.option("--text", type=INPUT, help="UTF-8 text to learn; without it, the King James Bible.")
@click.option("--units", type=COUNT, default=Recipe.units, help="Width of the state in bits.")
@click.option("--density", type=SHARE, default=Recipe.density, help="Non-zero share of recurrent weights.")
@click.option(
    "--head-density", type=SHARE, default=Recipe.head_density, help="Non-zero share of head weights."
)
@click.option("--steps", type=COUNT, default=Recipe.steps, help="Updates, of 64 x 64 characters each.")
@click.option("--seed", type=int, default=Recipe.seed, help="The same seed gives the same checkpoint.")
def main(*, output: Path, text: Path | None, **options: Any) -> None:
    """Train with a progress bar, save on the way, and measure what was saved."""
    from rich.progress import Progress

    ids = encode(king_james() if text is None else text.read_text(encoding="utf-8"))
    learned, held_out = np.split(ids, [len(ids) - int(HELD_OUT * len(ids))])
    recipe = Recipe(**options)
    with Progress() as progress:
        task = progress.add_task("", total=recipe.steps)
        smooth = math.log2(len(TOKENS))
        for step, (net, loss) in enumerate(train(recipe, learned), start=1):
            smooth += 0.01 * (loss - smooth)
            progress.update(task, completed=step, description=f"{smooth:.3f} bits per character")
            if step % SAVE_EVERY == 0 or step == recipe.steps:
                checkpoint = net.checkpoint()
                np.savez_compressed(output, **checkpoint)
    density = np.count_nonzero(checkpoint["rnn.weight_hh_l0"]) / recipe.units**2
    bits = bits_per_character(checkpoint, held_out)
    click.echo(f"{output}: density {density:.4f}, {bits:.4f} bits per character on the held-out text")


if __name__ == "__main__":
    main()
