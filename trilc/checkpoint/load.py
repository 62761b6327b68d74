"""From a checkpoint file to the model in integers."""

from __future__ import annotations

import hashlib
import os
import stat
from fractions import Fraction
from pathlib import Path
from typing import IO

from trilc.cells.elman.fold import Below, fold_layer
from trilc.cells.elman.layer import ElmanLayer
from trilc.checkpoint.embedding import NAME as EMBEDDING
from trilc.checkpoint.embedding import fold_embedding
from trilc.checkpoint.head import fold_head
from trilc.checkpoint.header import Header, parse_header
from trilc.checkpoint.names import count_layers
from trilc.checkpoint.npz import MAGICS, read_npz
from trilc.checkpoint.safetensors import read_safetensors
from trilc.errors import InputError
from trilc.exact.tensors import Entry, Tensors
from trilc.model import Model


def load(path: str | os.PathLike[str]) -> Model:
    """The model in a ``.npz`` or ``.safetensors`` checkpoint, everything folded into integers exactly.

    Raises :class:`InputError`, one line with the file and the entry in it, for a file that can't be read, is
    not a checkpoint, or holds something that integers can't say exactly.
    """
    path = Path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("expected a regular file")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            text, entries = _open(path, file)
            return _fold(parse_header(text), entries, digest)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{path}: can't be read: {reason}") from None
    except MemoryError:
        raise InputError(f"{path}: needs more memory than there is") from None


def _open(path: Path, file: IO[bytes]) -> tuple[str, dict[str, Entry]]:
    """The header's text and the tensors, by the file's ending and its first bytes."""
    size = file.tell()
    file.seek(0)
    magic = file.read(4)
    file.seek(0)
    match path.suffix.lower():
        case ".npz":
            if magic not in MAGICS:
                raise InputError("not an .npz file: it does not begin as a zip archive does")
            return read_npz(file)
        case ".safetensors":
            return read_safetensors(file, size)
        case ending:
            raise InputError(f"found ending {ending!r}; expected .npz or .safetensors")


def _fold(header: Header, entries: dict[str, Entry], digest: str) -> Model:
    count = count_layers(entries)
    tensors = Tensors(entries)
    if EMBEDDING in tensors:
        embedding, unit = fold_embedding(tensors)
        vocabulary = len(embedding)
        peak = max(int(embedding.max()), -int(embedding.min()))
        below = Below("E", embedding.shape[1], unit, peak)
    else:
        embedding = None
        vocabulary = tensors.size("rnn.weight_ih_l0", 1)
        below = Below("V", vocabulary)
    if header.tokens is not None and len(header.tokens) != vocabulary:
        raise InputError(f"header: tokens: found {len(header.tokens)} names; expected V = {vocabulary}")
    layers: list[ElmanLayer] = []
    for k in range(count):
        layers.append(fold_layer(tensors, k, below, header.norm_eps))
        below = Below("H", layers[-1].units)
    head, score = fold_head(tensors, below.width)
    if head is None and header.output != "state":
        raise InputError(f"head.weight is missing; output '{header.output}' needs it")
    model = Model(
        signed=header.signed,
        embedding=embedding,
        layers=tuple(layers),
        head=head,
        output=header.output,
        tokens=header.tokens,
        text=header.text,
        score_scale=_nats(header.score_scale, score),
        cell=header.cell,
        digest=digest,
    )
    if model.output == "scores":
        model.require_integer_scores()
    return model


def _nats(score_scale: float | None, unit: Fraction) -> float | None:
    """What an integer 1 of score is worth: the header's scale, times the one that was folded away."""
    return None if score_scale is None else score_scale * float(unit)
