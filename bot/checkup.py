"""A visit to one site: what the bot will do there is done once, compared, and taken away again."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from bot.config import FeedConfig, SiteConfig
from bot.errors import RelaypressError, SiteRefused, SiteUnusable
from bot.model import KeptPost, Media, PictureFile, Post, SiteFacts
from bot.ports import Site
from bot.stages.blocks import to_blocks
from bot.units import is_loopback

ALT_FIELD = "_wp_attachment_image_alt"
PLUGIN = "copy wordpress/relaypress.php into wp-content/mu-plugins of the site, see docs/wordpress.md"

# A transparent PNG of one pixel.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_HIDDEN_STATUSES = ("draft", "pending")
_LIST_FIELD = "rank_math_robots"  # relaypress.php makes of the text the list that Rank Math wants


class Level(StrEnum):
    """How bad it is. Only `fail` makes `bot doctor` end with exit code 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the doctor's: what was tried on `subject`, what came out, what to do."""

    level: Level
    subject: str
    told: str
    remedy: str = ""

    @classmethod
    def of(cls, error: RelaypressError, subject: str, what: str = "") -> Diagnosis:
        """An error, met while `what` was tried."""
        return cls(Level.FAIL, subject, f"{what}: {error.problem}" if what else error.problem, error.remedy)


class ExaminedSite(Site, Protocol):
    """A site that can also be looked at closely, and cleared of what was put there."""

    def probe(self) -> SiteFacts:
        """Log in and read what the site tells about itself. Raises SiteUnavailable, SiteUnusable."""

    def missing_terms(self, categories: Sequence[str], tags: Sequence[str]) -> list[str]:
        """Those of these names that the site does not have; nothing is made. Raises as `probe`."""

    def kept(self, post_id: str) -> KeptPost:
        """What the site kept of a post or an attachment. Raises as `probe`, SiteRefused where it is gone."""

    def delete_post(self, post_id: str) -> None:
        """Delete a post or an attachment for good, past the trash. Raises as `kept`; gone already is fine."""

    def delete_term(self, taxonomy: str, term_id: int) -> None:
        """Delete a term ("category", "post_tag"). Raises as `kept`."""


