"""The stack: its input, its layers, its readout, how it begins, and the guide that explains it."""

from __future__ import annotations

import copy
import doctest
import json
import math
import re
from pathlib import Path
from typing import Any

import planted
import pytest
import torch
from torch import nn

from benchmarks.one_hot import main
from models.reading import read
from models.recurrent import Architecture, ArchitectureError, RecurrentModel

LAYERS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
CELLS = tuple(LAYERS)
TIME, BATCH, HIDDEN, SYMBOLS = 8, 3, 6, 11
INPUTS = {"embedding": (4, False), "one-hot": (None, False), "tied": (HIDDEN, True)}
GUIDE = Path(__file__).parents[2] / "docs" / "networks.md"


def make_model(
    cell: str, layers: int, inputs: str = "embedding", dropout: float = 0.0
) -> RecurrentModel:
    torch.manual_seed(2)
    embedding, tied = INPUTS[inputs]
    architecture = Architecture(cell, layers, HIDDEN, embedding, SYMBOLS, tied)
    return RecurrentModel(architecture, dropout).double()


def make_symbols() -> torch.Tensor:
    torch.manual_seed(5)
    return torch.randint(0, SYMBOLS, (TIME, BATCH))


def torch_twin(model: RecurrentModel) -> nn.RNNBase:
    """Torch's own stack of as many layers, with the same weights."""
    made = model.architecture
    twin = LAYERS[made.cell](made.inputs, HIDDEN, num_layers=made.layers).double()
    with torch.no_grad():
        for number, layer in enumerate(model.layers):
            for name, value in layer.named_parameters():
                twin.get_parameter(name.removesuffix("0") + str(number)).copy_(value)
    return twin


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_real_one_hot_vectors_through_torchs_stack_give_the_same_numbers(
    cell: str, layers: int
) -> None:
    """Logits, and the gradients of every weight."""
    model, symbols = make_model(cell, layers, "one-hot"), make_symbols()
    twin = torch_twin(model)
    vectors = nn.functional.one_hot(symbols, SYMBOLS).double()
    logits, _ = model(symbols, model.zero_state(BATCH))
    expected = model.readout(twin(vectors)[0])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-12)
    along = torch.randn_like(logits)
    ours = torch.autograd.grad((logits * along).sum(), list(model.layers.parameters()))
    theirs = torch.autograd.grad((expected * along).sum(), list(twin.parameters()))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)
    unread = sorted(set(range(SYMBOLS)) - set(symbols.flatten().tolist()))
    assert unread
    assert not ours[0][:, unread].any()  # a column learns only from its own symbol


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_one_hot_vectors_are_those_of_torch(dtype: torch.dtype) -> None:
    model, symbols = make_model("rnn", 1, "one-hot").to(dtype), make_symbols()
    vectors = model.embedding(symbols)
    assert vectors.dtype == dtype
    assert torch.equal(vectors, nn.functional.one_hot(symbols, SYMBOLS).to(dtype))
    assert torch.equal(model.embedding(symbols[0, 0]), vectors[0, 0])


def test_one_hot_input_brings_no_tensor_of_its_own() -> None:
    held = make_model("lstm", 2, "one-hot").state_dict()
    assert not [name for name in held if name.startswith("embedding")]
    assert held["layers.0.weight_ih_l0"].shape == (4 * HIDDEN, SYMBOLS)


def test_a_tied_readout_is_the_embedding() -> None:
    model, symbols = make_model("gru", 2, "tied"), make_symbols()
    assert model.readout.weight is model.embedding.weight
    assert "readout.bias" in dict(model.named_parameters())
    assert "readout.weight" not in dict(model.named_parameters())  # learned once, not twice
    _, ((_,), (h,)) = model(symbols, model.zero_state(BATCH))
    logits, _ = model(symbols, model.zero_state(BATCH))
    expected = h @ model.embedding.weight.T + model.readout.bias
    torch.testing.assert_close(logits[-1], expected, rtol=0, atol=1e-12)


def test_a_tied_weight_learns_from_both_its_uses() -> None:
    tied, symbols = make_model("lstm", 2, "tied"), make_symbols()
    made = Architecture("lstm", 2, HIDDEN, HIDDEN, SYMBOLS)
    untied = RecurrentModel(made).double()
    untied.load_state_dict(tied.state_dict())
    for model in (tied, untied):
        logits, _ = model(symbols, model.zero_state(BATCH))
        nn.functional.cross_entropy(logits.flatten(0, 1), symbols.flatten()).backward()
    both = untied.embedding.weight.grad + untied.readout.weight.grad
    torch.testing.assert_close(tied.embedding.weight.grad, both, rtol=0, atol=1e-12)


def test_a_tie_survives_copies_other_precisions_and_loaded_weights() -> None:
    tied = make_model("lstm", 1, "tied")
    loaded = make_model("lstm", 1, "tied")
    loaded.load_state_dict({name: value + 1 for name, value in tied.state_dict().items()})
    for model in (copy.deepcopy(tied), copy.deepcopy(tied).float(), loaded):
        assert model.readout.weight is model.embedding.weight
        assert len(list(model.parameters())) == 4 + 2


