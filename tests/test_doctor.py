"""`bot doctor`: over the real WordPress, and over a fake one for what a real one does not do on demand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import doctor
from bot.checkup import Level, Visit
from bot.config import Config
from bot.engines.wordpress import outcomes
from bot.engines.wordpress.examination import ExaminedWordPress
from bot.errors import EngineUnavailable, FetchGone, PostOutcomeUnknown, SiteRefused, SiteUnusable
from bot.model import KeptPost, SiteFacts
from tests.contracts.site import new_key
from tests.fakes.clock import FakeClock
from tests.fakes.site import FakeSite
from tests.fakes.web import FakeFetcher

FEED = "https://source.example/feed"
REFUSED = SiteRefused("monde", "Sorry, you are not allowed to do that")


def rss(language: str = "en", *titles: str) -> bytes:
    items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    return (
        f'<rss version="2.0"><channel><title>S</title><language>{language}</language>{items}</channel></rss>'
    ).encode()


@dataclass
class Patient(FakeSite):
    """checkup.ExaminedSite in memory, with the faults that a site may have."""

    drops: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("author",)
    deleted: list[str] = field(default_factory=list)

    def probe(self) -> SiteFacts:
        with self._call("probe"):
            return SiteFacts("Le Monde", "6.1", self.url, "UTC", self.roles)

    def missing_terms(self, categories, tags) -> list[str]:
        there = {name for _, name in self.terms}
        return [name for name in (*categories, *tags) if name.casefold() not in there]

    def kept(self, post_id: str) -> KeptPost:
        with self._call("kept"):
            found = self._found(post_id)
            if found is None:  # a picture
                fields = (("_wp_attachment_image_alt", "x"),)
                kept = KeptPost("", "", "", fields)
            else:
                post, thumbnail = found.post, found.thumbnail
                terms = (*found.categories, *found.tags)
                kept = KeptPost(
                    post.title, post.html, post.excerpt, post.fields, terms, thumbnail.id if thumbnail else ""
                )
            fields = tuple((key, value) for key, value in kept.fields if key not in self.drops)
            return KeptPost(kept.title, kept.html, kept.excerpt, fields, kept.terms, kept.thumbnail)

    def delete_post(self, post_id: str) -> None:
        with self._call("delete_post"):
            self.posts[:] = [each for each in self.posts if each.remote.id != post_id]
            self.media = {digest: media for digest, media in self.media.items() if media.id != post_id}

    def delete_term(self, taxonomy: str, term_id: int) -> None:
        with self._call("delete_term"):
            self.terms = {name: number for name, number in self.terms.items() if number != term_id}

    @property
    def is_clean(self) -> bool:
        return not (self.posts or self.media or self.terms)


@dataclass
class Engine:
    """ports.Translator that says one thing."""

    name: str
    says: str | EngineUnavailable
    pairs: tuple[tuple[str, str], ...] = (("en", "fr"),)
    max_chars: int = 1000
    max_url_bytes: int = 0
    keeps_markers: bool = True
    asked: list[str] = field(default_factory=list)

    def supports(self, source: str, target: str) -> bool:
        return (source, target) in self.pairs

    def translate(self, lines, source, target) -> list[str]:
        self.asked += lines
        if isinstance(self.says, EngineUnavailable):
            raise self.says
        return [self.says for _ in lines]


def config(feed=None, **site) -> Config:
    table = {"name": "monde", "url": "https://example.org", "username": "newsbot", "language": "fr"}
    source = {"name": "gv", "url": FEED, "language": "en", "sites": ("monde",), **(feed or {})}
    return Config.model_validate(
        {"sites": [{**table, "password": SecretStr("x"), **site}], "feeds": [source]}
    )


def examined(the_config=None, *, patient=None, feed=None, engines=None) -> list[doctor.Diagnosis]:
    instruments = doctor.Instruments(
        FakeFetcher({FEED: feed if feed is not None else rss("en", "A new bridge")}),
        engines if engines is not None else [Engine("google", "Un nouveau pont")],
        {"monde": patient or Patient()},
        FakeClock(),
    )
    return list(doctor.examine(the_config or config(), instruments, "0" * 20))


def lines(found, level: Level | None = None) -> list[str]:
    return [f"{each.subject}: {each.told}" for each in found if level in (None, each.level)]


# --- the real one -------------------------------------------------------------------------------


@pytest.fixture
def clinic(wordpress, sample_site, newsroom):
    """Run `bot doctor --json` for one of the sandbox's accounts; exit code and what was found."""

    def visit(who: str, password: str = "", more: str = "", **site) -> tuple[int, list[dict]]:
        login = getattr(wordpress, who)
        newsroom.site |= {"url": wordpress.url, "username": login.username, **site}
        newsroom.feed |= {"url": sample_site, "categories": ["Mundo nosso"], "tags": ["Porto"]}
        newsroom.password = password or login.app_password
        newsroom.write(more)
        done = newsroom.bot("doctor", "--json")
        assert newsroom.password not in done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)["checks"]

    return visit


