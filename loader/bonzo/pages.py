"""Reads any list of Bonzo's to its end, however it pages and shifts meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from loader.address import host_of, join, same_host
from loader.bonzo.errors import BrokenAnswerError
from loader.bonzo.json_body import unwrap
from loader.mapping.parsers import INT8, InvalidValueError, to_id

MOST_PAGES = 100_000
# So many empty or stale pages in a row: the rest is not to be had, either.
MOST_ODD_PAGES = 3
# How often to begin the catching up again because the list grew meanwhile.
MOST_RESTARTS = 5
# A list that says nothing of pages and has just so many rows may have been cut.
FULL_PAGES = frozenset({10, 15, 20, 25, 50, 100, 200, 250, 500, 1000})


@dataclass(frozen=True)
class Page:
    """One page of a list; what Bonzo does not say is None.

    `last` is the number of pages, `total` of rows, `current` this page's number
    as the service has it. `more` says whether there is a link to a next page,
    `cursor` is that link's query where pages go by cursor instead of number, and
    `foreign` the host of such a link that leaves the service.
    """

    number: int
    items: list[Any]
    last: int | None = None
    total: int | None = None
    current: int | None = None
    more: bool | None = None
    cursor: str | None = None
    foreign: str | None = None
    size: int | None = None

    @property
    def is_silent(self) -> bool:
        """Whether the page says nothing about others."""
        return self.last is None and self.total is None and self.more is None


@dataclass(frozen=True)
class WholeList:
    """All items of a list that were to be had; with problems, some are missing."""

    items: list[Any]
    problems: list[str]


@dataclass(frozen=True)
class _Place:
    """A page to ask for: by cursor where there is one, else by number."""

    number: int
    cursor: str | None = None


class ListReader:
    """The pages of a list, one read ahead.

    `fetch(number, cursor)` starts reading a page. `seen` tells how many different
    items the consumer has met so far. `identify` tells items apart; None for one
    without an identity. `asked` is how many rows a page should have.
    `usually_whole`: a list that says nothing of pages mostly comes in one piece.

    After the last page, `problems` says what was wrong with the list: with any,
    it may be incomplete.
    """

    def __init__(
        self,
        fetch: Callable[[int, str | None], Future],
        seen: Callable[[], int],
        identify: Callable[[Any], Hashable | None],
        asked: int,
        *,
        usually_whole: bool = False,
    ) -> None:
        self._fetch = fetch
        self._seen = seen
        self._identify = identify
        self._asked = asked
        self._usually_whole = usually_whole
        self._ahead: tuple[_Place, Future] | None = None
        self._first_total: int | None = None
        self._total: int | None = None
        self._size = 0
        self._previous: list[Any] = []
        self._is_promised = False
        self._cursors: set[int] = set()
        self._odd_in_a_row = 0
        self._has_ended = False
        # By page: rows that the count of different items leaves out.
        self._extra: dict[int, int] = {}
        self.last = 1
        self.pages = 0
        self.problems: list[str] = []

    def __iter__(self) -> Iterator[Page]:
        """Yield every page, then pages again while items are missing."""
        yield from self._walk()
        if not self._has_ended:
            yield from self._catch_up()
        self._compare_counts()

    def _walk(self) -> Iterator[Page]:
        place: _Place | None = _Place(1)
        while place is not None:
            page = self._read(place)
            yield from self._slid_back(page)
            if self._repeats(page):
                if not (self._usually_whole and page.is_silent and page.number == 2):
                    self._end(f"page {page.number} repeats the page before")
                # Else it was in one piece, and just as long as a page.
                return
            self._learn(page)
            following = self._next(page)
            if following is not None:
                self._ahead = (following, self._start(following))
            seen = self._seen()
            yield page
            if following is None and not self._has_ended:
                following = self._perhaps_next(page, self._seen() > seen)
            place = None if self._has_ended else following

    def _slid_back(self, page: Page) -> Iterator[Page]:
        """Yield earlier pages again, where rows went and others moved up to them."""
        if self._total is None or page.total is None or not self._size:
            return
        removed = self._total - page.total
        if removed > 0 and not self._cursors:
            first = page.number - -(-removed // self._size)
            for number in range(max(first, 1), page.number):
                again = self._get(_Place(number))
                self._count_extra(again)
                yield again

    def _catch_up(self) -> Iterator[Page]:
        """Yield pages again while the list holds more items than were met.

        New ones come in on top, so mostly the first page is enough.
        """
        place: _Place | None = _Place(1)
        restarts, longest = 0, self.last
        while place is not None and self._is_short():
            page = self._get(place)
            has_grown = page.total is not None and page.total > (self._total or 0)
            self._learn(page)
            last = longest if self._cursors else self.last
            yield page
            if has_grown and page.number > 1 and restarts < MOST_RESTARTS:
                restarts += 1
                place = _Place(1)
            elif page.number < last:
                place = _Place(page.number + 1, page.cursor)
            else:
                place = None

    # --- one page ---------------------------------------------------------

    def _read(self, place: _Place) -> Page:
        """Return a page; an inconsistent one is mostly passing and gets another try."""
        page = self._get(place)
        is_missing = self._is_promised and not page.items
        if self._oddity(page) or is_missing:
            page = self._get(place)
            oddity = self._oddity(page)
            if oddity:
                self.problems.append(oddity)
            self._count_odd(page)
        else:
            self._odd_in_a_row = 0
        self._is_promised = bool(page.more)
        return page

    def _count_odd(self, page: Page) -> None:
        if page.items and not self._is_stale(page):
            self._odd_in_a_row = 0
            return
        self._odd_in_a_row += 1
        if self._odd_in_a_row >= MOST_ODD_PAGES:
            self._end(f"{self._odd_in_a_row} pages in a row were of no use")

    def _get(self, place: _Place) -> Page:
        """Return a page, from the read-ahead if that has it."""
        if self._ahead and self._ahead[0] == place:
            future = self._ahead[1]
            self._ahead = None
            return future.result()
        return self._start(place).result()

    def _start(self, place: _Place) -> Future:
        self.pages += 1
        return self._fetch(place.number, place.cursor)

    # --- where the list ends ----------------------------------------------

    def _learn(self, page: Page) -> None:
        """Learn how long the list is."""
        rows = len(page.items)
        stated = page.size or 0
        is_plausible = stated <= max(self._asked, rows)
        self._size = max(self._size, rows, stated if is_plausible else 0)
        if page.total is not None:
            self._total = page.total
            if self._first_total is None:
                self._first_total = page.total
        if page.last is None:
            self.last = max(page.number, self._needed(page))
        else:
            self.last = max(page.last, self._needed(page), 1)
        self.last = min(self.last, MOST_PAGES)
        self._count_extra(page)

    def _next(self, page: Page) -> _Place | None:
        """Return the next page where the service says that there is one."""
        if self._has_ended:
            return None
        number = page.number + 1
        if number > MOST_PAGES:
            self._end(f"it has more than {MOST_PAGES} pages")
            return None
        if page.foreign is not None:
            self._end(
                f"its next page is at another host ({page.foreign}), where the token "
                "does not go"
            )
            return None
        if page.cursor is not None:
            if hash(page.cursor) in self._cursors:
                self._end(f"page {page.number} leads back to an earlier page")
                return None
            self._cursors.add(hash(page.cursor))
            self.last = number
            return _Place(number, page.cursor)
        if self._cursors:
            return None
        is_sure = number <= self.last or (
            page.more and page.last is None and page.total is None
        )
        return _Place(number) if is_sure else None

    def _perhaps_next(self, page: Page, has_news: bool) -> _Place | None:
        """Return the next page where it takes a request to know whether it exists."""
        following = _Place(page.number + 1)
        if self._cursors or page.more is False:
            return None
        if page.more:
            return following if self._total is None or self._is_short() else None
        if not page.is_silent:
            # More rows on the first page than there are said to be at all.
            is_wrong = page.number == 1 and len(page.items) > (page.total or MOST_PAGES)
            return following if is_wrong else None
        rows = len(page.items)
        if not rows or rows > self._asked:
            return None
        if page.number == 1:
            is_whole = self._usually_whole and rows not in (FULL_PAGES | {self._asked})
            return None if is_whole else following
        if not has_news:
            self._end(f"page {page.number} brings nothing new")
            return None
        return following

    def _needed(self, page: Page) -> int:
        """Return how many pages the total makes."""
        size = self._size or len(page.items)
        return -(-page.total // size) if page.total and size else 0

    # --- what is wrong ----------------------------------------------------

    def _oddity(self, page: Page) -> str:
        """Return what is wrong with a page, or nothing."""
        number, last = page.number, page.last
        if self._is_stale(page):
            return f"page {number} came as page {page.current}"
        if not page.items and self._expects_rows(page):
            return f"page {number} of {max(last or 0, self.last)} came empty"
        if last is None:
            return ""
        if max(last, 1) < self._needed(page):
            return f"page {number} says {last} pages, too few for {page.total} rows"
        if page.total is None and last < self.last - 1:
            return f"the list shrank from {self.last} to {last} pages"
        return ""

    def _is_stale(self, page: Page) -> bool:
        is_numbered = page.cursor is None and not self._cursors
        return is_numbered and page.current not in (None, page.number)

    def _expects_rows(self, page: Page) -> bool:
        if page.more or page.number < (page.last or 0):
            return True
        return (page.total or 0) > (page.number - 1) * self._size

    def _repeats(self, page: Page) -> bool:
        """Return whether this is the page before once more, under a new number."""
        previous, before = self._previous, self._total
        self._previous = [
            item if key is None else key
            for item, key in ((item, self._identify(item)) for item in page.items)
        ]
        if not page.items or previous != self._previous or self._is_stale(page):
            return False
        # So many new rows on top push the whole page on to the next one.
        grown = (page.total or 0) - (before or page.total or 0)
        return grown < len(page.items)

    def _end(self, problem: str) -> None:
        self.problems.append(problem)
        self._has_ended = True

    # --- counting ---------------------------------------------------------

    def _count_extra(self, page: Page) -> None:
        """Note rows that are not further items: doubled in a page, or without id.

        What comes twice within one page has not shifted; the total counts it twice.
        """
        keys = [self._identify(item) for item in page.items]
        extra = len(keys) - len({key for key in keys if key is not None})
        if extra > self._extra.get(page.number, 0):
            self._extra[page.number] = extra

    def _count(self) -> int:
        return self._seen() + sum(self._extra.values())

    def _is_short(self) -> bool:
        return self._total is not None and self._count() < self._total

    def _compare_counts(self) -> None:
        """Note if the list said more than was found.

        What came in while the list was read may wait for the next time.
        """
        if self._total is None:
            return
        expected = min(self._total, self._first_total or 0)
        count = self._count()
        if count < expected:
            self.problems.append(
                f"Bonzo says {expected}, {count} different ones were found"
            )


def identity(item: Any) -> Hashable | None:
    """Return what tells a record from others of its list: id and type."""
    if not isinstance(item, dict):
        return None
    number, kind = item.get("id"), item.get("type")
    if isinstance(number, bool):
        return None
    with suppress(InvalidValueError):
        # 7, "7" and 7.0 are one id.
        number = to_id(number, INT8)
    if not isinstance(number, int | str) or number == "":
        return None
    return str(number).strip(), kind if isinstance(kind, str) else None


def to_page(body: Any, number: int, url: str) -> Page:
    """Return a list's answer as a Page; raises BrokenAnswerError if it is not a list.

    `url` is the address that was asked, for links relative to it.
    """
    items = unwrap(body)
    if isinstance(items, dict) and "data" in items:
        body, items = items, items["data"]
    # PHP's empty list is [] or under `data`; a bare {} is what a gateway says.
    rows = None if body == {} else _rows(items)
    if rows is None:
        raise BrokenAnswerError("the answer is not a list")
    outer = body if isinstance(body, dict) else {}
    # Laravel puts the numbers under `meta`, or with plain paginators beside `data`.
    meta = outer["meta"] if isinstance(outer.get("meta"), dict) else outer
    last, total, current, size = (
        _number(meta.get(name))
        for name in ("last_page", "total", "current_page", "per_page")
    )
    more, cursor, foreign = _next_link(outer, meta, url)
    return Page(number, rows, last, total, current, more, cursor, foreign, size)


def _rows(items: Any) -> list[Any] | None:
    """Return the rows; a filtered PHP array is an object with numbers for keys."""
    if isinstance(items, list):
        return items
    if isinstance(items, dict) and all(_number(key) is not None for key in items):
        return list(items.values())
    return None


def _next_link(
    outer: dict[str, Any], meta: dict[str, Any], url: str
) -> tuple[bool | None, str | None, str | None]:
    """Return whether there is a next page, its cursor, and its host if foreign."""
    links = outer["links"] if isinstance(outer.get("links"), dict) else {}
    candidates = (
        (links, "next"),
        (outer, "next_page_url"),
        (meta, "next_page_url"),
        (meta, "next_cursor"),
    )
    present = [(name, place[name]) for place, name in candidates if name in place]
    if not present:
        return None, None, None
    name, value = next(((n, v) for n, v in present if v), present[0])
    if not value or not isinstance(value, str):
        return bool(value), None, None
    if name == "next_cursor":
        return True, urlencode({"cursor": value}), None
    target = join(url, value)
    query = urlsplit(target).query if target else ""
    names = dict(parse_qsl(query, keep_blank_values=True))
    if not names or ("page" in names and "cursor" not in names):
        return True, None, None
    if not same_host(target, url):
        return True, None, host_of(target)
    return True, query, None


def _number(value: object) -> int | None:
    text = str(value).strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 12
    return int(text) if is_number else None
