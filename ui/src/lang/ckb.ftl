# وشەکانی شاشەی چاودێری بە کوردیی سۆرانی. هەموو کلیلێک لە en.ftl و ar.ftl و ckb.ftl دا هەیە.

## Shell
tagline = ناوەندی شوێنکەوتنی کاروانەکان
loading = بار دەکرێت…
page-failed = نەتوانرا ئەم پەڕەیە بار بکرێت. پەیوەندییەکە بپشکنە و دووبارە باری بکەوە.
hub-unreachable = ناوەندەکە وەڵام ناداتەوە. هەوڵ دەدرێتەوە…
language = زمان
night = شەو
night-hint = ڕەنگی شەو، سوورباو، بۆ چاوێک کە بە تاریکی ڕاهاتووە
contrast = کۆنتراست
contrast-hint = کۆنتراستی بەرز
menu = پێڕست
nav-label = پەڕەکان
nav-watch = چاودێری
nav-movements = جووڵەکان
nav-fences = پەرژینەکان
nav-devices = ئامێرەکان
nav-people = بەکارهێنەران
nav-log = تۆمار
nav-account = هەژمارەکەم
help = کورتەڕێکانی تەختەکلیل
close = داخستن
cancel = پاشگەزبوونەوە
save = پاشەکەوتکردن
logout = چوونەدەرەوە
clock = کات: زولو و ناوخۆیی
link-live = پەیوەستە
link-down = پەیوەندی نییە
link-lost = پەیوەندی پچڕا
link-lost-detail = لە { $since } ەوە – وێنەکە { $age } کۆنە. پەیوەندی دەبەسترێتەوە…
mute = بێدەنگ 60 چرکە
mute-hint = بێدەنگکردنی هەموو دەنگی ئاگادارییەکان بۆ 60 چرکە
muted-for = بێدەنگ { $seconds } چرکە
sound-blocked = دەنگ کوژاوەتەوە: کرتە بکە بۆ هەڵکردنی

## Login and accounts
login-title = چوونەژوورەوە
login = چوونەژوورەوە
user-name = ناوی بەکارهێنەر
password = وشەی نهێنی
password-again = وشەی نهێنی جارێکی تر
password-hint = لانیکەم { $count } پیت؛ چەند وشەیەک باشترە.
totp-code = کۆدی بەرنامەی سەلماندن
totp-hint = شەش ژمارە؛ هەر 30 چرکە دەگۆڕێت.
session-expired = دانیشتنەکەت کۆتایی هات. دووبارە بچۆ ژوورەوە؛ هیچ شتێک لە ناوەندەکە لەدەست نەچوو.
setup-title = یەکەم بەڕێوەبەر
setup-intro = ئەم بەستەرە تەنها یەک جار کار دەکات. ئەو هەژمارە دروست دەکات کە هەژمارەکانی تر دروست دەکات.
setup-no-token = ئەم بەستەرە نیشانەی تێدا نییە. هەموو ئەو بەستەرە بکەوە کە ناوەندەکە چاپی کرد.
setup-submit = دروستکردنی هەژمار
error-bad-credentials = ناوی بەکارهێنەر یان وشەی نهێنی هەڵەیە.
error-totp-wrong = ئەو کۆدە هەڵەیە یان کاتی بەسەرچووە. کۆدی دواتر بنووسە.
error-locked-out = هەوڵی سەرنەکەوتووی زۆر. چەند خولەکێک چاوەڕێ بکە یان لە بەڕێوەبەر بپرسە.
error-offline = ناگەینە ناوەندەکە. ئەوەی نووسیوتە هێشتا لێرەیە: دووبارە هەوڵ بدە.
error-not-allowed = ڕۆڵەکەت ڕێگە بەوە نادات.
error-not-found = بەو ژمارەیە هیچ نییە، یان بۆ تۆ نییە بیبینیت.
error-password-short = وشەی نهێنی لانیکەم { $count } پیتی دەوێت.
error-password-differs = دوو وشە نهێنییەکە جیاوازن.

