"""Two hubs as centres: a national and a regional one, with a link between them that can be cut."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.system.hub import Hub, free_port
from tests.system.link import Link


def centre(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "tapestry.cli", "centre", *words], check=True)


class Pair:
    """A national and a regional centre with a link that can be cut."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        nat, reg, file = folder / "national", folder / "basra", folder / "basra.json"
        centre(
            "national",
            "baghdad",
            "--address=localhost",
            "--host=127.0.0.1",
            f"--port={port}",
            f"--data={nat}",
        )
        centre("invite", "basra", f"--out={file}", f"--data={nat}")
        self.link = Link(port)
        invitation = json.loads(file.read_text())
        invitation["upstream"]["port"] = self.link.port
        file.write_text(json.dumps(invitation))
        centre("join", str(file), f"--data={reg}")
        self.national, self.basra = Hub(nat), Hub(reg)

    def start(self) -> Self:
        self.at_national = self.national.start().admin()
        self.at_basra = self.basra.start().admin()
        return self

    def stop(self) -> None:
        for hub in (self.basra, self.national):
            if hub.process is not None:
                hub.stop()
