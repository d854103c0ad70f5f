"""A bot of its own for a test: a folder with a config, run as a process or in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.cli import run
from bot.engines.store import DatabaseStore

PASSWORD = "an app password"


class Newsroom:
    """One site "demo" and one feed "source"; `site`, `feed` and `more` are written into config.toml."""

    def __init__(self, folder: Path, models_dir: Path, capfd=None) -> None:
        self.folder, self.models_dir, self._capfd = folder, models_dir, capfd
        self.path = folder / "config.toml"
        self.password = PASSWORD
        self.site = {"name": "demo", "url": "http://127.0.0.1:1", "username": "newsbot", "language": "pt"}
        self.feed = {"name": "source", "url": "http://127.0.0.1:1/feed", "language": "en", "rights": "open"}
        self.fetch = {"allow_private_networks": True, "timeout": "2s"}
        self.publish = {"confirm_after": "1s"}

    def write(self, more: str = "") -> Path:
        """Write the config as it is now."""
        site = {"password_env": "BOT_TEST_PASSWORD", **self.site}
        tables = {
            "[translation]": {"engines": ["local"]},
            "[translation.local]": {"models_dir": str(self.models_dir)},
            "[fetch]": self.fetch,
            "[publish]": self.publish,
            "[[sites]]": site,
            "[[feeds]]": {"sites": ["demo"], **self.feed},
        }
        text = "\n".join(
            "\n".join([heading, *(f"{key} = {json.dumps(value)}" for key, value in table.items())])
            for heading, table in tables.items()
        )
        self.path.write_text(f"{text}\n{more}\n")
        return self.path

    def environ(self) -> dict[str, str]:
        return {**os.environ, "BOT_TEST_PASSWORD": self.password, "BOT_CONFIG": str(self.path)}

    def bot(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`bot ...` as a process of its own."""
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "bot", *arguments],
            env=self.environ(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`bot ...` as a process that goes on; its stderr can be read."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "bot", *arguments],
            env=self.environ(),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_once(self, *arguments: str) -> tuple[int, dict, str]:
        """`bot run-once --json` in this process: exit code, the object, what was said on stderr."""
        os.environ["BOT_TEST_PASSWORD"] = self.password
        code = run(["--config", str(self.path), "run-once", "--json", *arguments])
        out, err = self._capfd.readouterr()
        assert self.password not in out + err
        return code, json.loads(out), err

    def store(self) -> DatabaseStore:
        return DatabaseStore(f"sqlite:///{self.folder}/data/bot.db")
