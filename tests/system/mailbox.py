"""A mail server of our own for a test: takes every mail and remembers it (RFC 5321, what smtplib needs of it)."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Mailbox:
    """What arrived."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.port = 0


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 mailbox")
        while word := self.rfile.readline().decode().strip().partition(" ")[0].upper():
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline().decode()) not in {".\r\n", ""}:
                    lines.append(line)
                self.server.box.mails.append("".join(lines))  # type: ignore[attr-defined]
            self.say("221 bye" if word == "QUIT" else "250 ok")
            if word == "QUIT":
                return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mailbox(port: int = 0) -> Iterator[Mailbox]:
    """Serve on loopback until the block ends."""
    box = Mailbox()
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", port), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        server.daemon_threads = True
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
