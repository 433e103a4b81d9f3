"""Under which user the embedded database runs when we are root, and how it reaches its files (ADR 0003)."""

import os
import pwd
import subprocess
from pathlib import Path

from tapestry.adapters._child import RunAs, identity_options
from tapestry.model import Refused

USER_NAMES = ("tapestry", "nobody")  # the first that the machine knows; a user of one's own is better
CAPABILITIES = ("dac_read_search", "dac_override")  # least first; containers often have only the second


def choose_user(home: Path, binary: Path) -> RunAs:
    """Return the identity for the server; give `home` to it and let it pass through the data folder.

    Steps:
        1. The owner of an existing `home`, so an old database keeps its user; else the first of USER_NAMES.
        2. `home` belongs to that user, the folder above may be passed through (mode 0711, not listed).
        3. No capability if the user reaches both paths as they are; else the least one with which it does.

    Raises:
        Refused: There is no such user, or no way for it to reach both paths.
    """
    owner = home.stat()
    if owner.st_uid != 0:  # 1
        uid, gid = owner.st_uid, owner.st_gid
    else:
        uid, gid = _first_user()
        os.chown(home, uid, gid)  # 2
    home.parent.chmod(0o711)
    tried = [RunAs(uid=uid, gid=gid)]
    tried += [RunAs(uid=uid, gid=gid, capability=capability) for capability in CAPABILITIES]
    for run_as in tried:  # 3
        if reaches(run_as, binary) and reaches(run_as, home):
            return run_as
    raise Refused(
        f"PostgreSQL must not run as root, and user {uid} cannot reach both {binary} and {home} (a folder "
        "above one of them is closed to others, and this system allows no CAP_DAC_READ_SEARCH); install "
        "tapestry and put --data outside of closed folders such as /root, start it as an ordinary user, or "
        "give --database-url"
    )


def reaches(run_as: RunAs, path: Path) -> bool:
    """Return whether a process with this identity can execute (or enter) `path`."""
    options = identity_options(run_as)
    done = subprocess.run(
        ["setpriv", *options, "--", "test", "-x", str(path)], capture_output=True, check=False, cwd="/"
    )
    return done.returncode == 0


def _first_user() -> tuple[int, int]:
    for name in USER_NAMES:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise Refused(
        "PostgreSQL must not run as root, and there is neither a user tapestry nor nobody; "
        "make one: useradd --system tapestry"
    )
