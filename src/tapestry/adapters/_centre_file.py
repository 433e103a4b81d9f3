"""Which centre a data folder is, whom it is linked with, and what its bus' configuration says of that."""

import json
import secrets
from pathlib import Path

import msgspec

from tapestry.adapters._private_files import make_private_folder, write_private
from tapestry.model import MAX_CENTRE, NATIONAL, Centre, Refused

PASSWORD_BYTES = 24
FOR_NOBODY_ELSE = (  # of a region's bus: what neither side may put on the other's
    "track.>", "distress.>", "event.>", "quality.>", "passage.>", "quarantine.>", "rejected.>", "dead.>", "change.>",
    "live.>", "desk.>", "owners.>", "metrics.>", "$KV.>", "$MQTT.>", "owntracks.>", "msh.>", "flespi.>",
)  # fmt: skip


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A regional centre as the national one knows it."""

    centre: Centre
    password: str


class Upstream(msgspec.Struct, frozen=True, kw_only=True):
    """The national centre as a region knows it."""

    centre: Centre
    address: str
    port: int
    password: str
    authority_pem: str  # that vouches for its certificate


class CentreFile(msgspec.Struct, frozen=True, kw_only=True):
    """What `keys/centre.json` holds."""

    centre: Centre
    address: str = ""  # by which regions reach the national centre
    leaf_host: str = ""  # where the national centre listens for them
    leaf_port: int = 0
    regions: tuple[Region, ...] = ()
    upstream: Upstream | None = None

    @property
    def peers(self) -> tuple[Centre, ...]:
        """Centres that this one is linked with."""
        upstream = () if self.upstream is None else (self.upstream.centre,)
        return upstream + tuple(region.centre for region in self.regions)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """What a new regional centre is given, as a file. It holds a secret."""

    centre: Centre
    upstream: Upstream


def centre_file(data: Path) -> CentreFile | None:
    """Return which centre a data folder is, None when it stands alone.

    Raises:
        Refused: The file cannot be read.
    """
    path = data / "keys" / "centre.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=CentreFile)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as err:
        raise Refused(f"{path}: cannot be read ({err}); restore it from a backup, or join again") from err


def save_centre(data: Path, kept: CentreFile) -> None:
    """Keep which centre a data folder is; only our user can read it."""
    make_private_folder(data)
    write_private(make_private_folder(data / "keys") / "centre.json", msgspec.json.encode(kept).decode())


def found_national(data: Path, *, name: str, address: str, leaf_host: str, leaf_port: int) -> CentreFile:
    """Make a data folder the national centre.

    Raises:
        Refused: It is a centre already.
    """
    _refuse_second(data)
    centre = Centre(number=NATIONAL, name=name)
    kept = CentreFile(centre=centre, address=address, leaf_host=leaf_host, leaf_port=leaf_port)
    save_centre(data, kept)
    return kept


def invite(data: Path, *, name: str, authority: Path) -> Invitation:
    """Give a new regional centre a number and a password at the national one.

    Raises:
        Refused: This is no national centre, or the name is taken.
    """
    kept = centre_file(data)
    if kept is None or kept.centre.number != NATIONAL:
        raise Refused(
            f"{data} is no national centre; make it one: tapestry centre national NAME --data {data}"
        )
    if name in {kept.centre.name, *(region.centre.name for region in kept.regions)}:
        raise Refused(f"a centre named {name} is there already; give another name")
    number = 1 + max((region.centre.number for region in kept.regions), default=0)
    if number > MAX_CENTRE:
        raise Refused(f"there are {MAX_CENTRE} regional centres already, the most that numbers are kept for")
    region = Region(centre=Centre(number=number, name=name), password=secrets.token_urlsafe(PASSWORD_BYTES))
    save_centre(data, msgspec.structs.replace(kept, regions=(*kept.regions, region)))
    upstream = Upstream(
        centre=kept.centre,
        address=kept.address,
        port=kept.leaf_port,
        password=region.password,
        authority_pem=authority.read_text(),
    )
    return Invitation(centre=region.centre, upstream=upstream)


def join(data: Path, file: Path) -> CentreFile:
    """Make a new data folder the regional centre that an invitation names.

    Raises:
        Refused: It is a centre already, a hub has run on it, or the file is no invitation.
    """
    _refuse_second(data)
    if (data / "postgres").exists() or (data / "nats").exists():
        raise Refused(
            f"a hub has run on {data}; a regional centre starts with a new data folder: give another --data"
        )
    try:
        invitation = msgspec.json.decode(file.read_bytes(), type=Invitation)
    except (OSError, msgspec.DecodeError) as err:
        raise Refused(f"{file} is no invitation ({err}); make one: tapestry centre invite NAME") from err
    kept = CentreFile(centre=invitation.centre, upstream=invitation.upstream)
    save_centre(data, kept)
    (data / "keys" / "upstream-ca.crt").write_text(invitation.upstream.authority_pem)
    return kept


def links_config(kept: CentreFile, *, own: str, asked: str, keys: Path) -> str:
    """Return what nats-server's configuration says instead of `authorization` at a centre.

    Args:
        kept: Which centre.
        own: The hub's own user and password, in the configuration's words.
        asked: Who is asked about MQTT clients, in its words after a comma; empty: nobody.
        keys: Folder with the national centre's tls/server.crt and tls/server.key, a region's upstream-ca.crt.
    """
    if kept.upstream is not None:
        return f"authorization {{ users: [ {own} ]{asked} }}\n" + _region_config(kept, kept.upstream, keys)
    callout = f"authorization {{ {asked.lstrip(', ')} }}\n" if asked else ""
    return callout + _national_config(kept, own, keys)


def jetstream_domain(kept: CentreFile) -> str:
    """Return the JetStream domain of a centre's bus."""
    return f"c{kept.centre.number}"


