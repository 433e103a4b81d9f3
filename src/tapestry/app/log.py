"""The door of the Log: writing to it, signing its heads, proving the whole of it."""

from tapestry.app._entries import Entries
from tapestry.app._log import LogReport, Signer, sign_head, verify_log

__all__ = ["Entries", "LogReport", "Signer", "sign_head", "verify_log"]
