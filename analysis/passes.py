"""Read pieces side by side, and again from their true states until they meet what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from analysis.arrays import GUESSES, Precision, encode
from analysis.plan import Cut, Piece
from analysis.trails import Tally, Trail, flatten, unflatten
from models.evaluation import carry, on_device, restart
from models.reading import Reading, read
from models.recurrent import RecurrentModel, State
from models.streams import Chunk, read_chunks

Sink = Callable[[str, int, np.ndarray], None]
"""Takes what was read: an array's name, the recording's row where it goes, and rows of values."""


@dataclass(frozen=True)
class Reader:
    """A network and what is kept of it."""

    model: RecurrentModel
    signals: tuple[str, ...]
    precision: Precision
    cut: Cut

    @property
    def parts(self) -> int:
        """Parts of a mark; see `Trail`."""
        return 5 if self.model.architecture.cell == "lstm" else 1

    @property
    def units(self) -> int:
        """Units of all layers."""
        return sum(self.model.widths)

    def unread(self, piece: Piece) -> Trail:
        """The trail of a piece before it is read."""
        return Trail.unread(piece, self.cut, self.parts, self.units)

    def read(self, symbols: np.ndarray, state: list[State], track: bool) -> Reading:
        """Read a chunk, int64 (time, column)."""
        given = on_device(symbols, state)
        return read(self.model, given, state, signals=self.signals, track_cells=track)


@dataclass(frozen=True)
class ShardText:
    """What there is to read: for each piece its symbols, int64, and the one after it, if any."""

    pieces: tuple[Piece, ...]
    symbols: tuple[np.ndarray, ...] = field(repr=False)


def read_all(
    reader: Reader,
    text: ShardText,
    trails: dict[int, Trail],
    sink: Sink,
    on_progress: Callable[[int], None],
) -> None:
    """Read every piece from the zero state, the longest first; fill the trails that are given.

    Pieces that `is_ragged` are left to `read_again`.
    """
    cut, model = reader.cut, reader.model
    lengths = [piece.length for piece in text.pieces]
    ragged = {n for n, piece in enumerate(text.pieces) if is_ragged(piece, cut)}
    order = sorted(set(range(len(lengths))) - ragged, key=lambda number: -lengths[number])
    state = model.zero_state(cut.slots)
    tally = Tally(cut.slots, reader.units)
    parts = [symbols[:length] for symbols, length in zip(text.symbols, lengths, strict=True)]
    done = sum(lengths[number] for number in ragged)
    for chunk in read_chunks(parts, order, batch=cut.slots, length=cut.length):
        tracked = [n for n, piece in enumerate(chunk.documents) if int(piece) in trails]
        track = bool(tracked) and reader.parts > 1
        reading = reader.read(chunk.symbols, restart(state, chunk), track)
        _emit(reader, reading, text, chunk.documents, chunk.starts, chunk.lengths, sink)
        if tracked:
            _mark(reading, chunk, np.array(tracked), trails, tally)
        carry(state, reading.state, chunk)
        done += int(chunk.lengths.sum())
        on_progress(done)


def is_ragged(piece: Piece, cut: Cut) -> bool:
    """Whether a piece hands on a state that padding would change: a shard's last few symbols."""
    return piece.hands_on and piece.length % cut.length > 0


def _mark(
    reading: Reading,
    chunk: Chunk,
    columns: np.ndarray,
    trails: dict[int, Trail],
    tally: Tally,
) -> None:
    flat = flatten(reading.state, reading.tracks)[columns]
    slots, starts = chunk.slots[columns], chunk.starts[columns]
    if reading.tracks:
        tally.reset(slots[starts == 0])
        tally.add(slots, flat)
    for values, slot, piece, start, length in zip(
        flat, slots, chunk.documents[columns], starts, chunk.lengths[columns], strict=True
    ):
        trail = trails[int(piece)]
        if start == 0:
            trail.values[0] = 0
        at = start + length
        mark = trail.mark_at(int(at))
        if mark is not None:
            trail.values[mark] = values
            tally.reset(slot)


