"""What the commands of `tapestry seal` do: secrets that sealed messages are opened with; each change is in the Log."""

from pathlib import Path

from tapestry.adapters._seal_file import SealFile, verify_seal
from tapestry.model import Refused
from tapestry.wiring.commands import ACTOR, now
from tapestry.wiring.connect import connect_store, load_settings


async def add(data: Path, name: str, secret: str, *, by: str) -> None:
    """Keep the secret that messages of a name are opened with; a running hub uses it within seconds.

    Raises:
        Refused: The name or the secret cannot be, or nobody of that name has an account.
    """
    verify_seal(name, secret)
    file = SealFile(data)
    seals = file.load()
    await _note(data, "replace-seal" if name in seals else "add-seal", name, by)
    file.save(seals | {name: secret})


async def remove(data: Path, name: str, *, by: str) -> None:
    """Forget one.

    Raises:
        Refused: There is none of this name.
    """
    file = SealFile(data)
    seals = file.load()
    if name not in seals:
        raise Refused(f"no seal of the name {name!r}; there are: {', '.join(sorted(seals)) or 'none'}")
    await _note(data, "remove-seal", name, by)
    file.save({other: secret for other, secret in seals.items() if other != name})


async def names(data: Path, *, by: str) -> list[str]:
    """Return the names of all; the look is in the Log."""
    await _note(data, "view-seals", "seals", by)
    return sorted(SealFile(data).load())


async def _note(data: Path, action: str, subject: str, by: str) -> None:
    store = await connect_store(load_settings(data))
    try:
        if await store.account(by) is None:
            accounts = ", ".join(sorted(account.user_name for account in await store.accounts())) or "none"
            raise Refused(f"person {by!r} has no account here; name one that has with --by: {accounts}")
        await store.append_log(at=now(), actor=ACTOR, action=action, subject=subject, details={"by": by})
    finally:
        await store.close()
