"""The shapes in which Laravel services answer with a page of a list."""

from __future__ import annotations

import base64
from typing import Any

SHAPES = (
    "numbered",  # by `page`, with `links` and `meta`
    "flat",  # the same numbers beside `data`, and no `meta`
    "simple",  # by `page`, with a link to the next page and no counts
    "cursor",  # by the cursor of `links.next`; `page` is ignored
    "bare",  # an array and nothing else, cut by `page`
    "whole",  # an array of everything; `page` is ignored
    "object",  # as numbered, `data` being a filtered PHP array: an object
)
NUMBERED = SHAPES[0]


def page_of(shape: str, query: dict[str, str], page: int) -> int:
    """Return which page a query asks for in a shape; `page` is its number."""
    if shape != "cursor":
        return page
    cursor = query.get("cursor")
    return int(base64.b64decode(cursor)) if cursor else 1


def cursor_to(page: int) -> str:
    """Return the cursor of a page."""
    # Three digits make three bytes, which base64 needs no padding for.
    return base64.b64encode(f"{page:03}".encode()).decode()


def reshape(shape: str, page: dict[str, Any]) -> Any:
    """Return a numbered page in another shape."""
    data, links, meta = page["data"], page["links"], page["meta"]
    if shape == "flat":
        return {**meta, "data": data, "next_page_url": links["next"]}
    if shape == "simple":
        return {
            "data": data,
            "links": {"prev": links["prev"], "next": links["next"]},
            "meta": {"current_page": meta["current_page"]},
        }
    if shape == "cursor":
        follows = links["next"] is not None
        cursor = cursor_to(meta["current_page"] + 1) if follows else None
        following = f"{meta['path']}?cursor={cursor}" if follows else None
        return {
            "data": data,
            "links": {"first": None, "last": None, "prev": None, "next": following},
            "meta": {"per_page": meta["per_page"], "next_cursor": cursor},
        }
    if shape in ("bare", "whole"):
        return data
    if shape == "object":
        # As array_filter leaves it: keys with gaps.
        return {**page, "data": {str(2 * i + 1): row for i, row in enumerate(data)}}
    return page
