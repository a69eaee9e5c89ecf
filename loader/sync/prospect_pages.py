"""Reads the prospect list to its end while rows shift between pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

from loader.bonzo.client import MOST_PAGES, Page, ServiceError


class ProspectPages:
    """Pages of the prospect list, one read ahead.

    `fetch` starts reading a page. `seen` tells how many different prospects the
    run has met so far. After the last page, `problems` says what was wrong with
    the list: with any, the pass is not complete.
    """

    def __init__(self, fetch: Callable[[int], Future], seen: Callable[[], int]) -> None:
        self._fetch = fetch
        self._seen = seen
        self._ahead: tuple[int, Future] | None = None
        self._total: int | None = None
        self._size = 0
        self.last = 1
        self.problems: list[str] = []
        self.pages = 0

    def __iter__(self) -> Iterator[Page]:
        """Every page, then again from the first while prospects are missing."""
        number = 1
        while number <= self.last:
            page = self._read(number)
            yield from self._slid_back(page)
            self._follow(page)
            yield page
            number += 1
        yield from self._catch_up()

    def _slid_back(self, page: Page) -> Iterator[Page]:
        """Earlier pages again, where rows went and others moved up to them."""
        if self._total is None or page.total is None or not self._size:
            return
        gone = self._total - page.total
        if gone > 0:
            first = page.number - -(-gone // self._size)
            for number in range(max(first, 1), page.number):
                yield self._get(number)

    def _catch_up(self) -> Iterator[Page]:
        """Pages again while the list holds more prospects than were met.

        New ones come in on top, so mostly the first page is enough.
        """
        for number in range(1, self.last + 1):
            if self._total is None or self._seen() >= self._total:
                return
            page = self._get(number)
            self._follow(page)
            yield page

    # --- one page ---------------------------------------------------------

    def _read(self, number: int) -> Page:
        """A page; an odd one is mostly a passing fault and gets a second try."""
        page = self._get(number)
        if self._oddity(page):
            page = self._get(number)
            oddity = self._oddity(page)
            if oddity:
                self.problems.append(oddity)
        if number < max(self.last, page.last or 1):
            self.pages += 1
            self._ahead = (number + 1, self._fetch(number + 1))
        return page

    def _get(self, number: int) -> Page:
        """A page, from the read-ahead if that has it."""
        if self._ahead and self._ahead[0] == number:
            future = self._ahead[1]
            self._ahead = None
            return future.result()
        self.pages += 1
        return self._fetch(number).result()

    def _follow(self, page: Page) -> None:
        """Learn how long the list is."""
        # Any page but the last shows how long a page is.
        if not self._size and (page.number == 1 or page.number < (page.last or 0)):
            self._size = len(page.items)
        if page.total is not None:
            self._total = page.total
        if page.last is None:
            # Without a page count an empty page is the end.
            self.last = page.number + 1 if page.items else page.number
        else:
            self.last = max(page.last, self._needed(page))
        if self.last > MOST_PAGES:
            raise ServiceError(f"The prospect list claims {self.last} pages.")

    def _needed(self, page: Page) -> int:
        """How many pages the total makes."""
        size = self._size or len(page.items)
        return -(-page.total // size) if page.total and size else 1

    def _oddity(self, page: Page) -> str:
        """What is wrong with a page, or nothing."""
        number, last = page.number, page.last
        if page.current is not None and page.current != number:
            return f"page {number} came as page {page.current}"
        if last is None:
            return ""
        before = (number - 1) * self._size
        if not page.items and (number < last or (page.total or 0) > before):
            return f"page {number} of {last} came empty"
        if page.total is not None and last < self._needed(page):
            return f"page {number} says {last} pages, too few for {page.total} rows"
        if page.total is None and last < self.last - 1:
            return f"the list shrank from {self.last} to {last} pages"
        return ""
