"""What the desk knows of the links to other centres: who is heard, what is refused while they are not."""

import msgspec

from tapestry.app._link import LINKS_KEY, REF_BUCKET
from tapestry.app._refusals import Invalid
from tapestry.app.ports import Bus
from tapestry.model import NATIONAL, Centre, LinkState, MovementId, centre_of, numbers_of


class LinkBoard:
    """The newest state of each link, as the role `link` tells it."""

    def __init__(self, own: Centre | None = None) -> None:
        self.own = own
        self.links: tuple[LinkState, ...] = ()

    async def watch(self, bus: Bus) -> None:
        """Keep up with the links; returns once the states now are known."""
        if self.own is not None:
            await bus.watch(REF_BUCKET, LINKS_KEY, self._on_links)

    async def _on_links(self, body: bytes) -> None:
        self.links = msgspec.json.decode(body, type=tuple[LinkState, ...])

    def is_ours(self, number: int) -> bool:
        """Return whether a thing with this number was made at this centre."""
        return self.own is None or centre_of(number) == self.own.number

    @property
    def own_numbers(self) -> range:
        """Return the numbers of things that are made at this centre."""
        return range(2**31) if self.own is None else numbers_of(self.own.number)

    def refuse_foreign(self, number: int) -> None:
        """Refuse to take back what another centre said: it stands until that centre takes it back.

        Raises:
            Invalid: The thing with this number was made elsewhere.
        """
        if not self.is_ours(number) and self.own is not None and self.own.number != NATIONAL:
            raise Invalid(
                "other-centre",
                "Another centre gave this order; only it, or the national one, takes it back.",
                "Ask that centre by radio or phone.",
            )

    def refuse_unreachable(self, movement_id: MovementId) -> None:
        """Refuse what would be decided twice: a movement of a centre that cannot be reached is decided there.

        Raises:
            Invalid: Its centre is not this one, and is not heard.
        """
        if self.own is None or self.is_ours(movement_id):
            return
        home = centre_of(movement_id)
        through = (
            home if self.own.number == NATIONAL else NATIONAL
        )  # a region reaches others through the national one
        link = next((it for it in self.links if it.centre.number == through), None)
        if link is None or not link.up:
            name = str(through) if link is None else link.centre.name
            raise Invalid(
                "centre-unreachable",
                f"This movement belongs to another centre; the link with {name} is cut.",
                "Have that centre decide by radio or phone, or wait until the link is back.",
            )
