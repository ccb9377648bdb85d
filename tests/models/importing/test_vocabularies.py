"""Which symbol is which row: where that comes from, and what becomes of rows without one."""

from __future__ import annotations

import json
import pickle
import string
from pathlib import Path

import foreign
import pytest
import torch

from models.importing.errors import ImportingError
from models.importing.importer import import_network
from models.importing.rows import PRIVATE, name_rows
from models.importing.tokens import read_tokens
from models.importing.vocabularies import named_tokens
from models.recurrent import RecurrentModel
from models.vocabulary import UNKNOWN

EXPECTED = dict(enumerate(foreign.SYMBOLS))


@pytest.mark.parametrize(
    "value",
    [
        foreign.SYMBOLS,
        list(foreign.SYMBOLS),
        {symbol: row for row, symbol in EXPECTED.items()},
        EXPECTED,
        {str(row): symbol for row, symbol in EXPECTED.items()},
        {"idx_to_token": {str(row): symbol for row, symbol in EXPECTED.items()}},
        (tuple(foreign.SYMBOLS), {"a": 2}),
    ],
)
def test_every_way_to_write_a_vocabulary_gives_the_same(value: object, tmp_path: Path) -> None:
    assert read_tokens(value) == EXPECTED
    (tmp_path / "v.pkl").write_bytes(pickle.dumps(value))
    assert named_tokens(str(tmp_path / "v.pkl")) == EXPECTED
    (tmp_path / "v.json").write_text(json.dumps(value), "utf-8")
    if not isinstance(value, str):
        assert named_tokens(str(tmp_path / "v.json")) == EXPECTED


@pytest.mark.parametrize("value", [3, None, [], {}, [1, 2], {"a": "b"}, {"a": 1, "b": 1}])
def test_what_is_no_vocabulary_is_none(value: object) -> None:
    assert read_tokens(value) is None


def test_named_sources_and_texts(tmp_path: Path) -> None:
    assert "".join(named_tokens("string.printable").values()) == string.printable
    (tmp_path / "text").write_text("Banana\n", "utf-8")
    assert "".join(named_tokens(f"sorted-set:{tmp_path}/text").values()) == "\nBan"
    assert "".join(named_tokens(f"sorted-set-lower:{tmp_path}/text").values()) == "\nabn"
    (tmp_path / "lines.txt").write_text("\\n\na\nb\n", "utf-8")
    assert named_tokens(str(tmp_path / "lines.txt")) == {0: "\n", 1: "a", 2: "b"}
    (tmp_path / "prose.txt").write_text("It is no\nvocabulary.\n" * 9, "utf-8")
    with pytest.raises(ImportingError, match="one symbol a line"):
        named_tokens(str(tmp_path / "prose.txt"))
    with pytest.raises(ImportingError, match="No such file"):
        named_tokens("none")


def test_a_file_beside_the_network_names_its_rows(tmp_path: Path) -> None:
    torch.save(foreign.make_source().state_dict(), tmp_path / "a.pt")
    (tmp_path / "vocab.json").write_text(json.dumps(list(foreign.SYMBOLS)), "utf-8")
    assert import_network(tmp_path / "a.pt").origin.vocabulary == "vocab.json"
    (tmp_path / "chars.json").write_text(json.dumps(list(foreign.SYMBOLS[::-1])), "utf-8")
    with pytest.raises(ImportingError, match="several vocabularies"):
        import_network(tmp_path / "a.pt")


def test_a_missing_vocabulary_is_asked_for_with_what_would_fit(tmp_path: Path) -> None:
    torch.save(foreign.make_source().state_dict(), tmp_path / "a.pt")
    with pytest.raises(ImportingError, match=r"has 7 rows, but no vocabulary.*--text FILE"):
        import_network(tmp_path / "a.pt")
    (tmp_path / "text").write_text(foreign.SYMBOLS * 3, "utf-8")
    with pytest.raises(ImportingError, match="As many rows has --vocabulary sorted-set:"):
        import_network(tmp_path / "a.pt", sample=tmp_path / "text")


def test_more_rows_than_symbols_are_kept_and_said_fewer_are_an_error() -> None:
    rows = name_rows(4, {1: "a", 2: "b"})
    assert rows.symbols == (chr(PRIVATE), "a", "b", chr(PRIVATE + 3))
    assert "the other 2 keep private symbols" in rows.notes[0]
    with pytest.raises(ImportingError, match=r"goes up to row 2, 'b'.*begin at 1"):
        name_rows(2, {1: "a", 2: "b"})


def test_marks_keep_their_rows_and_an_unknown_mark_is_our_unknown() -> None:
    rows = name_rows(4, {0: "<s>", 1: "a", 2: "<unk>", 3: "b"})
    assert rows.symbols == (chr(PRIVATE), "a", UNKNOWN, "b")
    assert rows.has_unknown
    assert "row 0, '<s>'" in rows.notes[0]
    with pytest.raises(ImportingError, match="words"):
        name_rows(3, {0: "the", 1: "cat", 2: "a"})


def test_the_same_symbol_twice_names_its_first_row_only() -> None:
    assert name_rows(2, {0: "a", 1: "a"}).symbols == ("a", chr(PRIVATE + 1))


@pytest.mark.parametrize("one_hot", [False, True])
def test_an_unknown_symbol_is_no_input_and_is_not_predicted(tmp_path: Path, one_hot: bool) -> None:
    torch.save(foreign.make_source(layers=1, one_hot=one_hot).state_dict(), tmp_path / "a.pt")
    (tmp_path / "v.txt").write_text(foreign.SYMBOLS, "utf-8")
    checkpoint = import_network(tmp_path / "a.pt", str(tmp_path / "v.txt")).checkpoint
    indices = checkpoint.vocabulary.encode("aΩb")
    assert list(indices) == [2, 7, 3]
    model = checkpoint.model
    assert isinstance(model, RecurrentModel)
    symbols = torch.from_numpy(indices.astype("int64"))[:, None]
    with torch.no_grad():
        logits, _ = model(symbols, model.zero_state(1))
        _, before = model(symbols[:1], model.zero_state(1))
        _, after = model(symbols[:2], model.zero_state(1))
        nothing = torch.zeros(1, 1, model.layers[0].get_parameter("weight_ih_l0").shape[1])
        h, _ = model.layers[0](nothing, tuple(part[None] for part in before[0]))
    torch.testing.assert_close(after[0][0], h[0])
    assert float(torch.softmax(logits, -1)[..., 7].detach().max()) < 1e-6
