"""The door of the Log: signing its heads, proving the whole of it."""

from tapestry.app._log import LogReport, Signer, sign_head, verify_log

__all__ = ["LogReport", "Signer", "sign_head", "verify_log"]
