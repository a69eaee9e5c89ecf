"""Tells versions of this program apart, since another one may map otherwise."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path

import phonenumbers

_PACKAGE = Path(__file__).resolve().parent.parent


@lru_cache(maxsize=1)
def program_hash() -> str:
    """Return a hash of the whole loader, its Python and its phone numbers.

    What a record becomes is decided in many files, and nobody has to remember
    to raise a number.
    """
    total = hashlib.blake2b(digest_size=12)
    for path in sorted(_PACKAGE.rglob("*.py")):
        total.update(path.read_bytes())
    total.update(f"{sys.version} {phonenumbers.__version__}".encode())
    return total.hexdigest()
