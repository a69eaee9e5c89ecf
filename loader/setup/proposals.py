"""Which standard stage a stage of Bonzo's most likely is."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import normalize_name

# Below this, two spellings are more likely two different names.
ALIKE = 0.8
# Words of the trade, in the order of trust: the first that a name holds decides.
KEYWORDS = (
    ("Re-Marketing", ("remarket", "nurture", "longterm", "recycle")),
    ("SPA/REFI", ("undercontract", "purchaseagreement", "refinance", "refi")),
    ("O/I PAL", ("oipal", "offeraccepted")),
    ("Hot PAL", ("hotpal", "houseshopping", "househunting")),
    ("Pre-Approved", ("preapprov",)),
    ("Pre-Qual", ("prequal",)),
    ("Sending", ("attempt", "outreach", "nocontact")),
    ("Working", ("working", "inprogress", "followup", "engaged", "conversation")),
    ("Staging", ("newlead", "newinquiry", "freshlead", "uncontacted")),
)


def propose(names: Iterable[str], rules: MappingConfig) -> dict[str, str | None]:
    """Return each unmapped name with its likeliest standard stage, None if none is.

    Names that the rules know already are left out.
    """
    return {
        name: likeliest(name, rules)
        for name in sorted(names)
        if normalize_name(name) not in rules.stages
    }


def likeliest(name: str, rules: MappingConfig) -> str | None:
    """Return the standard stage with the most alike name or a word of the trade."""
    folded = normalize_name(name)
    if not folded:
        return None
    scores = {
        known: SequenceMatcher(None, folded, known).ratio() for known in rules.stages
    }
    best = max(scores, key=scores.__getitem__)
    if scores[best] >= ALIKE:
        return rules.stages[best]
    standard = set(rules.stages.values())
    for stage, words in KEYWORDS:
        if stage in standard and any(word in folded for word in words):
            return stage
    return None
