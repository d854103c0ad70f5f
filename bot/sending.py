"""Sending: the intent is committed, the call made, the outcome committed. Never twice, never lost."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape

from bot import log
from bot.errors import OutcomeUnknown, Permanent, SiteRefused, Temporary
from bot.ledger import Ledger
from bot.model import Media, Post, RemoteContent, RemotePost
from bot.ports import Clock, Site
from bot.states import Event, Publication

logger = log.get()

LOOK_BACK = timedelta(minutes=10)  # a site's clock may be behind ours
_MARKUP = "markup:"  # marks a hash of markup among those of words; nothing behind it: not known
LOST = "its answer was lost; it is looked up again before anything is sent"
EDITED = "a person edited the post on the site; the change of its source is left out"
MISSING = "the post is no longer on the site; the change of its source is left out"


class Sender:
    """All methods give the publication as it is then, or None where somebody else changed it meanwhile.

    They raise StoreUnavailable: the next process goes on from what is stored.
    """

    def __init__(self, ledger: Ledger, clock: Clock, confirm_after: timedelta) -> None:
        self._ledger = ledger
        self._clock = clock
        self._confirm_after = confirm_after

    def create(
        self,
        publication: Publication,
        site: Site,
        post: Post,
        categories: Sequence[int],
        tags: Sequence[int],
        thumbnail: Media | None,
    ) -> Publication | None:
        """Make the post: the one call that must not happen twice."""
        intended = self._ledger.record(publication, Event.BEGUN)
        if intended is None:
            return None
        try:
            remote = site.create(post, categories, tags, thumbnail)
        except OutcomeUnknown as error:
            logger.warning("answer lost", error=str(error))
            return self._ledger.postpone(intended, error, self._confirm_after)
        except SiteRefused as error:
            return self._refused(intended, site, post, error)
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(intended, error, event=Event.NOT_SENT)
        return self._published(intended, remote, trace(post))

    def _refused(
        self, intended: Publication, site: Site, post: Post, error: SiteRefused
    ) -> Publication | None:
        """A no tells that the call has ended, not that it made nothing: it is looked up before it is believed.

        A plugin that dies in a hook of a new post answers with a Fault, and the post is there (wp_die,
        _xmlrpc_wp_die_handler in wp-includes/functions.php).
        """
        try:
            remote = self._look_up(intended, site, post)
        except (Temporary, Permanent):
            return self._ledger.postpone(intended, error, self._confirm_after)
        if remote is None:
            return self._ledger.refused(intended, error)
        logger.warning("published all the same", error=str(error))
        return self._published(intended, remote, trace(post))

    def _look_up(self, intended: Publication, site: Site, post: Post) -> RemotePost | None:
        """The post of this intent, if the site has it. Raises SiteUnavailable, SiteUnusable, SiteRefused."""
        began = intended.intent_at or self._clock.now()
        return site.find(post.key, since=began - LOOK_BACK, but_not=intended.earlier)

    def update(
        self,
        publication: Publication,
        site: Site,
        post: Post,
        thumbnail: Media | None,
        there: RemoteContent | None,
    ) -> Publication | None:
        """Write the post anew. Doing it twice does no harm, so a lost answer is simply sent again."""
        remote, written = publication.remote, trace(post)
        if remote is None or there is None or set(written.split()) == set(publication.written.split()):
            return self._ledger.record(publication, Event.KEPT)
        # Until an answer tells, the site may hold either: neither is a person's edit.
        either = " ".join({*publication.written.split(), written}) if publication.written else ""
        intended = self._ledger.record(publication, Event.BEGUN, written=either)
        if intended is None:
            return None
        try:
            site.update(remote.id, post, thumbnail, there.modified)
        except SiteRefused as error:
            return self._ledger.refused(intended, error)
        except (Temporary, Permanent, OutcomeUnknown) as error:
            return self._ledger.postpone(intended, error, event=Event.NOT_SENT)
        return self._published(intended, dataclasses.replace(remote, title=post.title), written)

    def confirm(self, publication: Publication, site: Site) -> Publication | None:
        """An intent without an outcome: look before anything is sent again."""
        post, began = publication.post, publication.intent_at
        if publication.remote is not None or post is None or began is None:
            return self._ledger.record(publication, Event.NOT_SENT, reason=publication.reason)
        try:
            remote = self._look_up(publication, site, post)
            there = site.read(remote.id) if remote else None
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(publication, error)
        if remote is not None:
            found = f"{digest(there.title, there.html)} {_MARKUP}" if there else ""
            return self._published(publication, remote, found)
        may_run_until = began + self._confirm_after
        if self._clock.now() < may_run_until:
            return self._ledger.record(publication, Event.POSTPONED, reason=LOST, not_before=may_run_until)
        return self._ledger.record(publication, Event.NOT_SENT, reason=publication.reason)

    def reason_to_keep(self, publication: Publication, there: RemoteContent | None) -> str:
        """Why the post on the site is not to be written anew; '' where it may be."""
        if there is None or there.status == "trash":
            return MISSING
        ours = publication.written.split()
        return EDITED if ours and digest(there.title, there.html) not in ours else ""

    def _published(self, intended: Publication, remote: RemotePost, written: str) -> Publication | None:
        return self._ledger.record(intended, Event.PUBLISHED, remote=remote, written=written)


def trace(post: Post) -> str:
    """What was sent, as hashes: its words as `digest` has them, and its markup with pictures and links."""
    markup = hashlib.sha256(post.html.encode("utf-8", "replace")).hexdigest()
    return f"{digest(post.title, post.html)} {_MARKUP}{markup}"


def digest(title: str, html: str) -> str:
    """What readers see of a post, as a hash.

    Of the words only: for accounts without `unfiltered_html` WordPress changes markup on the way (kses).
    """
    text = re.sub(r"<!--.*?-->|<[^>]*>", " ", f"{title} {html}", flags=re.DOTALL)
    words = " ".join(unescape(unescape(text)).split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
