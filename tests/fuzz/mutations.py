"""Ways to spoil a file: bytes, lines, numbers and words, and the containers' own structures."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""From a source of chance, a file and all files of the corpus to another file."""

NUMBERS = (
    *range(4), 7, 63, 64, 127, 128, 255, 256, 65535, 10**6, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53 + 1,
    2**60, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**20, 10**100, -1, -2, -(2**31), -(2**63), -(2**64),
)  # fmt: skip
ODD_NUMBERS = (
    b"1e400", b"-1e400", b"1e-400", b"NaN", b"Infinity", b"0x10", b"+1", b"1_0", b"1.5", b"-0", b"007",
    "٣".encode(), b"9" * 5000, b"",
)  # fmt: skip
ODD_BYTES = (
    b"\0", b"\x1b[2J", b"\r", b"\n", b"\n\n", b"\t", b"\x7f", b"\x85", "\u2028".encode(), "\u202e".encode(),
    b"\xff\xfe", b"\xed\xa0\x80", b"\\", b'"', b"'", b"`", b"$(touch pwned)", b"; touch pwned", b"%s%n", b"../../x",
    b"{}", b"//", b"#",
)  # fmt: skip
NESTED = (b"[", b"{", b"(", b'{"a":', b"[[", b"~", b"2*(", b"\\\n", b"- ", b" ", b"\n")
_NUMBER = re.compile(rb"-?\d+")
_WORD = re.compile(rb"[A-Za-z_.$][\w.$\[\]]*|\d+|[^\s\w]")


def _place(random: Random, size: int) -> int:
    return random.randrange(size + 1)


def _piece(random: Random, data: bytes, longest: int = 64) -> tuple[int, int]:
    start = _place(random, len(data))
    return start, min(len(data), start + 1 + int(random.expovariate(4 / longest)))


