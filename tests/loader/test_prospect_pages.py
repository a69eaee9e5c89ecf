"""The prospect list while it shifts under the reader."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from hypothesis import given, settings
from hypothesis import strategies as st

from loader.bonzo.pages import ListReader, Page

SIZE = 3


class Service:
    """A list of ids, newest first, that changes before chosen requests."""

    def __init__(self, ids: list[int]) -> None:
        self.ids = ids
        self.asked: list[int] = []
        self.before: dict[int, Callable[[], None]] = {}

    def page(self, number: int) -> Page:
        """A page as the service has it now."""
        action = self.before.pop(len(self.asked), None)
        if action:
            action()
        self.asked.append(number)
        items = self.ids[(number - 1) * SIZE : number * SIZE]
        last = max(-(-len(self.ids) // SIZE), 1)
        return Page(number, list(items), last, len(self.ids), number)


def read(service: Service) -> tuple[set[int], ListReader]:
    """Everything that is met, and the reader."""
    met: set[int] = set()

    def fetch(number: int, cursor: str | None) -> Future:
        future: Future = Future()
        future.set_result(service.page(number))
        return future

    pages = ListReader(fetch, lambda: len(met), lambda item: item, SIZE)
    for page in pages:
        met.update(page.items)
    return met, pages


def test_an_undisturbed_list_is_read_once() -> None:
    """One request a page, nothing more."""
    service = Service(list(range(10, 0, -1)))
    met, pages = read(service)
    assert met == set(range(1, 11))
    assert service.asked == [1, 2, 3, 4]
    assert (pages.pages, pages.problems) == (4, [])


def test_an_empty_list_is_one_page() -> None:
    """An account without prospects is complete."""
    service = Service([])
    met, pages = read(service)
    assert (met, service.asked, pages.problems) == (set(), [1], [])


def test_what_comes_in_on_top_is_met() -> None:
    """A prospect that is inserted behind the reader costs one more request."""
    service = Service(list(range(10, 0, -1)))
    service.before[2] = lambda: service.ids.insert(0, 11)
    met, pages = read(service)
    assert met == set(range(1, 12))
    assert service.asked == [1, 2, 3, 4, 1]
    assert pages.problems == []


def test_what_slides_back_is_met() -> None:
    """A deletion moves rows to pages that were read: those are read again."""
    service = Service(list(range(10, 0, -1)))
    service.before[2] = lambda: service.ids.remove(10)
    met, pages = read(service)
    assert met == set(range(1, 11))
    assert pages.problems == []


def test_an_odd_page_gets_a_second_try() -> None:
    """A passing fault is forgotten, a lasting one is a problem."""
    service = Service(list(range(10, 0, -1)))
    real, odd = service.page, [True]

    def sometimes_empty(number: int) -> Page:
        page = real(number)
        if number == 2 and odd[0]:
            odd[0] = False
            return Page(2, [], page.last, page.total, 2)
        return page

    service.page = sometimes_empty
    met, pages = read(service)
    assert met == set(range(1, 11))
    assert pages.problems == []
    service.page = lambda number: Page(2, [], 4, 10, 2) if number == 2 else real(number)
    met, pages = read(service)
    assert met == set(range(1, 11)) - {5, 6, 7}
    assert pages.problems == [
        "page 2 of 4 came empty",
        "Bonzo says 10, 7 different ones were found",
    ]


def test_a_page_count_that_cannot_be_is_a_problem() -> None:
    """Too few pages for the rows: the list is read to the end all the same."""
    service = Service(list(range(10, 0, -1)))
    real = service.page
    service.page = lambda number: Page(number, real(number).items, 1, 10, number)
    met, pages = read(service)
    assert met == set(range(1, 11))
    assert "too few for 10 rows" in pages.problems[0]


def test_a_page_that_comes_twice_is_noticed() -> None:
    """The page before, under another number, is not taken for the page."""
    service = Service(list(range(10, 0, -1)))
    real = service.page

    def repeated(number: int) -> Page:
        page = real(1 if number == 2 else number)
        return Page(number, page.items, page.last, page.total, page.current)

    service.page = repeated
    _, pages = read(service)
    assert pages.problems == [
        "page 2 came as page 1",
        "Bonzo says 10, 7 different ones were found",
    ]


CHANGES = st.lists(
    st.tuples(st.integers(0, 8), st.booleans(), st.integers(0, 30)), max_size=4
)


@settings(max_examples=300)
@given(st.integers(0, 20), CHANGES)
def test_whoever_was_there_all_along_is_met(
    size: int, changes: list[tuple[int, bool, int]]
) -> None:
    """Insertions on top and deletions anywhere hide nobody who stays.

    Provided that they do not cancel out: a row gone and one come between two
    pages leave no trace. The loader reads singly whoever it knew and missed.
    """
    service = Service(list(range(size, 0, -1)))
    fresh = iter(range(1000, 2000))
    kinds = {insert for _, insert, _ in changes}
    stays = set(service.ids)

    def change(insert: bool, place: int) -> None:
        if insert:
            service.ids.insert(0, next(fresh))
        elif service.ids:
            stays.discard(service.ids.pop(place % len(service.ids)))

    for moment, insert, place in changes:
        service.before[moment] = lambda i=insert, p=place: change(i, p)
    met, _ = read(service)
    if len(kinds) < 2:
        assert stays <= met
