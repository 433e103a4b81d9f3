"""The reference monitor: one function that says whether somebody may do something to something.

Cedar decides a few thousand requests a second, and a live map asks for thousands of vehicles at a time. A
decision depends only on who asks, what for, whose the object is and to whom it was released, so it is
remembered under exactly these: five thousand vehicles of forty operators are forty decisions.
"""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum

import cedarpy
import msgspec

from tapestry.model import OperatorId, TapestryError

MAX_REMEMBERED = 50_000  # decisions, about 200 bytes each; beyond it all are forgotten and made again


class Role(StrEnum):
    """What a person is to the hub. Stored in accounts."""

    ADMINISTRATOR = "administrator"
    WATCH_OFFICER = "watch_officer"
    OPERATOR = "operator"
    PARTNER = "partner"


class Action(StrEnum):
    """Everything that may be asked for; the schema lists the same words."""

    OPEN_LIVE_VIEW = "open-live-view"
    VIEW_MOVEMENT = "view-movement"
    VIEW_VEHICLE = "view-vehicle"
    VIEW_EXACT_PLACE = "view-exact-place"  # without it a place is shown coarsened and late
    VIEW_ALERT = "view-alert"
    VIEW_FENCE = "view-fence"
    VIEW_OPERATOR = "view-operator"
    VIEW_TRACKER = "view-tracker"
    VIEW_QUARANTINE = "view-quarantine"
    VIEW_LOG = "view-log"
    VIEW_LOG_HEAD = "view-log-head"
    VIEW_PLACES = "view-places"
    CHANGE_MOVEMENT = "change-movement"
    CHANGE_FENCE = "change-fence"
    CHANGE_ROSTER = "change-roster"
    DECIDE_ALERT = "decide-alert"
    MANAGE_ACCOUNTS = "manage-accounts"
    REQUEST_MOVEMENT = "request-movement"  # a sheet before its approval: write, submit, call off
    REVIEW_MOVEMENT = "review-movement"  # look at what was asked for, clear it, watch over it, close it
    APPROVE_MOVEMENT = "approve-movement"  # go or no go
    RUN_MOVEMENT = "run-movement"  # brief it, say where it is, say that it arrived
    STOP_MOVEMENT = "stop-movement"
    VIEW_ROUTE_STATUS = "view-route-status"
    SET_ROUTE_STATUS = "set-route-status"
    VIEW_SETTINGS = "view-settings"
    CHANGE_SETTINGS = "change-settings"
    VIEW_CENTRES = "view-centres"
    PLAN_POSTS = "plan-posts"  # where teams should stand
    VIEW_PEOPLE = "view-people"  # of an operator: its people and papers
    CHANGE_PEOPLE = "change-people"  # and its vehicles
    VIEW_CASE = "view-case"  # a distress: its calls, place, and what was done
    DECIDE_CASE = "decide-case"  # acknowledge, verify, judge, end; with who was messaged where
    REPORT_DISTRESS = "report-distress"  # write down a call that came by voice, read texts that came in
    REPORT_POSITION = "report-position"  # write down where somebody said by voice that they are
    VIEW_TEAMS = "view-teams"  # teams that can be sent, where they are, what they were ordered to do
    CHANGE_TEAMS = "change-teams"  # and let their pages enrol
    ORDER_TASKING = "order-tasking"  # nothing goes to a team without somebody who may
    ANSWER_TASKING = "answer-tasking"  # write down what a team said over the radio
    VIEW_MEDEVAC = "view-medevac"
    RUN_MEDEVAC = "run-medevac"  # ask for an evacuation, say how far it is
    VIEW_WATCH = "view-watch"  # the watch log, shifts, hand-overs, tasks, the contact plan, readiness, briefs
    KEEP_WATCH = "keep-watch"  # have the watch, hand it over, write in its log, give tasks, call rolls
    ISSUE_BRIEF = "issue-brief"
    VIEW_TAK_DEVICES = "view-tak-devices"
    CHANGE_TAK_DEVICES = "change-tak-devices"  # let one be set up for a vehicle, revoke any
    OWN_TAK_DEVICES = "own-tak-devices"  # have one of one's own
    VIEW_CHAT = "view-chat"  # what TAK devices of a convoy say, and what was said to them
    MESSAGE_CONVOY = "message-convoy"  # write to them
    ORDER_WIPE = "order-wipe"  # order or confirm that this centre is locked or wiped: it takes two


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks."""

    user_name: str
    role: str
    operator_id: OperatorId | None = None  # whose convoys an operator sees


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked about, as far as a decision depends on it: an id does not."""

    operator_ids: frozenset[OperatorId] = frozenset()  # whose it is; a vehicle in another's convoy has two
    releasable_to: frozenset[str] = frozenset()  # user names of partners, or "partner" for every one


