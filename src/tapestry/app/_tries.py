"""How often one address may try: a bucket of tries per address that fills again with time. Pure."""

from collections import OrderedDict
from typing import Final

MAX_TRIES: Final = 10  # at once, from one address
REFILL_S: Final = 6.0  # one more try each; 10 a minute in the long run
MAX_ADDRESSES: Final = 20_000  # remembered; the one seen longest ago is forgotten first


class Tries:
    """The buckets of all addresses."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tries left, at_s

    def take(self, address: str, *, now_s: float) -> bool:
        """Use up one try of an address; return False when it has none left.

        Args:
            address: The remote address, without its port.
            now_s: Any clock in seconds that only rises.
        """
        left, at_s = self._buckets.pop(address, (float(MAX_TRIES), now_s))
        left = min(float(MAX_TRIES), left + (now_s - at_s) / REFILL_S)
        allowed = left >= 1.0
        self._buckets[address] = (left - 1.0 if allowed else left, now_s)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return allowed
