"""The simulator against a plain evaluator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aig.circuits import mixed, node_values, outputs_of
from tests.strategies import aigs
from trilc.aig import AIG, UNKNOWN, Builder
from trilc.aig.simulation import Simulator, evaluate, literal_values, simulate_nodes
from trilc.errors import InputError


def bits_of(codes: np.ndarray, count: int) -> np.ndarray:
    return (codes[..., None] >> np.arange(count) & 1).astype(bool)


def codes_of(bits: np.ndarray) -> np.ndarray:
    return (bits << np.arange(bits.shape[-1])).sum(-1)


def tokens_for(aig: AIG, steps: int, streams: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 1 << aig.num_inputs, (steps, streams))


@given(aigs(), st.integers(0, 5), st.sampled_from([1, 2, 63, 65, 1100]), st.integers(1, 3))
def test_run_is_what_the_gates_say(aig: AIG, steps: int, streams: int, threads: int) -> None:
    tokens = tokens_for(aig, steps, streams)
    simulator = Simulator(aig, streams, threads)
    outputs, state = outputs_of(aig, bits_of(tokens, aig.num_inputs))
    codes = simulator.run(tokens)
    assert codes.shape == tokens.shape
    assert (codes == codes_of(outputs)).all()
    assert simulator.state.dtype == np.uint8
    assert (simulator.state == state).all()
    assert simulator.position == steps


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("gates", [40, 700, 9000])
def test_every_kind_of_logic(seed: int, gates: int) -> None:
    aig = mixed(seed, gates)
    tokens = tokens_for(aig, 6, 70, seed)
    simulator = Simulator(aig, 70)
    outputs, state = outputs_of(aig, bits_of(tokens, aig.num_inputs))
    assert (simulator.run(tokens) == codes_of(outputs)).all()
    assert (simulator.state == state).all()


def test_fanins_that_a_builder_would_have_folded() -> None:
    x, y = 2, 4
    fanins = [(0, x), (1, x), (x, x + 1), (1, y + 1), (8, 12), (9, 13), (11, 12), (6, 17), (13, 15)]
    aig = AIG(
        fanins=np.array(fanins, np.uint32),
        input_names=("a", "b"),
        output_names=tuple(f"o{i}" for i in range(18)),
        outputs=np.arange(6, 24, dtype=np.uint32),
    )
    aig.check()
    tokens = np.arange(4)[None]
    outputs, _ = outputs_of(aig, bits_of(tokens, 2))
    assert (Simulator(aig, 4).run(tokens) == codes_of(outputs)).all()


def test_a_long_run_in_pieces_of_every_length() -> None:
    aig = mixed(1, 300)
    tokens = tokens_for(aig, 200, 3)
    whole = Simulator(aig, 3).run(tokens)
    simulator = Simulator(aig, 3)
    parts = [simulator.run(part) for part in np.split(tokens, [1, 1, 64, 130])]
    assert (np.concatenate(parts) == whole).all()
    simulator.reset()
    assert simulator.position == 0
    assert (simulator.run(tokens.astype(np.uint8)) == whole).all()


def test_reset_may_change_the_number_of_streams() -> None:
    aig = mixed(1, 300)
    tokens = tokens_for(aig, 9, 1500)
    simulator = Simulator(aig, 2)
    simulator.run(tokens[:, :2])
    simulator.reset(1500)
    assert (simulator.run(tokens) == Simulator(aig, 1500).run(tokens)).all()


def test_threads_change_nothing() -> None:
    aig = mixed(2, 500)
    tokens = tokens_for(aig, 70, 9000)
    one, three = Simulator(aig, 9000), Simulator(aig, 9000, threads=3)
    assert (one.run(tokens) == three.run(tokens)).all()
    assert (one.state == three.state).all()


def test_output_bits_come_in_their_order_and_in_bounded_pieces() -> None:
    aig = mixed(3, 400, outputs=100)
    tokens = tokens_for(aig, 150, 1030)
    outputs, _ = outputs_of(aig, bits_of(tokens, aig.num_inputs))
    pieces = list(Simulator(aig, 1030).run_bits(tokens))
    assert all(len(piece) <= 64 for piece in pieces)
    assert (np.concatenate(pieces) == outputs).all()
    assert list(Simulator(aig, 1030).run_bits(tokens[:0])) == []


def test_words() -> None:
    aig = mixed(4, 300)
    streams = 130
    inputs = np.random.default_rng(0).integers(0, 2, (5, streams, aig.num_inputs)).astype(bool)
    outputs, state = outputs_of(aig, inputs)
    simulator = Simulator(aig, streams)
    for bits, lanes in zip(inputs, outputs, strict=True):
        padded = np.zeros((aig.num_inputs, 192), bool)
        padded[:, :streams] = bits.T
        words = simulator.step_bits(np.packbits(padded, axis=1, bitorder="little").view(np.uint64))
        assert words.shape[1] == 3
        assert (lanes == np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, :streams].T).all()
    assert (simulator.state == state).all()
    assert simulator.position == 5


def test_vectors_say_their_bits() -> None:
    b = Builder()
    high, low, middle = b.input("tok[2]"), b.input("tok[0]"), b.input("tok[1]")
    for name, literal in (("out[1]", high), ("out[2]", low), ("out[0]", middle)):
        b.output(name, literal)
    tokens = np.arange(8)[None]
    assert Simulator(b.build(), 8).run(tokens).tolist() == [[(t & 1) << 2 | t >> 1 for t in range(8)]]


@pytest.mark.parametrize("width", [7, 8, 9, 16, 17, 31, 33, 63, 64])
def test_codes_of_any_width(width: int) -> None:
    b = Builder()
    inputs = [b.input(f"tok[{i}]") for i in range(width)]
    for i, literal in enumerate(inputs):
        b.output(f"out[{i}]", literal ^ (i & 1))
    rng = np.random.default_rng(width)
    tokens = rng.integers(0, (1 << width) - 1, (3, 67), dtype=np.uint64, endpoint=True)
    codes = Simulator(b.build(), 67).run(tokens)
    assert codes.dtype.kind == "u"
    assert 8 * codes.dtype.itemsize < max(2 * width, 9)
    assert (codes == tokens ^ np.uint64(sum(1 << i for i in range(1, width, 2)))).all()


def test_state_can_be_kept_and_set_and_unknown_resets_are_zero() -> None:
    aig = replace(mixed(5, 200), reset=np.full(20, UNKNOWN, np.uint8))
    simulator = Simulator(aig, 77)
    assert not simulator.state.any()
    tokens = tokens_for(aig, 20, 77)
    simulator.run(tokens[:10])
    kept = simulator.state
    rest = simulator.run(tokens[10:])
    other = Simulator(aig, 77)
    other.state = kept
    assert (other.state == kept).all()
    assert (other.run(tokens[10:]) == rest).all()


@pytest.mark.parametrize("state", [np.zeros((3, 19)), np.zeros((3, 19), np.uint8), np.full((3, 20), 2)])
def test_wrong_states_are_refused(state: np.ndarray) -> None:
    with pytest.raises(InputError, match="state"):
        Simulator(mixed(5, 50), 3).state = state


def test_tokens_of_any_type_and_layout() -> None:
    aig = mixed(5, 200)
    tokens = tokens_for(aig, 6, 70)
    expected = Simulator(aig, 70).run(tokens)
    for given_ in (tokens.astype(">i4"), np.asfortranarray(tokens), np.broadcast_to(tokens, (2, 6, 70))[1]):
        assert (Simulator(aig, 70).run(given_) == expected).all()


def test_a_negative_token_is_none_of_64_bits() -> None:
    b = Builder()
    all_ones = 1
    for bit in [b.input(f"x[{i}]") for i in range(64)]:
        all_ones = b.and_(all_ones, bit)
    b.output("y", all_ones)
    assert Simulator(b.build(), 1).run(np.array([[2**64 - 1]], np.uint64)) == 1
    for kind in (np.int64, np.int8):
        with pytest.raises(InputError, match=r"position 0: token -1 is not in 0 … 18446744073709551615"):
            Simulator(b.build(), 1).run(np.array([[-1]], kind))


def test_tokens_beyond_the_vocabulary_are_refused_before_any_step() -> None:
    aig = replace(mixed(6, 200), metadata={"vocabulary": 37})
    simulator = Simulator(aig, 5)
    tokens = tokens_for(aig, 9, 5) % 37
    simulator.run(tokens)
    before = simulator.state
    tokens[4, 3] = 37
    with pytest.raises(InputError, match=r"^stream 3, position 13: token 37 is not in 0 … 36$"):
        simulator.run(tokens)
    tokens[4, 2] = -1
    with pytest.raises(InputError, match=r"^stream 2, position 13: token -1 is not in 0 … 36$"):
        simulator.run_bits(tokens)
    assert (simulator.state == before).all()


@pytest.mark.parametrize(
    "tokens",
    [np.zeros((3, 4)), np.zeros(4, int), np.zeros((4, 3), int), np.zeros((3, 4), bool), "text", [[64] * 4]],
)
def test_wrong_tokens_are_refused(tokens: object) -> None:
    with pytest.raises(InputError):
        Simulator(mixed(7, 50), 4).run(tokens)


@pytest.mark.parametrize(("shape", "kind"), [((5, 1), np.uint64), ((6, 2), np.uint64), ((6, 1), np.int64)])
def test_wrong_words_are_refused(shape: tuple[int, int], kind: type) -> None:
    with pytest.raises(InputError, match="uint64"):
        Simulator(mixed(7, 50), 4).step_bits(np.zeros(shape, kind))


@pytest.mark.parametrize("vocabulary", [0, -1, "31", 3.5, True, [3]])
def test_a_vocabulary_that_is_none_is_refused(vocabulary: object) -> None:
    with pytest.raises(InputError, match="vocabulary"):
        Simulator(replace(mixed(7, 50), metadata={"vocabulary": vocabulary}), 1)


def test_a_vocabulary_larger_than_the_inputs_can_say() -> None:
    simulator = Simulator(replace(mixed(7, 50), metadata={"vocabulary": 1000}), 1)
    with pytest.raises(InputError, match="token 64 is not in 0 … 63"):
        simulator.run([[64]])


def test_wrong_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="0 streams"):
        Simulator(mixed(7, 50), 0)
    with pytest.raises(InputError, match="0 threads"):
        Simulator(mixed(7, 50), 1, threads=0)
    wide = mixed(7, 50, inputs=65, outputs=5)
    with pytest.raises(InputError, match="65 inputs"):
        Simulator(wide, 1).run(np.zeros((1, 1), int))
    many = mixed(7, 300, outputs=66)
    with pytest.raises(InputError, match="66 outputs"):
        Simulator(many, 1).run(np.zeros((1, 1), int))


@given(aigs())
def test_every_node(aig: AIG) -> None:
    rng = np.random.default_rng(0)
    leaves = rng.integers(0, 1 << 64, (aig.first_and - 1, 3), dtype=np.uint64)
    bits = np.unpackbits(leaves.view(np.uint8), axis=1, bitorder="little").astype(bool)
    values = simulate_nodes(aig, leaves)
    expected = node_values(aig, bits)
    assert (np.unpackbits(values.view(np.uint8), axis=1, bitorder="little") == expected).all()
    roots = literal_values(values, aig.roots)
    for lane in (0, 100):
        column = roots[:, lane // 64] >> np.uint64(lane % 64) & np.uint64(1)
        assert (evaluate(aig, bits[:, lane]) == column).all()
    with pytest.raises(ValueError, match="patterns"):
        simulate_nodes(aig, np.zeros((aig.first_and, 1), np.uint64))
