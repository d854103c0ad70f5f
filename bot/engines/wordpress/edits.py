"""Posts that are there already: read as they are now, written anew, withdrawn.

Structs hold only what is to change: editing a post as it was fetched would double every custom field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.engines.wordpress import shim
from bot.engines.wordpress.connection import Connection
from bot.engines.wordpress.outcomes import Faulted
from bot.engines.wordpress.posts import moment
from bot.errors import SiteRefused
from bot.model import Media, Post, RemoteContent

_NOT_THERE = 404
_MODIFIED_SINCE = 409
_CONTENT = ["post_title", "post_content", "post_status", "post_modified_gmt"]


def read(connection: Connection, post_id: str) -> RemoteContent | None:
    """What the site holds of a post; None where it is gone for good."""
    try:
        call = shim.GetPost(post_id, _CONTENT, results_class=None)
        return connection.call(call, _content)
    except Faulted as error:
        if error.code == _NOT_THERE:
            return None
        raise


def update(
    connection: Connection,
    post_id: str,
    post: Post,
    thumbnail: Media | None,
    unless_modified_since: datetime | None,
) -> None:
    """Write title, body, excerpt, picture and fields. See ports.Site.update."""
    call = shim.GetPost(post_id, ["custom_fields"], results_class=None)
    there = connection.call(call, lambda struct: list(struct.get("custom_fields") or []))
    struct: dict[str, Any] = {
        "post_title": post.title,
        "post_content": post.html,
        "post_excerpt": post.excerpt,
        "custom_fields": _fields(post, there),
    }
    if thumbnail is not None:
        struct["post_thumbnail"] = thumbnail.id
    if unless_modified_since is not None:
        # As a date, not as a string: WordPress answers 500 to that. Steps of one second.
        struct["if_not_modified_since"] = unless_modified_since.astimezone(UTC).replace(tzinfo=None)
    try:
        connection.call(shim.EditPost(post_id, struct), bool)
    except Faulted as error:
        if error.code == _MODIFIED_SINCE:
            problem = "a person edited the post on the site just now"
            raise SiteRefused(connection.site, problem) from error
        raise


def withdraw(connection: Connection, post_id: str, *, to_trash: bool) -> None:
    """Make the post a draft, or put it into the trash; what is gone or there already is left alone."""
    there = read(connection, post_id)
    if there is None or there.status == "trash":
        return  # deleting what is in the trash would be for good
    if to_trash:
        connection.call(shim.DeletePost(post_id), bool)
    else:
        connection.call(shim.EditPost(post_id, {"post_status": "draft"}), bool)


def _content(struct: Mapping[str, Any]) -> RemoteContent:
    return RemoteContent(
        title=str(struct["post_title"]),
        html=str(struct["post_content"]),
        status=str(struct["post_status"]),
        modified=moment(struct.get("post_modified_gmt")),
    )


def _fields(post: Post, there: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The custom fields, each with the id it has already: without it WordPress would add a second one."""
    ids = {str(field["key"]): str(field["id"]) for field in there}
    return [
        {"id": ids[key], "key": key, "value": value} if key in ids else {"key": key, "value": value}
        for key, value in post.fields
    ]
