"""The ports: what the house asks of the world, and the records that cross them."""

from tapestry.app._alerts import alert_of_distress
from tapestry.app._bus_port import Bus, Draft, Message, NotOwner, PartitionFeed
from tapestry.app._store_port import (
    Account,
    AccountStore,
    AlertStore,
    Fence,
    IntakeStore,
    LogEntry,
    LogStore,
    PositionStore,
    Quarantined,
    RejectedFrame,
    RosterStore,
    Session,
    Store,
    TreeHead,
)

__all__ = [
    "Account",
    "AccountStore",
    "AlertStore",
    "Bus",
    "Draft",
    "Fence",
    "IntakeStore",
    "LogEntry",
    "LogStore",
    "Message",
    "NotOwner",
    "PartitionFeed",
    "PositionStore",
    "Quarantined",
    "RejectedFrame",
    "RosterStore",
    "Session",
    "Store",
    "TreeHead",
    "alert_of_distress",
]
