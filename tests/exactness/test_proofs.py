"""What is written, others read, and prove equal to the plain lowering under the token constraint."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exactness.cases import PIPELINES, cases
from tests.exactness.proof import can_be_cut, prove
from tests.models import checkpoints

ROUTES = {"blif", "v", "aig", "aag", "abc_aig", "abc_blif"}
CUT = {"blif_cut", "v_cut"}


@pytest.mark.parametrize(
    ("layers", "units", "count"),
    [(1, 8, 24), (3, 4, 24)],
    ids=["one layer", "up to three layers"],
)
def test_every_file_is_proved_equal_to_the_plain_lowering(
    layers: int, units: int, count: int, tmp_path: Path
) -> None:
    batch = cases(checkpoints(max_layers=layers, max_units=units, max_vocabulary=7, max_outputs=7), count)
    assert {case.passes for case in batch} == set(PIPELINES)
    netlists = [case.compile() for case in batch]
    verdicts = prove(batch, netlists, tmp_path)
    for number, (case, netlist) in enumerate(zip(batch, netlists, strict=True)):
        routes = ROUTES | CUT if can_be_cut(case, netlist) else ROUTES
        assert {route for proved, route in verdicts if proved == number} == routes
        for route in sorted(routes):
            assert verdicts[number, route], f"{route}: {case}"
