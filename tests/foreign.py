"""Networks of torch.nn that tests write down as other programs would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.importing.importer import Imported

SYMBOLS = "\n abcdé"
ROWS = torch.tensor([0, 3, 1, 6, 6, 2, 5, 4, 0, 1, 2, 3])
HIDDEN, WIDTH = 6, 5


@dataclass(frozen=True)
class Source:
    """A network as torch has it; without an embedding it reads one-hot vectors."""

    embedding: nn.Embedding | None
    rnn: nn.RNNBase
    readout: nn.Linear

    @torch.no_grad()
    def logits(self) -> Tensor:
        """What it says after each of `ROWS`, float (time, symbols)."""
        vectors = torch.eye(len(SYMBOLS))[ROWS] if self.embedding is None else self.embedding(ROWS)
        return self.readout(self.rnn(vectors)[0])

    def state_dict(self) -> dict[str, Tensor]:
        modules = {"embed": self.embedding, "rnn": self.rnn, "fc": self.readout}
        return {
            f"{prefix}.{name}": tensor
            for prefix, module in modules.items()
            if module is not None
            for name, tensor in module.state_dict().items()
        }

    def arrays(self, layer: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """w_ih, w_hh, b_ih, b_hh of a layer, rows in torch's order."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        w_ih, w_hh, b_ih, b_hh = (
            self.rnn.get_parameter(f"{name}_l{layer}").detach().numpy() for name in names
        )
        return w_ih, w_hh, b_ih, b_hh


def make_source(cell: str = "lstm", *, layers: int = 2, one_hot: bool = False) -> Source:
    torch.manual_seed(5)
    width = len(SYMBOLS) if one_hot else WIDTH
    rnn = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[cell](width, HIDDEN, layers)
    made = Source(
        None if one_hot else nn.Embedding(len(SYMBOLS), WIDTH),
        rnn,
        nn.Linear(HIDDEN, len(SYMBOLS)),
    )
    with torch.no_grad():
        for module in (made.embedding, rnn, made.readout):
            for parameter in module.parameters() if module is not None else ():
                parameter.normal_(0, 0.7)
    return made


def blocks(rows: np.ndarray, order: str, wanted: str) -> np.ndarray:
    """Rows of gates in another order of the letters."""
    parts = dict(zip(order, np.split(rows, len(order)), strict=True))
    return np.concatenate([parts[letter] for letter in wanted])


@torch.no_grad()
def assert_same(imported: Imported, source: Source, tolerance: float = 1e-5) -> None:
    """The imported network says what the source says, after every symbol."""
    model = imported.checkpoint.model
    logits, _ = model(ROWS[:, None], model.zero_state(1))
    torch.testing.assert_close(
        logits[:, 0, : len(SYMBOLS)], source.logits(), atol=tolerance, rtol=tolerance
    )


def softened(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def keras_2_hard(x: np.ndarray) -> np.ndarray:
    return np.clip(0.2 * x + 0.5, 0, 1)


def keras_3_hard(x: np.ndarray) -> np.ndarray:
    return np.clip(x + 3, 0, 6) / 6


def by_hand(
    source: Source,
    gate: Callable[[np.ndarray], np.ndarray] = softened,
    *,
    before: bool = False,
    relu: bool = False,
) -> np.ndarray:
    """The source's logits after each of `ROWS` if its cells were others, in NumPy alone."""
    assert source.embedding is not None
    xs = source.embedding.weight.detach().numpy()[ROWS.numpy()].astype(np.float64)
    for layer in range(source.rnn.num_layers):
        w_ih, w_hh, b_ih, b_hh = (part.astype(np.float64) for part in source.arrays(layer))
        h = c = np.zeros(HIDDEN)
        outputs = []
        for x in xs:
            a, b = w_ih @ x + b_ih, w_hh @ h + b_hh
            if isinstance(source.rnn, nn.LSTM):
                i, f, g, o = np.split(a + b, 4)
                c = gate(f) * c + gate(i) * np.tanh(g)
                h = gate(o) * np.tanh(c)
            elif isinstance(source.rnn, nn.GRU):
                r, z = gate((a + b)[:HIDDEN]), gate((a + b)[HIDDEN : 2 * HIDDEN])
                kept = slice(2 * HIDDEN, None)
                n = w_hh[kept] @ (r * h) + b_hh[kept] if before else r * b[kept]
                h = (1 - z) * np.tanh(a[kept] + n) + z * h
            else:
                h = np.maximum(a + b, 0) if relu else np.tanh(a + b)
            outputs.append(h)
        xs = np.array(outputs)
    weight, bias = (part.detach().numpy() for part in source.readout.parameters())
    return xs @ weight.T + bias


@torch.no_grad()
def assert_says(imported: Imported, logits: np.ndarray, tolerance: float = 1e-5) -> None:
    """The imported network's logits are these, after every symbol."""
    model = imported.checkpoint.model
    found, _ = model(ROWS[:, None], model.zero_state(1))
    np.testing.assert_allclose(found[:, 0, : len(SYMBOLS)].numpy(), logits, atol=tolerance)
