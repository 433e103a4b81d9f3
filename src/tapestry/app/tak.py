"""The door of the TAK server: connections of TAK clients, and what they are told."""

from tapestry.app._tak_chat import TakChat
from tapestry.app._tak_fanout import TakFanout, TakLine, TakMember
from tapestry.app._tak_rooms import TakRooms
from tapestry.app._tak_server import TakServer
from tapestry.app._tak_session import TakSession

__all__ = ["TakChat", "TakFanout", "TakLine", "TakMember", "TakRooms", "TakServer", "TakSession"]
