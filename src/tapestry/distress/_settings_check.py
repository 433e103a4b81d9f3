"""What settings have to be like before they hold: a slip of the hand must not leave a call unheard."""

from collections.abc import Iterator
from typing import Final

from tapestry.distress._fault import NotAllowed
from tapestry.distress._settings import CaseDesk, DeskKind, DistressSettings, Ladder, Means

LEAST_RING: Final = 3  # vertices
LONGEST_STEP_S: Final = 86_400.0
LEAST_AGAIN_S: Final = 60.0  # more often would drown the duty phone
LANGUAGES: Final = ("en", "ar", "ckb")


def verify_settings(settings: DistressSettings, *, governorates: frozenset[str]) -> None:
    """Return when settings can be used.

    1. The steps of each ladder rise, from more than nothing to a day.
    2. Desks have names, each its own; a second desk is one of them, and another.
    3. Someone can be told: one desk at least is a centre, and has members.
    4. Areas name governorates that the map has; polygons have three vertices, on the Earth.
    5. Contacts have names, ways and addresses of their means, and a language there is.

    Args:
        settings: To be judged.
        governorates: Names that the basemap has.

    Raises:
        NotAllowed: "bad-settings", with the first that cannot be.
    """
    for said, todo in _faults(settings, governorates):
        raise NotAllowed("bad-settings", said, todo)


def _faults(settings: DistressSettings, governorates: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name, ladder in (("ladder", settings.ladder), ("lesser ladder", settings.lesser_ladder)):  # 1
        yield from _ladder(name, ladder)
    names = [desk.name for desk in settings.desks]  # 2
    for desk in settings.desks:
        if not desk.name.strip() or names.count(desk.name) > 1:
            yield f"A desk is named {desk.name!r}.", "Give every desk a name of its own."
        if desk.second and (desk.second not in names or desk.second == desk.name):
            yield f"The second desk of {desk.name} is {desk.second!r}.", "Name another desk of the list."
    if settings.desks and not any(it.kind is DeskKind.CENTRE and it.members for it in settings.desks):  # 3
        yield "No desk is a centre with members.", "Somebody has to be told: add members to a centre."
    for desk in settings.desks:
        yield from _area(desk, governorates)
        yield from _contacts(desk)


def _ladder(name: str, ladder: Ladder) -> Iterator[tuple[str, str]]:
    steps = (ladder.second_desk_s, ladder.duty_phone_s, ladder.region_s, ladder.national_s)
    if not 0 < steps[0] <= steps[1] <= steps[2] <= steps[3] <= LONGEST_STEP_S:
        said = ", ".join(f"{step:g}" for step in steps)
        yield f"The {name} has {said} seconds.", f"Let its steps rise from more than 0 to {LONGEST_STEP_S:g}."
    if not LEAST_AGAIN_S <= ladder.again_s <= LONGEST_STEP_S:
        yield (
            f"The {name} repeats every {ladder.again_s:g} s.",
            f"Give {LEAST_AGAIN_S:g} to {LONGEST_STEP_S:g} seconds.",
        )


def _area(desk: CaseDesk, governorates: frozenset[str]) -> Iterator[tuple[str, str]]:  # 4
    if not (desk.whole_country or desk.governorates or desk.rings):
        yield (
            f"The desk {desk.name} has no area.",
            "Name governorates, draw one, or give it the whole country.",
        )
    for name in desk.governorates:
        if name not in governorates:
            yield f"The map has no governorate {name!r}.", f"It has {', '.join(sorted(governorates))}."
    for ring in desk.rings:
        on_earth = all(abs(lat) <= 90 and abs(lon) <= 180 for lat, lon in ring)
        if len(ring) < LEAST_RING or not on_earth:
            yield f"An area of {desk.name} is no polygon on the Earth.", "Draw three corners or more."


def _contacts(desk: CaseDesk) -> Iterator[tuple[str, str]]:  # 5
    for contact in desk.contacts:
        who = f"{desk.name}, {contact.name or 'a contact'}"
        if not contact.name.strip() or not contact.ways:
            yield f"{who}: no name, or no way to reach them.", "Give both."
        if contact.language not in LANGUAGES:
            yield f"{who}: language {contact.language!r}.", f"Choose one of {', '.join(LANGUAGES)}."
        for way in contact.ways:
            if not _is_address(way.means, way.address):
                yield f"{who}: {way.means} has no address that fits.", _ADDRESSES[way.means]


_ADDRESSES: Final = {
    Means.SMS: "Write the number with + and the country, digits only.",
    Means.MAIL: "Write name@host.",
    Means.WEBHOOK: "Write a URL that begins with https:// (http:// on this machine only).",
}


def _is_address(means: Means, address: str) -> bool:
    if not address.isascii() or not address.isprintable() or " " in address:
        return False
    if means is Means.SMS:
        return address.startswith("+") and address[1:].isdigit() and 6 <= len(address) <= 18
    if means is Means.MAIL:
        name, at, host = address.partition("@")
        return bool(name and at and host) and "@" not in host
    local = ("http://127.0.0.1:", "http://localhost:", "http://127.0.0.1/", "http://localhost/")
    return address.startswith(("https://", *local))
