"""Positions told by voice: typed by a named person, in the track as voice, in the Log with who and what."""

from datetime import timedelta
from typing import Any

import pytest
from tests.app.test_cases import OMAR, WAFA
from tests.app.test_text_positions import convoy, placed
from tests.fakes.small_hub import NOON, SmallHub

from tapestry.app._voice_positions import VoicePosition, VoicePositionTaken
from tapestry.app.refusals import Forbidden, Invalid, Missing
from tapestry.model import Flag

__all__ = ["convoy"]
VOICE = int(Flag.BY_VOICE)


async def heard(hub: SmallHub, **report: Any) -> VoicePositionTaken:
    return await hub.desk.voice_positions.report(WAFA, VoicePosition(**report))


async def test_a_grid_that_was_heard_is_in_the_track_as_voice(convoy: SmallHub) -> None:
    told = await heard(convoy, callsign="n 1", place="38S MB 44140 84706", heard="we are at the bridge")
    assert (told.vehicle_id, told.callsign, told.placed, told.posrep.form) == (1, "N-1", True, "grid")
    assert placed(convoy) == [(1, 33.3, 0.0, VOICE)]


async def test_a_checkpoint_is_named_by_its_number_or_in_words(convoy: SmallHub) -> None:
    await heard(convoy, vehicle_id=2, checkpoint=1)
    await heard(convoy, vehicle_id=2, place="km 40")
    assert [it[1] for it in placed(convoy)] == [33.1, 33.3]


async def test_it_is_as_old_as_the_officer_says_or_the_words_do(convoy: SmallHub) -> None:
    await heard(convoy, vehicle_id=1, place="33.25 44.25", at=NOON - timedelta(minutes=9))
    await heard(convoy, vehicle_id=1, place="CP 2, 10 min ago")
    assert [it[2] for it in placed(convoy)] == [540.0, 600.0]


async def test_the_log_names_the_officer_the_words_the_place_and_the_way(convoy: SmallHub) -> None:
    await heard(convoy, vehicle_id=1, place="33.25 44.25", heard="at the bridge", means="phone")
    entries = await convoy.store.inner.log_entries(start=0, limit=1000)
    (entry,) = [it for it in entries if it.action == "report-position"]
    assert (entry.actor, entry.subject) == ("wafa", "vehicle/1")
    assert entry.details == {
        "heard": "at the bridge", "means": "phone", "place": "33.25 44.25", "form": "degrees",
        "at": "2026-03-01T12:00:00+00:00", "placed": True,
    }  # fmt: skip


async def test_it_can_be_read_only_to_see_how(convoy: SmallHub) -> None:
    told = await heard(convoy, vehicle_id=1, place="5 km north of Hilla gate", only_read=True)
    assert (told.placed, round(told.posrep.lat_deg or 0, 3)) == (False, 33.145)
    assert placed(convoy) == []
    assert "report-position" not in {action for _, action, _ in await convoy.logged()}


@pytest.mark.parametrize(
    ("report", "code"),
    [
        ({"callsign": "GHOST 9", "place": "33.25 44.25"}, "unknown-callsign"),
        ({"vehicle_id": 1, "place": "in the market"}, "bad-place"),
        ({"vehicle_id": 1}, "bad-place"),
        ({"vehicle_id": 1, "place": "33.25 44.25 or 33.5"}, "two-places"),
        ({"vehicle_id": 1, "checkpoint": 7}, "unknown-place"),
        ({"vehicle_id": 1, "place": "33.25 44.25", "at": NOON + timedelta(hours=1)}, "bad-time"),
        ({"vehicle_id": 1, "place": "33.25 44.25", "at": NOON - timedelta(days=2)}, "bad-time"),
        ({"vehicle_id": 1, "place": "CP 2 at 14:20", "at": NOON}, "two-times"),
    ],
)
async def test_what_is_not_clear_is_refused_with_what_to_ask_for(
    convoy: SmallHub, report: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await heard(convoy, **report)
    assert refused.value.code == code
    assert placed(convoy) == []


async def test_outside_its_movement_only_the_contact_is_kept_and_the_officer_is_told(
    convoy: SmallHub,
) -> None:
    convoy.clock.move(hours=20)
    told = await heard(convoy, vehicle_id=1, place="33.25 44.25")
    assert told.placed is False
    assert placed(convoy)[0][3] == VOICE | int(Flag.CONTACT_ONLY)


async def test_nobody_but_the_watch_reports_and_no_vehicle_that_is_not_there(convoy: SmallHub) -> None:
    with pytest.raises(Forbidden):
        await convoy.desk.voice_positions.report(OMAR, VoicePosition(vehicle_id=1, place="33.25 44.25"))
    with pytest.raises(Missing):
        await heard(convoy, vehicle_id=99, place="33.25 44.25")
