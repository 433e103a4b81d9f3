"""The command `tapestry`: serve, demo, sim, replay, user, device, log, doctor.

Each command imports what it needs when it is called: `--help` is quick, and a role of a hub loads its own modules only.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tapestry import __version__
from tapestry.app.settings import DEFAULT_DATA, DEFAULT_PORT, LOOPBACK, Settings
from tapestry.model import TapestryError
from tapestry.wiring.capture_command import capture_app
from tapestry.wiring.centre_command import centre_app
from tapestry.wiring.decode_command import decode
from tapestry.wiring.last_resort import backup_app, wipe
from tapestry.wiring.posts_command import posts_app
from tapestry.wiring.seal_command import seal_app

app = typer.Typer(
    name="tapestry",
    help="Convoys tracked from the device in the cab to the watch officer's screen.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
user_app = typer.Typer(help="Accounts of people.", no_args_is_help=True)
device_app = typer.Typer(help="Trackers and the vehicles they sit in.", no_args_is_help=True)
log_app = typer.Typer(help="The Log: who looked and who decided.", no_args_is_help=True)
app.add_typer(user_app, name="user")
app.add_typer(device_app, name="device")
app.add_typer(log_app, name="log")
roads_app = typer.Typer(help="The road net that ways are planned on.", no_args_is_help=True)
app.add_typer(roads_app, name="roads")
app.add_typer(centre_app, name="centre")
app.add_typer(posts_app, name="posts")
app.add_typer(capture_app, name="capture")
app.add_typer(seal_app, name="seal")

app.add_typer(backup_app, name="backup")
app.command(epilog="Example:  `tapestry wipe --reason 'the building is being taken'`")(wipe)
app.command(
    epilog="Examples:  `tapestry decode gt06 78780d01…`  ·  `tapestry decode teltonika --json < frames.jsonl`"
)(decode)

out = Console()
err = Console(stderr=True)

Data = Annotated[
    Path, typer.Option("--data", help="Folder that holds everything the hub keeps.", envvar="TAPESTRY_DATA")
]
DATA = Path(DEFAULT_DATA)
DevicePort = Annotated[
    list[str] | None, typer.Option(help="Another port for a protocol, as NAME=PORT; may be repeated.")
]


def _version(shown: bool) -> None:
    if shown:
        out.print(f"tapestry {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Convoys tracked from the device in the cab to the watch officer's screen."""


@app.command(
    epilog="Examples:  `tapestry serve`  ·  `tapestry serve --host 0.0.0.0 --name hub.example --device-host 0.0.0.0`"
    "  ·  `tapestry serve --nats-url nats://10.0.0.5:4222 --database-url postgresql://…`"
)
def serve(
    data: Data = DATA,
    host: Annotated[
        str, typer.Option(help="Where the console listens. Anything but loopback is TLS.")
    ] = LOOPBACK,
    port: Annotated[int, typer.Option(help="Port of the console.")] = DEFAULT_PORT,
    device_host: Annotated[str, typer.Option(help="Where trackers connect; 0.0.0.0 for all.")] = LOOPBACK,
    device_port: DevicePort = None,
    nats_url: Annotated[str | None, typer.Option(help="Your own NATS in place of the embedded one.")] = None,
    database_url: Annotated[str | None, typer.Option(help="Your own PostgreSQL, as its owner.")] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Certificate chain (PEM) in place of the hub's own.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key (PEM).")] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Host name or address for the hub's own certificate; may be repeated."),
    ] = None,
    tak_enrol_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Where TAK devices enrol; 8446. 0: nowhere.")
    ] = None,
    tak_share: Annotated[
        bool | None,
        typer.Option(
            help="TAK clients without a certificate hear one another; unless told, on loopback alone."
        ),
    ] = None,
    capture: Annotated[Path | None, typer.Option(help="Keep raw bytes of devices in this folder.")] = None,
    capture_only: Annotated[
        list[str] | None, typer.Option(help="… of this protocol, address or network; may be repeated.")
    ] = None,
    retention_days: Annotated[
        float, typer.Option(help="Days that the bus keeps positions for replay.")
    ] = 7.0,
) -> None:
    """Start the hub and run until Ctrl-C.

    The first start prints a one-time link that makes the first administrator.
    """
    from tapestry.wiring import serve as serve_room

    if (tls_cert is None) != (tls_key is None):
        raise typer.BadParameter("--tls-cert and --tls-key belong together: give both or neither")
    settings = Settings(
        data=str(data.resolve()),
        host=host,
        port=port,
        device_host=device_host,
        device_ports=_device_ports(device_port or []),
        nats_url=nats_url,
        database_url=database_url,
        tls_certificate=None if tls_cert is None else str(tls_cert.resolve()),
        tls_key=None if tls_key is None else str(tls_key.resolve()),
        names=tuple(name or ()),
        tak_enrol_port=tak_enrol_port,
        tak_share=tak_share,
        capture=None if capture is None else str(capture.resolve()),
        capture_only=tuple(capture_only or ()),
        retention_days=retention_days,
    )
    serve_room.serve(settings, say=_say)