## Map
map = نەخشە
map-label = نەخشەی کاروانەکان
map-loading = نەخشە بار دەکرێت…
map-no-webgl = ئەم وێبگەڕە ناتوانێت نەخشە بکێشێت (WebGL کوژاوەتەوە). لیستەکان و ئاگادارییەکان و پەڕەی کاروانەکان کار دەکەن.
map-zoom-in = نزیکتر
map-zoom-out = دوورتر
map-whole = هەموو وڵات
map-to-selected = بۆ ئۆتۆمبێلە هەڵبژێردراوەکە
map-cursor-grid = شوێنی ژێر نیشاندەر (MGRS)
show-on-map = پیشاندان لەسەر نەخشە
legend = ڕوونکردنەوەی هێماکان
legend-fresh = شوێن تا 60 چرکە کۆن
legend-stale = کۆنبوو: تا 5 خولەک
legend-lost = دوایین شوێنی زانراو: لە 5 خولەک کۆنتر
legend-disputed = شوێن گومانلێکراوە
legend-route = ڕێگا و ڕێڕەوی پلانکراو
legend-tail = دوایین 15 خولەک

## Convoys
convoys = کاروانەکان
vehicles-count = { $count ->
    [one] یەک ئۆتۆمبێل
   *[other] { $count } ئۆتۆمبێل
}
search-placeholder = کاروان، ناوی بانگ یان بەڕێکەر
no-convoys = هیچ کاروانێک لەسەر ڕێگا نییە.
nothing-found = هیچ نەدۆزرایەوە.
vehicles-alone = ئۆتۆمبێلی بێ جووڵەی تۆمارکراو
vehicles-without-fix = { $count ->
    [one] یەک ئۆتۆمبێل بێ شوێن
   *[other] { $count } ئۆتۆمبێل بێ شوێن
}
vehicles-disputed = { $count ->
    [one] یەک شوێن گومانلێکراوە
   *[other] { $count } شوێن گومانلێکراون
}
open-convoy = کردنەوەی پەڕەی کاروان
age-none = بێ شوێن
age-last-known = دوایین شوێنی زانراو
position-disputed = شوێن گومانلێکراوە
source-none = سەرچاوە نەزانراوە
status-planned = پلانکراو
status-approved = پەسەندکراو
status-active = لەسەر ڕێگا
status-under_way = لەسەر ڕێگا
status-en_route = لەسەر ڕێگا
status-halted = وەستاو
status-arrived = گەیشت
status-ended = کۆتایی هات
status-over = کۆتایی هات
status-closed = داخراو
status-cancelled = هەڵوەشێنراوە
role-cargo = بار
role-escort = پاراستن
role-command = فەرماندەیی
role-recovery = ڕاکێشان
role-medical = پزیشکی
role-other = هی تر

## Alerts
alerts = ئاگادارییەکان
alerts-show = کام ئاگادارییانە
alerts-severities = پلەکانی مەترسی
alerts-search = گەڕان لە ئاگادارییەکان
show-open = کراوەکان
show-mine = هی من
show-snoozed = دواخراوەکان
show-closed = داخراوەکان
no-alerts = لێرە ئاگاداری نییە.
sos-short = فریاکەوتن
severity-emergency = لەناکاو
severity-warning = هۆشداری
severity-notice = تێبینی
rule-distress = بانگەوازی فریاکەوتن
rule-silent = پەیوەندی نییە
rule-stopped-off-plan = وەستان لە دەرەوەی پلان
rule-off-corridor = لە دەرەوەی ڕێڕەو
rule-fence-enter = چوونە ناو پەرژین
rule-fence-exit = دەرچوون لە پەرژین
rule-spacing-stretched = لێک دوورکەوتنەوە
rule-spacing-closed-up = لێک نزیکبوونەوە
rule-straggler = ئۆتۆمبێلی بەجێماو
rule-overspeed = خێرایی زیاد
rule-position-disputed = شوێن گومانلێکراوە
rule-rule-failed = یاسایەک تێکچوو
distress-sos = بانگەوازی فریاکەوتن – SOS
distress-help = بانگەواز – یارمەتی، لەناکاو نییە
distress-delay = بانگەواز – دواکەوتن
distress-contact = بانگەوازی فریاکەوتن – لەژێر هێرشدا
distress-tamper = دەستکاریی ئامێری شوێنکەوتن
distress-silent = { $what } (بێدەنگ: پەیوەندی پێوە مەکەرەوە)
alert-said = { $what }: { $who }، کاروانی { $convoy }.
alert-late = درەنگ: گەیشت لە { $at }
alert-ended = هۆکارەکە نەما { $at }
alert-owner = بەرپرس: { $who }
alert-acknowledged = { $who } وەرگرتنی پشتڕاست کردەوە { $at }
alert-waiting = وەرگرتنی پشتڕاست نەکراوەتەوە
alert-snoozed = دواخراوە تا { $until }: { $reason }
alert-closed = { $who } دایخست { $at }: { $reason }
acknowledge = پشتڕاستکردنەوەی وەرگرتن
take = گرتنە ئەستۆ
snooze = دواخستن
close-alert = داخستن
snooze-title = دواخستنی ئەم ئاگادارییە
snooze-until = تا
snooze-submit = دواخستن
close-title = داخستنی ئەم ئاگادارییە
close-submit = داخستنی ئاگاداری
reason = هۆکار (لە تۆماردا دەمێنێتەوە)
minutes = { $count } خولەک
vehicle-unknown = ئامێری شوێنکەوتنی نەناسراو
of-convoy = لە
fact-limit = سنوور { $value }
fact-speed = { $value }
fact-gap = مەودا { $value }
fact-offset = { $value } دوور لە ڕێگا
fact-silent = بێدەنگ { $value }
fact-stopped = وەستاوە { $value }
fact-standing = وەستاوە { $value }

