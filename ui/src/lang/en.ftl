# The console's words. Every key stands in en.ftl, ar.ftl and ckb.ftl; a test holds that.

## Shell
tagline = Convoy tracking hub
loading = Loading…
page-failed = This page could not be loaded. Check the link and reload.
hub-unreachable = The hub does not answer. Trying again…
language = Language
night = Night
night-hint = Night colours: red-shifted, for eyes adapted to the dark
contrast = Contrast
contrast-hint = High contrast
menu = Menu
nav-label = Pages
nav-watch = Watch
nav-movements = Movements
nav-fences = Fences
nav-devices = Devices
nav-people = People
nav-log = Log
nav-account = My account
help = Keyboard shortcuts
close = Close
cancel = Cancel
save = Save
logout = Log out
clock = Time, Zulu and local
link-live = Connected
link-down = No link
link-lost = LINK LOST
link-lost-detail = since { $since } – the picture is { $age } old. Reconnecting…
mute = Mute 60 s
mute-hint = Silence all alert sounds for 60 seconds
muted-for = Muted { $seconds } s
sound-blocked = Sound off: click to turn on

## Login and accounts
login-title = Log in
login = Log in
user-name = User name
password = Password
password-again = Password again
password-hint = At least { $count } characters; several words are best.
totp-code = Code from your authenticator app
totp-hint = Six digits; they change every 30 seconds.
session-expired = Your session has ended. Log in again; nothing on the hub was lost.
setup-title = First administrator
setup-intro = This link works once. It makes the account that makes all others.
setup-no-token = This set-up link has no token in it. Open the whole link that the hub printed.
setup-submit = Make the account
error-bad-credentials = User name or password is wrong.
error-totp-wrong = That code is wrong or has run out. Enter the next one.
error-locked-out = Too many failed tries. Wait some minutes, or ask an administrator.
error-offline = The hub cannot be reached. Your entry is still here: try again.
error-not-allowed = Your role may not do that.
error-not-found = There is nothing under that number, or it is not yours to see.
error-password-short = The password needs at least { $count } characters.
error-password-differs = The two passwords differ.

## Map
map = Map
map-label = Map of convoys
map-loading = Loading the map…
map-no-webgl = This browser cannot draw the map (WebGL is off). Lists, alerts and convoy pages work.
map-zoom-in = Closer
map-zoom-out = Farther
map-whole = Whole country
map-to-selected = To the selected vehicle
map-cursor-grid = Grid reference under the cursor (MGRS)
show-on-map = Show on map
legend = Legend
legend-fresh = Fix up to 60 s old
legend-stale = Stale: up to 5 min old
legend-lost = Last known: older than 5 min
legend-disputed = Position disputed
legend-route = Planned route and corridor
legend-tail = Last 15 minutes

## Convoys
convoys = Convoys
vehicles-count = { $count ->
    [one] { $count } vehicle
   *[other] { $count } vehicles
}
search-placeholder = Convoy, callsign or operator
no-convoys = No convoy is on the road.
nothing-found = Nothing found.
vehicles-alone = Vehicles without a movement
vehicles-without-fix = { $count ->
    [one] { $count } vehicle without a fix
   *[other] { $count } vehicles without a fix
}
vehicles-disputed = { $count ->
    [one] { $count } position disputed
   *[other] { $count } positions disputed
}
open-convoy = Open convoy page
age-none = no fix
age-last-known = last known
position-disputed = position disputed
source-none = source unknown
status-planned = planned
status-approved = approved
status-active = on the road
status-under_way = on the road
status-en_route = on the road
status-halted = halted
status-arrived = arrived
status-ended = ended
status-over = over
status-closed = closed
status-cancelled = cancelled
role-cargo = cargo
role-escort = escort
role-command = command
role-recovery = recovery
role-medical = medical
role-other = other

