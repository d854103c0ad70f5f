"""The address of a new post, without a call for each.

wp.newPost gives only an id. Where the site's links are home page + slug, which the first post shows, they
are put together here; elsewhere each is asked for.
"""

from __future__ import annotations

from bot import log
from bot.engines.wordpress import shim
from bot.engines.wordpress.connection import Connection
from bot.errors import RelaypressError
from bot.model import Post

logger = log.get()


class Permalinks:
    """The addresses of one site's posts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._plain = False  # home page + slug: seen on a post of this run

    def of(self, post_id: str, post: Post) -> str:
        """The address of a post just made. `?p=ID`, which WordPress redirects, where it cannot be learnt."""
        short, plain = f"{self._connection.home}/?p={post_id}", f"{self._connection.home}/{post.slug}/"
        if post.status != "publish":
            return short
        if self._plain:
            return plain
        try:
            call = shim.GetPost(post_id, ["link"], results_class=None)
            link = self._connection.call(call, lambda told: str(told["link"]))
        except RelaypressError as error:
            # The post is made: not knowing its pretty address must not turn that into a failure.
            logger.warning("address of the post unknown", site=self._connection.site, error=str(error))
            return short
        self._plain = link == plain
        return link
