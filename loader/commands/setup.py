"""`setup`: connect an account, look at a sample, write `.env` and the mapping file."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from loader.bonzo.client import BonzoClient
from loader.config import (
    Settings,
    check_header_values,
    load_settings,
    project_dir,
    require_token,
    secrets_of,
    variable_in_file,
)
from loader.errors import LoaderError
from loader.mapping.mapping_config import default_aliases, load_rules_text
from loader.output import Output
from loader.redaction import redact_tracebacks
from loader.setup.edit_mapping import add_aliases, set_pipelines
from loader.setup.files import write_files
from loader.setup.proposals import propose
from loader.setup.survey import Survey, survey
from loader.sync.run import find_rules, mapping_file

SAMPLE = 50  # prospects
NAMES_SHOWN = 12
NONE = "-"


@click.command()
@click.option("--yes", is_flag=True, help="Take every proposal without asking.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; implies --yes."
)
@click.option(
    "--token-stdin", is_flag=True, help="Read the token from the first line of stdin."
)
@click.option("--time-zone", metavar="NAME", help="Time zone, as America/Chicago.")
@click.option(
    "--pipeline",
    "pipelines",
    multiple=True,
    metavar="NAME",
    help="A pipeline that counts, by name, or `all`; may be given several times.",
)
def command(
    yes: bool,
    as_json: bool,
    token_stdin: bool,
    time_zone: str | None,
    pipelines: tuple[str, ...],
) -> None:
    """Connect a Bonzo account: check the token, propose a mapping, write both files.

    Reads a few dozen answers at most. Run it again at any time: what it does not
    ask about stays. The token is never shown.
    """
    asks = not (yes or as_json or token_stdin)
    if asks and not has_terminal():
        raise LoaderError(
            "There is no terminal to ask on: add --yes, with the token in "
            "BONZO_API_TOKEN or, with --token-stdin, on standard input."
        )
    settings = _settings(asks, token_stdin, time_zone)
    redact_tracebacks(*secrets_of(settings))
    out = Output(as_json, *secrets_of(settings))
    rules = find_rules(settings)
    # A person waits: no patience for outages here.
    client = BonzoClient(replace(settings, retries=1, per_page=SAMPLE))
    found = survey(client, rules)
    proposals = propose(found.stages, rules)
    if not as_json:
        for line in describe(found):
            out.result(line, "found")
    counted = _choose_pipelines(found, list(pipelines), asks)
    chosen = _choose(proposals, sorted({*rules.stages.values()}), asks)
    written = _write(settings, chosen, counted)
    unmapped = sorted(name for name in proposals if name not in chosen)
    if as_json:
        out.result(
            "",
            "setup",
            found=vars(found),
            mapped=chosen,
            unmapped=unmapped,
            written=written,
            requests=client.sent,
        )
        return
    for name, stage in chosen.items():
        out.result(f"mapped    {name} -> {stage}", "mapped")
    if unmapped:
        out.result(f"unmapped  {', '.join(unmapped)}: add them to bonzo.yaml", "note")
    out.result(f"written   {', '.join(written) or 'nothing had to change'}", "written")
    out.result("Next: make doctor, then make start.", "next")


def has_terminal() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin.isatty()


def _settings(asks: bool, token_stdin: bool, time_zone: str | None) -> Settings:
    """Return the settings with the token and time zone to use."""
    settings = load_settings(company_time_zone=time_zone)
    token = settings.bonzo_api_token
    if token_stdin:
        token = sys.stdin.readline().strip()
    elif asks:
        keep = " (Enter keeps the present one)" if token else ""
        entered = click.prompt(
            f"Token from Bonzo, Settings > API{keep}",
            default="",
            hide_input=True,
            show_default=False,
        )
        token = entered.strip() or token
        if time_zone is None:
            zone = click.prompt("Time zone", default=settings.company_time_zone)
            settings = load_settings(company_time_zone=zone.strip())
    settings = replace(settings, bonzo_api_token=token)
    check_header_values(settings)
    require_token(settings)
    return settings


def describe(found: Survey) -> list[str]:
    """Return what was found, a line each."""
    shown = "" if found.prospects_shown is None else f" of {found.prospects_shown:,}"
    lines = [f"{'prospects':<10}{found.prospects_sampled}{shown} looked at"]
    for name in ("pipelines", "stages", "sources", "tags"):
        lines.append(_counts(name, getattr(found, name)))
    lines.append(_counts("types", found.message_types))
    lines.append(_counts("statuses", found.message_statuses))
    used = {key: n for key, n in found.step_keys.items() if n}
    lines.append(_counts("step keys", used))
    paging = ", ".join(f"{name} by {way}" for name, way in found.paging.items())
    lines.append(f"{'lists':<10}{paging}")
    return lines + [f"{'note':<10}{note}" for note in found.notes]


def _counts(label: str, counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    names = [f"{name} ({count})" for name, count in ordered[:NAMES_SHOWN]]
    more = len(ordered) - NAMES_SHOWN
    names += [f"and {more} more"] * (more > 0)
    return f"{label:<10}{', '.join(names) or 'none'}"


def _choose(
    proposals: dict[str, str | None], stages: list[str], asks: bool
) -> dict[str, str]:
    """Return the standard stage of each name that gets one."""
    if not asks:
        return {name: stage for name, stage in proposals.items() if stage}
    if proposals:
        click.echo(f"Which standard stage is each? {NONE} leaves it unmapped.")
    answers = {
        name: click.prompt(
            f"  {name}",
            default=stage or NONE,
            type=click.Choice([*stages, NONE], case_sensitive=False),
            show_choices=False,
        )
        for name, stage in proposals.items()
    }
    return {name: stage for name, stage in answers.items() if stage != NONE}


def _choose_pipelines(found: Survey, given: list[str], asks: bool) -> list[str] | None:
    """Return the pipelines that count, empty for all; None leaves them as they are."""
    names = given
    if not names and asks and len(found.pipelines) > 1:
        answer = click.prompt(
            "Pipelines that count: names with commas, or all (Enter keeps what is set)",
            default="",
            show_default=False,
        )
        names = [name.strip() for name in answer.split(",") if name.strip()]
    if not names:
        return None
    if [name.lower() for name in names] == ["all"]:
        return []
    unknown = [name for name in names if name not in found.pipelines]
    if unknown:
        raise LoaderError(
            f"The account shows no pipeline {unknown[0]!r}; it shows "
            f"{', '.join(sorted(found.pipelines)) or 'none'}."
        )
    return names


def _write(
    settings: Settings, chosen: dict[str, str], pipelines: list[str] | None
) -> list[str]:
    """Write what differs from the files and return their names."""
    folder = project_dir()
    mapping = folder / "bonzo.yaml"
    if settings.mapping_path:
        mapping = mapping_file(settings.mapping_path)
    old = mapping.read_bytes().decode("utf-8") if mapping.is_file() else ""
    text: str | None = _edited(old, chosen, pipelines)
    load_rules_text(text, mapping)
    text = None if text == old else text
    wanted = {
        "BONZO_API_TOKEN": require_token(settings),
        "BONZO_COMPANY_TIME_ZONE": settings.company_time_zone,
    }
    env_file = folder / ".env"
    variables = {
        name: value for name, value in wanted.items() if value != variable_in_file(name)
    }
    return write_files(env_file, variables, folder / ".env.example", mapping, text)


def _edited(text: str, chosen: dict[str, str], pipelines: list[str] | None) -> str:
    """Return the mapping file's text with what was chosen."""
    added: dict[str, list[str]] = {}
    for name, stage in chosen.items():
        added.setdefault(stage, []).append(name)
    text = add_aliases(text, added, default_aliases()) if added else text
    return text if pipelines is None else set_pipelines(text, pipelines)