def _device_ports(pairs: list[str]) -> dict[str, int]:
    from tapestry.protocols import DOORS

    ports, names = {}, (*DOORS, "mqtt", "mqtt-plain")
    for pair in pairs:
        protocol, _, number = pair.partition("=")
        nowhere = pair == "mqtt=0"
        if not nowhere and (protocol not in names or not number.isdigit() or not 0 < int(number) < 65_536):
            raise typer.BadParameter(
                f"--device-port {pair}: expected NAME=PORT with NAME one of {', '.join(names)} "
                "and PORT from 1 to 65535"
            )
        ports[protocol] = int(number)
    return ports


@app.command(epilog="Example:  `tapestry demo --convoys 12 --port 9000`")
def demo(
    data: Data = Path(".demo"),
    port: Annotated[int, typer.Option(help="Port of the console.")] = DEFAULT_PORT,
    device_port: DevicePort = None,
    convoys: Annotated[int, typer.Option(help="How many convoys drive.", min=1, max=500)] = 8,
    seed: Annotated[int, typer.Option(help="The same seed drives the same convoys.")] = 2026,
    seconds: Annotated[
        float | None, typer.Option(help="Stop after this long; for ever if not given.")
    ] = None,
) -> None:
    """Start a hub and drive convoys over Iraq's highways through its real device sockets."""
    from tapestry.wiring import drive as drive_room

    settings = Settings(data=str(data.resolve()), port=port, device_ports=_device_ports(device_port or []))
    drive_room.demo(settings, convoys=convoys, seed=seed, seconds=seconds, say=_say)


@app.command(epilog="Example:  `tapestry sim --convoys 50 --seed 7 --seconds 600`")
def sim(
    data: Data = DATA,
    convoys: Annotated[int, typer.Option(help="How many convoys drive.", min=1, max=500)] = 8,
    seed: Annotated[int, typer.Option(help="The same seed drives the same convoys.")] = 2026,
    seconds: Annotated[
        float | None, typer.Option(help="Stop after this long; for ever if not given.")
    ] = None,
) -> None:
    """Drive convoys against the running hub of a data folder: adds their vehicles, trackers and movements."""
    from tapestry.wiring import drive as drive_room

    asyncio.run(drive_room.simulate(data.resolve(), convoys=convoys, seed=seed, seconds=seconds, say=_say))


