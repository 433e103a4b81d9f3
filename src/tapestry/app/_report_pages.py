"""What a printed movement report says: the room's report, its alerts and stop orders, as tables. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from tapestry.app._document_port import Minutes, ReportCell, ReportPages, ReportSection, Word
from tapestry.geo import format_dtg
from tapestry.model import Alert, MovementSheet, VehicleId
from tapestry.movement import MovementReport

MOST_ROWS: Final = 400  # of one table; a report of more alerts is cut, and says so in its last row
Row = tuple[ReportCell, ...]


def pages_of(
    report: MovementReport, sheet: MovementSheet, alerts: Sequence[Alert], *, operator: str, made_at: datetime
) -> ReportPages:
    """Return the report as it is printed.

    Args:
        report: Of the room.
        sheet: The same movement's newest version.
        alerts: Of this movement, in any order.
        operator: Name of its operator.
        made_at: Moment of printing.
    """
    names = {vehicle.vehicle_id: vehicle.callsign for vehicle in sheet.request.vehicles}
    return ReportPages(
        movement_id=report.movement_id,
        version=sheet.version,
        callsign=report.callsign,
        operator=operator,
        way=tuple(part for part in (report.origin, report.destination) if part),
        made_at=made_at,
        summary=_summary(report),
        sections=(
            _checkpoints(report),
            _clearances(report),
            _decision(report),
            _roll_calls(report, names),
            _halts(report),
            _handovers(report),
            _contacts(report),
            _stops(report),
            _alerts(alerts, names),
            _history(report),
        ),
    )


def _summary(report: MovementReport) -> tuple[tuple[Word, ReportCell], ...]:
    outcome = report.outcome
    return (
        (_word("state"), Word(key=f"state-{report.state}")),
        (_word("outcome"), None if outcome is None else Word(key=f"outcome-{outcome.kind}")),
        (_word("reason"), None if outcome is None else outcome.reason),
        (_word("authority"), None if outcome is None else outcome.authority),
        (_word("hours-lost"), None if outcome is None else f"{outcome.hours_lost:g}"),
        (_word("confirmed-by"), report.arrived_by),
    )


def _checkpoints(report: MovementReport) -> ReportSection:
    def line(name: ReportCell, planned: datetime | None, actual: datetime | None, source: ReportCell) -> Row:
        late = None
        if planned is not None and actual is not None:
            late = Minutes(minutes=(actual - planned).total_seconds() / 60, signed=True)
        return name, planned, actual, late, source

    rows = [line(_word("departure"), report.planned_departure_at, report.departed_at, None)]
    for checkpoint in report.checkpoints:
        source: ReportCell = None
        if checkpoint.passed_at is not None:
            source = _word("source-report") if checkpoint.reported else _word("source-position")
        rows.append(line(checkpoint.name, checkpoint.planned_at, checkpoint.passed_at, source))
    rows.append(line(_word("arrival"), report.planned_arrival_at, report.arrived_at, report.arrived_by))
    heads = (Word(key="card-checkpoint"), *map(_word, ("planned", "actual", "difference", "source")))
    return ReportSection(title=_word("checkpoints"), columns=heads, rows=tuple(rows))


def _clearances(report: MovementReport) -> ReportSection:
    rows = [
        (it.authority, it.why, Word(key=f"clearance-{it.state}"), it.decided_at, it.receipt, it.note)
        for it in report.clearances
    ]
    return _section("clearances", ("authority", "why", "state", "decided", "receipt", "note"), rows)


def _decision(report: MovementReport) -> ReportSection:
    rows: list[Row] = []
    if report.decision is not None:
        it = report.decision
        rows.append((it.at, it.by, _word("go") if it.go else _word("no-go"), it.reason))
    rows += [(it.at, it.by, _word("dissent"), it.text) for it in report.dissents]
    return _section("decision", ("at", "by", "decided", "reason"), rows)


def _roll_calls(report: MovementReport, names: Mapping[VehicleId, str]) -> ReportSection:
    rows = [
        (
            it.at,
            it.by,
            len(it.present),
            ", ".join(_callsign(names, lost) for lost in it.missing),
            it.people,
            it.note,
        )
        for it in report.roll_calls
    ]
    return _section("roll-calls", ("at", "by", "present", "missing", "people", "note"), rows)


def _halts(report: MovementReport) -> ReportSection:
    rows = [
        (
            it.began_at,
            it.ended_at or _word("still"),
            None
            if it.ended_at is None
            else Minutes(minutes=(it.ended_at - it.began_at).total_seconds() / 60),
            it.reason,
            it.by,
        )
        for it in report.halts
    ]
    return _section("halts", ("began", "ended", "minutes", "reason", "by"), rows)


def _handovers(report: MovementReport) -> ReportSection:
    rows = [
        (
            it.from_centre,
            it.to_centre,
            it.offered_at,
            it.confirmed_at,
            it.confirmed_by,
            None if it.contact_by is None else Word(key=f"means-{it.contact_by}"),
        )
        for it in report.handovers
    ]
    return _section("handovers", ("from", "to", "offered", "confirmed", "by", "means"), rows)


def _contacts(report: MovementReport) -> ReportSection:
    rows = [
        (it.at, Word(key=f"means-{it.means}"), _word("yes") if it.answered else _word("no"), it.by, it.note)
        for it in report.contacts
    ]
    return _section("contacts", ("at", "means", "answered", "by", "note"), rows)


def _stops(report: MovementReport) -> ReportSection:
    rows: list[Row] = [
        (
            it.at,
            _word(f"scope-{it.scope}"),
            it.by,
            it.reason,
            ", ".join(f"{receipt.by} {format_dtg(receipt.at)}" for receipt in it.receipts),
            it.lifted_at or _word("still"),
            it.lifted_by,
            it.lift_reason,
        )
        for it in report.stops
    ]
    columns = ("at", "scope", "by", "reason", "receipt", "lifted", "by", "reason")
    return _section("stops", columns, rows)


def _alerts(alerts: Sequence[Alert], names: Mapping[VehicleId, str]) -> ReportSection:
    def began(alert: Alert) -> datetime:
        return alert.started_at

    rows: list[Row] = [
        (
            it.started_at,
            Word(key=f"rule-{it.rule}"),
            Word(key=f"severity-{it.severity}"),
            None if it.vehicle_id is None else _callsign(names, it.vehicle_id),
            it.closed_by,
            it.close_reason,
        )
        for it in sorted(alerts, key=began)
    ]
    return _section("alerts", ("at", "alert", "severity", "vehicle", "closed", "reason"), rows)


def _history(report: MovementReport) -> ReportSection:
    rows: list[Row] = [
        (it.at, Word(key=f"step-{it.command}"), Word(key=f"state-{it.after}"), it.by, it.reason)
        for it in report.history
    ]
    return _section("history", ("at", "command", "state", "by", "reason"), rows)


def _section(title: str, columns: tuple[str, ...], rows: Sequence[Row]) -> ReportSection:
    kept = tuple(rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        kept += ((f"+ {len(rows) - MOST_ROWS}", *[None] * (len(columns) - 1)),)
    heads = tuple(map(_word, columns))
    return ReportSection(title=_word(title), columns=heads, rows=kept)


def _callsign(names: Mapping[VehicleId, str], vehicle_id: VehicleId) -> str:
    return names.get(vehicle_id, f"#{vehicle_id}")


def _word(name: str) -> Word:
    return Word(key=f"report-{name}")
