"""Settings of dispatch."""

from tapestry.access import Action
from tapestry.app._access import DeskPorts
from tapestry.app._versioned_settings import VersionedSettings
from tapestry.dispatch import DispatchSettings


class DispatchSettingsDesk(VersionedSettings[DispatchSettings]):
    """What people do with the settings of dispatch."""

    def __init__(self, ports: DeskPorts) -> None:
        super().__init__(ports, name="dispatch", shipped=DispatchSettings(), seen_with=Action.VIEW_TEAMS)
