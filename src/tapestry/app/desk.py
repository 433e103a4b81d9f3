"""The door of the desk: what people decide and look up, each allowed by the monitor and noted in the Log."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from tapestry.access import Monitor
from tapestry.app._access import DeskPorts
from tapestry.app._accounts import AccountDesk
from tapestry.app._alert_desk import AlertDesk
from tapestry.app._announce import Announcer, publish_directory, publish_fences, publish_plan
from tapestry.app._briefs import BriefDesk, BriefQuestion, NewBrief
from tapestry.app._case_settings import CaseSettings
from tapestry.app._case_watch import CaseWatch
from tapestry.app._cases import CasesDesk
from tapestry.app._centre_desk import CentreDesk
from tapestry.app._centre_orders import NewCentreOrder, OrderDesk, SecondPerson, is_locked
from tapestry.app._centre_port import CentreStore
from tapestry.app._challenges import ChallengeDesk
from tapestry.app._chat_desk import ChatDesk, ChatView, NewMessage
from tapestry.app._contact_desk import ContactDesk, Heard, NewLine, NewRoll, RollAnswer
from tapestry.app._dispatch_settings import DispatchSettingsDesk
from tapestry.app._distress_reports import DistressReports, TextIn, VoiceReport
from tapestry.app._document_port import DocumentPort
from tapestry.app._documents import DocumentDesk
from tapestry.app._entries import Entries
from tapestry.app._fences import FenceDesk
from tapestry.app._history import Looks
from tapestry.app._link_board import LinkBoard
from tapestry.app._live import LiveView
from tapestry.app._medevacs import MedevacDesk, NewMedevac
from tapestry.app._messenger_port import Letter, Messenger, NoMessenger, NotSent
from tapestry.app._movements import MovementDesk
from tapestry.app._newest_readings import ReadingsDesk
from tapestry.app._outbox import Outbox
from tapestry.app._overdue import OverdueWatch
from tapestry.app._people import AccountChange, People
from tapestry.app._people_desk import (
    MAX_EXPIRING_DAYS,
    MAX_FILE_SIZE_BYTES,
    NewPermit,
    NewPerson,
    PeopleDesk,
    PermitChange,
    PersonChange,
    VehicleChange,
)
from tapestry.app._people_port import PasswordHasher, RandomBytes
from tapestry.app._phone_items import MAX_TEXT_LENGTH as MAX_PHONE_TEXT_LENGTH
from tapestry.app._phone_news import HOLD_S
from tapestry.app._phones import MAX_ITEMS, PhoneDesk
from tapestry.app._plans import NewPlan
from tapestry.app._policies import load_monitor
from tapestry.app._post_desk import PostDesk
from tapestry.app._readiness import ReadinessDesk
from tapestry.app._request_form import FormReading
from tapestry.app._retention import RetentionKeeper
from tapestry.app._road_matcher import MatcherName, PlainMatcher, RoadMatcher
from tapestry.app._roster import NewTracker, NewVehicle, Roster
from tapestry.app._roster_import import RosterImport, RosterKind
from tapestry.app._route_statuses import NewRouteStatus, RouteStatusDesk
from tapestry.app._routes import RouteDesk, RouteQuestion, Spot, shipped_net
from tapestry.app._settings_desk import SettingsDesk
from tapestry.app._sheet_checks import SheetChecks
from tapestry.app._sheet_etas import SheetEtas
from tapestry.app._sheet_meetings import SheetMeetings
from tapestry.app._sheet_passages import SheetPassages
from tapestry.app._sheet_records import SheetRecords
from tapestry.app._sheet_roads import SheetRoads
from tapestry.app._sheet_watch import SheetWatch
from tapestry.app._sheet_writer import SheetWriter
from tapestry.app._sheets import SheetDesk
from tapestry.app._stop_orders import NewStopOrder, StopDesk
from tapestry.app._tables import CSV, XLSX
from tapestry.app._tak_authority import LazyCa
from tapestry.app._tak_desk import NewTakDevice, TakDesk
from tapestry.app._tak_enrolment import ORGANISATION as TAK_ORGANISATION
from tapestry.app._tak_enrolment import UNIT as TAK_UNIT
from tapestry.app._tak_enrolment import TakEnrolment
from tapestry.app._tak_views import TakDoors, TakInvitation
from tapestry.app._tasking_replies import TaskingReplies
from tapestry.app._tasking_texts import TaskingTexts
from tapestry.app._taskings import NewTasking, TaskingDesk
from tapestry.app._tasks import NewTask, TaskCommand, TaskDesk
from tapestry.app._team_pages import TeamPages
from tapestry.app._teams import NewTeam, Question, TeamDesk
from tapestry.app._track_roads import ChooseMatcher, RoadsTaken, TrackRoads
from tapestry.app._voice_positions import VoicePosition, VoicePositions
from tapestry.app._watch_desk import NewHandOver, NewShift, WatchDesk
from tapestry.app._watch_log import NewEntry, WatchLog, WatchLogQuestion
from tapestry.app.ports import Bus, DeviceCa, LastResort, PhoneKeys, Store
from tapestry.dispatch import DispatchSettings
from tapestry.distress import DistressSettings
from tapestry.model import Centre
from tapestry.movement import MovementSettings
from tapestry.route import RoadNet

__all__ = [
    "HOLD_S",
    "MAX_EXPIRING_DAYS",
    "MAX_FILE_SIZE_BYTES",
    "MAX_ITEMS",
    "MAX_PHONE_TEXT_LENGTH",
    "ROSTER_TABLES",
    "TAK_ORGANISATION",
    "TAK_UNIT",
    "AccountChange",
    "BriefQuestion",
    "ChatView",
    "Desk",
    "DispatchSettings",
    "DistressSettings",
    "DocumentPort",
    "FormReading",
    "Heard",
    "Letter",
    "MatcherName",
    "Messenger",
    "MovementSettings",
    "NewBrief",
    "NewCentreOrder",
    "NewEntry",
    "NewHandOver",
    "NewLine",
    "NewMedevac",
    "NewMessage",
    "NewPermit",
    "NewPerson",
    "NewPlan",
    "NewRoll",
    "NewRouteStatus",
    "NewShift",
    "NewStopOrder",
    "NewTakDevice",
    "NewTask",
    "NewTasking",
    "NewTeam",
    "NewTracker",
    "NewVehicle",
    "NoMessenger",
    "NotSent",
    "PasswordHasher",
    "People",
    "PermitChange",
    "PersonChange",
    "PlainMatcher",
    "Question",
    "RoadMatcher",
    "RoadsTaken",
    "RollAnswer",
    "RosterKind",
    "RouteQuestion",
    "SecondPerson",
    "Spot",
    "TakDoors",
    "TakInvitation",
    "TaskCommand",
    "TextIn",
    "VehicleChange",
    "VoicePosition",
    "VoiceReport",
    "WatchLogQuestion",
    "is_locked",
    "load_monitor",
    "publish_directory",
    "publish_fences",
    "publish_plan",
    "shipped_net",
]


NO_MESSENGER: Final = NoMessenger()
WATCH_CALLSIGN: Final = "WATCH"  # of a hub that stands alone
NO_TAK_DOORS: Final = TakDoors(enrol_port=0)

ROSTER_TABLES: Final = {"csv": CSV, "xlsx": XLSX}
"""Media types of tables that can be imported and exported, by the ends of their files' names."""


