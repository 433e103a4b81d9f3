"""The supervisor with real, small children."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tapestry.adapters._child import ChildSpec, RunAs, command_line
from tapestry.adapters._child_status import last_line, resident_bytes, trim_log
from tapestry.adapters._ports import lasting_port, port_is_free, refuse_taken_ports
from tapestry.adapters._supervisor import Pace, Supervisor
from tapestry.model import OutsideFault, Refused

FAST = Pace(
    first_pause_s=0.01,
    longest_pause_s=0.04,
    ask_ready_every_s=0.005,
    ask_health_every_s=0.02,
    answer_within_s=0.5,
    status_every_s=0.02,
)
SIGN = "import pathlib, sys, time, signal; pathlib.Path(sys.argv[1]).write_text('here');"
SLEEP = SIGN + "time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEP


def exists(path: Path) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        return path.exists()

    return ready


def child(tmp_path: Path, name: str = "a", program: str = SLEEP, **changes: object) -> ChildSpec:
    sign = tmp_path / f"{name}.sign"
    options: dict[str, object] = {
        "name": name,
        "argv": (sys.executable, "-c", program, str(sign)),
        "log_path": tmp_path / f"{name}.log",
        "ready": exists(sign),
        "stop_timeout_s": 5.0,
    }
    return ChildSpec(**(options | changes))  # type: ignore[arg-type]


@asynccontextmanager
async def running(tmp_path: Path, *specs: ChildSpec, wait: bool = True) -> AsyncIterator[Supervisor]:
    """Run the children; stop them at the end."""
    supervisor = Supervisor(specs, tmp_path / "children.json", pace=FAST)
    stop = asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        async with asyncio.timeout(20):
            if wait:
                await supervisor.all_ready()
            yield supervisor
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def pid_of(supervisor: Supervisor, name: str = "a") -> int:
    pid = next(status.pid for status in supervisor.children if status.name == name)
    assert pid is not None
    return pid


async def test_a_child_is_ready_when_its_probe_says_so(tmp_path: Path) -> None:
    async with running(tmp_path, child(tmp_path)) as supervisor:
        status = supervisor.children[0]
        assert (status.state, status.restarts) == ("ready", 0)
        assert psutil.pid_exists(pid_of(supervisor))


async def test_a_killed_child_is_started_again_and_its_end_is_remembered(tmp_path: Path) -> None:
    async with running(tmp_path, child(tmp_path)) as supervisor:
        first = pid_of(supervisor)
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.children[0].restarts == 1)
        await until(lambda: supervisor.children[0].state == "ready")
        assert pid_of(supervisor) != first
        assert supervisor.children[0].last_exit == "SIGKILL"


async def test_a_child_that_ends_at_once_is_tried_again_and_again_with_its_exit_code(tmp_path: Path) -> None:
    spec = child(tmp_path, program="raise SystemExit('no such table')")
    async with running(tmp_path, spec, wait=False) as supervisor:
        await until(lambda: supervisor.children[0].restarts >= 3)
        assert supervisor.children[0].last_exit == "exit code 1"
        assert last_line(spec.log_path) == "no such table"


async def test_a_child_that_is_not_ready_in_time_is_killed_and_tried_again(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    spec = child(tmp_path, ready=never, start_timeout_s=0.05)
    async with running(tmp_path, spec, wait=False) as supervisor:
        await until(lambda: supervisor.children[0].restarts >= 1)
        assert supervisor.children[0].last_exit == "SIGKILL"


async def test_a_child_that_hangs_is_killed_after_three_unanswered_questions(tmp_path: Path) -> None:
    spec = child(tmp_path)
    async with running(tmp_path, spec) as supervisor:
        (tmp_path / "a.sign").unlink()
        await until(lambda: supervisor.children[0].restarts == 1)
        assert supervisor.children[0].last_exit == "SIGKILL"
        await until(lambda: supervisor.children[0].state == "ready")


async def test_a_probe_that_fails_or_does_not_return_is_a_no(tmp_path: Path) -> None:
    answers = iter([OSError("refused"), ValueError("nonsense")])

    async def ready() -> bool:
        if (fault := next(answers, None)) is not None:
            raise fault
        return True

    async with running(tmp_path, child(tmp_path, ready=ready)) as supervisor:
        assert supervisor.children[0].state == "ready"


async def test_a_child_starts_after_those_that_it_needs_are_ready(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; base = pathlib.Path(sys.argv[1]).with_name('base.sign');"
        "assert base.exists();" + SLEEP
    )
    needy = child(tmp_path, "needy", program, after=("base",))
    async with running(tmp_path, needy, child(tmp_path, "base")) as supervisor:
        assert [(status.name, status.restarts) for status in supervisor.children] == [
            ("needy", 0),
            ("base", 0),
        ]


async def test_children_stop_before_those_that_they_need(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    program = (
        "import signal, sys, pathlib, time;"
        f"j = open({str(journal)!r}, 'a', buffering=1);"
        "name = pathlib.Path(sys.argv[1]).stem;"
        "signal.signal(signal.SIGTERM, lambda *_: (j.write(name + '\\n'), sys.exit(0)));" + SLEEP
    )
    specs = [
        child(tmp_path, "web", program, after=("bus", "store")),
        child(tmp_path, "bus", program),
        child(tmp_path, "store", program, after=("bus",)),
    ]
    async with running(tmp_path, *specs):
        pass
    assert journal.read_text().split() == ["web", "store", "bus"]


async def test_a_child_that_does_not_stop_is_killed_after_its_time(tmp_path: Path) -> None:
    async with running(tmp_path, child(tmp_path, program=DEAF, stop_timeout_s=0.05)) as supervisor:
        pid = pid_of(supervisor)
    assert supervisor.children[0].last_exit == "SIGKILL"
    assert not psutil.pid_exists(pid)


async def test_a_child_is_prepared_once_before_its_first_start(tmp_path: Path) -> None:
    prepared: list[bool] = []
    spec = child(tmp_path, prepare=lambda: prepared.append((tmp_path / "a.sign").exists()))
    async with running(tmp_path, spec) as supervisor:
        os.kill(pid_of(supervisor), signal.SIGKILL)
        await until(lambda: supervisor.children[0].restarts == 1)
    assert prepared == [False]


async def test_a_preparation_that_a_retry_may_mend_is_tried_again(tmp_path: Path) -> None:
    faults = iter([OutsideFault("the database does not answer", retry_helps=True)])

    def prepare() -> None:
        if (fault := next(faults, None)) is not None:
            raise fault

    async with running(tmp_path, child(tmp_path, prepare=prepare)) as supervisor:
        assert (supervisor.children[0].state, supervisor.children[0].restarts) == ("ready", 1)


async def test_a_refused_preparation_stops_everything_and_is_raised(tmp_path: Path) -> None:
    def prepare() -> None:
        raise Refused("the database is of version 12")

    specs = [child(tmp_path, "good"), child(tmp_path, "bad", prepare=prepare, after=("good",))]
    supervisor = Supervisor(specs, tmp_path / "children.json", pace=FAST)
    with pytest.raises(Refused, match="the database is of version 12"):
        await supervisor.run(asyncio.Event())
    assert [status.state for status in supervisor.children] == ["stopped", "stopped"]


async def test_the_status_file_shows_state_process_restarts_and_memory(tmp_path: Path) -> None:
    def written() -> dict[str, object]:
        return dict(json.loads((tmp_path / "children.json").read_text())["children"][0])

    async with running(tmp_path, child(tmp_path)) as supervisor:
        await until(lambda: isinstance(written()["rss_bytes"], int))
        status = written()
        assert (status["name"], status["state"], status["pid"]) == ("a", "ready", pid_of(supervisor))
        assert (status["restarts"], status["last_exit"]) == (0, None)
        assert 1_000_000 < int(str(status["rss_bytes"])) < 100_000_000
    assert (written()["state"], written()["pid"], written()["last_exit"]) == ("stopped", None, "SIGTERM")


async def test_a_taken_port_is_refused_with_its_number_and_holder_before_anything_starts(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        supervisor = Supervisor(
            [child(tmp_path, "b"), child(tmp_path, "nats", ports=(port,))], tmp_path / "s", pace=FAST
        )
        holder = rf"{psutil.Process().name()} \(process {os.getpid()}\)"
        words = (
            rf"port {port} on 127\.0\.0\.1 \(for nats\) is in use by {holder}; stop that program, or choose"
        )
        with pytest.raises(Refused, match=words):
            await supervisor.run(asyncio.Event())
    assert not (tmp_path / "b.sign").exists()


def test_a_free_port_is_not_refused(tmp_path: Path) -> None:
    refuse_taken_ports([lasting_port(tmp_path / "port")], "nats")


def test_a_port_is_kept_until_another_program_takes_it(tmp_path: Path) -> None:
    port = lasting_port(tmp_path / "port")
    assert lasting_port(tmp_path / "port") == port
    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free(port)
        assert lasting_port(tmp_path / "port") != port


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, os, pathlib, signal, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.adapters.test_supervisor import FAST, child
from tapestry.adapters._supervisor import Supervisor
folder = pathlib.Path({str(tmp_path)!r})

async def main():
    supervisor = Supervisor([child(folder)], folder / "children.json", pace=FAST)
    running = asyncio.create_task(supervisor.run(asyncio.Event()))
    await supervisor.all_ready()
    print(supervisor.children[0].pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    pid = int(killed.stdout.split()[-1])
    _, alive = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)
    assert alive == []


def test_the_command_ties_the_childs_life_to_ours_and_keeps_our_user(tmp_path: Path) -> None:
    spec = child(tmp_path, argv=("prog", "-x"), stop_signal=signal.SIGINT)
    assert command_line(spec)[1:] == ["--pdeathsig", "SIGINT", "--", "prog", "-x"]


def test_the_command_of_an_unprivileged_child_drops_everything_but_its_one_capability(tmp_path: Path) -> None:
    spec = child(tmp_path, argv=("prog",), run_as=RunAs(uid=65534, gid=65533, capability="dac_read_search"))
    assert " ".join(command_line(spec)[1:]) == (
        "--pdeathsig SIGTERM --reuid 65534 --regid 65533 --clear-groups --no-new-privs "
        "--securebits +no_setuid_fixup --inh-caps -all,+dac_read_search --ambient-caps -all,+dac_read_search "
        "-- prog"
    )


def test_without_setpriv_starting_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match=r"setpriv is not on the PATH; .* apt install util-linux"):
        command_line(child(tmp_path))


def test_a_log_past_its_limit_moves_aside_and_the_open_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("ab", buffering=0) as log:
        log.write(b"x" * 90 + b"last words")
        trim_log(path, limit_bytes=99)
        log.write(b"new")
    assert (tmp_path / "a.log.1").read_bytes() == b"x" * 89 + b"last words"
    assert path.read_bytes() == b"new"


def test_a_log_within_its_limit_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * 99)
    trim_log(path, limit_bytes=99)
    assert path.read_bytes() == b"x" * 99


def test_the_memory_of_a_process_that_is_gone_is_unknown() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert resident_bytes(gone.pid) is None
