"""Players on real sockets, against a small hub with the real decoders."""

import asyncio

import numpy as np
import pytest
from tests.sim.convoys import START_US, make_convoy
from tests.sim.hub import small_hub

from tapestry.model import DistressKind, Refused
from tapestry.protocols import ENCODERS
from tapestry.sim import RadioModel, World
from tapestry.sim.fleet import Door, Fleet, identity_of, play, spoken
from tapestry.sim.fleet._link import Tally, back_off_s
from tapestry.wire import DistressCall, Fix, Transport

ANSWERING = [name for name in ("jsonlines", "osmand", "teltonika") if name in ENCODERS]


def fix(second: int) -> Fix:
    return Fix(START_US + second * 1_000_000, 33.25, 44.5, speed_mps=20.0, heading_deg=90.0)


def fleet_to(protocol: str, port: int, *, shared: int = 0) -> Fleet:
    door = Door(host="127.0.0.1", port=port)
    return Fleet({protocol: door}, rng=np.random.default_rng(1), shared=shared)


@pytest.mark.parametrize("protocol", sorted(spoken()))
async def test_every_protocol_carries_fixes_of_two_devices_over_a_real_socket(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        fleet = fleet_to(protocol, port)
        names = [identity_of(protocol, name) for name in ("truck one", "truck two")]
        for second in range(5):
            for name in names:
                fleet.send(protocol, name, fix(second))
        tally = await fleet.finish(timeout_s=10)
        await settled(lambda: len(hub.fixes) == 10)
    assert tally.sent == 10
    assert tally.acknowledged + tally.unanswered == 10
    assert (tally.connects, tally.breaks, tally.dropped, tally.rejected) == (2, 0, 0, 0)
    assert hub.connections == 2
    assert hub.identities == set(names)
    assert {f.fixed_at_us for f in hub.fixes} == {START_US + second * 1_000_000 for second in range(5)}
    coarsest_deg = 1.2e-5  # half a step of Globalstar; how exact each protocol is has tests of its own
    assert all(f.lat_deg == pytest.approx(33.25, abs=coarsest_deg) for f in hub.fixes)


async def settled(done) -> None:  # type: ignore[no-untyped-def]
    """Let the server's side of the loop run until `done`, at most 1,000 turns."""
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0)