class Desk:
    """All use cases of people.

    Args:
        store: The hub's store.
        bus: The hub's bus.
        monitor: Who may do what.
        live: The live view of this process.
        hasher: Argon2id.
        phone_keys: Checks what phones signed.
        documents: Draws what is printed, reads what is uploaded.
        random_bytes: Randomness nobody can guess: `secrets.token_bytes`.
        now: The hub's clock, UTC.
        load_net: Gives the road net; called when the first way is asked for.
        choose_matcher: Gives the matcher of tracks to roads for a net; the plain one if not given.
        own: Which centre this is; None: it stands alone.
        centres: The store's part for other centres' changes.
        messenger: Reaches people outside.
        address: The console's address, for links in messages.
        last_resort: Wipes this hub when two people said so.
        device_ca: Opens the authority for devices; called when it is first needed, in a thread. None: there is none.
        tak_doors: Where TAK devices reach the hub.
    """

    def __init__(
        self,
        *,
        store: Store,
        bus: Bus,
        monitor: Monitor,
        live: LiveView,
        hasher: PasswordHasher,
        documents: DocumentPort,
        phone_keys: PhoneKeys,
        random_bytes: RandomBytes,
        now: Callable[[], datetime],
        load_net: Callable[[], RoadNet] = shipped_net,
        choose_matcher: ChooseMatcher = PlainMatcher,
        own: Centre | None = None,
        centres: CentreStore | None = None,
        messenger: Messenger = NO_MESSENGER,
        address: str = "",
        last_resort: LastResort | None = None,
        device_ca: Callable[[], DeviceCa] | None = None,
        tak_doors: TakDoors = NO_TAK_DOORS,
    ) -> None:
        self.entries = Entries(store, now=now)
        self.announcer = Announcer(store, bus, now=now, own=own)
        self.ports = DeskPorts(
            store=store,
            bus=bus,
            monitor=monitor,
            live=live,
            entries=self.entries,
            announcer=self.announcer,
            now=now,
            random_bytes=random_bytes,
            links=LinkBoard(own),
        )
        self.centres = CentreDesk(self.ports, centres)
        self.people = People(store, hasher, random_bytes=random_bytes, now=now)
        authority = LazyCa(device_ca)
        self.tak = TakDesk(self.ports, authority, tak_doors)
        self.tak_enrolment = TakEnrolment(self.ports, authority)
        self.chat = ChatDesk(self.ports, own.name if own is not None else WATCH_CALLSIGN)
        self.accounts = AccountDesk(self.ports, self.people, self.tak.follow_account)
        self.orders = OrderDesk(self.ports, self.people, last_resort)
        self.roster = Roster(self.ports)
        self.people_roster = PeopleDesk(self.ports)
        self.roster_import = RosterImport(self.ports)
        self.movements = MovementDesk(self.ports)
        self.fences = FenceDesk(self.ports)
        self.case_settings = CaseSettings(self.ports)
        self.cases = CasesDesk(self.ports, self.case_settings)
        self.case_watch = CaseWatch(self.ports, self.case_settings)
        self.outbox = Outbox(self.ports, messenger, address=address)
        self.distress_reports = DistressReports(self.ports, messenger)
        self.voice_positions = VoicePositions(self.ports)
        self.alerts = AlertDesk(self.ports, self.cases.follow_alert)
        self.settings = SettingsDesk(self.ports)
        passages, roads = SheetPassages(self.ports), SheetRoads(self.ports)
        meetings = SheetMeetings(self.ports, self.settings)
        checks = SheetChecks(self.ports, self.settings, meetings)
        self.sheet_writer = SheetWriter(self.ports, self.settings, passages, checks.flags_of)
        self.challenges = ChallengeDesk(self.ports, self.sheet_writer, hasher)
        self.phones = PhoneDesk(self.ports, self.sheet_writer, phone_keys, roads, self.challenges)
        self.stops = StopDesk(self.ports, roads, self.sheet_writer)
        self.route_statuses = RouteStatusDesk(self.ports, roads, self.sheet_writer)
        self.sheets = SheetDesk(
            self.ports,
            settings=self.settings,
            checks=checks,
            meetings=meetings,
            passages=passages,
            etas=SheetEtas(self.ports),
            roads=roads,
            writer=self.sheet_writer,
            stops=self.stops,
        )
        self.routes = RouteDesk(self.ports, load_net=load_net, statuses=roads.statuses)
        self.track_roads = TrackRoads(self.ports, net=self.routes.net, choose=choose_matcher)
        self.dispatch_settings = DispatchSettingsDesk(self.ports)
        self.teams = TeamDesk(self.ports, self.dispatch_settings, self.routes)
        self.medevacs = MedevacDesk(self.ports, self.dispatch_settings)
        self.taskings = TaskingDesk(self.ports, self.dispatch_settings, self.teams, self.medevacs, self.cases)
        self.tasking_texts = TaskingTexts(self.ports, messenger)
        self.tasking_replies = TaskingReplies(self.ports, self.taskings, messenger)
        self.distress_reports.take_reply = self.tasking_replies.take
        self.team_pages = TeamPages(self.ports, self.teams, self.taskings, phone_keys)
        self.watches = WatchDesk(self.ports)
        self.watch_log = WatchLog(self.ports)
        self.tasks = TaskDesk(self.ports)
        self.contact = ContactDesk(self.ports, self.settings)
        self.readiness = ReadinessDesk(self.ports)
        self.briefs = BriefDesk(self.ports, documents, self.watches)
        self.posts = PostDesk(self.ports, load_net=load_net)
        self.records = SheetRecords(self.ports, passages)
        self.documents = DocumentDesk(
            self.ports,
            documents,
            settings=self.settings,
            passages=passages,
            sheets=self.sheets,
        )
        self.watch = SheetWatch(
            self.ports,
            settings=self.settings,
            writer=self.sheet_writer,
            checks=checks,
            statuses=self.route_statuses,
            overdue=OverdueWatch(
                self.ports, settings=self.settings, writer=self.sheet_writer, passages=passages
            ),
        )
        self.retention = RetentionKeeper(self.ports, self.settings)
        self.looks = Looks(self.ports)
        self.readings = ReadingsDesk(self.ports)

    async def run(self) -> None:
        """Tell the bus what it has to know, write failed logins and what the Log could not take, for ever."""
        await self.ports.links.watch(self.ports.bus)
        async with asyncio.TaskGroup() as group:
            group.create_task(self.announcer.run())
            group.create_task(self.entries.run())
            group.create_task(self.accounts.run())
            group.create_task(self.watch.run())
            group.create_task(self.retention.run())
            group.create_task(self.case_watch.run())
            group.create_task(self.outbox.run())
            group.create_task(self.taskings.run())
            group.create_task(self.tasking_texts.run())
            group.create_task(self.phones.news.run())
