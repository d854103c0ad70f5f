"""What `bot doctor` does on a site besides posting: look closely, and take away what it put there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engines.wordpress import WordPress, shim
from bot.engines.wordpress.outcomes import Faulted
from bot.engines.wordpress.terms import Terms
from bot.model import KeptPost

_FIELDS = ["post_title", "post_content", "post_excerpt", "post_thumbnail", "terms", "custom_fields"]
_NO_SUCH_POST = 404


class ExaminedWordPress(WordPress):
    """checkup.ExaminedSite: a WordPress site under the doctor's hands."""

    def missing_terms(self, categories: Sequence[str], tags: Sequence[str]) -> list[str]:
        """See checkup.ExaminedSite."""
        terms = Terms(self._connection, may_create=False)
        there = {name for name in categories if terms.resolve([name], [])[0]}
        there |= {name for name in tags if terms.resolve([], [name])[1]}
        return [name for name in dict.fromkeys((*categories, *tags)) if name not in there]

    def kept(self, post_id: str) -> KeptPost:
        """See checkup.ExaminedSite."""
        return self._connection.call(shim.GetPost(post_id, _FIELDS, results_class=None), _kept)

    def delete_post(self, post_id: str) -> None:
        """See checkup.ExaminedSite. The first wp.deletePost puts a post into the trash, the second deletes it."""
        try:
            for _ in range(2):
                self._connection.call(shim.DeletePost(post_id), bool)
        except Faulted as error:
            if error.code != _NO_SUCH_POST:
                raise

    def delete_term(self, taxonomy: str, term_id: int) -> None:
        """See checkup.ExaminedSite."""
        self._connection.call(shim.DeleteTerm(taxonomy, term_id), bool)


def _kept(struct: dict[str, Any]) -> KeptPost:
    """The answer of wp.getPost. A picture comes as a struct, or as an empty list where there is none."""
    thumbnail = struct.get("post_thumbnail") or {}
    return KeptPost(
        title=str(struct["post_title"]),
        html=str(struct["post_content"]),
        excerpt=str(struct["post_excerpt"]),
        fields=tuple((str(each["key"]), str(each["value"])) for each in struct.get("custom_fields") or []),
        terms=tuple(int(term["term_id"]) for term in struct.get("terms") or []),
        thumbnail=str(thumbnail.get("attachment_id", "")) if isinstance(thumbnail, dict) else "",
    )
