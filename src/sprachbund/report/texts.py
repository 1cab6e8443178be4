"""What was wanted against what was written: aligned texts with their sound, and what is mistaken for what.

Edits are told by form and by colour: what was left out is struck through, what was put in is underlined.
"""

import base64
from typing import Any

import polars as pl

from sprachbund.lab.alignment import DELETED, INSERTED, SAME, runs
from sprachbund.lab.measures import better_of
from sprachbund.lab.seen import seen
from sprachbund.report.asked import ALONE
from sprachbund.report.frames import StudyFrames
from sprachbund.report.markup import Markup, cell, element, join, table
from sprachbund.report.rows import arm_names, values_by_language
from sprachbund.report.wording import MISSING, known, share

__all__ = ["aligned_text", "confusions_section", "mistaken", "samples_section"]

BLANK = "␣"
STARTED = ("continued", "begun_joined", "frozen", "dropped", "rows")
"""Strategies that begin from another model, of which the best is shown beside alone."""
_MEDIA = {"audio/mpeg", "audio/ogg", "audio/wav"}
SUBSTITUTED, LEFT_OUT, PUT_IN = 12, 6, 6
"""Rows of a table of confusions."""
WHY = {"median": "about the median", "least": "fewest errors", "most": "most errors"}


def aligned_text(reference: str, hypothesis: str, edits: str) -> Markup:
    """One line: what is right as it is, what was left out struck through, what was put in underlined."""
    parts: list[Any] = []
    for edit, wanted, written in runs(reference, hypothesis, edits):
        if edit == SAME:
            parts.append(wanted)
            continue
        parts.append(None if edit == INSERTED else element("del", wanted.replace(" ", BLANK)))
        parts.append(None if edit == DELETED else element("ins", written.replace(" ", BLANK)))
    return join(parts)


def samples_section(frames: StudyFrames, task: str) -> Markup | None:
    """The items that were chosen, each with its sound and a line an arm."""
    own = frames.samples.filter(task=task)
    if own.is_empty():
        return None
    clips = {
        (language, item): f"data:{media};base64,{base64.b64encode(data).decode()}"
        for language, item, media, data in frames.clips.filter(task=task)
        .select("language", "item", "media", "data").iter_rows()
        if media in _MEDIA
    }  # fmt: skip
    made = []
    arms = arm_names(frames, task)
    for language, item in own.select("language", "item").unique(maintain_order=True).iter_rows():
        lines = {row["arm"]: row for row in own.filter(language=language, item=item).to_dicts()}
        first = next(iter(lines.values()))
        sound = clips.get((language, item))
        head = element(
            "p",
            element("b", first["reference"]),
            element("small", f" {language}, {WHY.get(first['why'], first['why'])} of {next(iter(lines))}; "
                             f"{frames.declaration.document.one} {first['document'][:12]}"),
        )  # fmt: skip
        player = element("audio", controls=True, preload="none", src=sound, aria_label=first["reference"])
        written = [
            join(element("dt", arm), element("dd", _line(lines[arm]), class_="aligned", lang=language))
            for arm in arms
            if arm in lines
        ]
        made.append(element("div", head, player if sound else None, element("dl", written), class_="sample"))
    key = element(
        "p",
        "One training of each arm, the same ", frames.declaration.item.many, " for all: ",
        element("del", "left out"), ", ", element("ins", "put in"), f"; {BLANK} is a blank.", class_="key",
    )  # fmt: skip
    return join(key, made)


def _line(row: dict[str, Any]) -> Markup:
    wrong = len(row["edits"]) - row["edits"].count(SAME)
    rate = element("small", f" {share(wrong / max(1, len(row['reference'])), 0)} wrong")
    if not row["hypothesis"]:
        return join(element("i", "nothing written"), rate)
    return join(aligned_text(row["reference"], row["hypothesis"], row["edits"]), rate)


def confusions_section(frames: StudyFrames, task: str) -> Markup | None:
    """Alone beside the best arm that has a start, by language: what each takes for what most often."""
    own = frames.confusions.filter(task=task)
    made = []
    for language in own["language"].unique(maintain_order=True):
        arms = [ALONE, *best_started(frames, task, language)]
        counts = {arm: _counts(own, language, arm) for arm in arms}
        rows = mistaken(counts)
        if rows:
            body = [[what, *(cell(f"{counts[arm].get(pair, 0.0):.1f}", class_="number") for arm in arms)]
                    for what, pair in rows]  # fmt: skip
            caption = join(
                f"{frames.title(task)}, ", language, ": what is written in place of what was wanted, the most frequent "
                "first; how often a seed.",
            )  # fmt: skip
            made.append(table(caption, [["wanted → written", *arms]], body, class_="numbers"))
    return join(made) if made else None


def best_started(frames: StudyFrames, task: str, language: str) -> list[str]:
    """The arm with a start that is the best in a language, in a list; an empty one where there is none."""
    values = values_by_language(frames, task, frames.pool, frames.measure).get(language, {})
    best: str | None = None
    for arm in arm_names(frames, task):
        told, value = seen(arm, frames.declaration), values.get(arm)
        started = told.strategy in STARTED and not told.view and known(value)
        if started and (best is None or better_of(frames.measure, value or 0.0, values[best] or 0.0)):
            best = arm
    return [] if best is None else [best]


def _counts(own: pl.DataFrame, language: str, arm: str) -> dict[tuple[str, str], float]:
    rows = own.filter(language=language, arm=arm).select("wanted", "written", "count").iter_rows()
    return {(wanted, written): times for wanted, written, times in rows}


def mistaken(counts: dict[str, dict[tuple[str, str], float]]) -> list[tuple[str, tuple[str, str]]]:
    """Pairs with their names: substitutions, then what was left out, then what was put in; the frequent first."""
    total: dict[tuple[str, str], float] = {}
    for own in counts.values():
        for pair, times in own.items():
            total[pair] = total.get(pair, 0.0) + times
    ordered = sorted(total, key=lambda pair: (-total[pair], pair))
    chosen = [pair for pair in ordered if all(pair)][:SUBSTITUTED]
    chosen += [pair for pair in ordered if not pair[1]][:LEFT_OUT] + [pair for pair in ordered if not pair[0]][:PUT_IN]
    return [(f"{_sign(wanted)} → {_sign(written)}", (wanted, written)) for wanted, written in chosen]


def _sign(letter: str) -> str:
    return MISSING if not letter else BLANK if letter == " " else letter
