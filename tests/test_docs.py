"""The docs tell the truth: every command, key and state is in them, every example loads."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from bot import config, config_file
from bot.cli import app
from bot.engines.translators import ENGINES
from bot.states import TRANSITIONS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def rows(text: str) -> list[list[str]]:
    """The cells of all Markdown tables of a text."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_command_is_documented():
    text = (DOCS / "cli.md").read_text()
    for path in commands(typer.main.get_command(app)):
        assert f"`bot {path}" in text, path


def commands(group, prefix: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found += commands(command, f"{prefix}{name} ")
        else:
            found.append(f"{prefix}{name}")
    return found


SECTIONS = {
    "[bot]": config.BotConfig,
    "[fetch]": config.FetchConfig,
    "[websub]": config.WebSubConfig,
    "[schedule]": config.ScheduleConfig,
    "[translation]": config.TranslationConfig,
    "[translation.ENGINE]": config.EngineConfig,
    "[publish]": config.PublishConfig,
    "[duplicates]": config.DuplicatesConfig,
    "[[sites]]": config.SiteConfig,
    "[[feeds]]": config.FeedConfig,
    "[[feeds.rules]]": config.RuleConfig,
    "[feeds.listing]": config.ListingConfig,
    "[feeds.page]": config.PageConfig,
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_documented_and_no_other(heading):
    text = (DOCS / "config.md").read_text()
    section = re.split(r"^#+ ", text.split(f"# `{heading}`", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    documented = {key for row in rows(section) for key in re.findall(r"`(\w+)(?:\.\w+)?`", row[0])}
    fields = SECTIONS[heading].model_fields
    keys = {name for name in fields if not fields[name].exclude} - {"password", "key"}
    assert documented == keys


def test_the_table_of_states_is_the_code():
    table = {tuple(row) for row in rows((DOCS / "states.md").read_text())[2:]}
    assert table == {(str(a), str(event), str(b)) for (a, event), b in TRANSITIONS.items()}


@pytest.mark.parametrize("name", ["config.example.toml", "compose.config.toml", "sandbox/demo.toml"])
def test_every_example_loads(name, tmp_path, monkeypatch):
    text = (ROOT / name).read_text()
    text = re.sub(r"\{\{\w+URL\}\}", "http://127.0.0.1:8080", text).replace("{{WP_EDITOR}}", "editor")
    text = text.replace("/secrets/wordpress", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("x")
    path = tmp_path / "config.toml"
    path.write_text(text)
    names = re.findall(r'_env = "(\w+)"', text)
    loaded = config_file.load(path, dict.fromkeys(names, "x"), ENGINES)
    assert loaded.feeds


def test_the_example_shows_every_table():
    tree = tomllib.loads((ROOT / "config.example.toml").read_text())
    assert set(tree) == set(config.Config.model_fields)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target
