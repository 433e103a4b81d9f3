"""What TAK devices themselves do to get a certificate: a token of one use, and a request signed with their own key."""

from datetime import timedelta
from typing import Final

import structlog

from tapestry.app._access import DeskPorts
from tapestry.app._refusals import Invalid
from tapestry.app._tak_authority import LazyCa
from tapestry.app._tak_devices import identity_of_tak
from tapestry.app._tak_views import BadToken, SignedTak, TakState, TooManyTries, state_of, token_hash
from tapestry.app._tries import Tries
from tapestry.app.ports import DeviceCa, SigningRequest, TakForm, TakRecord

PROFILE_WITHIN: Final = timedelta(hours=1)  # a used token still fetches what belongs to enrolling
MAX_UID_LENGTH: Final = 128
ORGANISATION: Final = "Tapestry"
UNIT: Final = "TAK"

log = structlog.get_logger()


class TakEnrolment:
    """Enrolment, as ATAK, WinTAK and iTAK ask for it."""

    def __init__(self, ports: DeskPorts, authority: LazyCa) -> None:
        self._ports = ports
        self._authority = authority
        self._tries = Tries()

    async def check(self, name: str, token: str, *, remote: str) -> TakRecord:
        """Return the device whose token this is, one that enrolled with it just now too.

        Raises:
            BadToken, TooManyTries: It is not good.
        """
        record = await self._find(name, token, remote)
        state, now = state_of(record, self._ports.now()), self._ports.now()
        fresh = record.issued_at is not None and now < record.issued_at + PROFILE_WITHIN
        if record.form is TakForm.ENROL and (
            state is TakState.WAITING or (state is TakState.ENROLLED and fresh)
        ):
            return record
        await self._refuse(record, state, remote)
        raise BadToken

    async def sign(self, name: str, token: str, body: bytes, client_uid: str, *, remote: str) -> SignedTak:
        """Return a certificate for the key of a request; the token is used up by it.

        The same request again, as after an answer that was lost, gets the same certificate.

        Raises:
            BadToken, TooManyTries: The token is not good.
            Invalid: The request is none that is signed.
        """
        record = await self._find(name, token, remote)
        state = state_of(record, self._ports.now())
        authority = await self._authority.get()
        repeats = state is TakState.ENROLLED and self._ports.now() < record.token_expires_at
        if record.form is not TakForm.ENROL or not (state is TakState.WAITING or repeats):
            await self._refuse(record, state, remote)
            raise BadToken
        request = self._read(authority, record, body)
        if repeats:
            if request.public_key != authority.public_key_of(record.certificate or b""):
                await self._refuse(record, state, remote)
                raise BadToken
            return SignedTak(certificate=record.certificate or b"", authority=authority.authority)
        return await self._issue(authority, record, request, token, client_uid, remote)

    async def _issue(
        self,
        authority: DeviceCa,
        record: TakRecord,
        request: SigningRequest,
        token: str,
        client_uid: str,
        remote: str,
    ) -> SignedTak:
        now = self._ports.now()
        issued = authority.sign(
            request, name=record.name, unit=await unit_of(self._ports, record), now=now.replace(microsecond=0)
        )
        uid = "".join(it for it in client_uid if it.isprintable())[:MAX_UID_LENGTH]
        stored = await self._ports.store.enrol_tak_device(
            token_hash(token), issued=issued, client_uid=uid, at=now
        )
        if stored is None:  # another request was first
            raise BadToken
        details = {"name": record.name, "serial": issued.serial, "client_uid": uid, "remote": remote}
        subject = f"tak-device/{record.device_id}"
        await self._ports.entries.note(subject, "enrol-tak-device", subject, details)
        await self._ports.announcer.tak_devices_changed()
        return SignedTak(certificate=issued.certificate, authority=authority.authority)

    def _read(self, authority: DeviceCa, record: TakRecord, body: bytes) -> SigningRequest:
        request = authority.read_request(body)
        if request is None:
            raise Invalid(
                "bad-request",
                "This is no PKCS#10 request that is signed here.",
                "Send one signed with an RSA key of 2,048 bits or more, or one on P-256, as DER, PEM or base64.",
            )
        if request.common_name != record.name:
            raise Invalid(
                "foreign-subject",
                "The request's common name is not the name that the code was made for.",
                "Enrol with the name that stands beside the code.",
            )
        return request

    async def _find(self, name: str, token: str, remote: str) -> TakRecord:
        record = await self._ports.store.tak_record_of_token(name, token_hash(token))
        if record is None:
            log.warning("tak.bad_token", remote=remote)
            self._take_try(remote)
            raise BadToken
        return record

    async def _refuse(self, record: TakRecord, state: TakState, remote: str) -> None:
        """Note that somebody who has a token tried it where it is good no longer: it may have been stolen."""
        self._take_try(remote)
        subject = f"tak-device/{record.device_id}"
        details = {"name": record.name, "state": state.value, "remote": remote}
        await self._ports.entries.note("system", "refuse-tak-device", subject, details)

    def _take_try(self, remote: str) -> None:
        if not self._tries.take(remote, now_s=self._ports.now().timestamp()):
            raise TooManyTries


async def unit_of(ports: DeskPorts, record: TakRecord) -> str:
    """Return what a certificate says of whose it is: the tracker's number, or the person."""
    if record.user_name is not None:
        return f"person/{record.user_name}"
    identity = identity_of_tak(record.name)
    numbers = [it.tracker_id for it in await ports.store.trackers() if it.identity == identity]
    return f"tracker/{numbers[0]}" if numbers else "tracker"
