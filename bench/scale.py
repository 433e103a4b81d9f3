"""How much of everything a run does."""

import msgspec


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one run."""

    name: str
    vehicles: int  # of the loads at full speed; ten to a convoy
    fences: int
    kernel_s: float  # each protocol, each rule set
    warm_s: float  # a little load before the one that counts
    ingest_s: float
    sustained_s: float
    sustained_per_s: float  # offered: a little more than the target, so that start and end do not decide
    sustained_target_per_s: float
    latency_s: float
    latency_per_s: float
    live_vehicles: int  # one position every ten seconds each
    calls: int  # for help
    live_s: float  # before memory is looked at
    idle_s: float
    starts: int
    survivors: int  # vehicles that drive while children are killed
    survivor_fixes: int  # of each, a multiple of a lap
    drive_s: float  # their load lasts at least this long
    clients: int  # consoles
    beacons: int  # positions whose way to every console is timed


FULL = Scale(
    name="full", vehicles=2_000, fences=10_000, kernel_s=2.0, warm_s=2.0, ingest_s=20.0, sustained_s=60.0,
    sustained_per_s=52_000.0, sustained_target_per_s=50_000.0, latency_s=20.0, latency_per_s=20_000.0,
    live_vehicles=5_000, calls=100, live_s=45.0, idle_s=30.0, starts=3, survivors=100, survivor_fixes=600, drive_s=8.0,
    clients=500, beacons=40,
)  # fmt: skip
QUICK = Scale(
    name="quick", vehicles=2_000, fences=10_000, kernel_s=0.5, warm_s=2.0, ingest_s=6.0, sustained_s=10.0,
    sustained_per_s=52_000.0, sustained_target_per_s=50_000.0, latency_s=6.0, latency_per_s=20_000.0,
    live_vehicles=5_000, calls=20, live_s=15.0, idle_s=8.0, starts=2, survivors=40, survivor_fixes=300, drive_s=8.0,
    clients=100, beacons=10,
)  # fmt: skip
# as many vehicles as the hub's limit of fixes of one tracker a second asks for at full speed
TINY = Scale(
    name="tiny", vehicles=400, fences=10, kernel_s=0.01, warm_s=0.2, ingest_s=0.5, sustained_s=1.0,
    sustained_per_s=500.0, sustained_target_per_s=400.0, latency_s=1.0, latency_per_s=200.0, live_vehicles=20, calls=2,
    live_s=1.0, idle_s=0.5, starts=1, survivors=10, survivor_fixes=100, drive_s=1.5, clients=3, beacons=2,
)  # fmt: skip
