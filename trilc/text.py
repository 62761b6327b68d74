"""Raw text to tokens and back, in a stream and in constant memory."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trilc.errors import InputError
from trilc.model import TextRules

Ids = NDArray[np.int64]

PIECE = 1 << 16
"""Characters that are looked at together."""
LONGEST_WORD = 1 << 12
"""Characters that wait for a word's end, where a letter's lower case may depend on the word."""
_SPACE = re.compile(r"\s+")


class Tokenizer:
    """The longest match of token names, after the text rules.

    A text is cut into the same tokens however it is cut into chunks.
    """

    def __init__(self, tokens: Sequence[str], rules: TextRules | None = None) -> None:
        self.tokens = tuple(tokens)
        self.rules = TextRules() if rules is None else rules
        self._ids = {name: i for i, name in enumerate(self.tokens)}
        self._unknown = -1 if self.rules.unknown in ("refuse", "skip") else self._ids[self.rules.unknown]
        self._lengths: dict[str, list[int]] = {}
        for name in sorted(self.tokens, key=len, reverse=True):
            lengths = self._lengths.setdefault(name[0], [])
            if len(name) not in lengths:
                lengths.append(len(name))
        self._longest = max(map(len, self.tokens), default=1)
        self._table = self._code_points() if self._longest == 1 else None

    def encode_stream(self, chunks: Iterable[str]) -> Iterator[Ids]:
        """Arrays of token ids, one or none for each piece of the text.

        Raises :class:`InputError` naming the character, its code point and its place in the text, where no
        token matches and the rules refuse that.
        """
        folder = _Folder(self.rules)
        rest = ""
        for piece in _pieces(chunks, self.rules.lower):
            ids, rest = self._match(rest + folder.fold(piece), folder, last=False)
            if ids.size:
                yield ids
        ids, _ = self._match(rest, folder, last=True)
        if ids.size:
            yield ids

    def encode(self, text: str) -> Ids:
        """The token ids of a whole text."""
        return np.concatenate([np.zeros(0, np.int64), *self.encode_stream([text])])

    def decode(self, ids: NDArray[np.integer]) -> str:
        """The names of tokens, joined. Raises :class:`InputError` at an id that has no name."""
        wrong = (ids < 0) | (ids >= len(self.tokens))
        if wrong.any():
            i = int(np.argmax(wrong))
            raise InputError(f"ids[{i}]: found {ids[i]}; expected 0 to {len(self.tokens) - 1}")
        return "".join(map(self.tokens.__getitem__, ids.tolist()))

    def _match(self, text: str, folder: _Folder, last: bool) -> tuple[Ids, str]:
        """The ids of all that can be decided in ``text``, and the rest, which can't yet."""
        if self._table is not None:
            ids, end = self._look_up(text), len(text)
        else:
            ids, end = self._search(text, last)
        unknown = ids < 0
        if unknown.any():
            if self.rules.unknown == "refuse":
                at = int(~ids[np.argmax(unknown)])
                raise InputError(f"{folder.place(at)}: found {_named(text[at])}; expected a token")
            ids = ids[~unknown] if self._unknown < 0 else np.where(unknown, self._unknown, ids)
        folder.advance(end)
        return ids, text[end:]

    def _look_up(self, text: str) -> Ids:
        """Ids, and ``~index`` at unknown characters, where every token is one character."""
        assert self._table is not None
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        ids: Ids = self._table[np.minimum(codes, len(self._table) - 1)]
        unknown = np.flatnonzero(ids < 0)
        ids[unknown] = ~unknown
        return ids

    def _search(self, text: str, last: bool) -> tuple[Ids, int]:
        """Ids, and ``~index`` at unknown characters, up to where the longest token might not be all there."""
        ids: list[int] = []
        find, lengths = self._ids.get, self._lengths
        at, end = 0, len(text)
        while at < end:
            candidates = lengths.get(text[at], ())
            if candidates and at + candidates[0] > end and not last:
                break
            for length in candidates:
                token = find(text[at : at + length])
                if token is not None:
                    ids.append(token)
                    at += length
                    break
            else:
                ids.append(~at)
                at += 1
        return np.array(ids, np.int64), at

    def _code_points(self) -> Ids:
        """(largest code point + 2,) the id of each character, −1 where there is none."""
        codes = [ord(name) for name in self.tokens]
        table = np.full(max(codes, default=0) + 2, -1, np.int64)
        table[codes] = np.arange(len(codes))
        return table


class _Folder:
    """Applies the rules to a text, piece by piece, and knows where in the raw text a character came from.

    What it keeps for that are the pieces that are not tokenised yet.
    """

    def __init__(self, rules: TextRules) -> None:
        self._rules = rules
        self._pending: deque[tuple[str, int, bool]] = deque()
        self._done = 0
        self._line, self._column = 1, 1
        self._after_space = False

    def fold(self, piece: str) -> str:
        """The next piece, not empty, as the rules change it."""
        text = piece.lower() if self._rules.lower else piece
        after_space = self._after_space
        if self._rules.fold_space:
            text = _SPACE.sub(" ", text)
            text = text[1:] if after_space and text.startswith(" ") else text
            self._after_space = piece[-1].isspace()
        self._pending.append((piece, len(text), after_space))
        return text

    def advance(self, count: int) -> None:
        """Leave ``count`` characters of the folded text behind."""
        self._done += count
        while self._pending and self._done >= self._pending[0][1]:
            piece, length, _ = self._pending.popleft()
            self._done -= length
            self._pass(piece)

    def place(self, index: int) -> str:
        """The line and column of the folded text's character ``index``, counted from what was left behind."""
        index += self._done
        while index >= self._pending[0][1]:
            piece, length, _ = self._pending.popleft()
            index -= length
            self._pass(piece)
        piece, _, after_space = self._pending[0]
        for i, character in enumerate(piece):
            space = self._rules.fold_space and character.isspace()
            if not (space and after_space):
                index -= len(character.lower()) if self._rules.lower else 1
            after_space = space
            if index < 0:
                self._pass(piece[:i])
                break
        return f"line {self._line}, column {self._column}"

    def _pass(self, raw: str) -> None:
        lines = raw.count("\n")
        self._line += lines
        self._column = len(raw) - raw.rfind("\n") if lines else self._column + len(raw)


def _pieces(chunks: Iterable[str], whole_words: bool) -> Iterator[str]:
    """The text in pieces of bounded length; with ``whole_words`` cut at white space, unless it is too far.

    A capital sigma's lower case depends on whether it ends a word (Unicode, section 3.13).
    """
    held = ""
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            piece = held + chunk[start : start + PIECE]
            end = max(piece.rfind(" "), piece.rfind("\n")) + 1
            if not whole_words or len(piece) - end > LONGEST_WORD:
                end = len(piece)
            held = piece[end:]
            if end:
                yield piece[:end]
    if held:
        yield held


def _named(character: str) -> str:
    return f"{character!r} (U+{ord(character):04X})"
