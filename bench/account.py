"""A large, plain account served from a process of its own."""

from __future__ import annotations

import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import SplitResult, parse_qs, urlsplit

PER_PROSPECT = 3


def prospect(number: int) -> dict:
    """Prospect `number`, made up on the spot, so that the size costs nothing."""
    return {
        "id": number,
        "first_name": "Ada",
        "last_name": f"Example {number}",
        "email": f"ada{number}@example.com",
        "phone": f"+1202555{number % 10000:04d}",
        "assigned_to": number % 20 + 1,
        "assigned_user": {
            "id": number % 20 + 1,
            "name": f"Officer {number % 20}",
            "email": f"officer{number % 20}@example.com",
        },
        "campaigns": [],
        "pipeline_stage": {"id": 1, "name": "Working"},
        "stage_assigned_at": "2025-01-02T00:00:00.000000Z",
        "mortgage": {"lead_source": f"Vendor {number % 6}", "loan_amount": "350000"},
        "created_at": "2025-01-01T00:00:00.000000Z",
        "updated_at": "2025-01-02T00:00:00.000000Z",
    }


def messages(number: int) -> list[dict]:
    """Return the prospect's messages."""
    return [
        {
            "id": number * PER_PROSPECT + step,
            "type": "sms",
            "direction": "outgoing",
            "status": "delivered",
            "content": "Hi Ada, this is a message of ordinary length. " * 3,
            "sequence_id": 710,
            "event_id": step,
            "event_date": f"2025-01-0{step + 1}T15:00:00.000000Z",
        }
        for step in range(PER_PROSPECT)
    ]


class Handler(BaseHTTPRequestHandler):
    """Answers the three reads that a load makes."""

    protocol_version = "HTTP/1.1"
    size = 0
    limit = "0"
    times: ClassVar[list[float]] = []

    def do_GET(self) -> None:
        """Answer a read."""
        parts = urlsplit(self.path)
        if parts.path == "/times":
            return self._send(self.times)
        self.times.append(time.monotonic())
        return self._send(self._answer(parts))

    def _answer(self, parts: SplitResult) -> dict:
        single = re.search(r"/prospects/(\d+)/communication$", parts.path)
        if single:
            return {"data": messages(int(single[1]))}
        if parts.path.endswith("/prospects"):
            return self._page(parse_qs(parts.query))
        return {"data": []}

    def _page(self, query: dict[str, list[str]]) -> dict:
        number, per_page = (int(query[k][0]) for k in ("page", "per_page"))
        first = self.size - (number - 1) * per_page
        ids = range(first, max(first - per_page, 0), -1)
        last = -(-self.size // per_page)
        meta = {"current_page": number, "last_page": last, "total": self.size}
        return {"data": [prospect(i) for i in ids], "meta": meta}

    def _send(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-RateLimit-Limit", self.limit)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes many connections at once."""

    request_queue_size = 128
    daemon_threads = True


if __name__ == "__main__":
    Handler.size, Handler.limit = int(sys.argv[1]), sys.argv[2]
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
