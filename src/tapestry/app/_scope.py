"""Whose an object is, as a number; and what one viewer may do to all of them at once.

The live view holds thousands of vehicles of a few dozen distinct owners. Each distinct `Resource` gets a
number, a vehicle's row holds its number, and a viewer is an array of booleans by number: filtering is one
indexing.
"""

import numpy as np

from tapestry.access import Action, Monitor, Principal, Resource, decide
from tapestry.app._directory import Directory, DirectoryMovement
from tapestry.model import MovementId, OperatorId, VehicleId


class Resources:
    """The distinct resources seen so far, numbered."""

    def __init__(self) -> None:
        self.all: list[Resource] = []
        self._numbers: dict[Resource, int] = {}

    def number(self, resource: Resource) -> int:
        """Return the number of a resource; a new one gets the next."""
        number = self._numbers.get(resource)
        if number is None:
            number = self._numbers[resource] = len(self.all)
            self.all.append(resource)
        return number


def resource_of(
    directory: Directory, vehicle_id: VehicleId | int | None, movement_id: MovementId | int | None
) -> Resource:
    """Return what a decision about a vehicle, while in a movement, depends on.

    A vehicle in another operator's convoy belongs to both operators for as long as it is in it. What the
    directory does not know belongs to nobody: only those who see everything see it.
    """
    vehicle = None if vehicle_id is None else directory.vehicles.get(vehicle_id)
    movement = None if movement_id is None else directory.movements.get(movement_id)
    owners: set[OperatorId] = set()
    if vehicle is not None:
        owners.add(vehicle.operator_id)
    if movement is not None:
        owners.add(movement.operator_id)
    released = frozenset(movement.releasable_to) if movement is not None else frozenset()
    return Resource(operator_ids=frozenset(owners), releasable_to=released)


def resource_of_movement(movement: DirectoryMovement) -> Resource:
    """Return what a decision about a movement depends on."""
    return Resource(
        operator_ids=frozenset({movement.operator_id}), releasable_to=frozenset(movement.releasable_to)
    )


SHOWN_ACTIONS = (
    Action.VIEW_VEHICLE,
    Action.VIEW_EXACT_PLACE,
    Action.VIEW_ALERT,
    Action.VIEW_MOVEMENT,
    Action.VIEW_CASE,
)


class Scope:
    """What one viewer may see of the live picture."""

    def __init__(self, monitor: Monitor, principal: Principal, resources: Resources) -> None:
        self.principal = principal
        self._monitor = monitor
        self._resources = resources
        self._allowed = np.zeros((len(SHOWN_ACTIONS), 0), bool)

    def allowed(self, action: Action) -> np.ndarray:
        """Return, by number of a resource, whether the viewer may do `action` to it."""
        self._catch_up()
        row: np.ndarray = self._allowed[SHOWN_ACTIONS.index(action)]
        return row

    @property
    def key(self) -> bytes:
        """Two viewers with equal keys see the same."""
        self._catch_up()
        return self._allowed.tobytes()

    def _catch_up(self) -> None:
        known = self._allowed.shape[1]
        if known == len(self._resources.all):
            return
        new = [
            [
                decide(self._monitor, self.principal, action, resource).allowed
                for resource in self._resources.all[known:]
            ]
            for action in SHOWN_ACTIONS
        ]
        self._allowed = np.concatenate([self._allowed, np.array(new, bool)], axis=1)