## Replay
replay = پیشاندانەوە
replay-sign = پیشاندانەوە – ڕاستەوخۆ نییە
replay-open = پیشاندانەوە
replay-slider = ساتی پیشاندراو
replay-speed = خێرایی
replay-span = ماوە
back-to-live = گەڕانەوە بۆ ڕاستەوخۆ
live-sign = وێنەی ڕاستەوخۆ
replay-map-only = تەنها نەخشە پیشان دەداتەوە: لیستەکان و ئاگادارییەکان ڕاستەوخۆن.
play = لێدان
pause = ڕاگرتن
last-hours = { $count ->
    [one] دوایین کاتژمێر
   *[other] دوایین { $count } کاتژمێر
}

## Keyboard
help-title = کورتەڕێکانی تەختەکلیل
help-ages = کلیلەکان بەپێی شوێنیان لەسەر تەختەکلیل کار دەکەن، لەسەر تەختەکلیلی عەرەبی و کوردیش.
key-next = ئاگاداریی دواتر
key-previous = ئاگاداریی پێشتر
key-acknowledge = پشتڕاستکردنەوەی وەرگرتنی ئاگاداریی هەڵبژێردراو (ئەگەر نا، هی سەرەوە)
key-snooze = دواخستنی ئاگاداریی هەڵبژێردراو
key-take = گرتنە ئەستۆی ئاگاداریی هەڵبژێردراو
key-close = داخستنی ئاگاداریی هەڵبژێردراو
key-open = کردنەوەی کاروانی هەڵبژێردراو
key-search = گەڕان لە کاروانەکان
key-map = چوون بۆ نەخشە (تیرەکان دەیجووڵێنن، + و − نزیک و دووری دەکەنەوە)
key-replay = کردنەوەی پیشاندانەوە
key-live = گەڕانەوە بۆ ڕاستەوخۆ
key-night = ڕەنگی ڕۆژ یان شەو
key-help = ئەم لیستە
key-escape = دەرچوون لە خانە، پەنجەرە یان پیشاندانەوە

## Convoy page
plan = پلان
order-of-march = ڕیزبەندیی ڕۆیشتن
order-actual = شوێنی ڕاستەقینە لە ڕیزدا
planned-order = پلان { $order }
not-in-march = بێ شوێن لە ڕیزدا:
column-length = درێژیی کاروان
gap-ahead = مەودا تا ئۆتۆمبێلی پێشەوە
gap-of = مەودای { $ahead } تا { $behind } ی دوای
gap-within = لەناو سنوور
gap-stretched = دوورکەوتووەتەوە
gap-closed-up = نزیکبووەتەوە
gap-straggler = بەجێماوە
gap-unknown = نەزانراو
spacing = مەودای نێوان
spacing-limits = سنوورەکان
no-spacing = هێشتا دوو ئۆتۆمبێلی شوێن زانراو نین.
vehicles = ئۆتۆمبێلەکان
checkpoints = خاڵەکانی تێپەڕین
checkpoint-passed = تێپەڕی
checkpoint-late = { $by } دواکەوتووە
no-checkpoints = هیچ خاڵێکی تێپەڕین پلان نەکراوە.
halt = وەستان { $minutes } خولەک

