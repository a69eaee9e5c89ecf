"""Bonzo's read endpoints over an account: a path and a query in, an answer out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from demo.account import Account, encode
from demo.shapes import NUMBERED, page_of, reshape

DEFAULT_PER_PAGE = 25
MOST_PER_PAGE = 100
ROOT = "/api/v3"


@dataclass(frozen=True)
class Options:
    """How the service behaves where the sources disagree."""

    # None: /communication answers in one piece, without `meta`.
    messages_per_page: int | None = None
    # No page is longer, whatever is asked for.
    most_per_page: int = MOST_PER_PAGE
    # How lists page: one of SHAPES.
    shape: str = NUMBERED
    # Whether `updated_after` filters the list; most sources say it does not.
    honor_updated_after: bool = False
    # A single read of a merged prospect answers with the survivor, or with 404.
    merged_answers_with_survivor: bool = True


@dataclass(frozen=True)
class Answer:
    """A reply: status, JSON body, and the kind of path that it answers."""

    status: int
    body: bytes
    kind: str = "other"
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A read: path below the root, query, and where it came in."""

    path: str
    query: dict[str, str]
    address: str = ""

    def number(self, name: str, default: int) -> int:
        """Return a positive whole number of the query, else the default."""
        value = self.query.get(name, "")
        is_number = value.isascii() and value.isdigit()
        return int(value) if is_number and int(value) > 0 else default


class Routes:
    """Answers reads for one account."""

    def __init__(
        self, account: Account, options: Options, token_scopes: list[dict[str, Any]]
    ) -> None:
        self.account = account
        self.options = options
        self.token_scopes = token_scopes

    def match(self, path: str) -> tuple[str, str | None, Callable, list[int]] | None:
        """Return kind, scope, method and ids of a path; None for an unknown one."""
        for pattern, kind, scope, name in _ROUTES:
            found = pattern.fullmatch(path)
            if found:
                ids = [int(group) for group in found.groups()]
                return kind, scope, getattr(self, name), ids
        return None

    # --- prospects --------------------------------------------------------

    def prospects(self, request: Request) -> Answer:
        """Return the list, newest created first."""
        ids = self.account.newest_first()
        if request.query.get("search"):
            ids = [key for key in ids if self._found(key, request.query["search"])]
        since = request.query.get("updated_after")
        if since and self.options.honor_updated_after:
            rows = self.account.prospects
            ids = [key for key in ids if str(rows[key]["updated_at"]) >= since]
        return self._prospect_page(request, ids)

    def stage_prospects(self, request: Request, stage_id: int) -> Answer:
        """Return the prospects of one stage."""
        rows = self.account.prospects
        ids = [
            key
            for key in self.account.newest_first()
            if (rows[key].get("pipeline_stage") or {}).get("id") == stage_id
        ]
        return self._prospect_page(request, ids)

    def prospect(self, request: Request, prospect_id: int) -> Answer:
        """Return one prospect; a merged one answers with the survivor."""
        survivor = self.account.removed.get(prospect_id)
        if survivor is not None and self.options.merged_answers_with_survivor:
            return self.prospect(request, survivor)
        if prospect_id not in self.account.prospects:
            return missing()
        return Answer(200, b'{"data":%b}' % self.account.prospect_json(prospect_id))

    def communication(self, request: Request, prospect_id: int) -> Answer:
        """Return a prospect's messages; in pages only if the options say so."""
        if prospect_id not in self.account.prospects:
            return missing()
        if self.options.messages_per_page is None:
            return Answer(200, b'{"data":%b}' % self.account.messages_json(prospect_id))
        rows = self.account.messages_of(prospect_id)
        per_page = min(
            request.number("per_page", self.options.messages_per_page),
            self.options.messages_per_page,
        )
        return self._page(request, rows, per_page)

    def notes(self, request: Request, prospect_id: int) -> Answer:
        """Return a prospect's notes, which also stand among its messages."""
        if prospect_id not in self.account.prospects:
            return missing()
        rows = [
            {
                "id": row["id"],
                "content": row["content"],
                "created_at": row["created_at"],
                "user_name": row.get("user_name"),
                "is_pinned": 0,
            }
            for row in self.account.messages_of(prospect_id)
            if row.get("type") == "note"
        ]
        return self._page(request, rows)

    def conversations(self, request: Request) -> Answer:
        """Prospects that ever answered, in a shape nobody should rely on."""
        rows = [
            {"id": key, "prospect": {"id": key, "full_name": row.get("full_name")}}
            for key, row in self.account.prospects.items()
            if row.get("last_conversation")
        ]
        return self._page(request, rows)

    # --- the rest ---------------------------------------------------------

    def campaigns(self, request: Request) -> Answer:
        """Return all campaigns, 25 a page."""
        return self._page(request, self.account.campaigns)

    def campaign(self, request: Request, campaign_id: int) -> Answer:
        """Return one campaign: structure only, no steps."""
        return _single(self.account.campaigns, campaign_id)

    def pipelines(self, request: Request) -> Answer:
        """Return all pipelines with their stages, 25 a page unless told otherwise."""
        if request.query.get("no_paginate") == "true":
            return Answer(200, b'{"data":%b}' % encode(self.account.pipelines))
        return self._page(request, self.account.pipelines)

    def pipeline(self, request: Request, pipeline_id: int) -> Answer:
        """Return one pipeline with its stages."""
        return _single(self.account.pipelines, pipeline_id)

    def tags(self, request: Request) -> Answer:
        """Return the account's tags."""
        return Answer(200, b'{"data":%b}' % encode(self.account.tags))

    def custom_statuses(self, request: Request) -> Answer:
        """Return no custom statuses: the account has none."""
        return Answer(200, b'{"data":[]}')

    def tokens(self, request: Request) -> Answer:
        """Return the tokens of the seat with their scopes: a bare array."""
        return Answer(200, encode(self.token_scopes))

    # --- pages ------------------------------------------------------------

    def _found(self, prospect_id: int, needle: str) -> bool:
        row = self.account.prospects[prospect_id]
        digits = re.sub(r"\D", "", needle)
        text = f"{row.get('full_name')} {row.get('email')}".lower()
        phone = re.sub(r"\D", "", str(row.get("phone") or ""))
        return needle.lower() in text or bool(digits and digits in phone)

    def _prospect_page(self, request: Request, ids: list[int]) -> Answer:
        page, per_page, slice_ = self._cut(request, ids)
        pieces = []
        for key in slice_:
            # A prospect may be deleted while its page is being put together.
            try:
                pieces.append(self.account.prospect_json(key))
            except KeyError:
                continue
        return self._collection(request, pieces, page, per_page, len(ids))

    def _page(
        self, request: Request, rows: list[Any], per_page: int | None = None
    ) -> Answer:
        page, size, slice_ = self._cut(request, rows, per_page)
        return self._collection(request, map(encode, slice_), page, size, len(rows))

    def _cut(
        self, request: Request, rows: list[Any], per_page: int | None = None
    ) -> tuple[int, int, list[Any]]:
        if self.options.shape == "whole":
            return 1, max(len(rows), 1), rows
        size = per_page or request.number("per_page", DEFAULT_PER_PAGE)
        size = min(size, self.options.most_per_page)
        page = page_of(self.options.shape, request.query, request.number("page", 1))
        return page, size, rows[(page - 1) * size : page * size]

    def _collection(
        self,
        request: Request,
        pieces: Iterable[bytes],
        page: int,
        per_page: int,
        total: int,
    ) -> Answer:
        answer = _collection(request, pieces, page, per_page, total)
        if self.options.shape == NUMBERED:
            return answer
        body = encode(reshape(self.options.shape, json.loads(answer.body)))
        return Answer(200, body)