@pytest.mark.parametrize("cell", CELLS)
def test_dropout_takes_what_a_layer_hands_to_the_next_and_nothing_else(cell: str) -> None:
    """With all of it dropped, the upper layers see zeros; input and readout see everything."""
    model, symbols = make_model(cell, 3, dropout=1.0).train(), make_symbols()
    deaf = copy.deepcopy(model).eval()
    with torch.no_grad():
        for layer in deaf.layers[1:]:
            layer.weight_ih_l0.zero_()
    logits, state = model(symbols, model.zero_state(BATCH))
    expected, expected_state = deaf(symbols, deaf.zero_state(BATCH))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(state, expected_state, rtol=0, atol=1e-12)
    whole, _ = model.eval()(symbols, model.zero_state(BATCH))
    assert not torch.allclose(whole, logits)


@pytest.mark.parametrize("layers", [1, 2])
def test_dropout_acts_in_training_and_between_layers_only(layers: int) -> None:
    plain = make_model("lstm", layers)
    model, symbols = make_model("lstm", layers, dropout=0.5), make_symbols()
    expected, _ = plain(symbols, plain.zero_state(BATCH))
    for mode in (model.train(), model.eval()):
        reading = read(mode, symbols, model.zero_state(BATCH))
        torch.testing.assert_close(reading.logits, expected, rtol=0, atol=1e-12)
    assert torch.equal(model.eval()(symbols, model.zero_state(BATCH))[0], expected)
    trained = [model.train()(symbols, model.zero_state(BATCH))[0] for _ in range(2)]
    if layers == 1:
        assert torch.equal(trained[0], expected)
    else:
        assert not torch.equal(trained[0], expected)
        assert not torch.equal(*trained)
    assert model.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("hidden", [32, 128])
@pytest.mark.parametrize("inputs", INPUTS)
def test_an_untrained_network_knows_no_better_than_chance(
    cell: Any, layers: int, hidden: int, inputs: str
) -> None:
    torch.manual_seed(0)
    embedding, tied = INPUTS[inputs]
    model = RecurrentModel(
        Architecture(cell, layers, hidden, hidden if tied else embedding, 60, tied)
    )
    symbols = torch.randint(0, 60, (41, 20))
    logits, _ = model(symbols[:-1], model.zero_state(20))
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), symbols[1:].flatten()).item()
    assert loss == pytest.approx(math.log(60), abs=0.15)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_network_learns_a_text_that_repeats(cell: str, inputs: str) -> None:
    model = make_model(cell, 1, inputs).float()
    symbols = torch.arange(25).remainder(SYMBOLS).unsqueeze(1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    losses = []
    for _ in range(60):
        logits, _ = model(symbols[:-1], model.zero_state(1))
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), symbols[1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 < 2 < losses[0]


@pytest.mark.parametrize("cell", CELLS)
def test_no_two_parts_of_the_zero_state_share_memory(cell: Any) -> None:
    state = planted.random_checkpoint(cell).model.zero_state(3)
    parts = [part for layer in state for part in layer]
    assert len(parts) == (4 if cell == "lstm" else 2)
    assert len({part.data_ptr() for part in parts}) == len(parts)
    assert all(part.shape == (3, 5) and not part.any() for part in parts)


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_weights_counts_what_the_network_learns(cell: Any, layers: int, inputs: str) -> None:
    model = make_model(cell, layers, inputs)
    assert model.architecture.weights == sum(part.numel() for part in model.parameters())


@pytest.mark.parametrize("inputs", INPUTS)
def test_an_architecture_is_read_back_from_its_json(inputs: str) -> None:
    made = make_model("gru", 2, inputs).architecture
    fields = json.loads(json.dumps(made.to_json()))
    assert Architecture(**fields) == made
    # Networks from before there was a choice are described, and so hashed, as they were.
    assert ("tied" in fields) == made.tied


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"cell": "transformer"}, "Unknown cell 'transformer'. Known: rnn, lstm, gru"),
        ({"layers": 0}, "layers must be"),
        ({"layers": None}, "layers must be"),
        ({"hidden": -3}, "hidden must be"),
        ({"embedding": 1.5}, "embedding must be"),
        ({"embedding": 0}, "embedding must be"),
        ({"symbols": "many"}, "symbols must be"),
        ({"hidden": 1_000_000}, "weights; at most 500,000,000"),
        ({"layers": 10**9}, "weights; at most 500,000,000"),
        ({"embedding": None, "symbols": 10**9}, "weights; at most 500,000,000"),
        ({"tied": True}, "as wide as the layers, 4, not one of width 3. Choose embedding=4"),
        ({"tied": True, "embedding": None}, "as wide as the layers, 4, not one-hot input"),
        ({"tied": 1}, "tied must be true or false, not 1"),
        ({"tied": "yes"}, "tied must be true or false, not 'yes'"),
    ],
)
def test_a_network_that_cannot_be_is_refused(changes: dict[str, Any], complaint: str) -> None:
    sizes = {"cell": "lstm", "layers": 2, "hidden": 4, "embedding": 3, "symbols": 5}
    with pytest.raises(ArchitectureError, match=complaint):
        Architecture(**{**sizes, **changes})


def test_the_examples_of_the_guide_run() -> None:
    text = GUIDE.read_text("utf-8")
    examples = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, GUIDE.name, str(GUIDE), 0)
    assert len(test.examples) > 10
    failed: list[str] = []
    doctest.DocTestRunner().run(test, out=failed.append)
    assert not failed, "".join(failed)


def test_the_benchmark_runs_and_ends_with_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--tiny"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures.keys() >= {"look_up_vs_product_100", "look_up_vs_product_1000"}
    assert all(value > 0 for value in figures.values())