def read_again(
    reader: Reader,
    text: ShardText,
    numbers: Sequence[int],
    states: Sequence[np.ndarray],
    trails: dict[int, Trail],
    sink: Sink,
    tolerance: float,
) -> np.ndarray:
    """Read pieces from these states, side by side, each until it meets its trail.

    Parameters
    ----------
    numbers : sequence of int
        Which pieces.
    states : sequence of float32 (part, unit)
        Where each begins.
    trails : dict of int to Trail
        Of these pieces; they come out as the new path has them.
    tolerance : float
        See `Trail.meets`.

    Returns
    -------
    int64 (piece,)
        How many symbols of each were read again.
    """
    like = reader.model.zero_state(1)
    pieces = np.array(numbers, dtype=np.int64)
    lengths = np.array([text.pieces[number].length for number in numbers])
    read_symbols = np.zeros(len(pieces), dtype=np.int64)
    for number, start in zip(numbers, states, strict=True):
        trails[number].values[0, : len(start)] = start
        trails[number].error = 0.0
    active = np.arange(len(pieces))
    state = unflatten(np.stack(states), like)
    tally = Tally(len(pieces), reader.units)
    at = 0
    while len(active):
        step = min(reader.cut.length - at % reader.cut.length, int((lengths[active] - at).min()))
        symbols = np.stack([text.symbols[n][at : at + step] for n in pieces[active]], axis=1)
        reading = reader.read(symbols.astype(np.int64), state, reader.parts > 1)
        starts, steps = np.full(len(active), at), np.full(len(active), step)
        _emit(reader, reading, text, pieces[active], starts, steps, sink)
        at += step
        read_symbols[active] = at
        flat = flatten(reading.state, reading.tracks)
        if reading.tracks:
            tally.add(active, flat)
        goes_on = np.ones(len(active), dtype=bool)
        for place, (column, values) in enumerate(zip(active, flat, strict=True)):
            trail = trails[int(pieces[column])]
            mark = trail.mark_at(at)
            if mark is not None:
                goes_on[place] = not _is_over(trail, mark, values, tolerance)
                tally.reset(int(column))
        active = active[goes_on]
        chosen = on_device(np.flatnonzero(goes_on), like)
        state = [tuple(part[chosen] for part in layer) for layer in reading.state]
    return read_symbols


def _is_over(trail: Trail, mark: int, values: np.ndarray, tolerance: float) -> bool:
    """Whether a piece that is read again has met its trail here or ends; keep the mark if not."""
    trail.values[mark, trail.state_parts :] = values[trail.state_parts :]  # on the way here
    if trail.meets(mark, values[: trail.state_parts], tolerance):
        return True
    trail.values[mark] = values
    return mark == len(trail.at) - 1


def _emit(
    reader: Reader,
    reading: Reading,
    text: ShardText,
    pieces: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    sink: Sink,
) -> None:
    """Hand on what a chunk gave: each column's rows, without what only pads it."""
    rows = np.array([text.pieces[number].row for number in pieces]) + starts
    for layer, signals in enumerate(reading.signals):
        for name, values in signals.items():
            kept = encode(values.transpose(0, 1), reader.precision).cpu().numpy()
            for column, (row, count) in enumerate(zip(rows, lengths, strict=True)):
                sink(f"{layer}/{name}", int(row), kept[column, :count])
    log_probability = reading.logits.float().log_softmax(dim=2)
    best = min(GUESSES, log_probability.shape[2])
    values, indices = log_probability.topk(best, dim=2)
    # A vocabulary of fewer symbols: the first one again, with probability 0.
    pad = ((0, 0), (0, 0), (0, GUESSES - best))
    probability = np.pad(values.exp().cpu().numpy(), pad)
    symbol = np.pad(indices.cpu().numpy(), pad)
    following = np.zeros(reading.logits.shape[:2], dtype=np.int64)
    known = lengths.copy()
    for column, (number, start, count) in enumerate(zip(pieces, starts, lengths, strict=True)):
        after = text.symbols[number][start + 1 : start + 1 + count]
        following[: len(after), column] = after
        known[column] = len(after)
    wanted = torch.from_numpy(following).to(log_probability.device).unsqueeze(2)
    loss = -log_probability.gather(2, wanted).squeeze(2).cpu().numpy()
    for column, (row, count) in enumerate(zip(rows, lengths, strict=True)):
        sink("next_symbol", int(row), symbol[:count, column])
        sink("next_probability", int(row), probability[:count, column])
        sink("loss", int(row) + 1, loss[: known[column], column])