def _collection(
    request: Request, pieces: Iterable[bytes], page: int, per_page: int, total: int
) -> Answer:
    pieces = list(pieces)
    last = max(1, -(-total // per_page))
    path = f"{request.address}{ROOT}{request.path}"
    start = (page - 1) * per_page + 1 if pieces else None

    def link(number: int) -> str | None:
        return f"{path}?page={number}" if 1 <= number <= last else None

    links = {
        "first": link(1),
        "last": link(last),
        "prev": link(page - 1),
        "next": link(page + 1),
    }
    meta = {
        "current_page": page,
        "from": start,
        "last_page": last,
        "path": path,
        "per_page": per_page,
        "to": start + len(pieces) - 1 if start else None,
        "total": total,
    }
    body = b'{"data":[%b],"links":%b,"meta":%b}' % (
        b",".join(pieces),
        encode(links),
        encode(meta),
    )
    return Answer(200, body)


def _single(rows: list[dict[str, Any]], wanted: int) -> Answer:
    for row in rows:
        if row["id"] == wanted:
            return Answer(200, encode({"data": row}))
    return missing()


def missing() -> Answer:
    """Return the answer to an unknown id or path."""
    return Answer(404, b'{"message":"Not Found."}')


_ROUTES = [
    (re.compile(pattern), kind, scope, method)
    for pattern, kind, scope, method in (
        (r"/prospects", "prospects", "prospects", "prospects"),
        (r"/prospects/custom-status", "statuses", "prospects", "custom_statuses"),
        (r"/prospects/(\d+)", "prospect", "prospects", "prospect"),
        (
            r"/prospects/(\d+)/communication",
            "communication",
            "prospects",
            "communication",
        ),
        (r"/prospects/(\d+)/notes", "notes", "prospects", "notes"),
        (r"/campaigns", "campaigns", "campaigns", "campaigns"),
        (r"/campaigns/(\d+)", "campaign", "campaigns", "campaign"),
        (r"/pipelines", "pipelines", "pipelines", "pipelines"),
        (r"/pipelines/fetch/(\d+)", "pipeline", "pipelines", "pipeline"),
        (
            r"/pipeline-stages/(\d+)/prospects",
            "stage_prospects",
            "pipelines",
            "stage_prospects",
        ),
        (r"/tags", "tags", "prospects", "tags"),
        (r"/conversations", "conversations", "prospects", "conversations"),
        (r"/oauth/personal-access-tokens", "tokens", None, "tokens"),
    )
]
