"""One-time codes (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds) that are good once."""

import hmac
from typing import Final

import pyotp

STEP_S: Final = 30
ACCEPTED_STEPS: Final = 1  # before and after now: a clock may be half a minute wrong (RFC 6238 section 5.2)
SECRET_SIZE_BYTES: Final = 20  # as long as the hash (RFC 4226 section 4, R6)
ISSUER: Final = "Tapestry"


def used_step(secret: str, code: str, *, now_s: float, after_step: int) -> int | None:
    """Return the time step whose code this is, None when it is wrong or was used before.

    Args:
        secret: Base32.
        code: As typed; blanks in it do not count.
        now_s: Seconds since 1970-01-01 UTC.
        after_step: Newest step used before: codes of it and of older ones are refused (RFC 6238 section 5.2).
    """
    typed = "".join(code.split())
    totp = pyotp.TOTP(secret, interval=STEP_S)
    now_step = int(now_s) // STEP_S
    found = None
    for step in range(now_step - ACCEPTED_STEPS, now_step + ACCEPTED_STEPS + 1):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
        if right and step > after_step:
            found = step
    return found


def otpauth_uri(secret: str, user_name: str) -> str:
    """Return the address that an authenticator app reads from a QR code."""
    return str(pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=user_name, issuer_name=ISSUER))
