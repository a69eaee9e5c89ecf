"""How far something is, as people and logs are told."""

from __future__ import annotations

import io
import sys

import pytest

from launcher import progress
from launcher.progress import Progress, each


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two lines some seconds pass; the last state is always told, once."""
    said: list[str] = []
    show = Progress("Building", said.append)
    for done in range(1, 101):
        show(done, 100)
        show(done, 100)
    show.end()
    assert said == ["Building: 1 of 100", "Building: 100 of 100"]
    monkeypatch.setattr(progress, "PAUSE", 0)
    said.clear()
    show = Progress("Building", said.append)
    for done in range(4):
        show(done, 3)
    assert said == [f"Building: {done} of 3" for done in range(4)]


def test_a_terminal_gets_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each state is written over the one before, and the line is left at the end."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(each("Loading", "abc")) == ["a", "b", "c"]
    lines = terminal.getvalue().split("\n")
    assert len(lines) == 2
    shown = [text.strip() for text in lines[0].split("\r") if text]
    assert shown == [f"Loading: {done} of 3" for done in range(4)]


def test_nothing_is_said_of_nothing() -> None:
    """Before anything is known there is no line."""
    said: list[str] = []
    Progress("Building", said.append)(0, 0)
    assert said == []
