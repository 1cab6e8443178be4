"""README.md of a model has the head that hubs read, whatever the card says."""

from pathlib import Path

import yaml
from small_models import make_model

from sprachbund.lab.card import Card, Data, Made, Origin, Score
from sprachbund.lab.hub import front_matter
from sprachbund.zoo.adding import add_model
from sprachbund.zoo.hub import readme
from sprachbund.zoo.opening import open_zoo


def head_of(text: str) -> dict[str, object]:
    """The YAML between the dashes."""
    assert text.startswith("---\n")
    return dict(yaml.safe_load(text.split("---\n")[1]))


def test_the_head_is_what_hubs_index(zoo: Path) -> None:
    """In YAML as another library reads it: base_model, language, datasets, license."""
    entry = open_zoo(zoo).index.find("gl")
    text = (zoo / entry.folder / "README.md").read_text()
    assert head_of(text) == {
        "library_name": "sprachbund",
        "language": ["gl"],
        "license": "cc0-1.0",
        "base_model": ["es@1"],
        "datasets": ["almanac"],
        "tags": ["sprachbund", "weather-vane"],
    }
    assert "# gl@2\n" in text and "| gl | hits | 0.5 | 0.4 to 0.6 | test |" in text
    assert "| es@1 | es |" in text and "| almanac | 1,000 characters | cc-by-4.0 |" in text


def test_codes_and_names_stay_what_they_are() -> None:
    """`no` is a language and no denial; Wikimedia's codes are BCP 47 there; line breaks and bars end nothing."""
    card = Card(
        "x",
        "language model",
        ("no", "simple", "als", "qq-unheard"),
        data=(Data("a: b\n- c | d <img src=x>", "", "yes"),),
        scores=(Score("m|m", 1.0, language="no", on="on\noff"),),
        started_from=(Origin("1.0", "ab"),),
        made=Made("0.1.0"),
    )
    text = readme("x@1", card, ["1.0"])
    head = head_of(text)
    assert head["language"] == ["en", "gsw", "nb", "qq-unheard"] and head["base_model"] == ["1.0"]
    assert head["datasets"] == ["a: b\n- c | d <img src=x>"] and head["pipeline_tag"] == "text-generation"
    assert (head["license"], head["license_name"]) == ("other", "as-the-training-text")
    assert "| a: b - c \\| d &lt;img src=x> | - | yes |" in text and "| no | m\\|m | 1 | - | on off |" in text


def test_what_hides_is_escaped_in_the_head() -> None:
    """A control character and a mark that turns a line round are escapes, and come back as they were."""
    text = "a\u202eb\x85c\x00d\u2028e"
    lines = front_matter({"notes": text, "empty": "", "none": []})
    assert len(lines) == 1 and lines[0].isascii()
    assert yaml.safe_load(lines[0]) == {"notes": text}


def test_what_it_was_started_from_may_be_nowhere(tmp_path: Path, key: Path) -> None:
    """Then the name that its maker gave it stands there."""
    start = make_model(tmp_path / "elsewhere", ("es",))
    entry = add_model(make_model(tmp_path / "gl", ("gl",), started_from=[start]), tmp_path / "zoo", key=key)
    assert head_of((tmp_path / "zoo" / entry.folder / "README.md").read_text())["base_model"] == ["elsewhere"]
