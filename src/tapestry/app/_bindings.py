"""Which vehicle an identity speaks for, and where its fixes go: the directory made fast to ask."""

from tapestry.app._batches import Batch
from tapestry.app._directory import Directory, DirectoryTracker, Window, partition_of_vehicle
from tapestry.model import ABSENT_ID, Flag

CONTACT_EVERY_US = 10_000_000  # a sign of life without a place is written at most this often
MAX_FIXES_PER_S = 1_000  # of one identity: a full Teltonika packet holds 255, a backlog comes as several
CLOCK_TRUSTED_AHEAD_US = 300_000_000  # a fix further in the future than this has a wrong clock …
CLOCK_TRUSTED_BEHIND_US = 30 * 86_400_000_000  # … and one this old too: its window is chosen by received_at

NO_BATCH = Batch(0.0)
NO_BATCH.closed = True


class Binding:
    """One identity, resolved; kept until the directory changes."""

    __slots__ = (
        "_contact_at_us",
        "always_tracked",
        "batch",
        "fix_count",
        "fix_second",
        "flags",
        "from_us",
        "home_partition",
        "identity",
        "movement_id",
        "partition",
        "tracker_id",
        "until_us",
        "vehicle_id",
        "windows",
    )

    def __init__(
        self, identity: str, tracker: DirectoryTracker | None, directory: Directory, *, proved: bool
    ) -> None:
        self.identity = identity
        self.tracker_id = ABSENT_ID if tracker is None else tracker.tracker_id
        vehicle = None
        if tracker is not None and tracker.vehicle_id is not None:
            vehicle = directory.vehicles.get(tracker.vehicle_id)
        self.vehicle_id = ABSENT_ID if vehicle is None else vehicle.vehicle_id
        self.flags = 0 if proved else int(Flag.UNAUTHENTICATED)
        self.windows: tuple[Window, ...] = () if vehicle is None else vehicle.windows
        self.always_tracked = vehicle is not None and vehicle.always_tracked
        self.home_partition = partition_of_vehicle(self.vehicle_id) if vehicle is not None else 0
        self.from_us = self.until_us = 0  # the window used last, empty at first
        self.partition = self.home_partition
        self.movement_id = ABSENT_ID
        self._contact_at_us = 0
        self.batch = NO_BATCH  # where its last fix went
        self.fix_second = 0  # whole seconds of the hub's clock …
        self.fix_count = 0  # … and the fixes taken in it, held against MAX_FIXES_PER_S

    @property
    def bound(self) -> bool:
        """True once a person has bound the identity to a vehicle."""
        return self.vehicle_id != ABSENT_ID

    def choose_window(self, fixed_at_us: int, received_at_us: int) -> bool:
        """Set `movement_id` and `partition` for a fix; return whether its place may be kept.

        A fix belongs to the window that holds the device's time; when that time cannot be true, to the
        window that holds the hub's, so that a wrong clock is seen and judged, not hidden.
        """
        at_us = fixed_at_us
        if not -CLOCK_TRUSTED_BEHIND_US <= fixed_at_us - received_at_us <= CLOCK_TRUSTED_AHEAD_US:
            at_us = received_at_us
        for window in self.windows:
            if window.from_us <= at_us < window.until_us:
                self._move(window.movement_id, window.partition)
                if at_us == fixed_at_us:
                    self.from_us, self.until_us = window.from_us, window.until_us
                return True
        self.from_us = self.until_us = 0
        self._move(ABSENT_ID, self.home_partition)
        return self.always_tracked

    def _move(self, movement_id: int, partition: int) -> None:
        if partition != self.partition:
            self.batch = NO_BATCH
        self.movement_id, self.partition = movement_id, partition

    def contact_is_due(self, received_at_us: int) -> bool:
        """Return whether a sign of life is worth writing now, and if so note that it was."""
        if received_at_us - self._contact_at_us < CONTACT_EVERY_US:
            return False
        self._contact_at_us = received_at_us
        return True
