"""Read a prospect's opt-outs, which Bonzo shows in several shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loader import nested_json
from loader.mapping.parsers import NOTHING, is_empty, is_yes, normalize_name

# Words that say that there is no opt-out.
_NO = NOTHING | {"no", "n", "false", "off", "f"}
_CHANNELS = frozenset(
    {"all", "sms", "mms", "rvm", "call", "calls", "phone"}
    | {"voice", "voicemail", "voicemails"}
)
# "texts", "text_message", "emails", "email marketing"
_CHANNEL_PREFIXES = ("text", "email")
# Words not understood that are remembered: a text may hold a million.
MOST_UNKNOWN = 1000
# Keys under which a record names its channel.
_NAME_KEYS = ("channel", "type", "name", "value")


@dataclass
class OptOut:
    """Whether the prospect opted out of anything, and words not understood."""

    opted_out: bool = False
    unknown: list[Any] = field(default_factory=list)


def read_opt_outs(value: object) -> OptOut:
    """Return what the field `opt_outs` says.

    It may hold a word, a list, an object of channels, or JSON in a text. A word
    that is neither a channel, `all`, nor a yes is not an opt-out.
    """
    result = OptOut()
    result.opted_out = _says_yes(value, result.unknown)
    return result


def _says_yes(value: object, unknown: list[Any]) -> bool:
    if is_empty(value):
        return False
    if isinstance(value, list):
        return _any_yes(value, unknown)
    if isinstance(value, dict):
        return _record_says_yes(value, unknown)
    if isinstance(value, str) and value.strip()[0] in "[{\"'":
        return _json_says_yes(value.strip(), unknown)
    if isinstance(value, str):
        words = [_word_says_yes(word, unknown) for word in re.split("[,;|]", value)]
        return any(words)
    return _word_says_yes(str(value), unknown)


def _any_yes(values: list[Any], unknown: list[Any]) -> bool:
    """Tell whether one says yes; all are looked at, for words not understood."""
    answers = [_says_yes(value, unknown) for value in values]
    return any(answers)


def _json_says_yes(text: str, unknown: list[Any]) -> bool:
    try:
        return _says_yes(nested_json.parse(text), unknown)
    except ValueError:
        return _word_says_yes(text, unknown)


def _record_says_yes(record: dict[str, Any], unknown: list[Any]) -> bool:
    """Read an object of channels, of entries by number, or one entry's record."""
    named = [record[key] for key in _NAME_KEYS if key in record]
    if named:
        return _any_yes(named, unknown)
    answers = []
    for key, value in record.items():
        if key.isdigit():
            answers.append(_says_yes(value, unknown))
        elif _is_no(value):
            answers.append(False)
        else:
            # A channel with a yes, or with the time of the opt-out.
            answers.append(_word_says_yes(key, unknown))
    return any(answers)


def _is_no(value: object) -> bool:
    return is_empty(value) or normalize_name(str(value)) in _NO


def _word_says_yes(word: str, unknown: list[Any]) -> bool:
    name = normalize_name(word)
    if name in _NO:
        return False
    if name in _CHANNELS or is_yes(name) or name.startswith(_CHANNEL_PREFIXES):
        return True
    if len(unknown) < MOST_UNKNOWN:
        unknown.append(word)
    return False
