"""A made-up account served by a process of its own, every answer made beforehand.

`python -m bench.account PROSPECTS MESSAGES LATENCY LIMIT` prints its port once all
is rendered. LATENCY is in seconds; LIMIT is requests a minute, 0 for none.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

from demo import payloads
from demo.limits import RateLimit

PER_PAGE = 100
_EMPTY = b'{"data": []}'
_FIRST_DAY = datetime(2026, 1, 1, 15, tzinfo=timezone.utc)
_CAMPAIGN, _SEQUENCE = 71, 571
# Direction, type and status of each prospect's messages in turn; a person wrote
# the ones without a step.
_MESSAGES = (
    ("outgoing", "sms", "delivered", 7101),
    ("outgoing", "email", "opened", 7102),
    ("outgoing", "sms", "delivered", 7103),
    ("incoming", "sms", "received", None),
    ("outgoing", "sms", "delivered", None),
)
# Stated by the account, so that the loader does not keep to its own default.
NO_LIMIT = 10_000_000
# Asked by the bench itself, and not counted.
REQUEST_TIMES = "/bench/request-times"


def prospect(number: int) -> dict:
    """Return a prospect of ordinary size."""
    created = payloads.stamp(_created(number))
    owner = number % 20 + 1
    return payloads.prospect(
        number,
        created,
        first_name="Ada",
        last_name=f"Example {number}",
        email=f"ada{number}@mail.example",
        phone=f"+1312{number % 10_000_000:07d}",
        city="Chicago",
        state="IL",
        assigned_to=owner,
        assigned_user=payloads.user(
            owner, f"Officer {owner}", f"officer{owner}@lender.example"
        ),
        campaigns=[{"id": _CAMPAIGN, "name": "Opener"}],
        tags=[{"id": 880, "name": "refi", "sequence_start": None}],
        pipeline={"id": 2501, "name": "Main"},
        pipeline_stage={"id": 402, "name": "Working", "pipeline_id": 2501},
        stage_assigned_at=created,
        mortgage={"lead_source": f"Vendor {number % 6}", "loan_amount": "350000"},
    )


def messages(number: int, count: int) -> list[dict]:
    """Return so many messages of a prospect, newest last."""
    rows = []
    for i in range(count):
        direction, kind, status, event = _MESSAGES[i % len(_MESSAGES)]
        rows.append(
            payloads.message(
                number * 100 + i,
                number,
                payloads.stamp(_created(number) + timedelta(hours=5 * i, minutes=2)),
                direction=direction,
                type=kind,
                status=status,
                content="Hi Ada, this is a message of ordinary length. " * 3,
                sequence_id=event and _SEQUENCE,
                event_id=event,
            )
        )
    return rows


def _created(number: int) -> datetime:
    return _FIRST_DAY + timedelta(seconds=30 * (number % 200_000))


@dataclass
class Answers:
    """Every answer by its path, and when each was asked for."""

    by_path: dict[str, bytes]
    latency: float
    limit: RateLimit
    times: list[float] = field(default_factory=list)

    def find(self, target: str) -> bytes:
        """Return the whole answer to a request, headers and all."""
        parts = urlsplit(target)
        if parts.path == REQUEST_TIMES:
            return _whole(200, json.dumps(self.times).encode(), {})
        self.times.append(time.monotonic())
        is_allowed, headers = self.limit.take()
        if not is_allowed:
            return _whole(429, b'{"message": "Too Many Attempts."}', headers)
        path = parts.path
        if path == "/prospects":
            query = parse_qs(parts.query)
            if query.get("per_page", [str(PER_PAGE)]) != [str(PER_PAGE)]:
                return _whole(422, b'{"message": "per_page is fixed here"}', headers)
            path = f"/prospects?page={query.get('page', ['1'])[0]}"
        return _whole(200, self.by_path.get(path, _EMPTY), headers)


def _whole(status: int, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} -", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def render(prospects: int, message_count: int) -> dict[str, bytes]:
    """Return every answer by its path; messages are spread evenly."""
    answers = {
        "/campaigns": _data(
            [
                payloads.campaign(
                    _CAMPAIGN, "Opener", payloads.stamp(_FIRST_DAY), _SEQUENCE
                )
            ]
        ),
        "/pipelines": _data(
            [payloads.pipeline(2501, "Main", [(401, "Staging"), (402, "Working")])]
        ),
    }
    last = -(-prospects // PER_PAGE)
    for page in range(1, last + 1):
        newest = prospects - (page - 1) * PER_PAGE
        ids = range(newest, max(newest - PER_PAGE, 0), -1)
        meta = {"current_page": page, "last_page": last, "total": prospects}
        answers[f"/prospects?page={page}"] = _data([prospect(i) for i in ids], meta)
    for number in range(1, prospects + 1):
        count = message_count * number // prospects
        count -= message_count * (number - 1) // prospects
        answers[f"/prospects/{number}/communication"] = _data(messages(number, count))
    return answers


def _data(rows: list[dict], meta: dict | None = None) -> bytes:
    body = {"data": rows} if meta is None else {"data": rows, "meta": meta}
    return json.dumps(body).encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection: a GET at a time, answered after the latency."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Remember where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request's headers are there; it has no body."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head.split(b" ", 2)[1].decode()
            answer = self._answers.find(target)
            if self._answers.latency:
                loop = asyncio.get_running_loop()
                loop.call_later(self._answers.latency, self._send, answer)
            else:
                self._send(answer)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def serve(answers: Answers) -> None:
    """Answer until the process is ended."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: Connection(answers), "127.0.0.1", 0, backlog=128
    )
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    size, total, latency, limit = sys.argv[1:]
    answers = Answers(
        render(int(size), int(total)),
        float(latency),
        RateLimit(int(limit) or NO_LIMIT),
    )
    asyncio.run(serve(answers))