@pytest.mark.parametrize("protocol", ANSWERING)
async def test_a_protocol_with_answers_knows_that_everything_is_safe(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        fleet = fleet_to(protocol, port)
        for second in range(20):
            fleet.send(protocol, identity_of(protocol, "1"), fix(second))
        tally = await fleet.finish(timeout_s=10)
    assert (tally.sent, tally.acknowledged, tally.unanswered) == (20, 20, 0)
    assert len(hub.fixes) == 20


@pytest.mark.parametrize(
    "protocol", [p for p in ("jsonlines", "osmand", "teltonika", "gt06") if p in ENCODERS]
)
async def test_a_distress_call_reaches_the_hub_and_is_answered(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        fleet = fleet_to(protocol, port)
        call = DistressCall(DistressKind.SOS, START_US, 33.25, 44.5)
        fleet.send(protocol, identity_of(protocol, "1"), call)
        tally = await fleet.finish(timeout_s=10)
    assert tally.acknowledged == 1
    assert [c.kind for c in hub.calls] == [DistressKind.SOS]


async def test_a_call_that_a_device_has_no_button_for_goes_out_as_sos() -> None:
    async with small_hub("gt06") as (hub, port):
        fleet = fleet_to("gt06", port)
        fleet.send(
            "gt06", identity_of("gt06", "1"), DistressCall(DistressKind.CONTACT, START_US, 33.25, 44.5)
        )
        await fleet.finish(timeout_s=10)
    assert [call.kind for call in hub.calls] == [DistressKind.SOS]


@pytest.mark.parametrize("protocol", ANSWERING)
async def test_what_a_broken_line_left_unanswered_is_sent_again(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        hub.hang_up_after = 3
        fleet = fleet_to(protocol, port)
        for second in range(6):
            fleet.send(protocol, identity_of(protocol, "1"), fix(second))
        tally = await fleet.finish(timeout_s=10)
    assert (tally.sent, tally.acknowledged, tally.dropped) == (6, 6, 0)
    assert (tally.connects, tally.breaks) == (2, 1)
    assert tally.repeated >= 1
    assert {f.fixed_at_us for f in hub.fixes} == {START_US + second * 1_000_000 for second in range(6)}


@pytest.mark.parametrize("protocol", ANSWERING)
async def test_what_the_hub_could_not_store_is_sent_again(protocol: str) -> None:
    async with small_hub(protocol) as (hub, port):
        hub.refuse_left = 1
        fleet = fleet_to(protocol, port)
        fleet.send(protocol, identity_of(protocol, "1"), fix(0))
        tally = await fleet.finish(timeout_s=10)
    assert (tally.sent, tally.acknowledged, tally.repeated, tally.breaks) == (1, 1, 1, 1)
    assert len(hub.fixes) == 2


async def test_devices_of_json_lines_may_share_a_connection() -> None:
    async with small_hub("jsonlines") as (hub, port):
        fleet = fleet_to("jsonlines", port, shared=2)
        names = [f"id:v{number}" for number in range(50)]
        for name in names:
            fleet.send("jsonlines", name, fix(0))
        tally = await fleet.finish(timeout_s=10)
    assert (tally.acknowledged, hub.connections) == (50, 2)
    assert hub.identities == set(names)


async def test_with_no_hub_the_fleet_gives_up_after_its_timeout_and_says_what_was_lost() -> None:
    async with small_hub("jsonlines") as (_, port):
        pass  # the port was free a moment ago, and nobody listens there now
    fleet = fleet_to("jsonlines", port)
    fleet.send("jsonlines", "id:1", fix(0))
    assert await fleet.finish(timeout_s=0.2) == Tally(dropped=1)


async def test_datagrams_carry_who_sent_them() -> None:
    got: list[bytes] = []

    class Catch(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            got.append(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Catch, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    door = Door(host="127.0.0.1", port=port, transport=Transport.UDP)
    fleet = Fleet({"jsonlines": door}, rng=np.random.default_rng(1))
    fleet.send("jsonlines", "id:7", fix(0))
    tally = await fleet.finish(timeout_s=5)
    await settled(lambda: len(got) == 1)
    transport.close()
    assert (tally.sent, tally.unanswered) == (1, 1)
    assert got[0].startswith(b'{"login":"7"}\n{"id":"7","t":1772344800000,"lat":33.25,"lon":44.5')


async def test_a_world_plays_into_the_hub_and_everything_it_reported_arrives() -> None:
    convoy = make_convoy(3)
    reference = World([convoy], start_us=START_US, rng=np.random.default_rng(5), radio=RadioModel())
    expected = [report.content for _ in range(40) for report in reference.step(0.5)]
    told: list[float | None] = []
    async with small_hub("jsonlines") as (hub, port):
        tally = await play(
            World([convoy], start_us=START_US, rng=np.random.default_rng(5), radio=RadioModel()),
            doors={"jsonlines": Door(host="127.0.0.1", port=port)},
            rng=np.random.default_rng(1),
            seconds=20,
            speed=None,
            on_progress=lambda progress: told.append(progress.share),
        )
    assert (tally.sent, tally.acknowledged) == (len(expected), len(expected))
    arrived = sorted((f.fixed_at_us, f.lat_deg, f.lon_deg) for f in hub.fixes)
    assert arrived == sorted((f.fixed_at_us, f.lat_deg, f.lon_deg) for f in expected if isinstance(f, Fix))
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("attempt", "spread", "wait_s"),
    [(1, 0.0, 0.25), (1, 1.0, 0.5), (3, 1.0, 2.0), (7, 1.0, 30.0), (500, 0.0, 15.0)],
)
def test_back_off_doubles_up_to_half_a_minute(attempt: int, spread: float, wait_s: float) -> None:
    assert back_off_s(attempt, spread=spread) == wait_s


def test_an_imei_is_fifteen_digits_with_a_right_check_digit_and_always_the_same() -> None:
    identity = identity_of("gt06", "truck one")
    digits = identity.removeprefix("imei:")
    assert (len(digits), digits[:2]) == (15, "99")
    total = 0
    for place, digit in enumerate(digits):
        number = int(digit) * (2 if place % 2 else 1)
        total += number // 10 + number % 10
    assert total % 10 == 0
    assert identity_of("gt06", "truck one") == identity
    assert identity_of("gt06", "truck two") != identity


def test_a_name_that_is_an_imei_is_kept_and_other_protocols_keep_any_name() -> None:
    assert identity_of("gt06", "490154203237518") == "imei:490154203237518"
    assert identity_of("jsonlines", "bus 14") == "id:bus_14"


def test_a_fleet_refuses_what_it_cannot_speak() -> None:
    door = Door(host="127.0.0.1", port=1)
    rng = np.random.default_rng(1)
    with pytest.raises(Refused, match=r"no protocol 'morse'; there are .*jsonlines"):
        Fleet({"morse": door}, rng=rng)
    datagrams = Door(host="127.0.0.1", port=1, transport=Transport.UDP)
    with pytest.raises(Refused, match="gt06 over UDP cannot be simulated, only jsonlines, nmea can; use TCP"):
        Fleet({"gt06": datagrams}, rng=rng)
    with pytest.raises(Refused, match="no door for protocol jsonlines; give its host and port"):
        Fleet({}, rng=rng).send("jsonlines", "id:1", fix(0))
