"""The values that travel through the pipeline.

One frozen type a hop:

    Fetched | NotModified -> Entry -> Take | Skip -> Article -> CleanArticle -> Translation -> Post -> RemotePost

Times are aware datetimes in UTC; `html` is markup, every other text is plain. Nothing here has effects.
The states of a publication stand in states.py.
"""

from bot.model.articles import Article, CleanArticle, Finding, Imprint, Post, Prepared, SafeHtml, Translation
from bot.model.feeds import (
    ANYBODY,
    Access,
    Decision,
    Entry,
    Failure,
    FeedState,
    Fetched,
    Hearing,
    Known,
    NotModified,
    ParsedFeed,
    Picture,
    Polled,
    Recheck,
    Rhythm,
    Seen,
    Skip,
    Take,
    Times,
    Topic,
)
from bot.model.sites import KeptPost, Media, PictureFile, RemoteContent, RemotePost, SiteFacts

__all__ = [
    "ANYBODY",
    "Access",
    "Article",
    "CleanArticle",
    "Decision",
    "Entry",
    "Failure",
    "FeedState",
    "Fetched",
    "Finding",
    "Hearing",
    "Imprint",
    "KeptPost",
    "Known",
    "Media",
    "NotModified",
    "ParsedFeed",
    "Picture",
    "PictureFile",
    "Polled",
    "Post",
    "Prepared",
    "Recheck",
    "RemoteContent",
    "RemotePost",
    "Rhythm",
    "SafeHtml",
    "Seen",
    "SiteFacts",
    "Skip",
    "Take",
    "Times",
    "Topic",
    "Translation",
]