## Columns
col-order = ژ.
col-callsign = ناوی بانگ
col-role = ئەرک
col-fix-age = تەمەنی شوێن
col-source = سەرچاوە
col-speed = خێرایی
col-mgrs = MGRS
col-off-route = دووری لە ڕێگا
col-convoy = کاروان
col-operator = بەڕێکەر
col-status = دۆخ
col-from = لە
col-until = تا
col-version = وەشان
col-name = ناو
col-kind = جۆر
col-identity = ناسنامە
col-protocol = پرۆتۆکۆل
col-last-heard = دوایین پەیوەندی
col-count = شوێنەکان
col-bind = بەستنەوە بە ئۆتۆمبێل
col-vehicle = ئۆتۆمبێل
col-proof = ناسنامە
col-at = کات
col-why = هۆکار
col-frame = پەیام
col-plate = ژمارەی تابلۆ
col-second-factor = فاکتەری دووەم
col-actor = کێ
col-action = کردار
col-subject = لەسەر چی
col-details = وردەکاری

## Movements
movement-new = جووڵەی نوێ
movement-change = گۆڕینی جووڵە
movement-cancel = هەڵوەشاندنەوەی جووڵە
movement-cancel-title = هەڵوەشاندنەوەی جووڵەی { $callsign }
no-movements = هێشتا جووڵە نییە.
change = گۆڕین
back = گەڕانەوە
add = زیادکردن
remove = لابردن
remove-of = لابردنی { $what }
choose = هەڵبژێرە…
points = خاڵ
plan-who = کێ و کەی
plan-from = شوێنکەوتن لە (UTC)
plan-until = شوێنکەوتن تا (UTC)
plan-add-vehicle = زیادکردنی ئۆتۆمبێل لە کۆتایی کاروان
plan-limits = سنوورەکان
plan-route = ڕێگا
move-up = بردنە پێشەوەی { $who }
move-down = بردنە دواوەی { $who }
checkpoint-name = ناوی خاڵی تێپەڕین
checkpoint-time = کاتی پلانکراو (UTC)
checkpoint-halt = وەستان بە خولەک
limit-corridor-half-width-m = ڕێڕەو لە هەر لایەک
limit-spacing-min-m = کەمترین مەودا
limit-spacing-max-m = زۆرترین مەودا
limit-straggler-m = بەجێماو لە دوای
limit-speed-limit-mps = سنووری خێرایی
limit-silent-after-s = پەیوەندی نییە دوای
limit-stopped-after-s = وەستان لە دەرەوەی پلان دوای
draw-label = نەخشە بۆ کێشان
draw-route = ڕێگا
draw-checkpoints = خاڵەکانی تێپەڕین
draw-route-hint = کرتە بکە بۆ زیادکردنی خاڵ بە ئاراستەی ڕۆیشتن؛ ڕایبکێشە بۆ جووڵاندنی، کرتەی ڕاست بۆ لابردنی.
draw-checkpoint-hint = کرتە بکە بۆ زیادکردنی خاڵی تێپەڕین.
undo-point = لابردنی دوایین خاڵ
plan-fault-callsign = ناوی بانگ بدە بە کاروانەکە.
plan-fault-operator = بەڕێکەر هەڵبژێرە.
plan-fault-window = کۆتایی دەبێت دوای سەرەتا بێت.
plan-fault-route = ڕێگایەک لانیکەم بە دوو خاڵ بکێشە.
plan-fault-vehicles = لانیکەم یەک ئۆتۆمبێل زیاد بکە.
plan-fault-limits = سنوورەکان دەبێت لە سفر زیاتر بن: کەمترین مەودا < زۆرترین مەودا < بەجێماو.

