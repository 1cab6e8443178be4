"""Changing a zoo: a model comes in as a new version, or goes and leaves a stone with its name.

    ZOO/models/NAME@VERSION-HASH/    a model, never changed again
        model/                       the folder as its maker wrote it
        card.json  README.md         what is known of it, for programs and for people and hubs
        model.sig                    all of these, signed: a folder that travels alone can still be verified

The model is in its place before the index names it, and is named no more before it goes: whoever reads sees the old
state or the new one. The index and its signature are two files; the coming signature stands beside them while one is
exchanged.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sprachbund.claims import discard, is_workspace, strangers, sweep, writing
from sprachbund.errors import FolderError, SettingsError
from sprachbund.files import atomic_folder, require_place, write_bytes, write_text
from sprachbund.lab.card import Card, write_card
from sprachbund.progress import Progress, Silent, logger
from sprachbund.zoo import trust
from sprachbund.zoo.bundle import LONGEST, sign, signed_hashes
from sprachbund.zoo.encoders import data_of
from sprachbund.zoo.hub import readme
from sprachbund.zoo.index import (
    CARD_FILE,
    INDEX,
    MODEL,
    MODEL_SIGNATURE,
    README,
    SIGNATURE,
    Entry,
    File,
    Index,
    Tombstone,
)
from sprachbund.zoo.keys import PrivateKey, own_key
from sprachbund.zoo.lineage import heirs, known_as
from sprachbund.zoo.models import Finished, finished, require_same
from sprachbund.zoo.names import called, require_name, slug
from sprachbund.zoo.opening import KEY, NEXT, read_zoo
from sprachbund.zoo.places import FolderPlace, hash_of, place_of

__all__ = ["add_model", "remove_model"]

MODELS = "models"


def add_model(
    model: Path | str,
    zoo: Path | str,
    *,
    name: str | None = None,
    key: Path | str | None = None,
    licence: str = "",
    text: str = "",
    text_licence: str = "",
    corpus: Path | str | None = None,
    notes: str = "",
    date: str = "",
    progress: Progress | None = None,
) -> Entry:
    """Put a finished model into a zoo, which is made where there is none; the same model again changes nothing.

    Args:
        model: a folder that ``train`` wrote, or any with a ``card.json``.
        name: in the zoo; a model of this name gets the next version. Default: that of its card, else of its folder.
        key: the private key that signs; None for that of ``SPRACHBUND_ZOO_KEY``, or the user's, made at the first use.
        licence, text_licence: of the model and of its text, where its card says none, as model hubs write them.
        text: what its text is called. corpus: that it learned from, to name its sources and sizes.
        notes: for readers, over the card's. date: YYYY-MM-DD, "" for none.

    Returns:
        What the zoo has now; of a model that was there already, what it had.

    Raises:
        FolderError: the model is damaged, still being written or without a card; the zoo is damaged, signed by another
            key, older than it was, or another process writes it. SettingsError: the name or a licence cannot be.
    """
    model, zoo = Path(model), Path(zoo)
    require_place(zoo, folder=True)
    signer = own_key(key)
    found = finished(model)
    card = _told(found.card, licence, text, text_licence, corpus, notes)
    chosen = slug(card.name) or slug(model.resolve().name) if name is None else name
    if not chosen and name is None:
        raise SettingsError(f"{model}: no name of ASCII in its card or folder; give it one with --name")
    require_name(chosen)
    zoo.mkdir(parents=True, exist_ok=True)
    with _changing(zoo, signer) as index:
        same = next((each for each in index.models if each.sha256 == found.sha256), None)
        if same is not None and same.name == chosen:
            logger.warning("%s: this very model is there already, as %s; nothing was added", zoo, same.called)
            return same
        if other := next((each for each in _names(index) if each != chosen and each.lower() == chosen.lower()), None):
            raise SettingsError(f"{zoo}: has the name {other}, which differs by case alone; call this one so too")
        version = 1 + max((v for n, v in _versions(index) if n == chosen), default=0)
        entry = _placed(zoo, found, card, chosen, version, index, signer, date, progress or Silent())
        models = sorted((*index.models, entry), key=lambda each: (each.name, each.version))
        _write(zoo, replace(index, serial=index.serial + 1, models=tuple(models)), signer)
    return entry


def remove_model(
    name: str, zoo: Path | str, *, key: Path | str | None = None, anyway: bool = False, date: str = ""
) -> tuple[Tombstone, tuple[str, ...]]:
    """Take a model out of a zoo; a stone with its name and hashes stays, and its version is not given again.

    Args:
        name: with its version where there are several. anyway: also where others were started from it.

    Returns:
        The stone, and the models that were started from it.

    Raises:
        SettingsError: there is no such model, it has several versions, or others were started from it.
        FolderError: as `add_model`; or something lies in its folder that is not the zoo's, which is never deleted.
    """
    zoo = Path(zoo)
    signer = own_key(key)
    with _changing(zoo, signer, made=False) as index:
        entry = index.find(name)
        versions = [each.called for each in index.models if each.name == entry.name]
        if "@" not in name and len(versions) > 1:
            raise SettingsError(f"{zoo}: has {', '.join(versions)}; say which")
        followers = tuple(each.called for each in heirs(index, entry))
        if followers and not anyway:
            raise SettingsError(
                f"{zoo}: {', '.join(followers)} went on from {entry.called}, and would name what is nowhere; with "
                "--anyway it goes, and its name stays in their lineage"
            )
        folder = zoo / entry.folder
        listed = {file.path for file in entry.files} | {MODEL_SIGNATURE}
        if folder.is_dir() and (foreign := strangers(folder, listed)):
            raise FolderError(f"{foreign[0]}: not written by sprachbund; move it elsewhere first")
        stone = Tombstone(
            entry.name, entry.version, entry.card.kind, entry.card.languages, entry.sha256, entry.hashes, date
        )
        left = tuple(each for each in index.models if each is not entry)
        stones = tuple(sorted((*index.removed, stone), key=lambda each: (each.name, each.version)))
        _write(zoo, replace(index, serial=index.serial + 1, models=left, removed=stones), signer)
        if folder.is_dir() and not folder.is_symlink():
            discard(folder)
    return stone, followers


@contextmanager
def _changing(zoo: Path, signer: PrivateKey, made: bool = True) -> Iterator[Index]:
    """The index of a zoo with others kept out of it; an empty one where there is none and one may be made."""
    if not made and not (zoo / INDEX).is_file():
        raise FolderError(f"{zoo}: expected a zoo, but it has no {INDEX}")
    with writing(zoo / INDEX):
        if not (zoo / INDEX).exists():
            foreign = sorted(path.name for path in zoo.iterdir() if not is_workspace(path) and path.name != MODELS)
            if foreign:
                raise FolderError(f"{zoo}: expected a zoo or an empty folder, found {foreign[0]}; name a new folder")
            yield Index(0, signer.public.fingerprint)
        else:
            opened = read_zoo(place_of(zoo), signer.public)
            _sweep(zoo, opened.index, signer)
            yield opened.index


def _write(zoo: Path, index: Index, signer: PrivateKey) -> None:
    """The index and its signature, in an order that every kill leaves readable."""
    data = index.to_bytes()
    write_bytes(zoo / KEY, signer.public.pem)
    digest = sha256(data).hexdigest()  # the signature must be there before the index is in its place
    write_bytes(zoo / NEXT, sign("zoo", {INDEX: digest}, signer))
    write_bytes(zoo / INDEX, data)
    (zoo / NEXT).replace(zoo / SIGNATURE)
    place = FolderPlace(zoo.resolve())
    trust.remember(place.address, signer.public.fingerprint, index.serial, digest)


def _placed(
    zoo: Path,
    model: Finished,
    card: Card,
    name: str,
    version: int,
    index: Index,
    signer: PrivateKey,
    date: str,
    progress: Progress,
) -> Entry:
    """Copy the model into its folder, with card, README and signature; the entry that the index gets."""
    folder = f"{MODELS}/{called(name, version)}-{model.sha256[:12]}"
    (zoo / MODELS).mkdir(exist_ok=True)
    with atomic_folder(zoo / folder) as making:
        for path in model.files:
            target = making / MODEL / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(model.folder / path, target)
            progress.advance(model.files[path][1])
        require_same(model, {path: hash_of(making / MODEL / path) for path in model.files})
        write_card(card, making)
        bases = [known_as(index, origin) for origin in card.started_from]
        write_text(making / README, readme(called(name, version), card, bases))
        files = [File(f"{MODEL}/{path}", *found) for path, found in sorted(model.files.items())]
        files += [File(path, *hash_of(making / path)) for path in (CARD_FILE, README)]
        signature = sign(called(name, version), {file.path: file.sha256 for file in files}, signer)
        write_bytes(making / MODEL_SIGNATURE, signature)
        files.append(File(MODEL_SIGNATURE, *hash_of(making / MODEL_SIGNATURE)))
    brief = replace(card, curve=None, samples=())
    return Entry(name, version, folder, model.sha256, model.hashes, date, tuple(files), brief)


def _told(card: Card, licence: str, text: str, text_licence: str, corpus: Path | str | None, notes: str) -> Card:
    """The card with what only its maker knows."""
    for what, said in (("licence", licence), ("licence of the text", text_licence)):
        if said and not (said.isascii() and said.isprintable() and len(said) <= 100):
            raise SettingsError(f"expected the {what} as model hubs write it, as cc-by-sa-4.0, found {said[:60]!r}")
    data = card.data
    if corpus is not None and len(data) == 1 and data[0].sha256:
        data = data_of(Path(corpus), data[0].sha256, card.languages, data[0].licence)
    data = tuple(replace(each, name=text or each.name, licence=each.licence or text_licence) for each in data)
    return replace(card, licence=licence or card.licence, data=data, notes=notes or card.notes)


def _versions(index: Index) -> Sequence[tuple[str, int]]:
    return [(each.name, each.version) for each in index.every]


def _names(index: Index) -> Sequence[str]:
    return sorted({name for name, _ in _versions(index)})


def _sweep(zoo: Path, index: Index, signer: PrivateKey) -> None:
    """Remove what a killed command left in the zoo, and name what is not of it: that is never removed."""
    folder = zoo / MODELS
    if not folder.is_dir():
        return
    sweep(folder)
    known = {Path(each.folder).name for each in index.models}
    for left in sorted(path for path in folder.iterdir() if not is_workspace(path) and path.name not in known):
        if _is_ours(left, signer):
            discard(left)
        else:
            logger.warning("%s: the zoo's index does not name it; remove it when you like", left)


def _is_ours(folder: Path, signer: PrivateKey) -> bool:
    """Whether all that is in a folder was signed by the zoo's own key: a model that was placed, and never named."""
    path = folder / MODEL_SIGNATURE
    if folder.is_symlink() or not path.is_file() or path.is_symlink() or path.stat().st_size > LONGEST:
        return False
    try:
        signed = signed_hashes(path.read_bytes(), signer.public, str(path))
    except FolderError:
        return False
    return not strangers(folder, {*signed, MODEL_SIGNATURE})
