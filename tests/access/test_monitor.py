"""The reference monitor: role × action × ownership, as one table."""

from importlib.resources import files

import pytest

from tapestry.access import (
    HUB,
    Action,
    Monitor,
    PolicyFault,
    Principal,
    Resource,
    Role,
    decide,
    make_monitor,
    permitted,
)
from tapestry.model import OperatorId

PACKAGE = files("tapestry.access")
POLICIES = PACKAGE.joinpath("policies.cedar").read_text("utf-8")
SCHEMA = PACKAGE.joinpath("schema.cedarschema").read_text("utf-8")

OWN = Resource(operator_ids=frozenset({OperatorId(7)}))
SHARED = Resource(operator_ids=frozenset({OperatorId(7), OperatorId(8)}))
FOREIGN = Resource(operator_ids=frozenset({OperatorId(8)}))
TO_ALL_PARTNERS = Resource(operator_ids=frozenset({OperatorId(8)}), releasable_to=frozenset({"partner"}))
TO_PIA = Resource(operator_ids=frozenset({OperatorId(8)}), releasable_to=frozenset({"pia"}))
TO_ANOTHER = Resource(operator_ids=frozenset({OperatorId(8)}), releasable_to=frozenset({"paul"}))
RESOURCES = {
    "own": OWN,
    "shared": SHARED,
    "foreign": FOREIGN,
    "released": TO_ALL_PARTNERS,
    "to-pia": TO_PIA,
    "to-another": TO_ANOTHER,
    "hub": HUB,
}
PEOPLE = {
    "administrator": Principal(user_name="adam", role=Role.ADMINISTRATOR),
    "watch_officer": Principal(user_name="wafa", role=Role.WATCH_OFFICER),
    "operator": Principal(user_name="omar", role=Role.OPERATOR, operator_id=OperatorId(7)),
    "partner": Principal(user_name="pia", role=Role.PARTNER),
}
ALL = set(RESOURCES)
OFFICERS = {"administrator": ALL, "watch_officer": ALL}
ITS_OWN = {"own", "shared"}
RELEASED = {"released", "to-pia"}

# action → role → resources on which it is allowed; what is not named is denied
TABLE: dict[Action, dict[str, set[str]]] = {
    Action.OPEN_LIVE_VIEW: {**OFFICERS, "operator": ALL, "partner": ALL},
    Action.VIEW_MOVEMENT: {**OFFICERS, "operator": ITS_OWN, "partner": RELEASED},
    Action.VIEW_VEHICLE: {**OFFICERS, "operator": ITS_OWN, "partner": RELEASED},
    Action.VIEW_EXACT_PLACE: {**OFFICERS, "operator": ITS_OWN},
    Action.VIEW_ALERT: {**OFFICERS, "operator": ITS_OWN},
    Action.VIEW_FENCE: {**OFFICERS, "operator": ALL},
    Action.VIEW_OPERATOR: {**OFFICERS, "operator": ITS_OWN},
    Action.VIEW_TRACKER: OFFICERS,
    Action.VIEW_QUARANTINE: OFFICERS,
    Action.VIEW_LOG: {"administrator": ALL},
    Action.VIEW_LOG_HEAD: {**OFFICERS, "operator": ALL, "partner": ALL},
    Action.VIEW_PLACES: {**OFFICERS, "operator": ALL, "partner": ALL},
    Action.CHANGE_MOVEMENT: OFFICERS,
    Action.CHANGE_FENCE: OFFICERS,
    Action.CHANGE_ROSTER: OFFICERS,
    Action.DECIDE_ALERT: OFFICERS,
    Action.MANAGE_ACCOUNTS: {"administrator": ALL},
    Action.REQUEST_MOVEMENT: {**OFFICERS, "operator": ITS_OWN},
    Action.VIEW_CENTRES: OFFICERS,
    Action.VIEW_PEOPLE: {**OFFICERS, "operator": ITS_OWN},
    Action.CHANGE_PEOPLE: {**OFFICERS, "operator": ITS_OWN},
    Action.VIEW_CASE: {**OFFICERS, "operator": ITS_OWN, "partner": {"to-pia"}},
    Action.DECIDE_CASE: OFFICERS,
    Action.REPORT_DISTRESS: OFFICERS,
    Action.REPORT_POSITION: OFFICERS,
    Action.REVIEW_MOVEMENT: OFFICERS,
    Action.APPROVE_MOVEMENT: OFFICERS,
    Action.RUN_MOVEMENT: {**OFFICERS, "operator": ITS_OWN},
    Action.STOP_MOVEMENT: OFFICERS,
    Action.VIEW_ROUTE_STATUS: {**OFFICERS, "operator": ALL},
    Action.SET_ROUTE_STATUS: OFFICERS,
    Action.PLAN_POSTS: OFFICERS,
    Action.VIEW_TEAMS: OFFICERS,
    Action.CHANGE_TEAMS: OFFICERS,
    Action.ORDER_TASKING: OFFICERS,
    Action.ANSWER_TASKING: OFFICERS,
    Action.VIEW_MEDEVAC: OFFICERS,
    Action.RUN_MEDEVAC: OFFICERS,
    Action.VIEW_WATCH: OFFICERS,
    Action.KEEP_WATCH: OFFICERS,
    Action.ISSUE_BRIEF: OFFICERS,
    Action.VIEW_TAK_DEVICES: OFFICERS,
    Action.CHANGE_TAK_DEVICES: OFFICERS,
    Action.OWN_TAK_DEVICES: OFFICERS,
    Action.VIEW_CHAT: {**OFFICERS, "operator": ITS_OWN},
    Action.MESSAGE_CONVOY: OFFICERS,
    Action.ORDER_WIPE: OFFICERS,
    Action.VIEW_SETTINGS: {**OFFICERS, "operator": ALL},
    Action.CHANGE_SETTINGS: {"administrator": ALL},
}


