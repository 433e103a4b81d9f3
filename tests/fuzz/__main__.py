"""The fuzzers of the decoders: `./run fuzz [PROTOCOL …] [--minutes N]`; all, ten minutes of each, if not said."""

import argparse
import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from tests.fuzz.corpus import FOUND, folder_of, keep
from tests.fuzz.generated import frames_of
from tests.fuzz.promises import sessions_of

from tapestry.protocols import DECODERS

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".build" / "fuzzing"
LEAST_MINUTES = 10.0  # of each fuzzer, for a run that proves something: shorter ones are not noted
PAGE = ROOT / "docs" / "protocols" / "fuzzing.md"
RUNS = {
    "atheris": (re.compile(r"Done (\d+) runs"), "guided"),
    "hypothesis": (re.compile(r"tried (\d+)"), "generated"),
}

console = Console()


def prepare(protocol: str) -> Path:
    """Fill the working folder of a protocol with the frames of its tests and with what was kept before."""
    folder = WORK / protocol
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    seeds = frames_of(protocol) + [session.whole for session in sessions_of(protocol)]
    if folder_of(protocol).exists():
        seeds += [path.read_bytes() for path in folder_of(protocol).iterdir()]
    for data in seeds:
        (folder / "corpus" / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    return folder


def run(fuzzer: str, protocol: str, folder: Path, seconds: int) -> int | None:
    """Run one fuzzer over one protocol; return how many inputs it tried, None when it found something."""
    pattern, module = RUNS[fuzzer]
    where = folder / "corpus" if fuzzer == "atheris" else folder
    done = subprocess.run(
        [sys.executable, "-m", f"tests.fuzz.{module}", protocol, str(where), str(seconds)],
        cwd=ROOT, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    (folder / f"{fuzzer}.txt").write_text(done.stdout + done.stderr)
    tried = pattern.search(done.stdout + done.stderr)
    if done.returncode or tried is None:
        console.print(done.stdout[-1000:] + done.stderr[-3000:], markup=False)
        return None
    return int(tried[1])


def note(protocol: str, minutes: float, tried: dict[str, int], kept: int) -> None:
    """Write the run into its line on the page, or append one."""
    cells = [
        protocol, f"{datetime.now(UTC):%Y-%m-%d}", f"{minutes:g}",
        f"{tried['atheris']:,}", f"{tried['hypothesis']:,}", str(kept),
    ]  # fmt: skip
    line = f"| {' | '.join(cells)} |"
    lines = PAGE.read_text().splitlines()
    rows = [at for at, one in enumerate(lines) if re.match(r"\| [a-z0-9]+ \| \d{4}-", one)]
    same = [at for at in rows if lines[at].startswith(f"| {protocol} |")]
    if same:
        lines[same[0]] = line
    else:
        lines.insert((rows or [at for at, one in enumerate(lines) if one.startswith("|---")])[-1] + 1, line)
    PAGE.write_text("\n".join(lines) + "\n")


def fuzz(protocol: str, minutes: float) -> bool:
    """Run both fuzzers over one protocol and keep the corpus; False when something was found."""
    folder = prepare(protocol)
    tried: dict[str, int] = {}
    for fuzzer in RUNS:
        console.print(f"{protocol}: {fuzzer}, {minutes:g} minutes")
        count = run(fuzzer, protocol, folder, round(minutes * 60))
        if count is None:
            found = ", ".join(str(path) for path in folder.glob(f"{FOUND}*"))
            console.print(
                f"{protocol}: {fuzzer} found a fault: {found}. Mend it, copy the file into the corpus, run again"
            )
            return False
        tried[fuzzer] = count
    kept = keep(protocol, [path.read_bytes() for path in (folder / "corpus").iterdir()])
    if minutes >= LEAST_MINUTES:
        note(protocol, minutes, tried, kept)
    console.print(f"{protocol}: {tried}, {kept} inputs kept")
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run fuzz")
    parser.add_argument("protocols", nargs="*", metavar="PROTOCOL", help="all, when none is named")
    parser.add_argument(
        "--minutes", type=float, default=LEAST_MINUTES, help="of each of the two fuzzers, for each protocol"
    )
    given = parser.parse_args()
    unknown = [name for name in given.protocols if name not in DECODERS]
    if unknown:
        parser.error(f"protocol {unknown[0]!r}, expected some of {', '.join(DECODERS)}")
    sound = [fuzz(name, given.minutes) for name in given.protocols or DECODERS]
    sys.exit(not all(sound))


if __name__ == "__main__":
    main()
