"""From a checkpoint file to the model in integers."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace
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
from trilc.errors import InputError, file_name
from trilc.exact.tensors import Entry, Tensors
from trilc.model import Model


def load(path: str | os.PathLike[str]) -> Model:
    """The model in a ``.npz`` or ``.safetensors`` checkpoint, everything folded into integers exactly.

    Raises :class:`InputError`, one line with the file and the entry in it, for a file that can't be read, is
    not a checkpoint, or holds something that integers can't say exactly.
    """
    name = file_name(path)
    try:
        if "\0" in str(path) or not stat.S_ISREG(Path(path).stat().st_mode):
            raise InputError("expected a regular file")
        with Path(path).open("rb") as file:
            text, entries = _read(Path(path).suffix.lower(), file)
            model = _fold(parse_header(text), entries)
            file.seek(0)
            return replace(model, digest=hashlib.file_digest(file, "sha256").hexdigest())
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except OSError as error:
        raise InputError(f"{name}: can't be read: {error.strerror or error}") from None
    except MemoryError:
        raise InputError(f"{name}: needs more memory than there is") from None


def _read(ending: str, file: IO[bytes]) -> tuple[str, dict[str, Entry]]:
    """The header's text and the tensors, by the file's ending and its first bytes."""
    match ending:
        case ".npz":
            if file.read(4) not in MAGICS:
                raise InputError("not an .npz file: it does not begin as a zip archive does")
            return read_npz(file)
        case ".safetensors":
            return read_safetensors(file, os.fstat(file.fileno()).st_size)
        case _:
            raise InputError(f"found ending {ending!r}; expected .npz or .safetensors")


def _fold(header: Header, entries: dict[str, Entry]) -> Model:
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
    )
    if model.output == "scores":
        model.require_integer_scores()
    return model


def _nats(score_scale: float | None, unit: Fraction) -> float | None:
    """What an integer 1 of score is worth: the header's scale, times the one that was folded away."""
    return None if score_scale is None else score_scale * float(unit)