def told(checks: list[dict], level: str) -> list[str]:
    return [f"{each['subject']}: {each['told']}" for each in checks if each["level"] == level]


@pytest.mark.wordpress
def test_an_editor_passes(clinic, wordpress):
    code, checks = clinic("editor", more='[feeds.fields]\n_yoast_wpseo_title = "x"\ntheme_layout = "wide"')
    assert code == 0
    feed, engine, login, *fine = told(checks, "ok")
    assert feed == "feed source: 8 entries, language en-GB"
    assert engine.startswith("engine local: en -> pt in ")
    assert login.startswith(f"site demo: {wordpress.url}: WordPress ")
    assert login.endswith(f", logged in as {wordpress.editor.username} (editor)")
    assert fine == [
        "site demo: categories and tags can be made",
        "site demo: pictures can be uploaded",
        "site demo: the account may publish",
        "site demo: a post is found again by its key",
    ]
    assert "site demo: the site drops these fields silently: _yoast_wpseo_title" in told(checks, "warn")


@pytest.mark.wordpress
@pytest.mark.parametrize("form", ["classic", "blocks"])
def test_an_author_needs_terms_that_are_there(clinic, form):
    code, checks = clinic("author", format=form)
    assert code == 1
    assert told(checks, "fail") == [
        "site demo: not there, and not to be made by the bot's account: Mundo nosso, Porto"
    ]
    assert "site demo: a post is found again by its key" in told(checks, "ok")
    assert any("a post came through whole" in line for line in told(checks, "ok"))


LEFT = """global $wpdb; $like = '%TOKEN%'; echo json_encode(array(
    $wpdb->get_col("select ID from $wpdb->posts where post_title like '$like' or post_name like '$like'"),
    $wpdb->get_col("select meta_id from $wpdb->postmeta where meta_value like '$like'"),
    $wpdb->get_col("select name from $wpdb->terms where name like '$like'"),
    glob(WP_CONTENT_DIR . '/uploads/*/*/*TOKEN*')));"""


@pytest.mark.wordpress
def test_nothing_stays_on_the_site(wordpress):
    token, login = new_key(), wordpress.editor
    table = {"url": wordpress.url, "username": login.username, "password": SecretStr(login.app_password)}
    the_config = config(**table)
    site = ExaminedWordPress(the_config.sites[0])
    visit = Visit(site, the_config.sites[0], the_config.feeds, token, datetime.now(UTC))
    list(visit.examine())
    there = json.loads(wordpress.php(LEFT.replace("TOKEN", token)))
    assert visit.tidy() == []
    site.close()
    assert [len(kind) for kind in there][2:] == [2, 1]  # a category and a tag; a file
    assert json.loads(wordpress.php(LEFT.replace("TOKEN", token))) == [[], [], [], []]


@pytest.mark.wordpress
def test_a_wrong_password_ends_the_visit(clinic):
    code, checks = clinic("editor", password="wrong-password")
    assert code == 1
    (failure,) = [each for each in checks if each["level"] == "fail"]
    assert failure["told"].startswith("login: the site refuses user name or password")
    assert "Application Password" in failure["remedy"]
    assert len([each for each in checks if each["subject"] == "site demo"]) == 1


def test_the_lines_for_a_person(newsroom):
    newsroom.write()
    done = newsroom.bot("doctor")
    feed, engine, site = done.stdout.splitlines()
    assert done.returncode == 1
    assert feed.startswith("fail  feed source: ")
    assert engine.startswith("ok    engine local: en -> pt in ")
    assert site.startswith("fail  site demo: login: the site cannot be reached")
    assert newsroom.password not in done.stdout + done.stderr


# --- a site with faults -------------------------------------------------------------------------


def test_a_sound_site_passes_whole_and_is_left_as_it_was():
    patient = Patient()
    found = examined(patient=patient)
    assert lines(found, Level.WARN) == lines(found, Level.FAIL) == []
    assert any("a post came through whole" in line for line in lines(found))
    assert patient.is_clean


def test_fields_that_the_site_drops_are_named():
    the_config = config({"fields": {"layout": "x"}}, fields={"rank_math_title": "x"})
    found = examined(the_config, patient=Patient(drops=("rank_math_title", "layout", "relay_engine")))
    (warning,) = [each for each in found if each.level == Level.WARN]
    assert warning.told == "the site drops these fields silently: relay_engine, rank_math_title, layout"
    assert "wordpress/relaypress.php" in warning.remedy


def test_a_site_that_drops_alternative_texts_is_told():
    found = examined(patient=Patient(drops=("_wp_attachment_image_alt",)))
    assert lines(found, Level.WARN) == [
        "site monde: the site drops the alternative texts of pictures silently"
    ]


def test_a_post_whose_answer_was_lost_is_looked_for_and_deleted():
    patient = Patient()
    patient.fail("create", PostOutcomeUnknown("monde", "timed out"), after=True)
    assert lines(examined(patient=patient), Level.FAIL) == ["site monde: post: timed out"]
    assert patient.is_clean