HUB = Resource()
"""The hub itself: for actions that are about no object of anybody's."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the monitor says."""

    allowed: bool
    reasons: tuple[str, ...]  # ids of the policies that decided; empty when no policy permits


class PolicyFault(TapestryError):
    """The policies cannot be used: they do not parse or do not fit the schema."""


class Monitor:
    """Policies made ready, and the decisions made with them. Make one with `make_monitor`."""

    __slots__ = ("policies", "remembered", "schema")

    def __init__(self, policies: cedarpy.PolicySet, schema: cedarpy.Schema) -> None:
        self.policies = policies
        self.schema = schema
        self.remembered: dict[tuple[object, ...], Decision] = {}


def make_monitor(policies: str, schema: str) -> Monitor:
    """Return a monitor that decides by these policies.

    Args:
        policies: Cedar policy text.
        schema: Cedar schema text that the policies have to fit.

    Raises:
        PolicyFault: The text does not parse, or uses a word that the schema does not have.
    """
    try:
        verdict = cedarpy.validate_policies(policies, schema)
        if not verdict.validation_passed:
            raise PolicyFault(
                f"policies: {verdict.errors[0]}; expected only words of the schema, see docs/people.md"
            )
        return Monitor(cedarpy.PolicySet.from_str(policies), cedarpy.Schema.from_str(schema))
    except ValueError as err:
        raise PolicyFault(f"policies: {err}; expected Cedar policy text, see docs/people.md") from err


def decide(
    monitor: Monitor,
    principal: Principal,
    action: Action,
    resource: Resource,
    context: Mapping[str, str | int | bool] | None = None,
) -> Decision:
    """Return whether `principal` may do `action` to `resource`, and which policies say so.

    What no policy permits is denied; a policy that errs on a missing attribute permits nothing.
    """
    facts = tuple(sorted(context.items())) if context else ()
    key = (principal, action, resource, facts)
    decision = monitor.remembered.get(key)
    if decision is None:
        if len(monitor.remembered) >= MAX_REMEMBERED:
            monitor.remembered.clear()
        decision = monitor.remembered[key] = _ask_cedar(monitor, principal, action, resource, dict(facts))
    return decision


def permitted(
    monitor: Monitor, principal: Principal, action: Action, resources: Sequence[Resource]
) -> list[bool]:
    """Return for each resource whether `principal` may do `action` to it; equal ones are decided once."""
    verdicts = {resource: decide(monitor, principal, action, resource).allowed for resource in set(resources)}
    return [verdicts[resource] for resource in resources]


def _ask_cedar(
    monitor: Monitor,
    principal: Principal,
    action: Action,
    resource: Resource,
    context: dict[str, str | int | bool],
) -> Decision:
    who: dict[str, object] = {"user_name": principal.user_name, "role": principal.role}
    if principal.operator_id is not None:
        who["operator_id"] = principal.operator_id
    what = {"operator_ids": sorted(resource.operator_ids), "releasable_to": sorted(resource.releasable_to)}
    entities = [
        {"uid": {"type": "Person", "id": "asker"}, "attrs": who, "parents": []},
        {"uid": {"type": "Object", "id": "asked"}, "attrs": what, "parents": []},
    ]
    request = {
        "principal": {"type": "Person", "id": "asker"},
        "action": {"type": "Action", "id": action.value},
        "resource": {"type": "Object", "id": "asked"},
        "context": context,
    }
    answer = cedarpy.is_authorized(request, monitor.policies, json.dumps(entities))
    names = answer.diagnostics.id_annotations_by_reason
    reasons = tuple(sorted(names.get(reason, reason) for reason in answer.diagnostics.reasons))
    return Decision(allowed=answer.allowed, reasons=reasons)
