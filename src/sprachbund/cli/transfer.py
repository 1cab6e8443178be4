"""``sprachbund transfer CORPUS --out STUDY``: the main job."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sprachbund.cli.options import (
    Json,
    Languages,
    Memory,
    On,
    Preset,
    Set,
    SettingsFile,
    Workers,
    resolve,
    settled,
    split_languages,
)
from sprachbund.cli.report import show_study
from sprachbund.errors import SettingsError
from sprachbund.files import require_place
from sprachbund.machine import parse_size

if TYPE_CHECKING:
    from sprachbund.studies.study import Study


LM_ARMS = "alone,pooled,placebo"
SPEECH_ARMS = LM_ARMS
RETRIEVAL_ARMS = "alone,pooled,control,placebo"
POOLS = "unseen,paper,paper-equal,mixed,own"


def transfer(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS", help="A folder that ingest wrote; of speech, one of speech ingest.", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="The study: a new folder, or the same study, which goes on where it stopped.",
            show_default=False,
        ),
    ],
    kind: Annotated[
        str,
        typer.Option(
            help="Of model: retrieval, lm (language models, judged by bits per byte), or speech (recognisers, judged "
            "by errors in letters)."
        ),
    ] = "retrieval",
    task: Annotated[
        list[str] | None,
        typer.Option(help="Of retrieval: nsp (next sentence) or ic (inverse cloze); may be repeated. Default: both."),
    ] = None,
    languages: Languages = None,
    targets: Annotated[
        str | None,
        typer.Option(
            help="Languages that are judged, parted by commas; the others only help. Default: all.", show_default=False
        ),
    ] = None,
    auxiliaries: Annotated[
        str | None,
        typer.Option(help="With it --languages are judged, and these only help: es,it,fr.", show_default=False),
    ] = None,
    target_sentences: Annotated[
        int,
        typer.Option(
            min=0,
            help="Of retrieval: training sentences of each language that is judged, at most; 0: all. "
            "Dev and test stay whole. Of lm: --set target_characters=N; of speech: --set target_minutes=N.",
        ),
    ] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each chosen setting; claims want three or more.")] = 3,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1, help="Settings that every arm tries on dev; 1 tunes nothing. Default: 12 (lm: 3, speech: 2)."
        ),
    ] = None,
    arms: Annotated[
        str | None,
        typer.Option(
            help="Strategies, parted by commas: alone, pooled, mixed:3, continued:es, rows:es, frozen:es, longer:es, "
            "censored:en+tr and its controls, control, placebo; of lm respelled:es; of speech synthetic. en+es is a "
            "chain; without a name, continued begins from all other languages together. Default: "
            f"{RETRIEVAL_ARMS} (lm, speech: {LM_ARMS}).",
            show_default=False,
        ),
    ] = None,
    pools: Annotated[
        str | None,
        typer.Option(help=f"Of retrieval: pools to judge in; unseen decides. Default: {POOLS}.", show_default=False),
    ] = None,
    dictionary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LANGUAGE-TARGET=FILE",
            help="Of lm: a dictionary for the arm respelled, as es-pt=es-pt.dix, either way round; repeatable.",
            show_default=False,
        ),
    ] = None,
    preset: Preset = "best",
    settings: SettingsFile = None,
    assignments: Set = None,
    workers: Workers = None,
    memory: Memory = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Measure what every language gains from the text of the others, and whether the difference is real.

    Trains each language alone and all together, tunes every arm (baselines too) on dev with the same effort, judges on
    what no model has seen, and writes tables and report.html. Killed, the same command goes on.
    """
    from sprachbund.report import load_study, write_report

    if kind not in KINDS:
        raise SettingsError(f"no kind of model is called {kind}; there are: {', '.join(KINDS)}")
    require_place(out, folder=True)
    judged, asked = split_languages(targets), split_languages(languages)
    if auxiliaries is not None:
        if judged:
            raise SettingsError("--targets and --auxiliaries say the same in two ways: give one")
        if not asked:
            raise SettingsError("--auxiliaries needs --languages, those that are judged")
        judged, asked = asked, [*asked, *(split_languages(auxiliaries) or ())]
    named = {name.strip(): None for name in (arms or KINDS[kind]).split(",") if name.strip()}
    shared: dict[str, Any] = {"languages": asked, "targets": judged, "seeds": seeds, "arms": list(named)}
    shared |= {"workers": workers, "on": on}
    if kind != "retrieval":
        given = {"--task": task, "--pools": pools, "--memory": memory, "--preset": None if preset == "best" else preset}
        given["--target-sentences"] = str(target_sentences) if target_sentences else None
        if strangers := [name for name, value in given.items() if value is not None]:
            raise SettingsError(f"{', '.join(strangers)}: of retrieval alone; leave it out with --kind {kind}")
    if dictionary and kind != "lm":
        raise SettingsError("--dictionary: of language models alone; add --kind lm")
    if kind == "lm":
        study = _language_models(corpus, out, shared, trials or 3, dictionary, settings, assignments)
    elif kind == "speech":
        from sprachbund.speech.kind_settings import SpeechStudySettings
        from sprachbund.speech.transfer import transfer_speech

        resolved = settled(SpeechStudySettings(), settings, assignments)
        study = transfer_speech(corpus, out, settings=resolved, trials=trials or 2, **shared)
    else:
        from sprachbund.retrieval.transfer import transfer as run

        study = run(
            corpus,
            out,
            tasks=list(dict.fromkeys(task or ["ic", "nsp"])),
            settings=resolve(preset, settings, assignments),
            trials=trials or 12,
            pools=[name.strip() for name in (pools or POOLS).split(",") if name.strip()],
            target_sentences=target_sentences,
            memory=None if memory is None else parse_size(memory),
            **shared,
        )
    page = write_report(study.path)
    show_study(load_study(study.path), study.path, page, as_json=as_json, whole=False, notes=study.notes)


KINDS = {"retrieval": RETRIEVAL_ARMS, "lm": LM_ARMS, "speech": SPEECH_ARMS}


def _language_models(
    corpus: Path,
    out: Path,
    shared: dict[str, Any],
    trials: int,
    dictionary: list[str] | None,
    settings: Path | None,
    assignments: list[str] | None,
) -> "Study":
    from sprachbund.lm.settings import LmSettings
    from sprachbund.lm.transfer import transfer_lm

    tables = {}
    for each in dictionary or ():
        pair, sign, path = each.partition("=")
        one, dash, other = pair.partition("-")
        if not (sign and dash and one and other and path):
            raise SettingsError(f"--dictionary {each}: expected LANGUAGE-TARGET=FILE, as es-pt=es-pt.dix")
        tables[one.strip(), other.strip()] = Path(path)
    resolved = settled(LmSettings(), settings, assignments)
    return transfer_lm(corpus, out, settings=resolved, trials=trials, dictionaries=tables, **shared)
