"""Data packages that set up ATAK, WinTAK and iTAK by opening one file. Pure.

A package is a ZIP archive: `MANIFEST/manifest.xml`, preferences, and PKCS#12 stores. All lie flat beside the manifest:
ATAK and WinTAK sort them by the manifest, iTAK looks for them there. Certificates are named by where ATAK moves them,
`cert/`; preferences stand both for the connection (ATAK, WinTAK) and for the app as a whole (iTAK, older ATAK).
"""

import io
import zipfile
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import msgspec

from tapestry.app._tak_views import OUTSIDE_ENROL_PORT, TakDoors

PREFERENCES_FILE: Final = "config.pref"
TRUST_FILE: Final = "truststore.p12"
MADE_AT: Final = (1980, 1, 1, 0, 0, 0)  # the oldest that ZIP knows: the same parts give the same package

Entry = tuple[str, str | int | bool]
JAVA: Final[dict[type, str]] = {str: "String", int: "Integer", bool: "Boolean"}


class PackageParts(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a package."""

    uid: str  # of the package
    name: str  # of the device
    callsign: str  # how it shows itself
    doors: TakDoors
    password: str  # of the stores
    trust_store: bytes  # PKCS#12
    client_store: bytes | None = None  # PKCS#12; None: the device enrols with the token
    token: str = ""


def build_package(parts: PackageParts) -> bytes:
    """Return the archive."""
    files = {PREFERENCES_FILE: _preferences(parts).encode(), TRUST_FILE: parts.trust_store}
    if parts.client_store is not None:
        files[_client_file(parts)] = parts.client_store
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in {"MANIFEST/manifest.xml": _manifest(parts, list(files)).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, MADE_AT), body, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _client_file(parts: PackageParts) -> str:
    return f"{parts.name}.p12"


def _manifest(parts: PackageParts, files: list[str]) -> str:
    settings = {"uid": parts.uid, "name": f"Tapestry {parts.name}", "onReceiveDelete": "true"}
    return "\n".join(
        (
            '<MissionPackageManifest version="2">',
            "  <Configuration>",
            *(f'    <Parameter name="{key}" value={quoteattr(value)}/>' for key, value in settings.items()),
            "  </Configuration>",
            "  <Contents>",
            *(f'    <Content ignore="false" zipEntry={quoteattr(name)}/>' for name in files),
            "  </Contents>",
            "</MissionPackageManifest>",
            "",
        )
    )


def _preferences(parts: PackageParts) -> str:
    return "\n".join(
        (
            "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>",
            "<preferences>",
            *_group("cot_streams", _connection(parts)),
            *_group("com.atakmap.app_preferences", _app(parts)),
            "</preferences>",
            "",
        )
    )


def _connection(parts: PackageParts) -> list[Entry]:
    doors = parts.doors
    entries: list[Entry] = [
        ("count", 1),
        ("description0", "Tapestry"),
        ("enabled0", True),
        ("connectString0", f"{doors.host}:{doors.stream_port}:ssl"),
        ("caLocation0", f"cert/{TRUST_FILE}"),
        ("caPassword0", parts.password),
    ]
    if parts.client_store is not None:
        return [
            *entries,
            ("certificateLocation0", f"cert/{_client_file(parts)}"),
            ("clientPassword0", parts.password),
        ]
    return [
        *entries,
        ("enrollForCertificateWithTrust0", True),
        ("useAuth0", True),
        ("cacheCreds0", "Cache credentials"),
        ("username0", parts.name),
        ("password0", parts.token),
    ]


def _app(parts: PackageParts) -> list[Entry]:
    entries: list[Entry] = [
        ("displayServerConnectionWidget", True),
        ("locationCallsign", parts.callsign),
        ("caLocation", f"cert/{TRUST_FILE}"),
        ("caPassword", parts.password),
    ]
    if parts.doors.enrol_port not in {0, OUTSIDE_ENROL_PORT}:
        entries.append(("apiCertEnrollmentPort", str(parts.doors.enrol_port)))
    if parts.client_store is not None:
        entries.append(("certificateLocation", f"cert/{_client_file(parts)}"))
        entries.append(("clientPassword", parts.password))
    return entries


def _group(name: str, entries: list[Entry]) -> list[str]:
    return [
        f'  <preference version="1" name="{name}">',
        *(
            f'    <entry key="{key}" class="class java.lang.{JAVA[type(value)]}">{_text(value)}</entry>'
            for key, value in entries
        ),
        "  </preference>",
    ]


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
