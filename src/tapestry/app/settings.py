"""The settings of one hub, with their defaults; given on the command line, kept for the roles in the data folder."""

import ipaddress

import msgspec

DEFAULT_DATA = "data"
DEFAULT_PORT = 8080
DEFAULT_TAK_PORT = 8089  # the ports that TAK clients take for granted
DEFAULT_TAK_ENROL_PORT = 8446
DEFAULT_MQTT_PORT = 8883
LOOPBACK = "127.0.0.1"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a hub was started."""

    data: str  # absolute path of the data folder
    host: str = LOOPBACK  # where the console listens
    port: int = DEFAULT_PORT
    device_host: str = LOOPBACK  # where trackers connect
    device_ports: dict[str, int] = {}  # by protocol name; others have their default
    nats_url: str | None = None  # None: the embedded bus
    database_url: str | None = None  # None: the embedded database
    tls_certificate: str | None = None  # PEM chain; None: the hub's own authority, or plain HTTP on loopback
    tls_key: str | None = None
    names: tuple[str, ...] = ()  # host names and addresses for the hub's own certificate
    tak_share: bool | None = (
        None  # connections of TAK without a certificate hear one another; None: on loopback
    )
    tak_enrol_port: int | None = None  # where they enrol; None: 8446 unless it is taken, 0: nowhere
    capture: str | None = (
        None  # absolute path of a folder: raw bytes of devices are kept there from the start
    )
    capture_only: tuple[str, ...] = ()  # protocols, addresses, networks; empty: all
    capture_limit_mb: int = 1024
    retention_days: float = 7.0  # of positions on the bus; the store keeps them until they are deleted

    @property
    def plain_http(self) -> bool:
        """True when the console is on loopback and no certificate was given: only then is plain HTTP served."""
        return is_loopback(self.host) and self.tls_certificate is None

    @property
    def tak_port(self) -> int:
        """The port where TAK devices connect with their certificate, on device_host."""
        return self.device_ports.get("tak", DEFAULT_TAK_PORT)

    @property
    def mqtt_port(self) -> int:
        """The port where devices come in by MQTT, on device_host; 0: nowhere, as without an embedded bus."""
        if self.nats_url is not None:
            return 0
        return self.device_ports.get("mqtt-plain") or self.device_ports.get("mqtt", DEFAULT_MQTT_PORT)

    @property
    def mqtt_plain(self) -> bool:
        """True when MQTT is spoken without TLS: keys and places can be read on the way."""
        return bool(self.device_ports.get("mqtt-plain"))

    @property
    def tak_shared(self) -> bool:
        """True when connections of TAK without a certificate hear one another.

        Unless somebody chose, only where programs of this machine alone can connect.
        """
        return is_loopback(self.device_host) if self.tak_share is None else self.tak_share

    @property
    def enrol_port(self) -> int:
        """The port where TAK devices enrol, 0 for none."""
        return DEFAULT_TAK_ENROL_PORT if self.tak_enrol_port is None else self.tak_enrol_port

    @property
    def address(self) -> str:
        """The console's address for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if host in {"0.0.0.0", "[::]"} and self.names:  # noqa: S104 - compared, not bound
            host = self.names[0]
        return f"{'http' if self.plain_http else 'https'}://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