class Visit:
    """The examination of one site. `tidy` must follow `examine`, whatever becomes of it."""

    def __init__(
        self, site: ExaminedSite, config: SiteConfig, feeds: Sequence[FeedConfig], token: str, now: datetime
    ) -> None:
        self._site, self._config, self._feeds = site, config, feeds
        self._name, self._key, self._now = f"relaypress-doctor-{token}", token, now
        self._made: list[tuple[str, Callable[[], None]]] = []
        self._lost_post = False
        self._categories: list[int] = []
        self._tags: list[int] = []
        self._media: Media | None = None

    def examine(self) -> Iterator[Diagnosis]:
        """Step by step; without a login there is only one."""
        try:
            facts = self._site.probe()
        except RelaypressError as error:
            yield self._failed(error, "login")
            return
        yield from self._of_facts(facts)
        for step in (self._try_terms, self._try_picture, self._try_post):
            try:
                yield from step()
            except RelaypressError as error:
                yield self._failed(error, step.__name__.removeprefix("_try_"))

    def tidy(self) -> list[Diagnosis]:
        """Take away what was put on the site; tells what could not be taken away."""
        left = []
        if self._lost_post:
            self._made.append(("the private post", self._delete_lost_post))
        for what, delete in reversed(self._made):
            try:
                delete()
            except RelaypressError as error:
                left.append(f"{what} ({error.problem})")
        self._made.clear()
        told = f"left on the site: {', '.join(left)}"
        return (
            [self._diagnosis(Level.WARN, told, f"delete what is named {self._name} by hand")] if left else []
        )

    # --- the steps ------------------------------------------------------------------------------

    def _of_facts(self, facts: SiteFacts) -> Iterator[Diagnosis]:
        roles = ", ".join(facts.roles) or "no role"
        told = (
            f"{self._config.url}: WordPress {facts.version}, logged in as {self._config.username} ({roles})"
        )
        yield self._diagnosis(Level.OK, told)
        address = urlsplit(self._config.url)
        if address.scheme == "http" and not is_loopback(address.hostname or ""):
            told = "the password travels over plain http"
            yield self._diagnosis(Level.WARN, told, "write https:// into url, if the site has it")
        if "administrator" in facts.roles:
            told = "the account is an administrator, which is more than the bot needs"
            yield self._diagnosis(Level.WARN, told, "give the bot an account with the role author or editor")

    def _try_terms(self) -> Iterator[Diagnosis]:
        if self._config.create_terms and self._can_make_terms():
            yield self._diagnosis(Level.OK, "categories and tags can be made")
            return
        categories = [name for feed in self._feeds for name in feed.categories]
        tags = [name for feed in self._feeds for name in feed.tags]
        missing = self._site.missing_terms(categories, tags)
        if missing:
            told = f"not there, and not to be made by the bot's account: {', '.join(missing)}"
            remedy = "let an editor make them on the site, or give the bot's account the role editor"
            yield self._diagnosis(Level.FAIL, told, remedy)
        else:
            told = "all categories and tags of the feeds are there; the bot makes no others"
            yield self._diagnosis(Level.OK, told)

    def _can_make_terms(self) -> bool:
        try:
            self._categories, _ = self._site.resolve_terms([self._name], [])
            self._remember_terms("category", self._categories)
            _, self._tags = self._site.resolve_terms([], [self._name])
            self._remember_terms("post_tag", self._tags)
        except SiteRefused:
            return False  # an author may not: then all of them have to be there
        return True

    def _remember_terms(self, taxonomy: str, ids: Sequence[int]) -> None:
        what = "a category" if taxonomy == "category" else "a tag"
        self._made += [(what, partial(self._site.delete_term, taxonomy, term_id)) for term_id in ids]

    def _try_picture(self) -> Iterator[Diagnosis]:
        if self._config.media != "upload":
            return
        # A hash of its own: by the picture's, an old upload would be found, and nothing sent.
        digest = hashlib.sha256(self._name.encode()).hexdigest()
        picture = PictureFile(f"{self._name}.png", "image/png", _PIXEL, digest, 1, 1)
        media = self._media = self._site.upload(picture, "Relaypress doctor", "")
        self._made.append(("a picture", partial(self._site.delete_post, media.id)))
        yield self._diagnosis(Level.OK, "pictures can be uploaded")
        if ALT_FIELD not in dict(self._site.kept(media.id).fields):
            told = "the site drops the alternative texts of pictures silently"
            yield self._diagnosis(Level.WARN, told, PLUGIN)

    def _try_post(self) -> Iterator[Diagnosis]:
        post = self._post("private")
        try:
            post_id = self._create(post)
        except SiteUnusable:
            if self._config.status not in _HIDDEN_STATUSES:
                raise
            post = self._post("draft")
            post_id = self._create(post)
            told = f'the account may not publish, which status = "{self._config.status}" does not need'
        else:
            told = "the account may publish"
        yield self._diagnosis(Level.OK, told)
        changed = self._changed(post, self._site.kept(post_id))
        if not changed:
            told = (
                f"a post came through whole: title, body, excerpt, {len(post.fields)} fields, terms, picture"
            )
            yield self._diagnosis(Level.OK, told)
        yield from changed
        yield self._found_again(post_id)

    def _create(self, post: Post) -> str:
        self._lost_post = True  # until there is an answer
        remote = self._site.create(post, self._categories, self._tags, self._media)
        self._lost_post = False
        self._made.append(("the private post", partial(self._site.delete_post, remote.id)))
        return remote.id

    def _changed(self, sent: Post, kept: KeptPost) -> list[Diagnosis]:
        """What the site did not keep as it was sent."""
        fields = dict(kept.fields)
        dropped = [
            name
            for name, value in sent.fields
            if name not in fields or (fields[name] != value and name != _LIST_FIELD)
        ]
        pairs = {
            "title": (sent.title, kept.title),
            "body": (sent.html, kept.html),
            "excerpt": (sent.excerpt, kept.excerpt),
            "categories": (set(self._categories) - set(kept.terms), set()),
            "tags": (set(self._tags) - set(kept.terms), set()),
            "featured picture": (self._media.id if self._media else "", kept.thumbnail),
        }
        altered = [name for name, (ours, theirs) in pairs.items() if ours != theirs]
        found = []
        if dropped:
            hidden = any(name.startswith(("_", "rank_math_")) for name in dropped)
            remedy = PLUGIN if hidden else "a plugin of the site filters custom fields: allow these"
            told = f"the site drops these fields silently: {', '.join(dropped)}"
            found.append(self._diagnosis(Level.WARN, told, remedy))
        if altered:
            told = f"the site changes what it is sent: {', '.join(altered)}"
            found.append(
                self._diagnosis(Level.WARN, told, "a plugin of the site does so: look at a post of the bot")
            )
        return found

    def _found_again(self, post_id: str) -> Diagnosis:
        found = self._site.find(self._key, since=self._now - timedelta(hours=1))
        if found is not None and found.id == post_id:
            return self._diagnosis(Level.OK, "a post is found again by its key")
        told = "a post is not found again by its key: after a lost answer the bot could not tell whether it is there"
        remedy = "let wp.getPosts through unchanged in the plugins of the site"
        return self._diagnosis(Level.FAIL, told, remedy)

    # --- what is sent ---------------------------------------------------------------------------

    def _post(self, status: str) -> Post:
        body = (
            f'<div class="relaypress" lang="{self._config.language}" dir="ltr" data-relay-key="{self._key}">'
            '<p>A test of <b>Relaypress</b>, deleted at once: <a href="https://example.org/" rel="noopener">'
            "a link</a>.</p></div>"
        )
        return Post(
            key=self._key,
            title=f"Relaypress doctor {self._name}",
            html=to_blocks(body) if self._config.format == "blocks" else body,
            excerpt="A test, deleted at once.",
            slug=self._name,
            date=self._now - timedelta(minutes=1),
            status=status,
            fields=(("relay_key", self._key), *self._fields().items()),
            kind=self._config.post_type,
        )

    def _fields(self) -> dict[str, str]:
        """All fields that posts of this site carry besides their key, each with something that it may hold.

        SEO plugins drop what makes no sense in theirs: a word for an address, or for a number.
        """
        always = (
            "relay_source_url",
            "relay_source_language",
            "relay_engine",
            "relay_canonical",
            "relay_noindex",
        )
        tables: list[SiteConfig | FeedConfig] = [self._config, *self._feeds]
        own = {name: _sample(name, value) for table in tables for name, value in table.fields.items()}
        return dict.fromkeys(always, "doctor") | own

    def _delete_lost_post(self) -> None:
        found = self._site.find(self._key, since=self._now - timedelta(hours=1))
        if found is not None:
            self._site.delete_post(found.id)

    def _diagnosis(self, level: Level, told: str, remedy: str = "") -> Diagnosis:
        return Diagnosis(level, f"site {self._site.name}", told, remedy)

    def _failed(self, error: RelaypressError, what: str) -> Diagnosis:
        return Diagnosis.of(error, f"site {self._site.name}", what)


def _sample(name: str, template: str) -> str:
    """A value for this field: the owner's own, where it is one already."""
    if "{" not in template:
        return template
    return "https://example.org/" if "canonical" in name or "url" in name else "doctor"
