"""Rows in 16 or 8 bits: each within half a step of itself, saved, mapped and searched by."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tiny import NOISE_SETTINGS, noise, write_corpus

from sprachbund import Encoder, train
from sprachbund.errors import FolderError, SettingsError
from sprachbund.export import write_export
from sprachbund.files import sealed
from sprachbund.retrieval.encoder.encoder import MANIFEST
from sprachbund.retrieval.encoder.short_rows import gather, lengthen, shorten
from sprachbund.retrieval.settings import change

TEXTS = ["baba bebe bibi", "bida", "", "nothing that was seen"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """A small one; one of its rows is zero."""
    corpus = write_corpus(tmp_path_factory.mktemp("short"), noise(documents=20))
    made = train(corpus, settings=change(NOISE_SETTINGS, dim=24, bigram_weight=0.5))
    made.table[3] = 0
    return made


@given(arrays(np.float32, (5, 7), elements=st.floats(-1e6, 1e6, width=32)), st.sampled_from([8, 16]))
def test_no_number_is_off_by_more_than_half_a_step(table: np.ndarray, bits: int) -> None:
    """A step is the row's largest number over 127 or 32,767; the largest itself is kept. Below 4e-34 a float32 has no
    scale for it, and a number may be nothing."""
    short = shorten(table, bits)
    steps = np.abs(table).max(axis=1, keepdims=True) / {8: 127, 16: 32_767}[bits]
    assert short.numbers.dtype == {8: np.int8, 16: np.int16}[bits]
    assert (np.abs(lengthen(short) - table) <= 0.501 * steps + 1e-6 * np.abs(table) + 4e-34).all()
    rows = np.array([4, -1, 0], np.int32)
    found = gather(rows, short)
    assert not found[1].any() and np.array_equal(found[[0, 2]], lengthen(short)[[4, 0]])


@pytest.mark.parametrize(("bits", "share", "near"), [(16, 0.55, 1e-3), (8, 0.30, 2e-2)])
def test_saved_in_fewer_bits_it_is_smaller_and_nearly_the_same(
    encoder: Encoder, tmp_path: Path, bits: int, share: float, near: float
) -> None:
    """Mapped or in memory the vectors are the same; whatever is made of it can be made."""
    encoder.save(tmp_path / "long")
    encoder.save(tmp_path / "short", bits=bits)
    sizes = [(tmp_path / name / "vectors.safetensors").stat().st_size for name in ("long", "short")]
    assert sizes[1] < share * sizes[0]
    loaded, mapped = Encoder.load(tmp_path / "short"), Encoder.load(tmp_path / "short", mapped=True)
    vectors = mapped.encode(TEXTS)
    assert np.array_equal(vectors, loaded.encode(TEXTS))
    assert np.abs(vectors - encoder.encode(TEXTS)).max() < near
    loaded.save(tmp_path / "again")
    assert np.array_equal(Encoder.load(tmp_path / "again").encode(TEXTS), vectors)
    written = []
    for one in (loaded, mapped):
        write_export(one, tmp_path / "out", "word2vec")
        written.append((tmp_path / "out" / "vectors.txt").read_text())
    assert written[0] == written[1]


@pytest.mark.parametrize("bits", [0, 4, 64])
def test_other_bits_are_refused(encoder: Encoder, tmp_path: Path, bits: int) -> None:
    """By name, and in a manifest as damage."""
    with pytest.raises(SettingsError, match="rows have 32, 16, 8 bits a number, found"):
        encoder.save(tmp_path / "model", bits=bits)
    encoder.save(tmp_path / "model")
    said = json.loads((tmp_path / "model" / MANIFEST).read_text())
    (tmp_path / "model" / MANIFEST).write_text(json.dumps(sealed({**said, "bits": int(bits)})))
    with pytest.raises(FolderError, match="numbers cannot have"):
        Encoder.load(tmp_path / "model")
