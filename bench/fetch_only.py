"""`python -m bench.fetch_only`: fetch and decode what a first load reads, no more."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future

from bench.measurement import printed
from loader.bonzo.client import BonzoClient
from loader.bonzo.thread_pool import Workers
from loader.config import load_settings

# Lists that may be on their way at once: as many as two pages of prospects have.
AHEAD = 200


def fetch(client: BonzoClient, workers: Workers) -> None:
    """Read every page, and each prospect's messages by the workers."""
    client.read_list("/campaigns")
    client.read_list("/pipelines")
    reading: deque[Future] = deque()
    number, last = 1, 1
    while number <= last:
        page = client.get_page("/prospects", number)
        for record in page.items:
            path = f"/prospects/{record['id']}/communication"
            reading.append(workers.submit(client.read_list, path))
        while len(reading) > AHEAD:
            reading.popleft().result()
        number, last = number + 1, page.last
    while reading:
        reading.popleft().result()


if __name__ == "__main__":
    settings = load_settings()
    with printed():
        fetch(BonzoClient(settings), Workers(settings.workers))
