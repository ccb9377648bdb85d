"""A long document that was cut is recorded as if it had been read a symbol at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import planted
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.passes import Reader, ShardText
from analysis.plan import Cut, Piece, Shard, plan_shards
from analysis.shards import ShardEnd, read_shard
from analysis.trails import Trail, mark_positions
from models.cells import layer_weights
from models.checkpoint import Checkpoint
from models.reading import SIGNALS, read
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import Vocabulary

CUT = Cut(shard_time=65_536, slots=8, length=8, least_piece=64)
TOLERANCE = 1e-5


def slow_checkpoint(cell: Any) -> Checkpoint:
    """A network that forgets over some tens of symbols."""
    checkpoint = planted.random_checkpoint(cell)
    if cell == "lstm":
        with torch.no_grad():
            for layer in checkpoint.model.layers:
                layer.bias_ih_l0[5:10] = 2.0
    return checkpoint


def counting_checkpoint(gain: float) -> Checkpoint:
    """One LSTM layer that never forgets: c' = c + i g, where i and g depend on the symbol alone."""
    torch.manual_seed(3)
    model = RecurrentModel(Architecture("lstm", 1, 4, len(planted.SYMBOLS), len(planted.SYMBOLS)))
    with torch.no_grad():
        model.embedding.weight.copy_(torch.eye(len(planted.SYMBOLS)))
        w = layer_weights(model.layers[0])  # type: ignore[arg-type]
        w.hh.zero_()
        w.b_ih.zero_()
        w.b_hh.zero_()
        w.b_ih[4:8] = 40.0  # f = 1 in float32
        w.ih.normal_(0, gain)
        w.ih[4:8] = 0
    return Checkpoint("counting", model.eval(), Vocabulary(planted.SYMBOLS))


class Rows:
    """A sink that keeps everything, and how often each row was written."""

    def __init__(self, symbols: int) -> None:
        self.symbols = symbols
        self.arrays: dict[str, np.ndarray] = {}

    def __call__(self, name: str, row: int, values: np.ndarray) -> None:
        if name not in self.arrays:
            self.arrays[name] = np.full((self.symbols, *values.shape[1:]), np.nan)
        self.arrays[name][row : row + len(values)] = values


def read_cut(
    checkpoint: Checkpoint, symbols: np.ndarray, cut: Cut = CUT
) -> tuple[Rows, ShardEnd, Shard]:
    (shard,) = plan_shards([len(symbols)], cut)
    cell = checkpoint.architecture.cell
    reader = Reader(checkpoint.model, SIGNALS[cell], "float32", cut)
    text = ShardText(
        shard.pieces, tuple(symbols[p.start : p.start + p.length + 1] for p in shard.pieces)
    )
    rows = Rows(len(symbols))
    return rows, read_shard(reader, shard, text, rows, tolerance=TOLERANCE), shard


def read_straight(checkpoint: Checkpoint, symbols: np.ndarray) -> Any:
    model = checkpoint.model
    return read(model, torch.from_numpy(symbols)[:, None], model.zero_state(1))


def check_equal(rows: Rows, checkpoint: Checkpoint, symbols: np.ndarray, atol: float) -> None:
    straight = read_straight(checkpoint, symbols)
    for layer, signals in enumerate(straight.signals):
        for name, values in signals.items():
            found = rows.arrays[f"{layer}/{name}"]
            np.testing.assert_allclose(found, values[:, 0].numpy(), rtol=0, atol=atol)
    loss = torch.nn.functional.cross_entropy(
        straight.logits[:-1, 0], torch.from_numpy(symbols[1:]), reduction="none"
    )
    np.testing.assert_allclose(rows.arrays["loss"][1:], loss.numpy(), rtol=0, atol=10 * atol)


def random_symbols(length: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, len(planted.SYMBOLS), length)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_a_cut_document_is_recorded_as_read_straight(cell: Any) -> None:
    checkpoint, symbols = slow_checkpoint(cell), random_symbols(3000)
    rows, end, shard = read_cut(checkpoint, symbols)
    assert len(shard.pieces) > 4
    assert end.seams.seams == len(shard.pieces) - 1
    assert 0 < end.seams.symbols_again < len(symbols)
    assert 0 < end.seams.error <= TOLERANCE
    check_equal(rows, checkpoint, symbols, 3e-5)


def test_without_the_hand_over_the_seams_would_not_hold() -> None:
    checkpoint, symbols = slow_checkpoint("lstm"), random_symbols(3000)
    (shard,) = plan_shards([len(symbols)], CUT)
    straight = read_straight(checkpoint, symbols).signals[1]["h"][:, 0]
    piece = shard.pieces[3]
    part = read_straight(checkpoint, symbols[piece.start : piece.start + piece.length])
    difference = part.signals[1]["h"][:, 0] - straight[piece.start : piece.start + piece.length]
    assert difference[0].abs().max() > 1e-2


@pytest.mark.parametrize("gain", [0.3, 3.0])
def test_a_network_that_never_forgets_is_read_exactly(gain: float) -> None:
    checkpoint, symbols = counting_checkpoint(gain), random_symbols(2000)
    rows, end, shard = read_cut(checkpoint, symbols)
    assert end.seams.pieces_again >= len(shard.pieces) - 1
    # Once side by side twice, then from left to right: not every piece as often as there are.
    assert end.seams.pieces_again <= 3 * len(shard.pieces)
    check_equal(rows, checkpoint, symbols, 3e-4)  # thousands of float32 additions


