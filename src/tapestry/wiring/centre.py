"""The commands of centres: found the national one, invite regional ones, join, show."""

from pathlib import Path

import msgspec

from tapestry.adapters._centre_file import centre_file, found_national, invite, join
from tapestry.adapters._private_files import write_private
from tapestry.model import Refused
from tapestry.wiring.tls_files import leaf_certificate

__all__ = ["found", "invite_region", "join_national", "show"]

NEXT_START = "It takes effect at the next start of the hub."


def found(data: Path, *, name: str, address: str, host: str, port: int) -> str:
    """Make a data folder the national centre; return what was done."""
    kept = found_national(data, name=name, address=address, leaf_host=host, leaf_port=port)
    return f"{data} is the national centre {kept.centre.name} now; regions reach it at {address}:{port}. {NEXT_START}"


def invite_region(data: Path, *, name: str, out: Path) -> str:
    """Invite a regional centre; return what was done.

    Raises:
        Refused: There is a file already; this is no national centre; the name is taken.
    """
    if out.exists():
        raise Refused(
            f"{out} is there already; an invitation holds a secret and overwrites nothing: give another --out"
        )
    kept = centre_file(data)
    authority = leaf_certificate(data, "localhost" if kept is None else kept.address)
    invitation = invite(data, name=name, authority=authority)
    write_private(out, msgspec.json.encode(invitation).decode())
    return (
        f"{out} invites {name} as centre {invitation.centre.number}. It holds a secret: carry it there by hand, join "
        f"with it (tapestry centre join {out.name} --data NEW_FOLDER), then destroy it. {NEXT_START}"
    )


def join_national(data: Path, file: Path) -> str:
    """Make a new data folder a regional centre; return what was done."""
    kept = join(data, file)
    upstream = kept.upstream
    assert upstream is not None
    return (
        f"{data} is centre {kept.centre.name} (number {kept.centre.number}) now, linked with {upstream.centre.name} at "
        f"{upstream.address}:{upstream.port}. Start it: tapestry serve --data {data}. Destroy {file}."
    )


def show(data: Path) -> str:
    """Return which centre a data folder is."""
    kept = centre_file(data)
    if kept is None:
        return f"{data} stands alone. To link hubs: tapestry centre national NAME, then tapestry centre invite NAME."
    lines = [f"Centre {kept.centre.name}, number {kept.centre.number}."]
    if kept.upstream is not None:
        lines.append(
            f"Linked with {kept.upstream.centre.name} at {kept.upstream.address}:{kept.upstream.port}."
        )
    lines += [f"Region {it.centre.name}, number {it.centre.number}." for it in kept.regions]
    return "\n".join(lines)
