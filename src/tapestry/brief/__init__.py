"""Briefs: situation report, intelligence summary, hand-over sheet, drafted from entries of the Log.

In: entries, alerts and cases of a period, what is open and what comes. Out: numbers and lines, each with the entries
that it is made of. Never: a number that nobody can look up, a rise or fall that chance explains, a judgement.
"""

from tapestry.brief._brief import Brief, BriefKind, Deed, Line, Number, Section
from tapestry.brief._counts import COUNTS
from tapestry.brief._intsum import differs, intsum
from tapestry.brief._sitrep import hand_over_sheet, sitrep

__all__ = [
    "COUNTS",
    "Brief",
    "BriefKind",
    "Deed",
    "Line",
    "Number",
    "Section",
    "differs",
    "hand_over_sheet",
    "intsum",
    "sitrep",
]