@app.command(
    epilog="Examples:  `tapestry replay track.gpx --id id:truck-7 --now`  ·  `tapestry replay buses.csv.gz --time t "
    "--time-format s --lat lat --lon lon --id-column trip --speed 60 --bind`"
)
def replay(
    file: Annotated[Path, typer.Argument(help="GPX, CSV, NMEA or GeoJSON; .gz is read too.", exists=True)],
    data: Data = DATA,
    protocol: Annotated[str, typer.Option(help="Device protocol to speak.")] = "jsonlines",
    speed: Annotated[
        float, typer.Option(help="Times as fast as it was; 0 is as fast as the hub takes it.")
    ] = 1.0,
    now: Annotated[bool, typer.Option("--now", help="Shift times so that the first fix is now.")] = False,
    bind: Annotated[
        bool, typer.Option("--bind", help="Add a vehicle for each unknown identity, always tracked.")
    ] = False,
    identity: Annotated[str, typer.Option("--id", help="Identity for files that name none.")] = "id:replay",
    id_column: Annotated[str | None, typer.Option(help="CSV: column that tells vehicles apart.")] = None,
    time: Annotated[str, typer.Option(help="CSV: column of the time.")] = "time",
    time_format: Annotated[
        str,
        typer.Option(
            help="CSV: auto, iso, s, ms (since 1970), day-s (seconds of --date), or a strptime pattern."
        ),
    ] = "auto",
    date: Annotated[str | None, typer.Option(help="CSV: the day for day-s, as YYYY-MM-DD.")] = None,
    lat: Annotated[str, typer.Option(help="CSV: column of the latitude in degrees.")] = "lat",
    lon: Annotated[str, typer.Option(help="CSV: column of the longitude in degrees.")] = "lon",
    speed_column: Annotated[str | None, typer.Option(help="CSV: column of the speed.")] = None,
    speed_unit: Annotated[str, typer.Option(help="CSV: m/s, km/h, kn or mph.")] = "m/s",
    heading_column: Annotated[str | None, typer.Option(help="CSV: column of the heading in degrees.")] = None,
) -> None:
    """Play a recorded file into the running hub through its device sockets."""
    from tapestry.sim.recorded import CsvColumns
    from tapestry.wiring import drive as drive_room

    columns = CsvColumns(
        time=time, time_format=time_format, lat=lat, lon=lon, id=id_column, speed=speed_column,
        speed_unit=speed_unit, heading=heading_column,
        date=None if date is None else datetime.fromisoformat(date).replace(tzinfo=UTC).date(),
    )  # fmt: skip
    asyncio.run(
        drive_room.replay(
            data.resolve(), file, protocol=protocol, speed=speed, shift_to_now=now, bind=bind, identity=identity,
            columns=columns, console=err,
        )
    )  # fmt: skip


@user_app.command("add", epilog="Example:  `tapestry user add layla --role watch_officer`")
def user_add(
    user_name: str,
    role: Annotated[
        str, typer.Option(help="administrator, watch_officer, operator or partner.")
    ] = "watch_officer",
    operator_id: Annotated[int | None, typer.Option(help="Whose convoys an operator sees.")] = None,
    data: Data = DATA,
) -> None:
    """Add an account; the password is asked for and not shown."""
    from tapestry.wiring import commands as commands_room

    password = typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
    asyncio.run(
        commands_room.add_user(
            data.resolve(), user_name, role=role, operator_id=operator_id, password=password
        )
    )
    _say(f"Added {user_name} as {role}.")


@user_app.command("list")
def user_list(data: Data = DATA) -> None:
    """List the accounts."""
    from tapestry.wiring import commands as commands_room

    table = Table("user name", "role", "operator", "one-time codes", "disabled")
    for account in asyncio.run(commands_room.list_users(data.resolve())):
        table.add_row(
            account.user_name, account.role, str(account.operator_id or ""),
            "yes" if account.totp_secret else "no", "yes" if account.disabled else "",
        )  # fmt: skip
    out.print(table)


@user_app.command("setup-link")
def user_setup_link(data: Data = DATA) -> None:
    """Make a new one-time link for an administrator; valid for an hour."""
    from tapestry.wiring import commands as commands_room

    _say(asyncio.run(commands_room.setup_link(data.resolve())))


