"""Everything tried for real: doctor."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from typing import TYPE_CHECKING

import typer

from bot.cli.output import EXIT_FAILED, JsonOption, loaded_config

if TYPE_CHECKING:
    from bot.checkup import Diagnosis


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(doctor)


def doctor(context: typer.Context, *, as_json: JsonOption = False) -> int:
    """Try everything for real: feeds, engines, sites. What it puts on a site it takes away again."""
    from bot.app import tools as steps

    found: list[Diagnosis] = []
    for diagnosis in steps.examine(loaded_config(context)):
        found.append(diagnosis)
        if not as_json:
            print(_line(diagnosis), flush=True)
    counts = Counter(str(diagnosis.level) for diagnosis in found)
    if as_json:
        levels = {level: counts[level] for level in ("ok", "warn", "fail")}
        checks = [dataclasses.asdict(diagnosis) for diagnosis in found]
        print(json.dumps({**levels, "checks": checks}, ensure_ascii=False))
    return EXIT_FAILED if counts["fail"] else 0


def _line(diagnosis: Diagnosis) -> str:
    remedy = f"; {diagnosis.remedy}" if diagnosis.remedy else ""
    return f"{diagnosis.level:<5} {diagnosis.subject}: {diagnosis.told}{remedy}"
