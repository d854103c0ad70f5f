"""Two texts beside each other, a passage a row: the original, and what became of it."""

from __future__ import annotations

import html
from itertools import zip_longest

from bot.model import CleanArticle, Post, SafeHtml


def show(article: CleanArticle, post: Post) -> None:
    """Print the passages of `article` and of `post` in two columns as wide as the terminal lets them be.

    The label comes before the body of a post and the credits after it: they stand beside nothing.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bot.workbench import plain_text

    original = [article.title, *plain_text(article.html).splitlines()]
    label, *translated = plain_text(SafeHtml(post.html)).splitlines()
    table = Table(box=box.SIMPLE, show_lines=True, expand=True)
    table.add_column(article.url, ratio=1)
    table.add_column(label, ratio=1)
    for left, right in zip_longest(original, [html.unescape(post.title), *translated], fillvalue=""):
        table.add_row(Text(left), Text(right))
    Console().print(table)
