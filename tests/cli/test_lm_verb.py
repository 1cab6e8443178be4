"""`sprachbund lm` and `transfer --kind lm`: trained, asked, refused in a line."""

import json
from pathlib import Path

import pytest
from terminal import fail, sprachbund, succeed


@pytest.fixture(scope="module")
def gl(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of Galician with Portuguese beside it, n-grams alone."""
    out = tmp_path_factory.mktemp("lm") / "GL"
    said = succeed("lm", "train", corpus, "--language", "gl", "--from-language", "pt", "--size", "none", "--out", out)
    assert "bits per byte" in said and "test" in said and "gained by neighbours' text" in said and "%" in said
    return out


def test_score_and_filter(gl: Path, corpus: Path, tmp_path: Path) -> None:
    """A row a file or a line, all together as sums over sums; a filter drops what is no text of the language."""
    import polars as pl

    own = next(corpus.glob("gl/*.parquet"))
    line = " ".join(pl.read_parquet(own)["text"].head(3).to_list())
    text = tmp_path / "text.txt"
    text.write_text(f"{line}\nzzqx wwkk qqjj xxzz kkww\n", encoding="utf-8")
    said = json.loads(succeed("lm", "score", gl, text, "--lines", "--json"))
    first, second = said["texts"]
    assert first["bits_per_byte"] < second["bits_per_byte"]
    assert said["bits_per_byte"] == pytest.approx((first["bits"] + second["bits"]) / (first["bytes"] + second["bytes"]))
    assert "bits per byte" in succeed("lm", "score", gl, text)
    limit = str((first["bits_per_byte"] + second["bits_per_byte"]) / 2)
    assert succeed("lm", "score", gl, text, "--below", limit) == f"{line}\n"
    assert "expected bits per byte, as 3.5, or auto" in fail("lm", "score", gl, text, "--below", "x")


def test_complete_and_sample(gl: Path) -> None:
    """Words with their probabilities; text by a seed."""
    said = json.loads(succeed("lm", "complete", gl, "a ", "-k", "3", "--json"))
    assert len(said["words"]) == 3 and said["words"][0]["probability"] >= said["words"][1]["probability"]
    assert "probability" in succeed("lm", "complete", gl, "a ")
    written = succeed("lm", "sample", gl, "--characters", "30", "--seed", "1")
    assert written == succeed("lm", "sample", gl, "--characters", "30", "--seed", "1")


def test_minimal_pairs(gl: Path, tmp_path: Path) -> None:
    """The share that is right, with what shuffled words tell; a table without pairs is said."""
    table = tmp_path / "pairs.tsv"
    table.write_text("good\tbad\no mar e a auga\to mar e a zqkwx\n", encoding="utf-8")
    assert json.loads(succeed("lm", "pairs", gl, table, "--json"))["right"] == 1.0
    assert "100.0% of 1 pairs right" in succeed("lm", "pairs", gl, table)
    table.write_text("one\n", encoding="utf-8")
    assert "a right and a wrong sentence" in fail("lm", "pairs", gl, table)


def test_mistakes_in_a_line(gl: Path, corpus: Path, model: Path, tmp_path: Path) -> None:
    """A start of another kind, a language that is not there, a dictionary without a language, a size that is none."""
    out = ("--size", "none", "--out", tmp_path / "X")
    assert "expected a language model" in fail("lm", "train", corpus, "--language", "gl", "--from", model, *out)
    assert "sv" in fail("lm", "train", corpus, "--language", "sv", *out)
    assert "expected LANGUAGE=FILE" in fail("lm", "train", corpus, "--language", "gl", "--dictionary", "x.tsv", *out)
    assert "size must be" in fail("lm", "train", corpus, "--language", "gl", "--size", "huge", "--out", tmp_path / "X")
    assert "expected a language model" in fail("lm", "complete", corpus, "a")
    assert not list(tmp_path.iterdir())


def test_a_study(corpus: Path, tmp_path: Path) -> None:
    """Auxiliaries help and are not judged; options of the other kind are refused."""
    how = ("--kind", "lm", "--languages", "gl", "--auxiliaries", "pt", "--set", "size=none", "--seeds", "1")
    said = json.loads(
        succeed("transfer", corpus, "--out", tmp_path / "s", *how, "--arms", "alone,continued:pt", "--json")
    )
    assert list(said["tasks"]) == ["lm"] and {row["language"] for row in said["tasks"]["lm"]} <= {"gl", "all", "(all)"}
    assert (tmp_path / "s" / "report.html").exists()
    assert "of retrieval alone" in fail("transfer", corpus, "--out", tmp_path / "t", *how, "--task", "ic")
    assert "add --kind lm" in fail("transfer", corpus, "--out", tmp_path / "t", "--dictionary", "pt-gl=x.tsv")
    assert "no kind of model is called vision" in fail("transfer", corpus, "--out", tmp_path / "t", "--kind", "vision")
    assert "--auxiliaries needs --languages" in fail("transfer", corpus, "--out", tmp_path / "t", "--auxiliaries", "pt")


def test_parallel_sentences(gl: Path, tmp_path: Path) -> None:
    """A row a model, the same sentences for all, and the warning of bytes; a language that lacks is refused."""
    table = tmp_path / "same.tsv"
    table.write_text("gl\tpt\no mar\to mar\na auga\ta água\nsó\t\n", encoding="utf-8")
    said = json.loads(succeed("lm", "parallel", gl, gl, "--text", table, "--json"))
    assert (said["sentences"], said["left_out"], len(said["models"])) == (3, 0, 2)
    assert said["models"][1]["percent_beside_first"]["value"] == 0
    shown = succeed("lm", "parallel", gl, "--text", table)
    assert "bits per sentence" in shown and "mislead across scripts" in " ".join(shown.split())
    table.write_text("es\tpt\nuno\tum\n", encoding="utf-8")
    assert "gl among them" in fail("lm", "parallel", gl, "--text", table)


def test_pairs_of_a_treebank(gl: Path, tmp_path: Path) -> None:
    """Made, judged by feature and distance, written and read again; a table has no pairs to write."""
    rows = [
        "# text = o mar",
        "1\to\to\tDET\t_\tGender=Masc\t2\tdet\t_\t_",
        "2\tmar\tmar\tNOUN\t_\tGender=Masc\t0\troot\t_\t_",
    ]
    rows += ["", "# text = a auga", "1\ta\to\tDET\t_\tGender=Fem\t2\tdet\t_\t_"]
    rows += ["2\tauga\tauga\tNOUN\t_\tGender=Fem\t0\troot\t_\t_", ""]
    path, table = tmp_path / "gl.conllu", tmp_path / "pairs.tsv"
    path.write_text("\n".join(rows * 5) + "\n", encoding="utf-8")
    said = json.loads(succeed("lm", "pairs", gl, path, "--write", table, "--json"))
    assert said["pairs"] == 10 and [(x["by"], x["name"], x["pairs"]) for x in said["by"]] == [
        ("feature", "gender", 10), ("words between", "0", 10)
    ]  # fmt: skip
    assert said["each"][0]["changed"] == "o to a: Gender Masc to Fem, determiner of the noun mar"
    again = json.loads(succeed("lm", "pairs", gl, table, "--json"))
    assert again["right"] == said["right"] and again["each"] == said["each"]
    assert "such as: a mar" in succeed("lm", "pairs", gl, path)
    assert "4 pairs right" in succeed("lm", "pairs", gl, path, "--most", "4")
    assert "--write is for the pairs of a treebank" in fail("lm", "pairs", gl, table, "--write", tmp_path / "x.tsv")
    path.write_text("\n".join(rows[:3]) + "\n", encoding="utf-8")
    assert "found no pair: 2 of 2 words" in fail("lm", "pairs", gl, path)


def test_a_zoo_of_language_models(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was tried in training makes a language wanted; a sample of several lines is shown in lines, set in."""
    from dataclasses import replace

    from sprachbund.lab.card import read_card
    from sprachbund.lm.model import LanguageModel

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SPRACHBUND_ZOO_KEY", str(tmp_path / "my.key"))
    succeed("zoo", "keys", tmp_path / "my.key")
    train = ("lm", "train", corpus, "--language", "gl", "--size", "none", "--out", tmp_path / "tried")
    said = succeed(*train, "--try-language", "pt")
    assert "gain by neighbours' text" in said and "pt, n-grams, test" in said
    card = replace(read_card(tmp_path / "tried"), samples=("Un día.\n\nOutro\x1b[2J día.\n", "Só un."))
    LanguageModel.open(tmp_path / "tried").save(tmp_path / "gl", card)
    succeed("zoo", "add", tmp_path / "gl", tmp_path / "zoo", "--name", "gl")
    sprachbund("zoo", "list", "--from", tmp_path / "zoo")  # says on standard error that it meets the key
    shown = succeed("zoo", "show", "gl", "--from", tmp_path / "zoo")
    assert shown.endswith("samples\n  Un día.\n    Outro\\x1b[2J día.\n  Só un.\n")
    wanted = succeed("zoo", "wanted", "--from", tmp_path / "zoo", "--languages", "gl,nl", "--no-near", "--json")
    whys = {row["language"]: row["why"] for row in json.loads(wanted)["wanted"]}
    assert whys.pop("nl") == "no model"
    gain = next(score for score in card.scores if score.measure == "gain by neighbours' text")
    assert (gain.low is None or gain.low > 0) == ("gl" in whys)
    assert all("gl@1 would gain" in why for why in whys.values())