def test_what_cannot_be_deleted_is_named():
    patient = Patient()
    patient.fail("delete_post", REFUSED, times=2)
    patient.fail("delete_term", REFUSED)
    (warning,) = lines(examined(patient=patient), Level.WARN)
    assert warning == (
        "site monde: left on the site: the private post (Sorry, you are not allowed to do that), "
        "a picture (Sorry, you are not allowed to do that), a tag (Sorry, you are not allowed to do that)"
    )
    assert len(patient.terms) == 1


def test_an_examination_that_is_broken_off_leaves_nothing_behind():
    patient = Patient()
    instruments = doctor.Instruments(FakeFetcher({FEED: rss("fr", "x")}), [], {"monde": patient}, FakeClock())
    running = doctor.examine(config({"language": "fr"}), instruments, "0" * 20)
    for diagnosis in running:
        if diagnosis.told == "the account may publish":
            break
    assert not patient.is_clean
    running.close()
    assert patient.is_clean


def test_a_step_that_fails_does_not_stop_the_next():
    patient = Patient()
    patient.fail("upload", REFUSED)
    found = examined(patient=patient)
    assert lines(found, Level.FAIL) == ["site monde: picture: Sorry, you are not allowed to do that"]
    assert "site monde: a post is found again by its key" in lines(found, Level.OK)


@pytest.mark.parametrize(("status", "passes"), [("publish", False), ("draft", True), ("pending", True)])
def test_an_account_that_may_not_publish_will_do_for_drafts(status, passes):
    patient = Patient()
    patient.fail("create", SiteUnusable("monde", "not allowed to publish"))
    found = examined(config(status=status), patient=patient)
    assert (not lines(found, Level.FAIL)) is passes
    assert patient.is_clean


def test_nothing_is_uploaded_and_no_term_made_where_the_config_does_not_ask_for_it():
    patient = Patient()
    found = examined(config({"categories": ["Monde"]}, media="hotlink", create_terms=False), patient=patient)
    assert not {"upload", "resolve_terms"} & set(patient.calls)
    assert lines(found, Level.FAIL)[0].endswith("Monde")


def test_plain_http_and_too_many_rights_are_told():
    found = examined(config(url="http://example.org"), patient=Patient(roles=("administrator",)))
    assert lines(found, Level.WARN) == [
        "site monde: the password travels over plain http",
        "site monde: the account is an administrator, which is more than the bot needs",
    ]


# --- feeds and engines --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        (FetchGone(FEED, "answered 404 Not Found"), Level.FAIL, "answered 404 Not Found"),
        (b"<html><body>hello</body></html>", Level.FAIL, "a web page"),
        (rss("en"), Level.WARN, "0 entries, language en"),
        (rss("de", "Neue Brücke"), Level.WARN, 'calls itself "de", the config says "en"'),
    ],
)
def test_feeds_with_faults(answer, level, said):
    found = [each for each in examined(feed=answer) if each.subject == "feed gv"]
    assert any(each.level == level and said in each.told for each in found)


def test_engines_are_asked_for_the_pairs_in_use_with_a_headline():
    engine = Engine("google", "Un nouveau pont")
    found = examined(engines=[engine], feed=rss("en", "Headline", "A new bridge"))
    assert engine.asked == ["A new bridge"]
    assert "engine google: en -> fr in 0.0 s: Un nouveau pont" in lines(found, Level.OK)


def test_no_engine_is_asked_where_nothing_needs_translation():
    engine = Engine("google", "x")
    examined(config({"language": "fr"}), engines=[engine], feed=rss("fr", "Un pont"))
    assert engine.asked == []


def test_the_language_of_an_automatic_feed_is_its_own():
    engine = Engine("google", "x")
    examined(config({"language": "auto"}), engines=[engine], feed=rss("en", "A new bridge"))
    assert engine.asked == ["A new bridge"]


@pytest.mark.parametrize(
    "engine",
    [
        Engine("bad", EngineUnavailable("bad", "blocked")),
        Engine("bad", "A new bridge"),
        Engine("bad", " "),
        Engine("bad", "x", pairs=()),
    ],
)
def test_one_good_engine_is_enough_and_none_is_a_failure(engine):
    alone = examined(engines=[engine])
    assert lines(alone, Level.FAIL) == ["translation: en -> fr: no engine can do it now; articles would wait"]
    together = examined(engines=[engine, Engine("good", "Un nouveau pont")])
    assert lines(together, Level.FAIL) == []
    assert len([each for each in together if each.subject == "engine bad" and each.level == Level.WARN]) == 1


def test_every_message_of_the_wordpress_client_is_explained():
    page = (Path(__file__).parent.parent / "docs/wordpress.md").read_text()
    for problem in outcomes.PROBLEMS.values():
        assert f"| {problem} |" in page
    for status in outcomes.REMEDIES.keys() - outcomes.PROBLEMS.keys():
        assert str(status) in page
