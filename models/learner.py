"""One step of gradient descent: a model, its optimizer, and the state carried between chunks.

The state is detached where a chunk ends, so gradients reach back at most one chunk while memory
does not grow with the text (Williams and Peng 1990).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from models.evaluation import NO_TARGET, on_device, restart, targets
from models.penalties import Terms, change, penalties, presence, remembered, size
from models.recurrent import RecurrentModel, State
from models.side_task import SideTasks
from models.streams import Chunk
from models.training_options import DeviceName, DivergedError, TrainingError, TrainingOptions


class Learner:
    """A model that is being trained in place.

    To each chunk's loss its activity may be added, so that units are near zero where they are not
    needed, and the changes of its activity, so that they stay as they are where nothing calls for
    a change. See `models.penalties`. Summed over layers:

        activity_penalty * mean |h_t| + change_penalty * mean |h_t - h_(t-1)|

    and, of an LSTM, with m_t = tanh c_t:

        cell_penalty * mean |m_t| / (|m_t| + 0.1) + cell_change_penalty * mean |m_t - m_(t-1)|.

    With `tasks`, what the top layer's cells tell beside the next symbol counts too.

    The embedding and the `freeze` lowest layers do not learn, and nothing is added for them.

    Raises
    ------
    TrainingError
        If there is no such device, no layer is left to learn, or cells are to be penalised that
        the model has not.
    """

    def __init__(
        self,
        model: RecurrentModel,
        options: TrainingOptions,
        tasks: SideTasks | None = None,
    ) -> None:
        self.device = find_device(options.device)
        self.model = model.to(self.device).train()
        self._frozen = _freeze(model, options.freeze)
        self.tasks = None if tasks is None else tasks.to(self.device)
        self._learned = nn.ModuleList([model] if self.tasks is None else [model, self.tasks])
        self.optimizer = _make_optimizer(self._learned, options)
        self.state = model.zero_state(options.batch)
        self._clip = options.clip
        self._terms: Terms = (
            (options.activity_penalty, size),
            (options.change_penalty, change),
        )
        self._cell_terms: Terms = (
            (options.cell_penalty, presence),
            (options.cell_change_penalty, change),
        )
        self._reads_cells = tasks is not None or any(factor for factor, _ in self._cell_terms)
        if self._reads_cells and model.architecture.cell != "lstm":
            raise TrainingError(
                f"There is no cell c in a network of {model.architecture.cell} layers. Leave "
                "--cell-penalty, --cell-change-penalty, --lines-ahead and --line-so-far out, or "
                "train an LSTM."
            )
        self._half = _half_precision(self.device) if options.mixed else None
        self._scaler = torch.amp.GradScaler(
            self.device.type, enabled=self._half == torch.float16
        )  # float16 alone has too small a range for gradients

    def learn(
        self, chunk: Chunk, pieces: Sequence[np.ndarray], *, step: int, learning_rate: float
    ) -> tuple[float, float]:
        """Update the weights once: the chunk's mean loss in nats, the gradient's norm.

        Penalties count in the gradient and not in the loss.

        An error leaves the weights as they were; `step` is what its message calls the step.

        Raises
        ------
        DivergedError
            If the loss or the gradient is not a number.
        """
        with self._autocast():
            symbols, before = on_device(chunk.symbols, self.state), restart(self.state, chunk)
            hidden, state = self.model.read_layers(symbols, before)
            loss = nn.functional.cross_entropy(
                self.model.readout(hidden[-1]).flatten(0, 1),
                targets(chunk, pieces).flatten().to(self.device),
                ignore_index=NO_TARGET,
            )
            whole = loss + penalties(hidden[self._frozen :], self._terms)
            if self._reads_cells:
                whole = whole + self._of_cells(chunk, self._cells(symbols, hidden, before))
        self.optimizer.zero_grad()
        self._scaler.scale(whole).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self._learned.parameters(), self._clip).item()
        # A gradient that float16 had no room for is the scaler's to deal with.
        if not math.isfinite(loss.item() if self._scaler.is_enabled() else norm):
            raise DivergedError(
                f"The loss or its gradient is no longer a number at step {step:,} "
                f"(loss {loss.item()}). Lower --learning-rate or --clip."
            )
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.state = [tuple(part.detach() for part in parts) for parts in state]
        return loss.item(), norm

    def _cells(self, symbols: Tensor, hidden: list[Tensor], before: list[State]) -> list[Tensor]:
        """The tanh c of each layer that learns."""
        below = (self.model.embedding(symbols), *hidden[:-1])
        layers = list(zip(self.model.layers, below, hidden, before, strict=True))
        return [
            remembered(layer, x, h, state)
            for layer, x, h, state in layers[self._frozen :]
            if isinstance(layer, nn.LSTM)
        ]

    def _of_cells(self, chunk: Chunk, cells: list[Tensor]) -> Tensor | float:
        """What is added to the loss for the cells: their penalties, and what they tell."""
        added = penalties(cells, self._cell_terms)
        return added if self.tasks is None else added + self.tasks(chunk, cells[-1])

    def _autocast(self) -> AbstractContextManager[None]:
        if self._half is None:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self._half)

    def to_plain(self) -> dict[str, Any]:
        """All that the next step depends on, as tensors and containers that stay as they are."""
        return {
            "weights": {name: _kept(value) for name, value in self.model.state_dict().items()},
            "tasks": _kept({} if self.tasks is None else self.tasks.state_dict()),
            "optimizer": _kept(self.optimizer.state_dict()),
            "scaler": self._scaler.state_dict(),
            "state": _kept(self.state),
            "random": torch.get_rng_state(),
        }

    def restore(self, plain: dict[str, Any]) -> None:
        """Go on from what `to_plain` gave, exactly."""
        self.model.load_state_dict(plain["weights"])
        if self.tasks is not None:
            self.tasks.load_state_dict(plain["tasks"])
        self.optimizer.load_state_dict(plain["optimizer"])
        self._scaler.load_state_dict(plain["scaler"])
        self.state = [tuple(part.to(self.device) for part in parts) for parts in plain["state"]]
        torch.set_rng_state(plain["random"])


def _kept(value: Any) -> Any:
    """A copy on the CPU that later steps do not change."""
    if isinstance(value, Tensor):
        return value.detach().to("cpu", copy=True)
    if isinstance(value, dict):
        return {key: _kept(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_kept(part) for part in value)
    return value


def find_device(name: DeviceName) -> torch.device:
    """The device of a name; "auto" is the GPU if there is one.

    Raises
    ------
    TrainingError
        If a GPU is asked for and torch has none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no GPU that torch can use. Choose the device cpu or auto.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _freeze(model: RecurrentModel, layers: int) -> int:
    """Let the embedding and the lowest layers no longer learn, if there are any to be frozen."""
    if layers >= len(model.layers):
        raise TrainingError(
            f"freeze must leave a layer to learn, and this network has {len(model.layers)}: "
            f"choose less than {layers}."
        )
    for part in (model.embedding, *model.layers[:layers]) if layers else ():
        part.requires_grad_(False)
    return layers


def _half_precision(device: torch.device) -> torch.dtype | None:
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _make_optimizer(learned: nn.Module, options: TrainingOptions) -> torch.optim.Optimizer:
    parameters = [p for p in learned.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
    ]
    rate = options.learning_rate
    if options.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=rate, alpha=0.95)
    adam = torch.optim.AdamW if options.optimizer == "adamw" else torch.optim.Adam
    # Fused is one pass over the weights in place of ten, which were a tenth of a step.
    return adam(groups, lr=rate, betas=(0.9, 0.99), fused=True)
