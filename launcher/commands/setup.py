"""`setup`: the loader's own, here for the client that it may have to make."""

from __future__ import annotations

from loader.commands.setup import command

__all__ = ["command"]
