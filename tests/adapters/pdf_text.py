"""Reads a PDF of ours: its pages, its letters with their places, its filled squares. For tests only."""

import re
import zlib
from typing import NamedTuple

OBJECT = re.compile(rb"(?s)(\d+) 0 obj\n(.*?)\nendobj")
STREAM = re.compile(rb"(?s)stream\n(.*)\nendstream")
SHOW = re.compile(
    rb"(?s)/F(\d+) [\d.]+ Tf|1 0 0 1 ([-\d.]+) ([-\d.]+) Tm|BT ([-\d.]+) ([-\d.]+) Td|\(((?:\\.|[^\\()])*)\) Tj"
)
SQUARE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) -([\d.]+) re f")
BYTES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Letter(NamedTuple):
    """What stands where, in points from the lower left."""

    x: float
    y: float
    text: str


class Pdf:
    """An opened document."""

    def __init__(self, body: bytes) -> None:
        self._objects = {int(it[1]): it[2] for it in OBJECT.finditer(body)}
        self.pages = [it for it in self._objects.values() if re.search(rb"/Type /Page\b(?!s)", it)]
        self._fonts = {
            int(number): self._letters(int(target))
            for it in self._objects.values()
            for number, target in re.findall(rb"/F(\d+) (\d+) 0 R", it)
        }

    def letters(self, page: int = 0) -> list[Letter]:
        """Return the letters of a page with where they stand."""
        found, font, x, y = [], 0, 0.0, 0.0
        for it in SHOW.finditer(self._content(page)):
            if it[1]:
                font = int(it[1])
            elif it[2] or it[4]:
                x, y = float(it[2] or it[4]), float(it[3] or it[5])
            else:
                codes = re.sub(rb"\\(.)", lambda m: BYTES.get(m[1], m[1]), it[6], flags=re.DOTALL)
                for at in range(0, len(codes), 2):
                    code = int.from_bytes(codes[at : at + 2])
                    found.append(Letter(x + at / 1000, y, self._fonts[font].get(code, "?")))
        return found

    def lines(self, page: int = 0) -> list[str]:
        """Return the lines of a page, each as it stands from left to right, without its blanks."""
        rows: dict[int, list[Letter]] = {}
        for letter in self.letters(page):
            near = next((y for y in rows if abs(y - letter.y) < 3.0), round(letter.y))
            rows.setdefault(near, []).append(letter)
        return [
            "".join(it.text for it in sorted(rows[y])).replace(" ", "") for y in sorted(rows, reverse=True)
        ]

    def squares(self, page: int = 0) -> list[tuple[float, float, float]]:
        """Return left, top and width of the filled squares of a page."""
        found = [tuple(map(float, it.groups())) for it in SQUARE.finditer(self._content(page))]
        return [(x, y, width) for x, y, width, height in found if abs(width - height) < 0.02]

    def _content(self, page: int) -> bytes:
        target = re.search(rb"/Contents (\d+) 0 R", self.pages[page])
        assert target is not None
        return self._stream(int(target[1]))

    def _stream(self, number: int) -> bytes:
        raw = STREAM.search(self._objects[number])
        assert raw is not None
        return zlib.decompress(raw[1]) if b"FlateDecode" in self._objects[number] else raw[1]

    def _letters(self, number: int) -> dict[int, str]:
        target = re.search(rb"/ToUnicode (\d+) 0 R", self._objects[number])
        assert target is not None
        text = self._stream(int(target[1]))
        pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", text)
        return {int(code, 16): bytes.fromhex(word.decode()).decode("utf-16-be") for code, word in pairs}
