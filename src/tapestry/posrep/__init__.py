"""Where somebody says that they are, in words or in numbers: a text message, or what was heard and typed.

In: the words, when they were sent, the places that the hub knows for that convoy. Out: one place with its time and how
far off it may be, or a code of why there is none, with what was read and what was not. Never: a guess. Two places, a
place that is ahead, a name that nobody knows: all of it is for a person to look at.
"""

from tapestry.posrep._names import KnownPlace
from tapestry.posrep._read import PosRep, read_posrep

__all__ = ["KnownPlace", "PosRep", "read_posrep"]