def _region_config(kept: CentreFile, upstream: Upstream, keys: Path) -> str:
    denied = json.dumps(list(FOR_NOBODY_ELSE))
    password = upstream.password
    return f"""\
leafnodes {{
  remotes: [ {{
    url: "tls://c{kept.centre.number}:{password}@{upstream.address}:{upstream.port}"
    tls {{ ca_file: {json.dumps(str(keys / "upstream-ca.crt"))} }}
    deny_imports: {denied}
    deny_exports: {denied}
  }} ]
  reconnect: "2s"
}}
"""


def _national_config(kept: CentreFile, own: str, keys: Path) -> str:
    imports, accounts, users = [], [], []
    for region in kept.regions:
        name = f"c{region.centre.number}"
        account = name.upper()
        imports += [
            f'{{ service: {{ account: {account}, subject: "$JS.{name}.API.>" }} }}',
            f'{{ service: {{ account: {account}, subject: "peer.{name}.change" }} }}',
            f'{{ service: {{ account: {account}, subject: "peer.{name}.beat" }} }}',
            f'{{ stream: {{ account: {account}, subject: "peer.{name}.live.>" }} }}',
        ]
        accounts.append(
            f'  {account} {{ exports: [ {{ service: "$JS.{name}.API.>", response: stream }}, '
            f'{{ service: "peer.{name}.change" }}, {{ service: "peer.{name}.beat" }}, '
            f'{{ stream: "peer.{name}.live.>" }} ] }}'
        )
        users.append(f"{{ user: {name}, password: {json.dumps(region.password)}, account: {account} }}")
    return f"""\
accounts {{
  HUB {{ jetstream: enabled, users: [ {own} ], imports: [ {", ".join(imports)} ] }}
{chr(10).join(accounts)}
}}
leafnodes {{
  listen: {json.dumps(f"{kept.leaf_host}:{kept.leaf_port}")}
  no_advertise: true  # regions come by the address in their invitation and no other
  tls {{
    cert_file: {json.dumps(str(keys / "tls" / "server.crt"))}
    key_file: {json.dumps(str(keys / "tls" / "server.key"))}
    timeout: 5
  }}
  authorization {{ users: [ {", ".join(users)} ], timeout: 5 }}
}}
"""


def _refuse_second(data: Path) -> None:
    kept = centre_file(data)
    if kept is not None:
        raise Refused(
            f"{data} is centre {kept.centre.name} (number {kept.centre.number}) already; give another --data"
        )
