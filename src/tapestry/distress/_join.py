"""To which case a call belongs: the same vehicle, its convoy, or the same unknown caller; else to a new one.

Nothing is ever dropped: each call stays a call of its own in the case that it joins. A case with a verdict of false or
test takes no more calls: who calls after it is heard anew.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from tapestry.distress._table import OPEN, state_after
from tapestry.model import (
    CallChannel,
    CallStanding,
    CaseCall,
    CaseEntry,
    CaseId,
    CaseState,
    Distress,
    DistressCase,
    DistressKind,
)

STORM_FROM_CASES: Final = 5  # so many unknown trackers open cases of their own; further ones are grouped
STORM_WITHIN: Final = timedelta(seconds=60)  # … when those were opened within this
STORM_ENDS_AFTER: Final = timedelta(
    minutes=10
)  # without a call: the next unknown tracker is heard alone again
MAX_IDENTITIES: Final = 50  # of one case
GRAVITY: Final = {
    DistressKind.SOS: 4,
    DistressKind.CONTACT: 4,
    DistressKind.HELP: 3,
    DistressKind.TAMPER: 2,
    DistressKind.DELAY: 1,
}
MOST_GRAVE: Final = GRAVITY[DistressKind.SOS]
CHANNELS: Final = {
    "phone": CallChannel.PHONE,
    "wiped-phone": CallChannel.PHONE,
    "cot": CallChannel.COT,
    "sms": CallChannel.SMS,
    "voice": CallChannel.VOICE,
}
WIPED: Final = "wiped-phone"


def gravity(kind: DistressKind, *, silent: bool) -> int:
    """Return how grave a call is; who cannot speak aloud is in an emergency, whatever button it was."""
    return MOST_GRAVE if silent else GRAVITY[kind]


def call_of(alert_id: str, distress: Distress) -> CaseCall:
    """Return a distress call as it joins a case: by which way it came, and whether it is known who calls."""
    scheme = distress.identity.partition(":")[0]
    known = distress.vehicle_id is not None or distress.movement_id is not None
    standing = CallStanding.KNOWN if known else CallStanding.UNVERIFIED
    return CaseCall(
        alert_id=alert_id,  # type: ignore[arg-type]
        identity=distress.identity,
        channel=CHANNELS.get(scheme, CallChannel.TRACKER),
        standing=CallStanding.WIPED if scheme == WIPED else standing,
        kind=distress.kind,
        raised_at=distress.raised_at,
        received_at=distress.received_at,
        vehicle_id=distress.vehicle_id,
        movement_id=distress.movement_id,
        lat_deg=distress.lat_deg,
        lon_deg=distress.lon_deg,
        silent=distress.silent,
    )


def join(call: CaseCall, open_cases: Sequence[DistressCase]) -> DistressCase:
    """Return the case that a call belongs to, with the call counted in; case_id 0 when it opens one.

    1. A case of the same vehicle.
    2. A case of the same convoy.
    3. A case of the same caller, for one who speaks for no vehicle.
    4. The storm, for an unknown tracker while many of them call.

    Args:
        call: As it arrived; it is in none of the cases yet.
        open_cases: Those that it could belong to, in any order.
    """
    cases = sorted((it for it in open_cases if it.state in OPEN), key=lambda it: it.case_id)
    for fits in (_same_vehicle, _same_convoy, _same_caller):
        for case in cases:
            if fits(case, call):
                return _joined(case, call)
    if not _is_stranger(call):
        return _opened(call, storm=False)
    storm = next((it for it in cases if it.storm and _goes_on(it, call)), None)
    if storm is not None:
        return _joined(storm, call)
    lately = [it for it in cases if _is_fresh_stranger(it, call)]
    return _opened(call, storm=len(lately) >= STORM_FROM_CASES)


def _same_vehicle(case: DistressCase, call: CaseCall) -> bool:
    return call.vehicle_id is not None and call.vehicle_id in case.vehicle_ids


def _same_convoy(case: DistressCase, call: CaseCall) -> bool:
    return call.movement_id is not None and call.movement_id == case.movement_id


def _same_caller(case: DistressCase, call: CaseCall) -> bool:
    return call.vehicle_id is None and call.identity in case.identities


def _is_stranger(call: CaseCall) -> bool:
    """Return whether nothing but the wire says who calls: words of a person stand for themselves."""
    unknown = call.standing is CallStanding.UNVERIFIED
    return unknown and call.channel in {CallChannel.TRACKER, CallChannel.COT}


def _goes_on(case: DistressCase, call: CaseCall) -> bool:
    return call.received_at - case.last_call_at < STORM_ENDS_AFTER


def _is_fresh_stranger(case: DistressCase, call: CaseCall) -> bool:
    return case.unverified and call.received_at - case.opened_at < STORM_WITHIN


def _opened(call: CaseCall, *, storm: bool) -> DistressCase:
    named = call.vehicle_id is None and not storm
    return DistressCase(
        case_id=CaseId(0),
        version=1,
        state=CaseState.RAISED,
        kind=call.kind,
        storm=storm,
        opened_at=call.received_at,
        raised_at=call.raised_at,
        ladder_from=call.received_at,
        last_call_at=call.received_at,
        vehicle_ids=() if call.vehicle_id is None else (call.vehicle_id,),
        movement_id=call.movement_id,
        identities=(call.identity,) if named else (),
        lat_deg=call.lat_deg,
        lon_deg=call.lon_deg,
        silent=call.silent,
        unverified=call.standing is not CallStanding.KNOWN,
        entries=(CaseEntry(at=call.received_at, by=call.identity, what="raise", state=CaseState.RAISED),),
    )


def _joined(case: DistressCase, call: CaseCall) -> DistressCase:
    vehicles = case.vehicle_ids
    if call.vehicle_id is not None and call.vehicle_id not in vehicles:
        vehicles = (*vehicles, call.vehicle_id)
    identities = case.identities
    unnamed = call.vehicle_id is None and not case.storm and call.identity not in identities
    if unnamed and len(identities) < MAX_IDENTITIES:
        identities = (*identities, call.identity)
    has_place = call.lat_deg is not None and call.lon_deg is not None
    joined = msgspec.structs.replace(
        case,
        call_count=case.call_count + 1,
        last_call_at=max(case.last_call_at, call.received_at),
        raised_at=min(case.raised_at, call.raised_at),
        vehicle_ids=vehicles,
        movement_id=case.movement_id if case.movement_id is not None else call.movement_id,
        identities=identities,
        lat_deg=call.lat_deg if has_place else case.lat_deg,
        lon_deg=call.lon_deg if has_place else case.lon_deg,
        silent=case.silent or call.silent,
        unverified=case.unverified and call.standing is not CallStanding.KNOWN,
    )
    graver = gravity(call.kind, silent=call.silent) > gravity(case.kind, silent=case.silent)
    return _raised_again(joined, call) if graver else joined


def _raised_again(case: DistressCase, call: CaseCall) -> DistressCase:
    """Return the case as it waits for a human anew: what was acknowledged was a lesser thing."""
    after = state_after("graver-call", case.state)
    assert after is not None
    entry = CaseEntry(at=call.received_at, by=call.identity, what="graver-call", state=after, note=call.kind)
    return msgspec.structs.replace(
        case,
        state=after,
        version=case.version + 1,
        kind=max(case.kind, call.kind, key=GRAVITY.__getitem__),
        ladder_from=call.received_at,
        raise_count=case.raise_count + 1,
        acknowledged_at=None,
        acknowledged_by="",
        entries=(*case.entries, entry),
    )
