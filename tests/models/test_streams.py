"""Reading documents side by side reads each from its start to its end, once."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.streams import Chunk, read_chunks

LENGTHS = st.lists(st.integers(0, 25), max_size=15)


def documents_of(lengths: list[int]) -> list[np.ndarray]:
    """Documents whose symbols say where they belong: 1000 for each document, 1 for each place."""
    return [1000 * n + np.arange(length) for n, length in enumerate(lengths)]


def chunks_of(lengths: list[int], batch: int, length: int) -> list[Chunk]:
    return list(read_chunks(documents_of(lengths), range(len(lengths)), batch=batch, length=length))


@given(LENGTHS, st.integers(1, 6), st.integers(1, 9))
def test_every_symbol_is_read_once_in_order(lengths: list[int], batch: int, length: int) -> None:
    read: dict[int, list[int]] = {n: [] for n in range(len(lengths))}
    for chunk in chunks_of(lengths, batch, length):
        for column, document in enumerate(chunk.documents):
            assert chunk.starts[column] == len(read[document])
            n = chunk.lengths[column]
            read[document].extend(chunk.symbols[:n, column])
            assert not chunk.symbols[n:, column].any()
    for number, document in enumerate(documents_of(lengths)):
        assert read[number] == document.tolist()


@given(LENGTHS, st.integers(1, 6), st.integers(1, 9))
def test_a_column_knows_which_symbols_of_its_document_it_holds(
    lengths: list[int], batch: int, length: int
) -> None:
    documents = documents_of(lengths)
    for chunk in chunks_of(lengths, batch, length):
        columns = list(chunk.columns())
        assert [number for number, _, _ in columns] == list(range(len(chunk.documents)))
        for column, document, held in columns:
            symbols = documents[document][held]
            assert symbols.tolist() == chunk.symbols[: len(symbols), column].tolist()
            assert len(symbols) == chunk.lengths[column]


@given(LENGTHS, st.integers(1, 6), st.integers(1, 9))
def test_a_slot_keeps_its_document_until_it_ends(
    lengths: list[int], batch: int, length: int
) -> None:
    reading: dict[int, tuple[int, int]] = {}
    for chunk in chunks_of(lengths, batch, length):
        assert 1 <= len(chunk.symbols) <= length
        assert len(set(chunk.slots)) == len(chunk.slots) <= batch
        for column, slot in enumerate(chunk.slots):
            document, start = int(chunk.documents[column]), int(chunk.starts[column])
            assert chunk.restarts[column] == (start == 0)
            if start:
                assert reading[slot] == (document, start)
            elif slot in reading:  # the one before has ended
                before, at = reading[slot]
                assert at == lengths[before]
            reading[slot] = (document, start + int(chunk.lengths[column]))


def test_an_endless_order_fills_every_slot_for_ever() -> None:
    documents = documents_of([3, 0, 5])
    endless = read_chunks(documents, itertools.cycle([0, 1, 2]), batch=3, length=2)
    for chunk in itertools.islice(endless, 20):
        assert chunk.slots.tolist() == [0, 1, 2]
        assert 1 not in chunk.documents


def test_documents_start_in_the_order_given() -> None:
    documents = documents_of([4, 4, 4, 4])
    first, second = read_chunks(documents, [2, 0, 3, 1], batch=2, length=4)
    assert first.documents.tolist() == [2, 0]
    assert second.documents.tolist() == [3, 1]


def test_nothing_to_read_gives_no_chunk() -> None:
    assert chunks_of([], 2, 4) == []
    assert chunks_of([0, 0], 2, 4) == []
