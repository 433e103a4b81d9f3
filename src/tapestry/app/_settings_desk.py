"""Settings of movements."""

from tapestry.access import Action
from tapestry.app._access import DeskPorts
from tapestry.app._refusals import Invalid
from tapestry.app._versioned_settings import VersionedSettings
from tapestry.movement import MovementSettings, NotAllowed, verify_settings


class SettingsDesk(VersionedSettings[MovementSettings]):
    """What people do with the settings of movements."""

    def __init__(self, ports: DeskPorts) -> None:
        super().__init__(
            ports, name="movement", shipped=MovementSettings(), seen_with=Action.VIEW_SETTINGS, verify=_verify
        )


async def _verify(settings: MovementSettings) -> None:
    try:
        verify_settings(settings)
    except NotAllowed as fault:
        raise Invalid(fault.code, fault.message, fault.todo) from fault
