"""Files of one folder: the built console, the basemap. Read once, kept in memory with their gzip."""

import asyncio
import gzip
import hashlib
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tapestry.web._answers import error_answer

MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".ftl": "text/plain; charset=utf-8",
    ".geojson": "application/geo+json",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",  # not in every system's table; a worker is refused without it
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
PACKED: Final = frozenset(
    {".css", ".ftl", ".geojson", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"}
)
IMMUTABLE: Final = "public, max-age=31536000, immutable"  # for names that hold a digest of their content
REVALIDATE: Final = "no-cache"
HASHED_FOLDER: Final = "assets"  # where Vite puts files under such names
MAX_FILE_SIZE_BYTES: Final = 32_000_000


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is sent."""

    body: bytes
    packed: bytes | None  # gzip, where it is worth it
    media_type: str
    etag: str
    cache_control: str
    modified_ns: int


class Folder:
    """The files below one folder; names with a dot in front are not served."""

    def __init__(self, root: Path, *, names: frozenset[str] | None = None) -> None:
        """`names` limits what is served to these files of the folder itself."""
        self._root = root
        self._names = names
        self._files: dict[str, File] = {}

    async def answer(self, request: Request, name: str, *, otherwise: str | None = None) -> Response:
        """Return a file, or another one where the name has none, or the answer that there is none."""
        file = await self._find(name)
        if file is None and otherwise is not None and "." not in name.rpartition("/")[2]:
            file = await self._find(otherwise)
        if file is None:
            return error_answer(404, "not-found", "There is nothing here under this address.", "Start at /.")
        headers = {"ETag": file.etag, "Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.body
        if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = file.packed
            headers["Content-Encoding"] = "gzip"
        headers["Content-Type"] = file.media_type
        return Response(body if request.method != "HEAD" else b"", headers=headers)

    async def _find(self, name: str) -> File | None:
        parts = name.split("/")
        if any(part.startswith(".") or not part or "\\" in part or "\0" in part for part in parts):
            return None
        if self._names is not None and name not in self._names:
            return None
        return await asyncio.to_thread(self._load, name)

    def _load(self, name: str) -> File | None:
        path = self._root / name
        try:
            if not path.resolve().is_relative_to(self._root.resolve()) or not path.is_file():
                return None
            status = path.stat()
            if status.st_size > MAX_FILE_SIZE_BYTES:
                return None
            known = self._files.get(name)
            if known is None or known.modified_ns != status.st_mtime_ns:
                known = self._files[name] = _read(path, name, status.st_mtime_ns)
        except OSError:
            return None
        return known


def _read(path: Path, name: str, modified_ns: int) -> File:
    body = path.read_bytes()
    suffix = path.suffix.lower()
    packed = gzip.compress(body, 6) if suffix in PACKED else None
    hashed = name.startswith(f"{HASHED_FOLDER}/")
    return File(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        media_type=MEDIA_TYPES.get(suffix, "application/octet-stream"),
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        cache_control=IMMUTABLE if hashed else REVALIDATE,
        modified_ns=modified_ns,
    )
