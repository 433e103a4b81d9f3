"""Distress cases at the desk: looked at, acknowledged, verified, judged, ended; each by a named person."""

from datetime import datetime, timedelta
from typing import Final

from tapestry.access import Action, Principal, permitted
from tapestry.app._access import DeskPorts, require
from tapestry.app._case_message import CASE_SUBJECT, encode_case_changed
from tapestry.app._case_settings import CaseSettings, desks_of
from tapestry.app._case_views import CaseView, access_case, hidden_identity, resource_of_case, view_of_case
from tapestry.app._refusals import Invalid
from tapestry.distress import CaseRates, NotAllowed, apply, deliver, rates
from tapestry.model import (
    AcknowledgeCase,
    Alert,
    CaseCall,
    CaseCommand,
    CaseId,
    DistressCase,
    ResolveCase,
    Rule,
)

MAX_CASES: Final = 1_000
MAX_CALLS: Final = 1_000  # of one page
MAX_RATED: Final = 50_000
LONGEST_SPAN: Final = timedelta(days=366)


class CasesDesk:
    """What people do with distress cases."""

    def __init__(self, ports: DeskPorts, settings: CaseSettings) -> None:
        self._ports = ports
        self._settings = settings

    async def cases(self, who: Principal, *, only_open: bool, limit: int) -> list[CaseView]:
        """Return the cases that the person may see, newest first, without calls and history."""
        settings = await self._settings.current()
        found = await self._ports.store.cases(only_open=only_open, limit=min(limit, MAX_CASES))
        directory = self._ports.live.directory
        resources = [resource_of_case(directory, case, settings) for case in found]
        seen = permitted(self._ports.monitor, who, Action.VIEW_CASE, resources)
        details = {"count": sum(seen), "only_open": only_open}
        await self._ports.entries.note(who.user_name, "view-cases", "cases", details)
        desks = desks_of(settings, who)
        return [
            view_of_case(self._ports, who, case, settings, desks=desks)
            for case, visible in zip(found, seen, strict=True)
            if visible
        ]

    async def case(self, who: Principal, case_id: int) -> CaseView:
        """Return a case whole."""
        settings = await self._settings.current()
        case = await access_case(self._ports, who, case_id, settings)
        await self._ports.entries.note(who.user_name, "view-case", f"case/{case_id}")
        return await self._view(who, case)

    async def calls(self, who: Principal, case_id: int, *, after: int, limit: int) -> list[CaseCall]:
        """Return a page of a case's calls, the oldest first: a storm has thousands."""
        settings = await self._settings.current()
        case = await access_case(self._ports, who, case_id, settings)
        found = await self._ports.store.case_calls(case.case_id, after=after, limit=min(limit, MAX_CALLS))
        await self._ports.entries.note(who.user_name, "view-calls", f"case/{case_id}", {"after": after})
        resource = resource_of_case(self._ports.live.directory, case, settings)
        (decides,) = permitted(self._ports.monitor, who, Action.DECIDE_CASE, [resource])
        return found if decides else [hidden_identity(it) for it in found]

    async def command(self, who: Principal, case_id: int, command: CaseCommand) -> CaseView:
        """Do something to a case.

        Raises:
            Invalid: It does not fit the case as it is now.
        """
        settings = await self._settings.current()
        await access_case(self._ports, who, case_id, settings, Action.DECIDE_CASE)
        at = self._ports.now()

        def change(case: DistressCase) -> DistressCase:
            return apply(case, command, by=who.user_name, at=at, call_back_silent=settings.call_back_silent)

        try:
            after = await self._ports.store.change_case(CaseId(case_id), change)
        except NotAllowed as fault:
            raise Invalid(fault.code, fault.message, fault.todo) from fault
        assert after is not None
        details = {"state": after.state.value, "call_count": after.call_count}
        tag = type(command).__struct_config__.tag
        await self._ports.entries.note(who.user_name, f"{tag}-case", f"case/{case_id}", details)
        if isinstance(command, AcknowledgeCase | ResolveCase):
            await self._show_alerts(CaseId(case_id))
        await self.tell(CaseId(case_id))
        whole = await self._ports.store.case(CaseId(case_id))
        assert whole is not None
        return await self._view(who, whole)

    async def shown(self, who: Principal, case_id: int) -> CaseView:
        """Note that a console of the person's desks has a case on its screen."""
        settings = await self._settings.current()
        case = await access_case(self._ports, who, case_id, settings)
        at = self._ports.now()
        desks = sorted(desks_of(settings, who))
        first = await self._ports.store.mark_shown(case.case_id, desks, by=who.user_name, at=at)
        if first:
            await self._ports.store.change_case(
                case.case_id, lambda it: deliver(it, desk=first[0], by=who.user_name, at=at)
            )
            details = {"desks": first}
            await self._ports.entries.note(who.user_name, "show-case", f"case/{case_id}", details)
            await self.tell(case.case_id)
        whole = await self._ports.store.case(case.case_id)
        assert whole is not None
        return await self._view(who, whole)

    async def rates(self, who: Principal, *, since: datetime, until: datetime) -> CaseRates:
        """Return how the cases of a span turned out."""
        require(self._ports, who, Action.DECIDE_CASE)
        if not timedelta(0) < until - since <= LONGEST_SPAN:
            raise Invalid(
                "bad-span", "The span is empty, or longer than a year.", "Choose an end within a year."
            )
        found = await self._ports.store.cases_between(since, until, limit=MAX_RATED)
        await self._ports.entries.note(who.user_name, "view-case-rates", "cases")
        return rates(found)

    async def follow_alert(self, who: Principal, alert: Alert) -> None:
        """Let the case of a call be acknowledged by whoever acknowledged, took or closed the call's alert."""
        if alert.rule is not Rule.DISTRESS:
            return
        case_id = await self._ports.store.case_of_alert(alert.alert_id)
        case = None if case_id is None else await self._ports.store.case(case_id)
        if case is None or case.acknowledged_at is not None:
            return
        at = self._ports.now()
        try:
            await self._ports.store.change_case(
                case.case_id, lambda it: apply(it, AcknowledgeCase(), by=who.user_name, at=at)
            )
        except NotAllowed:
            return  # somebody was faster
        await self._ports.entries.note(who.user_name, "acknowledge-case", f"case/{case.case_id}")
        await self._show_alerts(case.case_id)
        await self.tell(case.case_id)

    async def tell(self, case_id: CaseId) -> None:
        """Tell every console that a case changed."""
        await self._ports.bus.send(CASE_SUBJECT, encode_case_changed(case_id))

    async def _show_alerts(self, case_id: CaseId) -> None:
        for alert in await self._ports.store.alerts_of_case(case_id):
            self._ports.live.take_stored_alert(alert)

    async def _view(self, who: Principal, case: DistressCase) -> CaseView:
        settings = await self._settings.current()
        messages = await self._ports.store.messages_of(case.case_id)
        desks = desks_of(settings, who)
        return view_of_case(self._ports, who, case, settings, desks=desks, messages=messages)
