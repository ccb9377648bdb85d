"""Networks of torch.nn that tests write down as other programs would."""

from __future__ import annotations

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