## Alerts
alerts = Alerts
alerts-show = Which alerts
alerts-severities = Severities
alerts-search = Search alerts
show-open = Open
show-mine = Mine
show-snoozed = Snoozed
show-closed = Closed
no-alerts = No alerts here.
sos-short = SOS
severity-emergency = Emergency
severity-warning = Warning
severity-notice = Notice
rule-distress = Distress call
rule-silent = No contact
rule-stopped-off-plan = Stopped off plan
rule-off-corridor = Off corridor
rule-fence-enter = Entered fence
rule-fence-exit = Left fence
rule-spacing-stretched = Spacing stretched
rule-spacing-closed-up = Closed up
rule-straggler = Straggler
rule-overspeed = Overspeed
rule-position-disputed = Position disputed
rule-rule-failed = A rule failed
distress-sos = DISTRESS – SOS
distress-help = Distress – help, not emergency
distress-delay = Distress – delay
distress-contact = DISTRESS – IN CONTACT
distress-tamper = Tracker tampered with
distress-silent = { $what } (silent: do not call back)
alert-said = { $what }: { $who }, convoy { $convoy }.
alert-late = late: received { $at }
alert-ended = cause ended { $at }
alert-owner = owner: { $who }
alert-acknowledged = acknowledged by { $who } { $at }
alert-waiting = not acknowledged
alert-snoozed = snoozed until { $until }: { $reason }
alert-closed = closed by { $who } { $at }: { $reason }
acknowledge = Acknowledge
take = Take
snooze = Snooze
close-alert = Close
snooze-title = Snooze this alert
snooze-until = Until
snooze-submit = Snooze
close-title = Close this alert
close-submit = Close alert
reason = Reason (kept in the Log)
minutes = { $count } min
vehicle-unknown = Unknown tracker
of-convoy = in
fact-limit = limit { $value }
fact-speed = { $value }
fact-gap = gap { $value }
fact-offset = { $value } off the route
fact-silent = silent { $value }
fact-stopped = standing { $value }
fact-standing = standing { $value }

## Replay
replay = Replay
replay-sign = REPLAY – NOT LIVE
replay-open = Replay
replay-slider = Moment shown
replay-speed = Speed
replay-span = Span
back-to-live = Back to live
live-sign = Live picture
replay-map-only = Only the map replays: lists and alerts are live.
play = Play
pause = Pause
last-hours = { $count ->
    [one] last hour
   *[other] last { $count } hours
}

## Keyboard
help-title = Keyboard shortcuts
help-ages = Keys work by their place on the keyboard, on Arabic and Kurdish layouts too.
key-next = next alert
key-previous = previous alert
key-acknowledge = acknowledge the selected alert (else the top one)
key-snooze = snooze the selected alert
key-take = take the selected alert
key-close = close the selected alert
key-open = open the selected convoy
key-search = search convoys
key-map = focus the map (arrows move it, + and − zoom)
key-replay = open the replay
key-live = back to live
key-night = day or night colours
key-help = this list
key-escape = leave a field, a dialog or the replay

## Convoy page
plan = Plan
order-of-march = Order of march
order-actual = Actual place
planned-order = planned { $order }
not-in-march = Without a place in the column:
column-length = column
gap-ahead = Gap to the vehicle ahead
gap-of = Gap from { $ahead } back to { $behind }
gap-within = within limits
gap-stretched = stretched
gap-closed-up = closed up
gap-straggler = straggler
gap-unknown = unknown
spacing = Spacing
spacing-limits = limits
no-spacing = No two vehicles with a place yet.
vehicles = Vehicles
checkpoints = Checkpoints
checkpoint-passed = passed
checkpoint-late = late by { $by }
no-checkpoints = No checkpoints planned.
halt = halt { $minutes } min

## Columns
col-order = No.
col-callsign = Callsign
col-role = Role
col-fix-age = Fix age
col-source = Source
col-speed = Speed
col-mgrs = MGRS
col-off-route = Off route
col-convoy = Convoy
col-operator = Operator
col-status = Status
col-from = From
col-until = Until
col-version = Version
col-name = Name
col-kind = Kind
col-identity = Identity
col-protocol = Protocol
col-last-heard = Last heard
col-count = Fixes
col-bind = Bind to vehicle
col-vehicle = Vehicle
col-proof = Identity is
col-at = At
col-why = Why
col-frame = Frame
col-plate = Plate
col-second-factor = Second factor
col-actor = Who
col-action = Action
col-subject = On what
col-details = Details