## Fences
fences-note = چوونە ناو پەرژین یان دەرچوونی کاروان تێبینییەک دروست دەکات.
fence-new = پەرژینی نوێ
fence-hint = لەسەر نەخشە کرتە لە گۆشەکانی بکە؛ ڕایبکێشە بۆ جووڵاندن، کرتەی ڕاست بۆ لابردن.
fence-remove-sure = پەرژینی «{ $name }» لاببرێت؟
no-fences = هێشتا پەرژین نییە.
fence-kind-depot = کۆگا
fence-kind-avoid = ناوچەی خۆلێدوورگرتن
fence-kind-border = سنوور
fence-kind-checkpoint = خاڵی پشکنین
fence-kind-other = هی تر

## Devices
quarantine = جیاکردنەوە
quarantine-note = ئامێرەکانی شوێنکەوتن کە دەنێرن و کەس بە ئۆتۆمبێلێکیانەوە نەبەستووە. تا ئەو کاتە شوێنەکانیان ناژمێردرێن.
quarantine-empty = هیچ ئامێرێکی نەناسراو نانێرێت.
rejected-count = { $count } ڕەتکراوە
bind = بەستنەوە
unbind = کردنەوەی بەستن
trackers = ئامێرەکانی شوێنکەوتن
search-trackers = ناسنامە یان ناوی بانگ
identity-proved = سەلمێنراوە
identity-claimed = تەنها بانگەشەیە
roster = ئۆتۆمبێل و بەڕێکەرەکان
operator-new = بەڕێکەری نوێ
vehicle-add = زیادکردنی ئۆتۆمبێل
rejected = پەیامە ڕەتکراوەکان
rejected-note = پەیامگەلێک کە پرۆتۆکۆلەکەیان شکاند: وەک خۆیان هەڵگیراون و ژمێردراون.
rejected-empty = هیچ پەیامێکی ڕەتکراوە نییە.

## People and log
person-new = هەژماری نوێ
person-note = وشەی نهێنی بە دەستی خۆت یان بە تەلەفۆن بدە. دواتر لێرە دەگۆڕدرێت؛ هەژمار ناچالاک دەکرێت و هەرگیز ناسڕدرێتەوە.
account-role-administrator = بەڕێوەبەر
account-role-watch_officer = ئەفسەری خەفەر
account-role-operator = بەڕێکەر
account-role-partner = هاوبەش (تەنها خوێندنەوە)
account-active = چالاک
account-disabled = ناچالاک
enable = چالاککردن
disable = ناچالاککردن
you = تۆ
on = هەڵکراو
off = کوژاوە
second-factor = فاکتەری دووەم
totp-is-on = چوونەژوورەوە کۆدی بەرنامەی سەلماندنی دەوێت.
totp-why = کۆدێک لە بەرنامەی سەلماندنی مۆبایلەکەت کە دوای وشەی نهێنی داوا دەکرێت.
totp-start = دانانی بەرنامەی سەلماندن
totp-scan = ئەمە بە بەرنامەکە سکان بکە، یان کلیلە نهێنییەکە بە دەست بنووسە. پاشان ئەو کۆدە بنووسە کە بەرنامەکە پیشانی دەدات.
totp-qr = کۆدی QR بۆ بەرنامەی سەلماندن
totp-confirm = پشتڕاستکردنەوە
local-zone = کاتی ناوخۆیی
zone-name = ناوچەی کات (ناوی IANA)
zone-unknown = ئەم وێبگەڕە ئەو ناوچەی کاتە ناناسێت. نموونە: Asia/Baghdad
log-note = هەموو سەیرکردن و گۆڕانێک؛ هیچی تێدا بەبێ ئاشکرابوون ناگۆڕدرێت.
log-head = سەری واژۆکراوی دارەکە
log-size = تۆمارەکان
log-root = هاشی ڕەگ
log-signed = کاتی واژۆ
log-signature = واژۆ
log-key = کلیلی گشتی
log-verify = بۆ پشکنینی هەموو تۆمارەکە لەگەڵ ئەم سەرە، لەسەر ئامێری ناوەندەکە:
older = تۆماری کۆنتر
