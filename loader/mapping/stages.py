"""Find which of the standard stages a pipeline's stage is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from loader.errors import LoaderError
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import normalize_name


@dataclass(frozen=True)
class Stage:
    """A row of qualification_stages."""

    stage_id: int
    name: str
    is_disqualified: bool


class StageRegistry:
    """Finds stages by name or alias, without case, blanks and punctuation."""

    def __init__(self, stages: Iterable[Stage], rules: MappingConfig) -> None:
        by_name = {stage.name: stage for stage in stages}
        self._by_name: dict[str, Stage] = {
            normalize_name(name): s for name, s in by_name.items()
        }
        for word, name in rules.stages.items():
            if name not in by_name:
                raise LoaderError(
                    f"The mapping file names the stage {name!r}, which the table "
                    "qualification_stages does not hold. Add it there, or correct "
                    "the file."
                )
            self._by_name.setdefault(word, by_name[name])

    @property
    def words(self) -> dict[str, Stage]:
        """Return the stages by normalized name and alias."""
        return self._by_name

    def find(self, name: str) -> Stage | None:
        """Return the stage of this name, or None: nothing is invented."""
        return self._by_name.get(normalize_name(name))
