"""Ten thousand mutated files for every reader: a valid object or one clear line, and nothing else."""

from __future__ import annotations

import pytest

from tests.fuzz import faulty
from tests.fuzz.campaign import campaign
from tests.fuzz.readers import READERS, spoilt

COUNT = 10_000


@pytest.mark.parametrize("reader", READERS)
def test_mutated_files(reader, tmp_path):
    report = campaign(reader, COUNT, keep=tmp_path)
    assert report.failures == {}
    assert report.tried == report.accepted + report.refused == COUNT
    assert min(report.accepted, report.refused) > COUNT // 100


def test_every_fault_is_noticed(tmp_path):
    count = 40
    report = campaign("faulty", count, keep=tmp_path, seconds=1)
    kinds = [spoilt("faulty", 0, index, faulty.FILES) for index in range(count)]
    assert set(kinds) == set(faulty.FILES)
    assert report.hangs == kinds.count(b"hang")
    assert report.refused == sum(kinds.count(kind) for kind in (b"refused", b"lines", b"escape"))
    assert report.accepted == kinds.count(b"sound")
    assert report.crashes == count - report.hangs - kinds.count(b"refused") - report.accepted
    for index, kind in enumerate(kinds):
        kept = tmp_path / f"faulty-0-{index}.txt"
        assert kept.exists() == (index in report.failures) == (kind not in (b"refused", b"sound"))
        assert not kept.exists() or kept.read_bytes() == kind
