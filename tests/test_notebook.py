"""What objects say of themselves: a line, and in a notebook a table whose cells are text."""

import re
from pathlib import Path

import pytest

from sprachbund import Corpus, Index, change, evaluate, ingest, preset, train
from sprachbund import index as make_index
from sprachbund.notebook import html_table
from sprachbund.search.asking import Request
from sprachbund.search.building import IndexSettings


def test_a_table_escapes_its_cells_and_is_cut() -> None:
    """Numbers have their thousands, what is no number is text, and of many rows the first are shown."""
    made = html_table("<a>", ("x<y",), [("<script>",), (1234,), (0.123456,), (None,), (True,)])
    assert "<caption>&lt;a&gt;</caption>" in made and "x&lt;y" in made and "&lt;script&gt;" in made
    assert re.findall(r"<td[^>]*>([^<]*)</td>", made)[1:] == ["1,234", "0.1235", "", "True"]
    assert "and 300 more" in html_table("", ("n",), ((n,) for n in range(500)))


@pytest.mark.parametrize("kind", ["corpus", "encoder", "vocabulary", "index", "evaluation", "answer", "hit", "why"])
def test_public_objects_say_in_a_line_what_they_are(kind: str, made: dict[str, object]) -> None:
    """Not their arrays and manifests."""
    said = repr(made[kind])
    assert len(said) < 200 and "\n" not in said
    assert said.lower().startswith(kind)
    if kind not in ("encoder", "vocabulary"):
        assert "<td" in made[kind]._repr_html_()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def made(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """One of each, of the sample."""
    folder = tmp_path_factory.mktemp("made")
    ingest([sample / "gl.jsonl", sample / "pt.jsonl"], folder / "corpus", workers=1)
    encoder = train(folder / "corpus", folder / "model", settings=change(preset("best"), dim=8, epochs=0.1))
    make_index([folder / "corpus"], folder / "index", folder / "model", settings=IndexSettings(map_points=0))
    index = Index.open(folder / "index")
    answer = index.answer(Request("a auga dos ríos"))
    return {
        "corpus": Corpus.open(folder / "corpus"),
        "encoder": encoder,
        "vocabulary": encoder.vocabulary,
        "index": index,
        "answer": answer,
        "hit": answer.hits[0],
        "why": index.why("a auga dos ríos", answer.hits[0]),
        "evaluation": evaluate(encoder, folder / "corpus", baselines=False),
    }
