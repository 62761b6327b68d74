"""Files: endings, whole or not at all, permissions, special files."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

import backends
from backends import atomic_write, read_aig, write_aig
from trilc.aig import Builder
from trilc.errors import InputError


def small():
    builder = Builder()
    builder.output("q", builder.and_(builder.input("a"), builder.input("b")))
    return builder.build()


@pytest.mark.parametrize("ending", backends.FORMATS)
def test_every_ending_writes_and_reads(ending, tmp_path):
    path = tmp_path / f"my net{ending}"
    write_aig(small(), path)
    assert read_aig(str(path)).fanins.tolist() == small().fanins.tolist()
    assert [*tmp_path.iterdir()] == [path]


def test_the_magic_word_decides_within_aiger(tmp_path):
    write_aig(small(), tmp_path / "a.aag")
    (tmp_path / "a.aag").rename(tmp_path / "a.aig")
    assert read_aig(tmp_path / "a.aig").num_ands == 1


def test_unknown_endings_and_missing_files(tmp_path):
    with pytest.raises(
        InputError, match=r"found the ending '\.edif'; expected one of \.aig, \.aag, \.blif, \.v"
    ):
        write_aig(small(), tmp_path / "a.edif")
    with pytest.raises(InputError, match=r"cannot read .*a\.blif: No such file"):
        read_aig(tmp_path / "a.blif")
    with pytest.raises(InputError, match=r"cannot write .*a\.blif: No such file"):
        write_aig(small(), tmp_path / "nowhere" / "a.blif")
    (tmp_path / "b.blif").write_text("nonsense\n")
    with pytest.raises(InputError, match=r"b\.blif: line 1: expected \.model"):
        read_aig(tmp_path / "b.blif")


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, InputError])
def test_a_failure_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as stream:
        stream.write(b"new")
        raise error("stop")
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_full_disk_is_one_line():
    with (
        pytest.raises(InputError, match="cannot write /dev/full: No space left on device"),
        atomic_write("/dev/full") as stream,
    ):
        stream.write(b"x" * 100000)


def test_permissions_are_those_of_open(tmp_path):
    with (tmp_path / "plain").open("wb"):
        pass
    with atomic_write(tmp_path / "new"):
        pass
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "plain").chmod(0o751)
    with atomic_write(tmp_path / "plain") as stream:
        stream.write(b"x")
    assert (tmp_path / "plain").stat().st_mode & 0o777 == 0o751


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with atomic_write(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_directory_is_refused(tmp_path):
    with pytest.raises(InputError, match="Is a directory"), atomic_write(tmp_path) as stream:
        stream.write(b"x")


def test_a_pipe_is_written_directly(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found = []
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with atomic_write(tmp_path / "pipe") as stream:
        stream.write(b"through")
    reader.join()
    assert found == [b"through"]


def test_standard_output_by_its_name():
    script = "from backends import atomic_write\nwith atomic_write('/dev/stdout') as s: s.write(b'hello')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"hello"


def test_importing_the_package_is_cheap():
    script = "import sys, backends; sys.exit('numba' in sys.modules or 'numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
