"""What settings have to be like before they hold: a slip of the hand must not switch a check off in silence."""

from collections.abc import Iterator, Sequence
from typing import Final

from tapestry.model import MovementRequest
from tapestry.movement._areas import governorates
from tapestry.movement._fault import NotAllowed
from tapestry.movement._settings import Area, MovementSettings

FIELDS: Final = frozenset(MovementRequest.__struct_fields__)
LEAST_RING: Final = 3  # vertices


def verify_settings(settings: MovementSettings) -> None:
    """Return when settings can be used.

    1. Names of required fields are those of a request; required papers have kinds.
    2. The steps of the overdue ladder rise.
    3. Distances, hours and days are more than nothing, numbers of nothing are not negative.
    4. Authorities and centres have names, each its own.
    5. Areas name governorates that the map has; polygons have three vertices, on the Earth.
    6. Hours of authorities are those of a day.

    Raises:
        NotAllowed: "bad-settings", with the first that cannot be.
    """
    for said, todo in _faults(settings):
        raise NotAllowed("bad-settings", said, todo)


def _faults(settings: MovementSettings) -> Iterator[tuple[str, str]]:
    unknown = sorted(set(settings.required_fields) - FIELDS)  # 1
    if unknown:
        yield f"A request has no field {unknown[0]!r}.", f"Fields are {', '.join(sorted(FIELDS))}."
    if any(not paper.kind.strip() for paper in settings.required_papers):
        yield "A required paper has no kind.", "Write it as the operators do, such as driving licence."
    ladder = settings.overdue  # 2
    steps = (ladder.amber_minutes, ladder.watch_minutes, ladder.region_minutes, ladder.lost_minutes)
    if not 0 <= steps[0] <= steps[1] <= steps[2] <= steps[3]:
        yield (
            f"The overdue ladder has {', '.join(f'{step:g}' for step in steps)} minutes.",
            "Let its steps rise from 0 or more.",
        )
    if not (ladder.answered_minutes >= 0 and ladder.halt_minutes >= 0):
        yield "A rest of the overdue ladder is negative.", "Give 0 or more minutes."
    yield from _numbers(settings)
    yield from _names("authorities", [it.name for it in settings.authorities])
    yield from _names("centres", [it.name for it in settings.centres])
    areas = [(it.name, it.area) for it in settings.authorities]
    for name, area in (*areas, *((it.name, it.area) for it in settings.centres)):
        yield from _area(name, area)
    for authority in settings.authorities:  # 6
        if not (0 <= authority.from_hour <= 24 and 0 <= authority.until_hour <= 24):
            hours = f"{authority.from_hour} to {authority.until_hour}"
            yield f"{authority.name} is responsible from {hours}.", "Give hours of a day, 0 to 24, in UTC."
        elif authority.from_hour == authority.until_hour:
            yield f"{authority.name} is responsible for no hour.", "Give 0 to 24 for the whole day."


def _numbers(settings: MovementSettings) -> Iterator[tuple[str, str]]:  # 3
    more_than_none = (
        "duty_hours", "tracker_silent_hours", "checkpoint_off_route_m", "meet_within_m", "partner_step_deg",
    )  # fmt: skip
    none_or_more = (
        "notice_hours", "notice_other_authority_hours", "least_contact_means", "meet_within_minutes",
        "window_margin_minutes", "partner_delay_minutes", "permit_warning_days",
    )  # fmt: skip
    for name in more_than_none:
        if not getattr(settings, name) > 0:
            yield f"{name} is {getattr(settings, name):g}.", "Give more than 0."
    for name in none_or_more:
        if not getattr(settings, name) >= 0:
            yield f"{name} is {getattr(settings, name):g}.", "Give 0 or more."
    for name in settings.retention.__struct_fields__:
        if getattr(settings.retention, name) < 1:
            yield f"{name} is {getattr(settings.retention, name)}.", "Keep data for a day at least."


def _names(kind: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:  # 4
    for index, name in enumerate(names):
        if not name.strip():
            yield f"Number {index + 1} of the {kind} has no name.", "Give it one."
        elif name in names[:index]:
            yield f"Two {kind} are named {name}.", "Give each its own name."


def _area(owner: str, area: Area) -> Iterator[tuple[str, str]]:  # 5
    for name in area.governorates:
        if name not in governorates():
            known = ", ".join(sorted(governorates()))
            yield f"{owner} has the governorate {name!r}, which the map has not.", f"The map has {known}."
    for ring in area.rings:
        if len(set(ring)) < LEAST_RING:
            yield f"A polygon of {owner} has {len(set(ring))} vertices.", "Draw at least three."
        elif not all(abs(lat_deg) <= 90 and abs(lon_deg) <= 180 for lat_deg, lon_deg in ring):
            yield f"A polygon of {owner} leaves the Earth.", "Give latitude, then longitude, in degrees."
