"""What becomes of a report between the antenna and the socket: noise, loss, repeats, storing in a gap."""

from collections.abc import Sequence

import msgspec
import numpy as np

from tapestry.model import Flag
from tapestry.sim._scene import RadioModel, Report
from tapestry.sim._sphere import Column
from tapestry.wire import DistressCall, Fix


class PositionNoise:
    """A GNSS error that wanders, one per vehicle and axis."""

    def __init__(self, count: int, *, model: RadioModel, rng: np.random.Generator) -> None:
        self._model = model
        self._rng = rng
        self.north_m: Column = rng.normal(0.0, model.noise_m, count)
        self.east_m: Column = rng.normal(0.0, model.noise_m, count)

    def step(self, step_s: float) -> None:
        """Let the error wander for `step_s` seconds; its spread stays `noise_m`.

        Source: first-order Gauss-Markov process, exact discretisation.
        """
        kept = float(np.exp(-step_s / self._model.noise_memory_s))
        fresh_m = self._model.noise_m * float(np.sqrt(1.0 - kept * kept))
        count = len(self.north_m)
        self.north_m = self.north_m * kept + self._rng.normal(0.0, 1.0, count) * fresh_m
        self.east_m = self.east_m * kept + self._rng.normal(0.0, 1.0, count) * fresh_m


class Antenna:
    """Sends what a device says, stores it while there is no coverage, loses and repeats some."""

    def __init__(self, *, model: RadioModel, rng: np.random.Generator) -> None:
        self._model = model
        self._rng = rng
        self._stored: dict[int, list[Report]] = {}

    def offer(self, device: int, report: Report, *, covered: bool, newest_first: bool) -> list[Report]:
        """Return what leaves the antenna now, in order.

        Args:
            device: Number of the device.
            covered: False while there is no coverage: everything is stored, nothing leaves.
            newest_first: After a gap, the current report leaves before the stored ones.
        """
        if not covered:
            self._stored.setdefault(device, []).append(report)
            return []
        late = [_sent_late(old, report.sent_at_us) for old in self._stored.pop(device, ())]
        return [*self._carried(report), *late] if newest_first else [*late, *self._carried(report)]

    def stored_count(self, device: int) -> int:
        """Return how many reports wait for coverage."""
        return len(self._stored.get(device, ()))

    def _carried(self, report: Report) -> Sequence[Report]:
        """Return the report none, one or two times. A distress call is repeated by its device until it is
        through, so it is never lost."""
        lost, repeated = self._rng.random(2) < (self._model.loss_share, self._model.duplicate_share)
        if lost and not isinstance(report.content, DistressCall):
            return ()
        return (report, report) if repeated else (report,)


def _sent_late(report: Report, sent_at_us: int) -> Report:
    content = report.content
    if isinstance(content, Fix):
        content = msgspec.structs.replace(content, flags=content.flags | Flag.BUFFERED)
    return msgspec.structs.replace(report, sent_at_us=sent_at_us, content=content)