@device_app.command(
    "add", epilog="Example:  `tapestry device add imei:356307042441013 --callsign EAGLE-1 --operator North`"
)
def device_add(
    identity: Annotated[str, typer.Argument(help="As the tracker says it: imei:…, id:…, osmand:…, nmea:…")],
    callsign: Annotated[str, typer.Option(help="Callsign of the vehicle; added to the roster when new.")],
    operator: Annotated[str, typer.Option(help="Name of its operator; added when new.")],
    key: Annotated[
        bool, typer.Option("--key", help="Make a key that the tracker has to show; printed once.")
    ] = False,
    always_tracked: Annotated[
        bool, typer.Option(help="The operator opted in to tracking outside movements.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Bind a tracker to a vehicle."""
    from tapestry.wiring import commands as commands_room

    secret = asyncio.run(
        commands_room.add_device(
            data.resolve(),
            identity,
            callsign=callsign,
            operator=operator,
            with_key=key,
            always_tracked=always_tracked,
        )
    )
    _say(f"Bound {identity} to {callsign}." + (f" Its key, shown once: {secret}" if secret else ""))


@device_app.command("list")
def device_list(data: Data = DATA) -> None:
    """List trackers, and the identities in quarantine."""
    from tapestry.wiring import commands as commands_room

    trackers, quarantined = asyncio.run(commands_room.list_devices(data.resolve()))
    table = Table("identity", "vehicle", "proved by a key", "state")
    for tracker, callsign in trackers:
        state = "bound" if callsign else "no vehicle"
        table.add_row(tracker.identity, callsign or "", "yes" if tracker.authenticated else "no", state)
    for entry in quarantined:
        table.add_row(entry.identity, "", "no", f"quarantine: {entry.count} fixes over {entry.protocol}")
    out.print(table)


@log_app.command("verify")
def log_verify(data: Data = DATA) -> None:
    """Recompute the whole Log and check every signed tree head; exit 1 when it does not hold."""
    from tapestry.wiring import commands as commands_room

    report = asyncio.run(commands_room.verify_log(data.resolve(), console=err))
    out.print(report.words, highlight=False)
    raise typer.Exit(0 if report.holds else 1)


@roads_app.command("import", epilog="Example:  `tapestry roads import iraq-latest.osm.pbf`")
def roads_import(
    file: Annotated[Path, typer.Argument(help="OpenStreetMap extract: .osm.pbf, .osm or .osm.bz2.")],
    data: Data = DATA,
) -> None:
    """Read the roads of an OpenStreetMap file; ways are planned on them from the next start on."""
    from tapestry.wiring import roads as roads_room

    _say(roads_room.import_file(file, data.resolve(), console=err))


@roads_app.command("show")
def roads_show(data: Data = DATA) -> None:
    """Say which road net ways are planned on, and what matches tracks to it."""
    from tapestry.wiring import roads as roads_room

    _say(roads_room.words_of_roads(data.resolve()))


@app.command()
def doctor(data: Data = DATA) -> None:
    """Check ports, disk, clock, children and certificates, and say what to do."""
    from tapestry.wiring import doctor as doctor_room

    checks = doctor_room.doctor(data.resolve())
    table = Table("", "check", "seen", "what to do")
    for check in checks:
        mark = {"good": "[green]✓[/]", "warning": "[yellow]![/]", "bad": "[red]✗[/]"}[check.state]
        table.add_row(mark, check.name, escape(check.seen), escape(check.todo))
    out.print(table)
    raise typer.Exit(1 if any(check.state == "bad" for check in checks) else 0)


@app.command(hidden=True)
def role(name: str, data: Data = DATA) -> None:
    """Run one role of a hub; the supervisor calls this."""
    from tapestry.wiring import roles as roles_room

    roles_room.run_role(name, data.resolve())


def _say(words: str) -> None:
    out.print(words, highlight=False, soft_wrap=True, markup=False)


def main() -> None:
    """Run the command; faults become one line and exit code 1."""
    try:
        app()
    except TapestryError as fault:
        err.print(f"[red]{type(fault).__name__}[/]: ", end="")
        err.print(str(fault), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