def test_a_cell_that_only_counts_up_is_carried_and_not_read_again() -> None:
    checkpoint, symbols = counting_checkpoint(1.0), random_symbols(4000)
    with torch.no_grad():
        checkpoint.model.layers[0].bias_ih_l0[8:12] = 40.0  # g = 1
        checkpoint.model.layers[0].bias_ih_l0[0:4] = 40.0  # i = 1
    rows, end, shard = read_cut(checkpoint, symbols)
    # After 8 symbols of a piece, tanh c is 1 whatever came before; the counts still differ.
    assert end.seams.pieces_again == 0
    assert end.seams.symbols_again == 8 * (len(shard.pieces) - 1)
    straight = read_straight(checkpoint, symbols).state[0][1][0]
    assert straight.min() == 4000
    check_equal(rows, checkpoint, symbols, 2e-5)


def test_the_last_state_of_a_shard_is_the_true_one() -> None:
    checkpoint, symbols = slow_checkpoint("lstm"), random_symbols(1003)
    cut = Cut(shard_time=901, slots=8, length=8, least_piece=64)
    first, second = plan_shards([len(symbols)], cut)
    assert first.pieces[-1].length == 901 % 8
    reader = Reader(checkpoint.model, ("h", "c"), "float32", cut)
    text = ShardText(
        first.pieces, tuple(symbols[p.start : p.start + p.length + 1] for p in first.pieces)
    )
    end = read_shard(reader, first, text, Rows(901), tolerance=TOLERANCE)
    straight = read_straight(checkpoint, symbols[:901])
    h = torch.cat([layer[0][0] for layer in straight.state]).numpy()
    c = torch.cat([layer[1][0] for layer in straight.state]).numpy()
    np.testing.assert_allclose(end.state, [h, c], rtol=0, atol=3e-5)
    loss = torch.nn.functional.cross_entropy(straight.logits[-1], torch.tensor([symbols[901]]))
    assert end.next_loss == pytest.approx(loss.item(), abs=1e-4)
    assert second.chain == len(second.pieces)
    again = ShardEnd.from_bytes(end.to_bytes())
    assert again.seams == end.seams
    assert again.next_loss == end.next_loss
    assert np.array_equal(again.state, end.state)


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 400), max_size=12).filter(any),
    st.integers(1, 40),
    st.integers(1, 5),
)
def test_the_plan_covers_every_symbol_once(
    lengths: list[int], shard_steps: int, slots: int
) -> None:
    cut = Cut(shard_time=8 * shard_steps, slots=slots, length=8, least_piece=16)
    shards = list(plan_shards(lengths, cut))
    assert [shard.number for shard in shards] == list(range(len(shards)))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    row = 0
    for shard in shards:
        assert shard.start == row
        for piece in shard.pieces:
            assert piece.length > 0
            assert piece.row == row == starts[piece.document] + piece.start
            row += piece.length
            ends = piece.start + piece.length == lengths[piece.document]
            assert piece.hands_on is not ends
            assert piece.start + piece.length <= lengths[piece.document]
        assert row == shard.stop
        assert shard.stop - shard.start <= cut.shard_time
        inner = [p for p in shard.pieces[:-2] if p.hands_on]
        assert all(piece.length % cut.length == 0 for piece in inner)
    assert row == sum(lengths)


def test_marks_are_at_the_beginning_close_after_it_and_at_the_end() -> None:
    assert mark_positions(5, 8) == [0, 5]
    assert mark_positions(40, 8) == [0, 8, 16, 24, 32, 40]
    assert mark_positions(200, 8)[-4:] == [64, 128, 192, 200]


def trail(low: float, high: float, kept: float = 1.0) -> Trail:
    """A trail of one cell with h = 0.5 and c = 9 at its marks."""
    made = Trail.unread(Piece(0, 64, 24, 64, True), CUT, 5, 1)
    made.values[:, :, 0] = [0.5, 9.0, kept, low, high]
    return made


@pytest.mark.parametrize(
    ("low", "high", "difference", "met"),
    [
        (8.0, 10.0, 0.0, True),
        (8.0, 10.0, 5.0, True),  # both above 6.1 all the time
        (8.0, 10.0, -1.5, True),
        (8.0, 10.0, -3.0, False),  # the other one would be at 5
        (5.0, 10.0, 5.0, False),  # this one comes down to 5
        (5.0, 10.0, 5e-5, True),  # 5e-6 of 9
        (-10.0, -8.0, -5.0, True),
        (-10.0, -8.0, 3.0, False),
    ],
)
def test_a_difference_holds_where_no_tanh_tells(
    low: float, high: float, difference: float, met: bool
) -> None:
    made = trail(low, high)
    state = np.array([[0.5], [9.0 + difference]], dtype=np.float32)
    assert made.meets(1, state, TOLERANCE) is met
    wanted = 9.0 + difference if met and abs(difference) > 1e-3 else 9.0
    assert made.state[1, 0] == pytest.approx(wanted)


def test_a_difference_is_carried_as_the_forget_gates_have_it() -> None:
    made = trail(8.0, 10.0, kept=0.5)
    state = np.array([[0.5], [13.0]], dtype=np.float32)
    assert made.meets(1, state, TOLERANCE)
    assert made.values[1:, 1, 0].tolist() == [13.0, 11.0, 10.0]
    assert made.meets(1, state, TOLERANCE)
    assert made.values[1:, 1, 0].tolist() == [13.0, 11.0, 10.0]


def test_an_h_that_differs_does_not_hold() -> None:
    state = np.array([[0.51], [9.0]], dtype=np.float32)
    assert not trail(8.0, 10.0).meets(1, state, TOLERANCE)
    assert not Trail.unread(Piece(0, 64, 24, 64, True), CUT, 5, 1).meets(0, state, TOLERANCE)
