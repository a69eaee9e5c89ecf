"""A Click group whose commands live in modules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is asked for.

    `modules` maps each command's name to the module that holds it as `command`,
    `moved` the name of a former command to what to run instead.
    """

    def __init__(
        self,
        *args: Any,
        modules: Mapping[str, str],
        moved: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.modules = modules
        self.moved = moved or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which help shows them."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None if there is no such; a moved one is an error."""
        if cmd_name in self.moved:
            ctx.fail(f"`{cmd_name}` has moved: run `{self.moved[cmd_name]} ...`.")
        module = self.modules.get(cmd_name)
        return import_module(module).command if module else None
