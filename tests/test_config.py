from datetime import timedelta
from pathlib import Path

import pytest

from bot import config_file
from bot.errors import ConfigError

ENGINES = {"google", "local", "mymemory"}
GOOD = """
[[sites]]
name = "monde"
url = "https://example.org"
username = "newsbot"
password_env = "PASSWORD"
language = "fr"

[[feeds]]
name = "world"
url = "https://feeds.example.org/rss"
language = "en"
sites = ["monde"]
"""


def load(tmp_path: Path, text: str, **environ: str):
    path = tmp_path / "config.toml"
    path.write_text(text)
    return config_file.load(path, {"PASSWORD": "s3cret", **environ}, ENGINES)


def faults(tmp_path: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, **environ)
    return caught.value.faults


def test_a_small_config_has_sane_defaults(tmp_path):
    config = load(tmp_path, GOOD)
    assert config.bot.database == f"sqlite:///{tmp_path}/data/bot.db"
    assert config.schedule.every.every == timedelta(minutes=15)
    assert config.publish.confirm_after == timedelta(seconds=60)
    assert config.site("monde").password.get_secret_value() == "s3cret"
    assert config.feed("world").source == "world"


def test_unknown_rights_give_an_excerpt_only(tmp_path):
    assert load(tmp_path, GOOD).feeds[0].depth == "excerpt"
    assert load(tmp_path, GOOD + 'rights = "open"').feeds[0].depth == "full"
    assert load(tmp_path, GOOD + 'rights = "open"\ncontent = "feed"').feeds[0].depth == "feed"


def test_all_faults_come_at_once_each_with_its_place_and_remedy(tmp_path):
    found = faults(
        tmp_path,
        """
        [fetch]
        timeot = "20s"
        [schedule]
        every = "soon"
        [translation]
        engines = ["gogle"]
        [[sites]]
        name = "a b"
        url = "example.org"
        username = "u"
        password_env = "NOT_THERE"
        language = "french"
        [[feeds]]
        name = "f"
        url = "https://x.example/feed"
        language = "en"
        sites = ["monde"]
        title = "{titel}"
        include = ["("]
        remove = ["p["]
        """,
    )
    text = "\n".join(found)
    for expected in (
        'fetch.timeot: unknown key; did you mean "timeout"?',
        'schedule.every = "soon": not a schedule; write for instance "15m"',
        'sites[0].name = "a b": only letters, digits',
        "sites[0].password: the environment variable NOT_THERE is not set",
        'sites[0].url = "example.org": not an address; write it in full',
        'sites[0].language = "french": not a language code; write for instance "fr"',
        'feeds[0].title = "{titel}": knows only the placeholders {title} and {source}',
        'feeds[0].include[0] = "(": not a regular expression',
        'feeds[0].remove[0] = "p[": not a CSS selector',
    ):
        assert expected in text
    assert all("\n" not in fault for fault in found)


def test_faults_between_tables(tmp_path):
    text = GOOD.replace('sites = ["monde"]', 'sites = ["mond", "nirvana"]') + GOOD[: GOOD.index("[[feeds]]")]
    assert faults(tmp_path, text + "[translation]\nengines = ['gogle']") == [
        'sites[1].name = "monde": stands twice; give each its own name',
        'feeds[0].sites = "mond": there is no such site; did you mean "monde"?',
        'feeds[0].sites = "nirvana": there is no such site; add a [[sites]] of that name',
        'translation.engines[0] = "gogle": there is no such engine; did you mean "google"?',
    ]


def test_a_missing_password_variable_is_named(tmp_path):
    text = GOOD.replace('"PASSWORD"', '"BOT_X"')
    assert faults(tmp_path, text) == [
        "sites[0].password: the environment variable BOT_X is not set; set it, or use password_file"
    ]


def test_a_password_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("from file\n")
    config = load(tmp_path, GOOD.replace('password_env = "PASSWORD"', 'password_file = "secret"'))
    assert config.sites[0].password.get_secret_value() == "from file"


def test_a_secret_in_the_file_is_refused_and_never_repeated(tmp_path):
    text = GOOD.replace('password_env = "PASSWORD"', 'password = "hunter2"')
    found = faults(tmp_path, text + "[translation.google]\nkey = 'hunter2'")
    assert len(found) == 2
    assert "hunter2" not in "".join(found)


def test_no_repr_shows_a_secret(tmp_path):
    assert "s3cret" not in repr(load(tmp_path, GOOD))


