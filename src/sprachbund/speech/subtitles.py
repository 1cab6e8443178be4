"""Transcripts as subtitles: SubRip (.srt) and WebVTT (.vtt), a few words a cue."""

from collections.abc import Sequence

from sprachbund.speech.recogniser.greedy import Word

__all__ = ["cues", "srt", "vtt"]

MOST_LETTERS, MOST_SECONDS, GAP = 64, 6.0, 0.8
"""Of a cue; seconds between two words that part cues."""


def cues(words: Sequence[Word]) -> list[tuple[float, float, str]]:
    """Words in cues: begin and end in seconds, and the text."""
    found: list[list[Word]] = []
    for word in words:
        last = found[-1] if found else []
        long = last and (
            word.end - last[0].start > MOST_SECONDS
            or word.start - last[-1].end > GAP
            or sum(len(each.text) + 1 for each in last) + len(word.text) > MOST_LETTERS
        )
        if not last or long:
            found.append([word])
        else:
            last.append(word)
    return [(own[0].start, max(own[-1].end, own[0].start + 0.1), " ".join(word.text for word in own)) for own in found]


def srt(words: Sequence[Word]) -> str:
    """As SubRip."""
    parts = [
        f"{number}\n{_time(start, ',')} --> {_time(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(cues(words), 1)
    ]
    return "\n".join(parts)


def vtt(words: Sequence[Word]) -> str:
    """As WebVTT."""
    parts = [f"{_time(start, '.')} --> {_time(end, '.')}\n{text}\n" for start, end, text in cues(words)]
    return "\n".join(["WEBVTT\n", *parts])


def _time(seconds: float, mark: str) -> str:
    whole = round(1_000 * seconds)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1_000:02}{mark}{rest % 1_000:03}"
