"""Settings that would switch a check off in silence are refused."""

from typing import Any

import pytest

from tapestry.model import PermitSubject
from tapestry.movement import (
    Area,
    Authority,
    Centre,
    MovementSettings,
    NotAllowed,
    OverdueLadder,
    Paper,
    Retention,
    verify_settings,
)

SQUARE = ((33.0, 44.0), (33.0, 45.0), (34.0, 45.0))


def test_the_settings_that_ship_can_be_used() -> None:
    verify_settings(MovementSettings())
    own = Area(governorates=("Anbar", "Baghdad"), rings=(SQUARE,))
    verify_settings(
        MovementSettings(
            authorities=(Authority(name="A", area=own, from_hour=18, until_hour=6),),
            centres=(Centre(name="A", area=own),),
        )
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"required_fields": ("callsing",)}, "no field 'callsing'"),
        ({"overdue": OverdueLadder(watch_minutes=40)}, "0, 40, 30, 60 minutes"),
        ({"overdue": OverdueLadder(halt_minutes=-1)}, "rest of the overdue ladder is negative"),
        (
            {"required_papers": (Paper(subject=PermitSubject.VEHICLE, kind=" "),)},
            "required paper has no kind",
        ),
        ({"duty_hours": 0.0}, "duty_hours is 0"),
        ({"meet_within_m": float("nan")}, "meet_within_m is nan"),
        ({"notice_hours": -1.0}, "notice_hours is -1"),
        ({"retention": Retention(positions_days=0)}, "positions_days is 0"),
        ({"authorities": (Authority(name=" "),)}, "Number 1 of the authorities has no name"),
        ({"centres": (Centre(name="A"), Centre(name="A"))}, "Two centres are named A"),
        (
            {"centres": (Centre(name="A", area=Area(governorates=("Al Anbar",))),)},
            "'Al Anbar', which the map",
        ),
        ({"centres": (Centre(name="A", area=Area(rings=(SQUARE[:2],))),)}, "A polygon of A has 2 vertices"),
        ({"centres": (Centre(name="A", area=Area(rings=((*SQUARE, (44.0, 190.0)),))),)}, "leaves the Earth"),
        ({"authorities": (Authority(name="A", from_hour=25),)}, "A is responsible from 25 to 24"),
        ({"authorities": (Authority(name="A", from_hour=6, until_hour=6),)}, "A is responsible for no hour"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(NotAllowed, match=said) as refused:
        verify_settings(MovementSettings(**changes))
    assert refused.value.code == "bad-settings"