def test_a_language_without_a_disclaimer_needs_its_own(tmp_path):
    text = GOOD.replace('language = "fr"', 'language = "cy"')
    assert "write your own into the keys disclaimer and label" in faults(tmp_path, text)[0]
    own = 'language = "cy"\ndisclaimer = "Ymwadiad."\nlabel = "Cyfieithiad peiriant"'
    assert load(tmp_path, GOOD.replace('language = "fr"', own)).sites[0].language == "cy"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[bot", "not TOML"),
        (b"\xff\xfe", "not UTF-8 text"),
        (None, "does not exist; write one with: bot init"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        config_file.load(path, {}, ENGINES)


def test_engine_tables(tmp_path):
    config = load(tmp_path, GOOD + '[translation.google]\nurl = "http://127.0.0.1:1/m"\ntimeout = "3s"')
    assert config.translation.engine("google").url == "http://127.0.0.1:1/m"
    assert config.translation.engine("google").timeout == timedelta(seconds=3)
    assert config.translation.engine("local").url is None
    assert faults(tmp_path, GOOD + "[translation.goggle]\n")[0].endswith('did you mean "google"?')


def test_glossaries(tmp_path):
    config = load(tmp_path, GOOD + '[translation.glossary.fr]\n"Security Council" = "Conseil de sécurité"')
    assert config.translation.glossary["fr"] == {"Security Council": "Conseil de sécurité"}


def test_a_lost_call_gets_time_to_end_unless_every_site_is_on_this_machine(tmp_path):
    hasty = '[publish]\nconfirm_after = "9s"\n'
    (fault,) = faults(tmp_path, hasty + GOOD)
    assert fault.startswith('publish.confirm_after = "9s": a site may still be at work')
    assert 'write at least "10s"' in fault
    assert faults(tmp_path, hasty + GOOD.replace("https://example.org", "http://127.evil.example")) == [fault]
    assert load(tmp_path, hasty.replace("9s", "10s") + GOOD)
    for local in ("http://127.0.0.1:8080", "http://localhost/blog", "http://[::1]:8080/xmlrpc.php"):
        assert load(tmp_path, hasty + GOOD.replace("https://example.org", local))


def test_the_address_of_the_database_may_be_a_secret(tmp_path):
    address = "postgresql+psycopg://bot:hunter2@db/bot"
    (tmp_path / "address").write_text(f"{address}\n")
    by_env = load(tmp_path, '[bot]\ndatabase_env = "DB"\n' + GOOD, DB=address)
    by_file = load(tmp_path, '[bot]\ndatabase_file = "address"\n' + GOOD)
    assert by_env.bot.database == by_file.bot.database == address
    assert "hunter2" not in repr(by_env)
    assert faults(tmp_path, '[bot]\ndatabase_env = "DB"\n' + GOOD) == [
        "bot.database: the environment variable DB is not set; set it, or use database_file"
    ]
    (fault,) = faults(tmp_path, f'[bot]\ndatabase = "{address}"\ndatabase_env = "DB"\n{GOOD}', DB=address)
    assert "given twice" in fault
    assert "hunter2" not in fault


def test_selectors_of_the_pages_of_a_feed(tmp_path):
    page = (
        load(tmp_path, GOOD + 'page = { body = "div.t > p", date = "time", next_page = "a[rel~=next]" }')
        .feeds[0]
        .page
    )
    assert (page.body, page.next_page, page.date, page.title) == ("div.t > p", "a[rel~=next]", "time", "")
    assert load(tmp_path, GOOD).feeds[0].page is None
    assert faults(tmp_path, GOOD + "[feeds.page]\n") == [
        'feeds[0].page: selects nothing; give it a selector, for instance body = "div.article-text"'
    ]
    (selector, unknown) = faults(tmp_path, GOOD + '[feeds.page]\nbody = "p["\nbodi = "p"')
    assert unknown == 'feeds[0].page.bodi: unknown key; did you mean "body"?'
    assert selector.startswith('feeds[0].page.body = "p[": not a CSS selector')


def test_replacements_of_a_feed(tmp_path):
    text = GOOD + "replace = { '^VIDEO: ' = '', '(\\d+) May' = 'May \\1' }"
    assert load(tmp_path, text).feeds[0].replace == {"^VIDEO: ": "", r"(\d+) May": r"May \1"}
    for table, told in (
        ("{ '(' = 'x' }", "not a regular expression (missing )"),
        ("{ 'a' = '\\1' }", r'"\1" cannot stand for "a" (invalid group reference 1'),
    ):
        (fault,) = faults(tmp_path, GOOD + f"replace = {table}")
        assert fault.startswith("feeds[0].replace")
        assert told in fault