def flip(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """One bit, or one byte."""
    if not data:
        return data
    at = random.randrange(len(data))
    byte = data[at] ^ 1 << random.randrange(8) if random.random() < 0.5 else random.randrange(256)
    return data[:at] + bytes([byte]) + data[at + 1 :]


def cut(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """The end is missing."""
    return data[: _place(random, len(data))]


def drop(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A piece is missing."""
    start, stop = _piece(random, data)
    return data[:start] + data[stop:]


def double(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A piece is there twice, or a few hundred times."""
    start, stop = _piece(random, data)
    times = 2 if random.random() < 0.9 else random.randrange(3, 300)
    return data[:start] + times * data[start:stop] + data[stop:]


def move(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A piece stands elsewhere."""
    start, stop = _piece(random, data)
    piece, rest = data[start:stop], data[:start] + data[stop:]
    at = _place(random, len(rest))
    return rest[:at] + piece + rest[at:]


def insert(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Something that readers stumble over, or noise."""
    at = _place(random, len(data))
    noise = random.choice(ODD_BYTES) if random.random() < 0.7 else random.randbytes(random.randrange(1, 20))
    return data[:at] + noise + data[at:]


def splice(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = random.choice(corpus)
    return data[: _place(random, len(data))] + other[_place(random, len(other)) :]


def lines(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A line is missing, doubled, moved, or of another file."""
    rows = data.split(b"\n")
    at, to = random.randrange(len(rows)), random.randrange(len(rows))
    match random.randrange(4):
        case 0:
            del rows[at]
        case 1:
            rows.insert(to, rows[at])
        case 2:
            rows[at], rows[to] = rows[to], rows[at]
        case 3:
            rows.insert(to, random.choice(random.choice(corpus).split(b"\n")))
    return b"\n".join(rows)


def number(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A number is another: a neighbour, a huge or a negative one, or none at all."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    old = random.choice(found)
    kind = random.random()
    if kind < 0.3:
        new = b"%d" % (int(old[0][:20]) + random.choice((-2, -1, 1, 2)))
    elif kind < 0.85:
        new = b"%d" % random.choice(NUMBERS)
    else:
        new = random.choice(ODD_NUMBERS)
    return data[: old.start()] + new + data[old.end() :]


def word(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A word or sign is another one of some file's, is missing, or is there twice."""
    found = list(_WORD.finditer(data))
    others = _WORD.findall(random.choice(corpus))
    if not found or not others:
        return data
    old = random.choice(found)
    new = random.choice((random.choice(others), random.choice(found)[0], b"", old[0] + b" " + old[0]))
    return data[: old.start()] + new + data[old.end() :]


def nest(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Something opens, or goes on, very often."""
    at = _place(random, len(data))
    return data[:at] + random.choice(NESTED) * random.choice((10, 100, 1500, 20000)) + data[at:]


BYTES: tuple[Mutation, ...] = (flip, flip, cut, drop, double, move, insert, splice)
TEXT: tuple[Mutation, ...] = (*BYTES, lines, lines, number, number, number, word, word, word, nest)


def mutate(random: Random, data: bytes, corpus: Sequence[bytes], mutations: Sequence[Mutation]) -> bytes:
    """One change, or a few."""
    times = 1 if random.random() < 0.75 else random.randrange(2, 6)
    for _ in range(times):
        data = random.choice(mutations)(random, data, corpus)
    return data


# Zip archives ----------------------------------------------------------------------------------------------

_FIELDS = {
    b"PK\3\4": (4, ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2))),
    b"PK\1\2": (4, ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (38, 4), (42, 4))),
    b"PK\5\6": (4, ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2))),
}
"""The headers of an archive: their signatures, and the (offset, size) of fields that say how to read it."""


def zip_field(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A field of a local header, of the directory, or of its end: flags, method, checksum, sizes, offsets."""
    signature = random.choice(list(_FIELDS))
    places = [found.start() for found in re.finditer(re.escape(signature), data)]
    if not places:
        return data
    offset, size = random.choice(_FIELDS[signature][1])
    at = random.choice(places) + offset
    old = int.from_bytes(data[at : at + size], "little")
    kind = random.random()
    if kind < 0.4:
        new = old + random.choice((-2, -1, 1, 2, 512, 4096))
    elif kind < 0.6:
        new = old ^ 1 << random.randrange(8 * size)
    else:
        new = random.choice(NUMBERS)
    return data[:at] + (new % (1 << 8 * size)).to_bytes(size, "little") + data[at + size :]


def zip_entry(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """A sound archive in which an entry is mutated, renamed, missing, there twice, packed, or a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:
        return zip_field(random, data, corpus)
    if not entries or sum(len(content) for _, content in entries) > 1 << 22:
        return data
    at = random.randrange(len(entries))
    name, content = entries[at]
    match random.randrange(8):
        case 0 | 1 | 2:
            entries[at] = name, npy_header(random, content)
        case 3 | 4:
            entries[at] = name, mutate(random, content, [content for _, content in entries], BYTES)
        case 5:
            names = (name + "x", "../" + name, name.upper(), "a\nb.npy", "\x1b[2J.npy", "")
            entries[at] = random.choice(names), content
        case 6:
            del entries[at]
        case 7:
            entries[at] = name, content + bytes(random.choice((1, 1000, 1 << 14, 1 << 20)))
    stream = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(stream, "w", method, compresslevel=1) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, method)
    return stream.getvalue()


def npy_header(random: Random, data: bytes, corpus: Sequence[bytes] = ()) -> bytes:
    """Another type, shape or order in the header of a ``.npy`` array; its length is right again."""
    if len(data) < 10 or not data.startswith(b"\x93NUMPY\1"):
        return flip(random, data, corpus)
    length = int.from_bytes(data[8:10], "little")
    header, body = data[10 : 10 + length], data[10 + length :]
    match random.randrange(4):
        case 0:
            kinds = (
                "|O", "<f8", ">f8", "<f2", "|b1", "<u8", "|i1", "<U1", "<U1000000000", "|S5", "|V7", "<M8[s]", "<c16",
                "<f16", "<i8,<i8", "",
            )  # fmt: skip
            header = re.sub(rb"'descr': '[^']*'", f"'descr': '{random.choice(kinds)}'".encode(), header)
        case 1:
            sides = [str(random.choice(NUMBERS)) for _ in range(random.choice((0, 1, 1, 2, 2, 3, 40)))]
            header = re.sub(rb"\([^)]*\)", f"({''.join(side + ', ' for side in sides)})".encode(), header)
        case 2:
            header = header.replace(b"False", random.choice((b"True", b"1", b"None", b"False or True")))
        case 3:
            header = mutate(random, header, [header], TEXT)
    return data[:8] + (len(header) & 0xFFFF).to_bytes(2, "little") + header + body


# Safetensors -----------------------------------------------------------------------------------------------


def safetensors_table(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """The table is mutated as text, or one of its rows; its length is right again."""
    length = int.from_bytes(data[:8], "little")
    table, body = data[8 : 8 + length], data[8 + length :]
    tables = [other[8 : 8 + int.from_bytes(other[:8], "little")] for other in corpus]
    table = safetensors_row(random, table) if random.random() < 0.5 else mutate(random, table, tables, TEXT)
    return struct.pack("<Q", len(table)) + table + body


def safetensors_row(random: Random, table: bytes) -> bytes:
    """A sound table with another type, shape or place of a tensor."""
    try:
        rows = json.loads(table)
        name = random.choice(sorted(name for name in rows if name != "__metadata__"))
        row = rows[name]
        match random.randrange(4):
            case 0:
                row["dtype"] = random.choice(("BOOL", "BF16", "F64", "I64", "U8", "F8_E4M3", "\n", 3, None))
            case 1:
                row["shape"] = [random.choice(NUMBERS) for _ in range(random.randrange(5))]
            case 2:
                row["data_offsets"][random.randrange(2)] = random.choice((*NUMBERS, 10**400, True, "0", None))
            case 3:
                rows[random.choice(("\x1b[2J", "a\nb", "", "rnn.h0_l9999999", "rnn.h0_l100", "head.bias"))] = row
        return json.dumps(rows).encode()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return drop(random, table, ())


def bomb(random: Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """An archive whose small entry says that it is large, with a sound checksum or without one."""
    size = random.choice((1 << 20, 1 << 28, 1 << 31, 3 << 30))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("__trilc__.npy", (1980, 1, 1, 0, 0, 0)), bytes(1 << 12))
    packed = bytearray(stream.getvalue())
    for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = packed.index(signature) + offset
        packed[at : at + 4] = size.to_bytes(4, "little")
    if random.random() < 0.5:
        at = packed.index(b"PK\1\2") + 16
        packed[at : at + 4] = zlib.crc32(b"").to_bytes(4, "little")
    return bytes(packed)


NPZ: tuple[Mutation, ...] = (*BYTES, zip_field, zip_field, zip_field, *[zip_entry] * 8, bomb)
SAFETENSORS: tuple[Mutation, ...] = (*BYTES, *[safetensors_table] * 8)
NPY: tuple[Mutation, ...] = (*BYTES, *[npy_header] * 8)
