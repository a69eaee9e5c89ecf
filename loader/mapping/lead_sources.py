"""Find where a prospect comes from: its fields first, then its tags."""

from __future__ import annotations

from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import NOTHING, fold_blanks, fold_case, normalize_name
from loader.mapping.record_reader import Reader

LONGEST_SOURCE = 100


def to_source(
    prospect: Reader, tags: list[str] | None, config: MappingConfig
) -> str | None:
    """Return the name of the lead source, or None where nothing names one.

    A technical word such as `webhook` and a word for nothing such as `N/A` are no
    source.
    """
    for path in config.source_fields:
        outer, _, inner = path.rpartition(".")
        record = prospect.record.get(outer) if outer else prospect.record
        if not isinstance(record, dict):
            continue
        name = prospect.within(record).name(inner, LONGEST_SOURCE)
        if name is not None:
            word = normalize_name(name)
            if word not in NOTHING and word not in config.technical_words:
                return fold_blanks(name)
    return _source_of_tags(tags or [], config)


def _source_of_tags(tags: list[str], config: MappingConfig) -> str | None:
    """Return the source of the first tag in the mapping file's order."""
    shown = [fold_case(tag) for tag in tags]
    for pattern, source in config.source_tags:
        prefix = pattern.removesuffix("*")
        for tag in shown:
            is_match = tag.startswith(prefix) if prefix != pattern else tag == pattern
            if is_match:
                return source
    return None
