"""Labels that were asked for lately, kept so that a session labels nothing twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from analysis.hypotheses.labels import Hypothesis, Labels
from models.corpora import Document

_MOST_BYTES = 256 << 20


class LabelCache:
    """The labels used last, up to so many bytes. Threads may share it.

    Parameters
    ----------
    most_bytes : int
        The labels used longest ago are dropped beyond this.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Labels] = OrderedDict()

    @property
    def kept_bytes(self) -> int:
        """Bytes of all labels kept."""
        return self._bytes

    def label(self, hypothesis: Hypothesis, document: Document) -> Labels:
        """Label a document, or give what it was labelled with before. The arrays are read-only."""
        if not _is_value(hypothesis):
            return hypothesis.label(document)
        key = (hypothesis, document.name, document.sha256)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Labelled outside of the lock: two threads may do it twice, but none waits for another.
        labels = hypothesis.label(document)
        labels.values.flags.writeable = False
        labels.defined.flags.writeable = False
        self._keep(key, labels)
        return labels

    def clear(self) -> None:
        """Forget all labels."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _keep(self, key: Hashable, labels: Labels) -> None:
        size = _size(labels)
        with self._lock:
            if key in self._kept or size > self._most_bytes:
                return
            self._kept[key] = labels
            self._bytes += size
            while self._bytes > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _size(dropped)


def _size(labels: Labels) -> int:
    return labels.values.nbytes + labels.defined.nbytes


def _is_value(hypothesis: object) -> bool:
    """Whether equal ones give equal labels: frozen and hashable, as every one of ours is."""
    parameters = getattr(hypothesis, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        return False
    try:
        hash(hypothesis)
    except TypeError:
        return False
    return True


_LABELS = LabelCache()


def label_document(hypothesis: Hypothesis, document: Document) -> Labels:
    """Label a document, from this process's cache if it was labelled lately.

    Parameters
    ----------
    hypothesis : Hypothesis
        Kept by its value if it is a frozen dataclass; any other is asked again each time.
    document : Document
        Known by its name and the hash of its text.

    Returns
    -------
    Labels
        Not to be written to: others may be given the same arrays.
    """
    return _LABELS.label(hypothesis, document)