@pytest.fixture(scope="module")
def monitor() -> Monitor:
    return make_monitor(POLICIES, SCHEMA)


def test_the_table_has_every_action_and_the_schema_has_the_same() -> None:
    assert set(TABLE) == set(Action)
    assert all(f'"{action.value}"' in SCHEMA for action in Action)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(PEOPLE))
def test_each_role_may_do_what_the_table_says_to_whose_it_says(
    monitor: Monitor, role: str, action: Action
) -> None:
    allowed = {
        name
        for name, resource in RESOURCES.items()
        if decide(monitor, PEOPLE[role], action, resource).allowed
    }
    assert allowed == TABLE[action].get(role, set())


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", ["", "root", "Administrator", "operator"])
def test_an_unknown_role_and_an_operator_without_operator_may_nothing(
    monitor: Monitor, role: str, action: Action
) -> None:
    nobody = Principal(user_name="nobody", role=role)
    assert not any(decide(monitor, nobody, action, resource).allowed for resource in RESOURCES.values())


def test_a_decision_names_the_policy_that_made_it(monitor: Monitor) -> None:
    assert decide(monitor, PEOPLE["operator"], Action.VIEW_ALERT, OWN).reasons == ("operator-views-its-own",)
    assert decide(monitor, PEOPLE["operator"], Action.VIEW_ALERT, FOREIGN).reasons == ()


def test_a_partner_changes_nothing_even_if_a_policy_is_added_that_lets_it() -> None:
    careless = POLICIES + "\npermit (principal, action, resource);"
    partner = PEOPLE["partner"]
    monitor = make_monitor(careless, SCHEMA)
    decision = decide(monitor, partner, Action.DECIDE_ALERT, TO_PIA)
    assert (decision.allowed, decision.reasons) == (False, ("partner-changes-nothing",))


@pytest.mark.parametrize("role", ["administrator", "watch_officer"])
def test_nobody_approves_what_they_asked_for_themselves(monitor: Monitor, role: str) -> None:
    verdicts = [
        decide(monitor, PEOPLE[role], Action.APPROVE_MOVEMENT, OWN, {"own_request": own})
        for own in (True, False)
    ]
    assert [verdict.allowed for verdict in verdicts] == [False, True]
    assert verdicts[0].reasons == ("four-eyes",)


def test_without_policies_nobody_may_anything() -> None:
    monitor = make_monitor("", SCHEMA)
    assert not decide(monitor, PEOPLE["administrator"], Action.VIEW_LOG_HEAD, HUB).allowed


def test_a_list_is_filtered_in_its_own_order(monitor: Monitor) -> None:
    rows = [FOREIGN, OWN, SHARED, FOREIGN]
    assert permitted(monitor, PEOPLE["operator"], Action.VIEW_VEHICLE, rows) == [False, True, True, False]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tapestry.access._monitor.MAX_REMEMBERED", 3)
    monitor = make_monitor(POLICIES, SCHEMA)
    for number in range(10):
        resource = Resource(operator_ids=frozenset({OperatorId(number)}))
        assert decide(monitor, PEOPLE["operator"], Action.VIEW_ALERT, resource).allowed is (number == 7)
    assert len(monitor.remembered) <= 3


@pytest.mark.parametrize(
    ("policies", "said"),
    [
        ("permit (", "policies: .*unexpected end of input"),
        ('permit (principal, action == Action::"fly", resource);', 'unrecognized action `Action::"fly"`'),
        (
            "permit (principal, action, resource) when { principal.operator_id == 1 };",
            "unable to guarantee safety of access to optional attribute",
        ),
    ],
)
def test_policies_that_do_not_fit_the_schema_are_refused_at_start(policies: str, said: str) -> None:
    with pytest.raises(PolicyFault, match=said):
        make_monitor(policies, SCHEMA)
