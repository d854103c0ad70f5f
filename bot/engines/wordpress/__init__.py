"""A WordPress site over XML-RPC: ports.Site on python-wordpress-xmlrpc's classes and a transport of ours.

    wire         bytes, once: a connection a call, time and size limits    deadline  the limit for a whole answer
    envelope     XML that WordPress can read, answers cut out of junk     shim      the library, mended
    connection   a Client built lazily, every failure told as ours        outcomes  the table of failures
    discovery    where xmlrpc.php is
    terms  media  posts  edits  permalinks                                    what is on the site

Never twice: nothing here repeats a call that may have taken effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import log
from bot.config import SiteConfig
from bot.engines.wordpress import edits, posts, shim
from bot.engines.wordpress.connection import Connection, read_id
from bot.engines.wordpress.media import Library
from bot.engines.wordpress.outcomes import Faulted
from bot.engines.wordpress.permalinks import Permalinks
from bot.engines.wordpress.terms import Terms
from bot.errors import RelaypressError, SiteRefused, SiteUnusable
from bot.model import Media, PictureFile, Post, RemoteContent, RemotePost, SiteFacts

logger = log.get()

_OPTIONS = ("blog_title", "software_version", "home_url", "time_zone")


class WordPress:
    """ports.Site. Its constructor makes no call; one object serves all threads."""

    def __init__(self, site: SiteConfig, contact: str = "") -> None:
        self.name = site.name
        self._connection = Connection(site, contact)
        self._terms = Terms(self._connection, may_create=site.create_terms)
        self._library = Library(self._connection)
        self._permalinks = Permalinks(self._connection)

    def find(self, key: str, since: datetime | None = None, but_not: Sequence[str] = ()) -> RemotePost | None:
        """See ports.Site. `since` bounds the listing only; a search of the whole site follows it."""
        return posts.find(self._connection, key, since, but_not)

    def upload(self, picture: PictureFile, alt: str, caption: str) -> Media:
        """See ports.Site. A picture that the site has already, by its hash, is not sent again."""
        return self._library.add(picture, alt, caption)

    def resolve_terms(self, categories: Sequence[str], tags: Sequence[str]) -> tuple[list[int], list[int]]:
        """See ports.Site."""
        return self._terms.resolve(categories, tags)

    def create(
        self, post: Post, categories: Sequence[int], tags: Sequence[int], thumbnail: Media | None
    ) -> RemotePost:
        """See ports.Site. A picture that is gone from the media library is left out."""
        try:
            post_id = self._send(posts.outgoing(post, categories, tags, thumbnail))
        except Faulted as error:
            if better := self._told_better(error):
                raise better from error
            if error.code != 404 or thumbnail is None:
                raise
            logger.warning("picture left out", site=self.name, error=str(error))
        else:
            return RemotePost(post_id, self._permalinks.of(post_id, post), post.title, post.status)
        return self.create(post, categories, tags, None)

    def _send(self, outgoing: shim.WordPressPost) -> str:
        return str(self._connection.call(shim.NewPost(outgoing), read_id, once=True))

    def _told_better(self, error: Faulted) -> RelaypressError | None:
        """Faults of wp.newPost that are not about this one post (wp_xmlrpc_server::_insert_post)."""
        if error.code == 401:
            remedy = "give the bot's account the role author, or set status to draft or pending"
            return SiteUnusable(self.name, error.problem, remedy=remedy)
        if error.code == 403:  # the login passes: a term that was deleted on the site meanwhile
            self._terms.forget()
            return SiteRefused(self.name, f"{error.problem}; categories and tags are looked up anew")
        return None

    def read(self, post_id: str) -> RemoteContent | None:
        """See ports.Site."""
        return edits.read(self._connection, post_id)

    def update(
        self, post_id: str, post: Post, thumbnail: Media | None, unless_modified_since: datetime | None
    ) -> None:
        """See ports.Site."""
        edits.update(self._connection, post_id, post, thumbnail, unless_modified_since)

    def withdraw(self, post_id: str, *, to_trash: bool) -> None:
        """See ports.Site."""
        edits.withdraw(self._connection, post_id, to_trash=to_trash)

    def probe(self) -> SiteFacts:
        """Log in and read what `bot doctor` shows. Raises as `find`."""
        options = self._connection.call(shim.GetOptions(list(_OPTIONS)), dict)
        title, version, home, zone = (str(options.get(name, {}).get("value", "")) for name in _OPTIONS)
        roles = self._connection.call(shim.GetProfile(results_class=None), lambda user: tuple(user["roles"]))
        return SiteFacts(title, version, home, zone, roles)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