## Movements
movement-new = New movement
movement-change = Change the movement
movement-cancel = Cancel movement
movement-cancel-title = Cancel the movement { $callsign }
no-movements = No movements yet.
change = Change
back = Back
add = Add
remove = Remove
remove-of = Remove { $what }
choose = Choose…
points = points
plan-who = Who and when
plan-from = Tracked from (UTC)
plan-until = Tracked until (UTC)
plan-add-vehicle = Add a vehicle at the end of the column
plan-limits = Limits
plan-route = Route
move-up = Move { $who } forward
move-down = Move { $who } back
checkpoint-name = Name of the checkpoint
checkpoint-time = Planned time (UTC)
checkpoint-halt = Halt in minutes
limit-corridor-half-width-m = Corridor, each side
limit-spacing-min-m = Smallest gap
limit-spacing-max-m = Largest gap
limit-straggler-m = Straggler beyond
limit-speed-limit-mps = Speed limit
limit-silent-after-s = No contact after
limit-stopped-after-s = Stopped off plan after
draw-label = Map to draw on
draw-route = Route
draw-checkpoints = Checkpoints
draw-route-hint = Click to add a point in the direction of travel; drag to move it, right-click to remove it.
draw-checkpoint-hint = Click to add a checkpoint.
undo-point = Remove last point
plan-fault-callsign = Give the convoy a callsign.
plan-fault-operator = Choose the operator.
plan-fault-window = The end must come after the beginning.
plan-fault-route = Draw a route of at least two points.
plan-fault-vehicles = Add at least one vehicle.
plan-fault-limits = Limits must be above zero: smallest gap < largest gap < straggler.

## Fences
fences-note = Convoys that enter or leave a fence raise a notice.
fence-new = New fence
fence-hint = Click its corners on the map; drag to move one, right-click to remove it.
fence-remove-sure = Remove the fence “{ $name }”?
no-fences = No fences yet.
fence-kind-depot = Depot
fence-kind-avoid = Area to avoid
fence-kind-border = Border
fence-kind-checkpoint = Checkpoint
fence-kind-other = Other

## Devices
quarantine = Quarantine
quarantine-note = Trackers that report but that nobody has bound to a vehicle. Their positions count for nothing until then.
quarantine-empty = No unknown tracker is reporting.
rejected-count = { $count } rejected
bind = Bind
unbind = Unbind
trackers = Trackers
search-trackers = Identity or callsign
identity-proved = proved
identity-claimed = only claimed
roster = Vehicles and operators
operator-new = New operator
vehicle-add = Add vehicle
rejected = Rejected frames
rejected-note = Frames that broke their protocol: kept as they came, and counted.
rejected-empty = No rejected frames.

## People and log
person-new = New account
person-note = Give the password in person or by telephone. It can be changed here later; accounts are disabled, never deleted.
account-role-administrator = Administrator
account-role-watch_officer = Watch officer
account-role-operator = Operator
account-role-partner = Partner (reads only)
account-active = active
account-disabled = disabled
enable = Enable
disable = Disable
you = you
on = on
off = off
second-factor = Second factor
totp-is-on = Logging in asks for a code from your authenticator app.
totp-why = A code from an authenticator app on your phone, asked for after the password.
totp-start = Set up an authenticator app
totp-scan = Scan this with the app, or enter the secret by hand. Then enter the code that the app shows.
totp-qr = QR code for the authenticator app
totp-confirm = Confirm
local-zone = Local time
zone-name = Time zone (IANA name)
zone-unknown = This browser does not know that time zone. Example: Asia/Baghdad
log-note = Every look and every change; nothing in it can be altered unseen.
log-head = Signed tree head
log-size = Entries
log-root = Root hash
log-signed = Signed at
log-signature = Signature
log-key = Public key
log-verify = Check the whole Log against this head on the hub's machine:
older = Older entries
