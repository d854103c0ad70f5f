"""python-wordpress-xmlrpc, mended: the one place that imports it.

The library is from 2014 and looks `Iterable` up in `collections`, which Python 3.10 took out: every answer
that is a list then ends in an AttributeError. Its own module gets `collections.abc` under that name; the rest
of the process keeps the real `collections`.
"""

from __future__ import annotations

import collections.abc
from typing import Any

from wordpress_xmlrpc import Client, WordPressPost, WordPressTerm, base
from wordpress_xmlrpc.exceptions import (
    FieldConversionError,
    InvalidCredentialsError,
    UnsupportedXmlrpcMethodError,
    XmlrpcDisabledError,
)
from wordpress_xmlrpc.methods import options
from wordpress_xmlrpc.methods.media import GetMediaItem, UploadFile
from wordpress_xmlrpc.methods.posts import DeletePost, EditPost, GetPost, GetPosts, NewPost
from wordpress_xmlrpc.methods.taxonomies import DeleteTerm, GetTerms, NewTerm
from wordpress_xmlrpc.methods.users import GetProfile, GetUsersBlogs

base.collections = collections.abc


class GetOptions(options.GetOptions):  # type: ignore[misc] # the library has no types
    """As the library's, but gives the struct as it is: an empty one comes as a list, and broke it."""

    def process_result(self, raw_result: Any) -> Any:
        """See XmlrpcMethod."""
        return raw_result


__all__ = [
    "Client",
    "DeletePost",
    "DeleteTerm",
    "EditPost",
    "FieldConversionError",
    "GetMediaItem",
    "GetOptions",
    "GetPost",
    "GetPosts",
    "GetProfile",
    "GetTerms",
    "GetUsersBlogs",
    "InvalidCredentialsError",
    "NewPost",
    "NewTerm",
    "UnsupportedXmlrpcMethodError",
    "UploadFile",
    "WordPressPost",
    "WordPressTerm",
    "XmlrpcDisabledError",
]
