"""A tiny recording of awkward text, with codes that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import zarr

from analysis.recorder import record
from analysis.recording import Recording, open_recording
from models.checkpoint import Checkpoint
from models.corpora import Corpus, Document
from models.recurrent import Architecture, RecurrentModel
from models.vocabulary import UNKNOWN, Vocabulary

CODE = (
    "int f(char *s) {\n"
    "\tif (s[0] < 'a' && *s != '\"')\n"
    '\t\treturn "</script><b>&amp; $x$ ]]>";\n'
    "}\n\n" + "// " + "a long comment, " * 20 + "\n"
)
STRANGE = (
    "emoji 😀 中文 e\u0301 \u05e9\u05dc \u202eabc\u202c nul \x00 return \r\n"
    "a\ttab, a “quote”, 1,5 and ''\n"
)
PLAIN = "import os\n\nprint('#', os.name)\n" + "x = 1\n" * 40


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Three documents and two layers of 16 units; unit 1.c.0 steps through all codes."""
    vocabulary = Vocabulary((*map(chr, range(32, 127)), "\n", "\t", UNKNOWN))
    torch.manual_seed(1)
    model = RecurrentModel(Architecture("lstm", 2, 16, 8, len(vocabulary)))
    with torch.no_grad():
        for weights in model.parameters():
            weights *= 3
    documents = (
        Document("src/<i>&file.c", CODE),
        Document("日本/файл.txt", STRANGE),
        Document("plain.py", PLAIN),
    )
    path: Path = tmp_path_factory.mktemp("recording") / "tiny.zarr"
    record(Checkpoint("net </style>", model, vocabulary), Corpus("corpus & co", documents), path)
    array = zarr.open_group(str(path), mode="r+")["1/c"]
    assert isinstance(array, zarr.Array)
    ramp = np.arange(array.shape[0]) * 7 % 255 - 127
    array[:, 0] = ramp.astype(np.int8)
    return open_recording(path)
