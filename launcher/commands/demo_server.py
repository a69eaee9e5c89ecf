"""`demo-server`: the made-up Bonzo with a year of demo data."""

from __future__ import annotations

import threading
from datetime import date, datetime, time, timedelta, timezone
from functools import partial

import click

from loader.config import project_dir
from loader.errors import LoaderError

# No text holds it, so hiding it in output hides nothing else.
TOKEN = "demo-4f7Qm2xTz9Kc"


@click.command()
@click.option("--port", default=0, help="Port to serve on; 0 takes a free one.")
@click.option(
    "--at",
    metavar="DATE",
    help="Serve the year up to today as it stood at the end of DATE (YYYY-MM-DD).",
)
@click.option("--prospects", default=3000, show_default=True, help="Size of the demo.")
@click.option("--rate-limit", type=int, help="Requests per minute; none unless given.")
@click.option(
    "--shape",
    "shapes",
    multiple=True,
    metavar="NAME",
    help="Send records in a shape that some accounts have, such as campaign-keys or "
    "php-empties; may be given several times. An unknown name lists them all.",
)
@click.option(
    "--load-into",
    metavar="DSN",
    help="Load the demo's year into this database, write its files, and end.",
)
def command(
    port: int,
    at: str | None,
    prospects: int,
    rate_limit: int | None,
    shapes: tuple[str, ...],
    load_into: str | None,
) -> None:
    """Serve a made-up Bonzo account on this machine.

    \b
    To load from it, in another terminal:
        BONZO_BASE_URL=<printed address> BONZO_API_TOKEN=<printed token> \\
            python -m loader load
    """
    if load_into:
        from launcher.demo_load import load_demo
        from launcher.progress import each

        folder = project_dir() / "rill" / "data" / "demo"
        load_demo(
            load_into, folder, prospects, track=partial(each, "Loading demo data")
        )
        return
    _serve(port, _instant(at), prospects, rate_limit, shapes)


def _serve(
    port: int,
    at: datetime,
    prospects: int,
    rate_limit: int | None,
    shapes: tuple[str, ...],
) -> None:
    from demo.business_hours import local
    from demo.demo_account import demo_year
    from demo.limits import RateLimit
    from demo.record_shapes import SHAPES, reshape
    from demo.routes import Options
    from demo.server import FakeBonzo

    unknown = [name for name in shapes if name not in SHAPES]
    if unknown:
        raise LoaderError(
            f"--shape {unknown[0]!r} is not a valid shape; choose of "
            f"{', '.join(SHAPES)}."
        )
    today = local(datetime.now(timezone.utc)).date()
    account = demo_year(today, prospects).account(at)
    reshape(account, shapes)
    try:
        server = FakeBonzo(
            account,
            token=TOKEN,
            rate_limit=RateLimit(rate_limit),
            options=Options(messages_per_page=100),
            port=port,
        )
    except (OSError, OverflowError) as error:
        raise LoaderError(
            f"Port {port} cannot be used ({error}); choose another with --port, "
            "or leave --port out for a free one."
        ) from error
    with server:
        click.echo(f"BONZO_BASE_URL={server.url}")
        click.echo(f"BONZO_API_TOKEN={TOKEN}")
        _say(f"Serving {len(account.prospects)} prospects; Ctrl-C ends it.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            _say("Stopped.")


def _instant(text: str | None) -> datetime:
    """Return the end of a company day, never later than now."""
    from demo.business_hours import ZONE

    now = datetime.now(timezone.utc)
    if text is None:
        return now
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise LoaderError(
            f"--at {text!r} is not a valid date: write it like 2026-03-31."
        ) from None
    return min(now, datetime.combine(day + timedelta(days=1), time(), ZONE))


def _say(text: str) -> None:
    click.echo(text, err=True)
