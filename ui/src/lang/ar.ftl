# كلمات شاشة المراقبة بالعربية. كل مفتاح موجود في en.ftl و ar.ftl و ckb.ftl، واختبار يتحقق من ذلك.

## Shell
tagline = مركز تتبّع الأرتال
loading = جارٍ التحميل…
page-failed = تعذّر تحميل هذه الصفحة. تحقّق من الاتصال ثم أعد التحميل.
hub-unreachable = المركز لا يستجيب. تجري المحاولة من جديد…
language = اللغة
night = ليلي
night-hint = ألوان ليلية مائلة إلى الحمرة لعيون اعتادت الظلام
contrast = تباين
contrast-hint = تباين عالٍ
menu = القائمة
nav-label = الصفحات
nav-watch = المراقبة
nav-movements = الحركات
nav-fences = الأسيجة
nav-devices = الأجهزة
nav-people = المستخدمون
nav-log = السجل
nav-account = حسابي
help = اختصارات لوحة المفاتيح
close = إغلاق
cancel = إلغاء
save = حفظ
logout = خروج
clock = الوقت: زولو والمحلي
link-live = متصل
link-down = لا اتصال
link-lost = انقطع الاتصال
link-lost-detail = منذ { $since } – عمر الصورة { $age }. تجري إعادة الاتصال…
mute = كتم 60 ث
mute-hint = كتم أصوات التنبيهات كلها لمدة 60 ثانية
muted-for = مكتوم { $seconds } ث
sound-blocked = الصوت متوقف: اضغط لتشغيله

## Login and accounts
login-title = تسجيل الدخول
login = دخول
user-name = اسم المستخدم
password = كلمة المرور
password-again = كلمة المرور مرة أخرى
password-hint = { $count } حرفاً على الأقل؛ والأفضل عدة كلمات.
totp-code = الرمز من تطبيق المصادقة
totp-hint = ستة أرقام تتغيّر كل 30 ثانية.
session-expired = انتهت جلستك. سجّل الدخول من جديد؛ لم يضِع شيء في المركز.
setup-title = أول مدير للنظام
setup-intro = يعمل هذا الرابط مرة واحدة، وينشئ الحساب الذي ينشئ سائر الحسابات.
setup-no-token = لا يوجد رمز في رابط الإعداد هذا. افتح الرابط الذي طبعه المركز كاملاً.
setup-submit = إنشاء الحساب
error-bad-credentials = اسم المستخدم أو كلمة المرور أو الرمز غير صحيح.
error-unavailable = لا يصل المركز الآن إلى قاعدة بياناته أو ناقله. لم يتغيّر شيء؛ أعد المحاولة بعد لحظة.
error-internal = أخفق المركز في هذا. أبلغ من يشغّله.
error-forbidden = دورك لا يسمح بذلك.
error-bad-csrf = هذه الصفحة أقدم من جلستك. أعد تحميلها ثم كرّر التغيير.
error-changed-meanwhile = غيّر شخص آخر هذا في الأثناء. حمّله من جديد وكرّر التغيير.
error-double-booked = إحدى العجلات في حركة أخرى في ذلك الوقت.
error-vehicle-twice = عجلة مكررة في الرتل.
error-user-name-taken = اسم المستخدم هذا مأخوذ.
error-operator-name-taken = هذه الجهة المشغّلة موجودة.
error-identity-taken = جهاز التتبع هذا موجود.
error-bad-password = كلمة المرور قصيرة جداً أو سهلة التخمين.
error-bad-window = يجب أن تكون النهاية بعد البداية.
error-bad-polygon = هذا الشكل ليس مساحة: أضلاعه تتقاطع أو زواياه قليلة.
error-bad-snooze = يجب أن ينتهي التأجيل في المستقبل وليس بعيداً جداً.
error-bad-reason = اذكر السبب.
error-alert-closed = هذا التنبيه مغلق.
error-last-administrator = لا يمكن تعطيل آخر مدير للنظام أو تغييره.
error-movement-cancelled = هذه الحركة ملغاة.
error-too-much-history = هذا كثير دفعة واحدة. اختر مدة أقصر.
contact-only = آخر اتصال قبل { $age }
totp-take-off = إزالة تطبيق المصادقة
tracker-new = جهاز تتبع جديد (المعرّف)
tracker-with-key = مع مفتاح عليه أن يبرزه
tracker-key-once = مفتاح { $identity }، يُعرض هذه المرة فقط:
error-totp-wrong = هذا الرمز خطأ أو انتهت مدته. أدخل الرمز التالي.
error-locked-out = محاولات فاشلة كثيرة. انتظر بضع دقائق أو راجع مدير النظام.
error-offline = لا يمكن الوصول إلى المركز. ما أدخلته ما زال هنا: أعد المحاولة.
error-not-found = لا شيء بهذا الرقم، أو ليس لك أن تراه.
error-password-short = يجب ألا تقل كلمة المرور عن { $count } حرفاً.
error-password-differs = كلمتا المرور مختلفتان.

## Map
map = الخريطة
map-label = خريطة الأرتال
map-loading = جارٍ تحميل الخريطة…
map-no-webgl = لا يستطيع هذا المتصفح رسم الخريطة (WebGL معطّل). القوائم والتنبيهات وصفحات الأرتال تعمل.
map-zoom-in = تقريب
map-zoom-out = تبعيد
map-whole = البلاد كلها
map-to-selected = إلى العجلة المختارة
map-cursor-grid = الإحداثي تحت المؤشر (MGRS)
show-on-map = عرض على الخريطة
legend = مفتاح الرموز
legend-fresh = موقع عمره 60 ثانية أو أقل
legend-stale = موقع قديم: حتى 5 دقائق
legend-lost = آخر موقع معروف: أقدم من 5 دقائق
legend-disputed = الموقع مشكوك فيه
legend-route = الطريق المخطط والممر
legend-tail = آخر 15 دقيقة

## Convoys
convoys = الأرتال
vehicles-count = { $count ->
    [zero] لا عجلات
    [one] عجلة واحدة
    [two] عجلتان
    [few] { $count } عجلات
    [many] { $count } عجلة
   *[other] { $count } عجلة
}
search-placeholder = رتل أو رمز نداء أو جهة مشغّلة
no-convoys = لا يوجد رتل على الطريق.
nothing-found = لا نتائج.
vehicles-alone = عجلات خارج أي حركة
vehicles-without-fix = { $count ->
    [one] عجلة واحدة بلا موقع
    [two] عجلتان بلا موقع
    [few] { $count } عجلات بلا موقع
   *[other] { $count } عجلة بلا موقع
}
vehicles-disputed = { $count ->
    [one] موقع واحد مشكوك فيه
    [two] موقعان مشكوك فيهما
    [few] { $count } مواقع مشكوك فيها
   *[other] { $count } موقعاً مشكوكاً فيه
}
open-convoy = فتح صفحة الرتل
age-none = بلا موقع
age-last-known = آخر موقع معروف
position-disputed = الموقع مشكوك فيه
source-none = المصدر غير معروف
status-planned = مخطط
status-approved = موافق عليه
status-active = على الطريق
status-under_way = على الطريق
status-en_route = على الطريق
status-halted = متوقف
status-arrived = وصل
status-ended = انتهى
status-over = انتهى
status-closed = مغلق
status-cancelled = ملغى
role-cargo = حمولة
role-escort = حماية
role-command = قيادة
role-recovery = سحب وإنقاذ
role-medical = طبابة
role-other = أخرى

## Alerts
alerts = التنبيهات
alerts-show = أي التنبيهات
alerts-severities = درجات الخطورة
alerts-search = بحث في التنبيهات
show-open = المفتوحة
show-mine = المسندة إليّ
show-snoozed = المؤجلة
show-closed = المغلقة
no-alerts = لا تنبيهات هنا.
sos-short = استغاثة
severity-emergency = طارئ
severity-warning = تحذير
severity-notice = إشعار
rule-distress = نداء استغاثة
rule-silent = انقطاع الاتصال
rule-stopped-off-plan = توقّف خارج الخطة
rule-off-corridor = خارج الممر
rule-fence-enter = دخول السياج
rule-fence-exit = خروج من السياج
rule-spacing-stretched = تباعد بين العجلات
rule-spacing-closed-up = تقارب بين العجلات
rule-straggler = عجلة متخلّفة
rule-overspeed = تجاوز السرعة
rule-position-disputed = الموقع مشكوك فيه
rule-overdue = تأخر عن نقطة تفتيش
rule-rule-failed = تعطّلت إحدى القواعد
distress-sos = نداء استغاثة – SOS
distress-help = نداء – طلب مساعدة غير طارئ
distress-delay = نداء – تأخير
distress-contact = نداء استغاثة – في تماس
distress-tamper = عبث بجهاز التتبع
distress-silent = { $what } (صامت: لا تعاود الاتصال)
alert-said = { $what }: { $who }، الرتل { $convoy }.
alert-late = متأخر: وصل { $at }
alert-ended = زال السبب { $at }
alert-owner = المسؤول: { $who }
alert-acknowledged = أكّد الاستلام { $who } { $at }
alert-waiting = لم يؤكَّد استلامه
alert-snoozed = مؤجل حتى { $until }: { $reason }
alert-closed = أغلقه { $who } { $at }: { $reason }
acknowledge = تأكيد الاستلام
take = تولّي
snooze = تأجيل
close-alert = إغلاق
snooze-title = تأجيل هذا التنبيه
snooze-until = حتى
snooze-submit = تأجيل
close-title = إغلاق هذا التنبيه
close-submit = إغلاق التنبيه
reason = السبب (يُحفظ في السجل)
minutes = { $count } د
vehicle-unknown = جهاز تتبع غير معروف
of-convoy = من
fact-limit = الحد { $value }
fact-speed = { $value }
fact-gap = الفاصل { $value }
fact-offset = { $value } عن الطريق
fact-silent = صامت منذ { $value }
fact-stopped = واقف منذ { $value }
fact-standing = واقف منذ { $value }

## Replay
replay = إعادة العرض
replay-sign = إعادة عرض – ليس مباشراً
replay-open = إعادة العرض
replay-slider = اللحظة المعروضة
replay-speed = السرعة
replay-span = المدة
back-to-live = العودة إلى المباشر
live-sign = الصورة المباشرة
replay-map-only = الخريطة وحدها تعيد العرض: القوائم والتنبيهات مباشرة.
play = تشغيل
pause = إيقاف مؤقت
last-hours = { $count ->
    [one] آخر ساعة
    [two] آخر ساعتين
    [few] آخر { $count } ساعات
   *[other] آخر { $count } ساعة
}

## Keyboard
help-title = اختصارات لوحة المفاتيح
help-ages = تعمل المفاتيح بحسب موضعها على اللوحة، وكذلك على اللوحة العربية والكردية.
key-next = التنبيه التالي
key-previous = التنبيه السابق
key-acknowledge = تأكيد استلام التنبيه المختار (وإلا فالأعلى)
key-snooze = تأجيل التنبيه المختار
key-take = تولّي التنبيه المختار
key-close = إغلاق التنبيه المختار
key-open = فتح الرتل المختار
key-search = البحث في الأرتال
key-map = الانتقال إلى الخريطة (الأسهم تحركها، + و − للتقريب والتبعيد)
key-replay = فتح إعادة العرض
key-live = العودة إلى المباشر
key-night = ألوان النهار أو الليل
key-help = هذه القائمة
key-escape = مغادرة حقل أو نافذة أو إعادة العرض

## Convoy page
plan = الخطة
order-of-march = ترتيب المسير
order-actual = الموضع الفعلي
planned-order = المخطط { $order }
not-in-march = بلا موضع في الرتل:
column-length = طول الرتل
gap-ahead = الفاصل عن العجلة التي أمامها
gap-of = الفاصل من { $ahead } إلى { $behind } خلفها
gap-within = ضمن الحدود
gap-stretched = تباعد
gap-closed-up = تقارب
gap-straggler = متخلّفة
gap-unknown = غير معروف
spacing = المسافات البينية
spacing-limits = الحدود
no-spacing = لا توجد بعدُ عجلتان معروفتا الموقع.
vehicles = العجلات
checkpoints = نقاط المرور
checkpoint-passed = تم المرور
checkpoint-late = متأخر { $by }
no-checkpoints = لا نقاط مرور مخططة.
halt = توقّف { $minutes } د

## Columns
col-order = ت
col-callsign = رمز النداء
col-role = الدور
col-fix-age = عمر الموقع
col-source = المصدر
col-speed = السرعة
col-mgrs = MGRS
col-off-route = البعد عن الطريق
col-convoy = الرتل
col-operator = الجهة المشغّلة
col-status = الحالة
col-from = من
col-until = إلى
col-version = الإصدار
col-name = الاسم
col-kind = النوع
col-identity = المعرّف
col-protocol = البروتوكول
col-last-heard = آخر اتصال
col-count = المواقع
col-bind = ربط بعجلة
col-vehicle = العجلة
col-proof = المعرّف
col-at = الوقت
col-why = السبب
col-frame = الرسالة
col-plate = رقم اللوحة
col-second-factor = العامل الثاني
col-actor = من
col-action = الفعل
col-subject = على ماذا
col-details = التفاصيل

## Movements
movement-new = حركة جديدة
movement-change = تعديل الحركة
movement-cancel = إلغاء الحركة
movement-cancel-title = إلغاء الحركة { $callsign }
no-movements = لا حركات بعد.
change = تعديل
back = رجوع
add = إضافة
remove = إزالة
remove-of = إزالة { $what }
choose = اختر…
points = نقاط
plan-who = من ومتى
plan-from = التتبّع من (UTC)
plan-until = التتبّع حتى (UTC)
plan-add-vehicle = إضافة عجلة في آخر الرتل
plan-limits = الحدود
plan-route = الطريق
move-up = تقديم { $who }
move-down = تأخير { $who }
checkpoint-name = اسم نقطة المرور
checkpoint-time = الوقت المخطط (UTC)
checkpoint-halt = مدة التوقف بالدقائق
limit-corridor-half-width-m = الممر من كل جانب
limit-spacing-min-m = أصغر فاصل
limit-spacing-max-m = أكبر فاصل
limit-straggler-m = متخلّفة بعد
limit-speed-limit-mps = حد السرعة
limit-silent-after-s = انقطاع الاتصال بعد
limit-stopped-after-s = توقّف خارج الخطة بعد
draw-label = خريطة للرسم
draw-route = الطريق
draw-checkpoints = نقاط المرور
draw-route-hint = اضغط لإضافة نقطة باتجاه المسير، واسحبها لتحريكها، واضغط بالزر الأيمن لإزالتها.
draw-checkpoint-hint = اضغط لإضافة نقطة مرور.
undo-point = إزالة آخر نقطة
plan-fault-callsign = أعطِ الرتل رمز نداء.
plan-fault-operator = اختر الجهة المشغّلة.
plan-fault-window = يجب أن تكون النهاية بعد البداية.
plan-fault-route = ارسم طريقاً من نقطتين على الأقل.
plan-fault-vehicles = أضف عجلة واحدة على الأقل.
plan-fault-limits = يجب أن تكون الحدود فوق الصفر: أصغر فاصل < أكبر فاصل < متخلّفة.

## Fences
fences-note = دخول الأرتال إلى السياج أو خروجها منه يرفع إشعاراً.
fence-new = سياج جديد
fence-hint = اضغط على زواياه في الخريطة، واسحب الزاوية لتحريكها، واضغط بالزر الأيمن لإزالتها.
fence-remove-sure = إزالة السياج «{ $name }»؟
no-fences = لا أسيجة بعد.
fence-kind-depot = مستودع
fence-kind-avoid = منطقة تُتجنّب
fence-kind-border = حدود
fence-kind-checkpoint = نقطة تفتيش
fence-kind-other = أخرى

## Devices
quarantine = العزل
quarantine-note = أجهزة تتبع ترسل ولم يربطها أحد بعجلة. لا يُعتدّ بمواقعها حتى تُربط.
quarantine-empty = لا يرسل أي جهاز غير معروف.
rejected-count = { $count } مرفوضة
bind = ربط
unbind = فك الربط
trackers = أجهزة التتبع
search-trackers = معرّف أو رمز نداء
identity-proved = مُثبت
identity-claimed = ادّعاء فقط
roster = العجلات والجهات المشغّلة
operator-new = جهة مشغّلة جديدة
vehicle-add = إضافة عجلة
rejected = رسائل مرفوضة
rejected-note = رسائل خالفت بروتوكولها: حُفظت كما وصلت وعُدّت.
rejected-empty = لا رسائل مرفوضة.

## People and log
person-new = حساب جديد
person-note = سلّم كلمة المرور شخصياً أو هاتفياً. يمكن تغييرها هنا لاحقاً؛ الحسابات تُعطَّل ولا تُحذف.
account-role-administrator = مدير النظام
account-role-watch_officer = ضابط الخفر
account-role-operator = جهة مشغّلة
account-role-partner = شريك (قراءة فقط)
account-active = فعّال
account-disabled = معطّل
enable = تفعيل
disable = تعطيل
you = أنت
on = مفعّل
off = غير مفعّل
second-factor = العامل الثاني
totp-is-on = يطلب تسجيل الدخول رمزاً من تطبيق المصادقة.
totp-why = رمز من تطبيق المصادقة على هاتفك يُطلب بعد كلمة المرور.
totp-start = إعداد تطبيق المصادقة
totp-scan = امسح هذا بالتطبيق، أو أدخل المفتاح السري يدوياً. ثم أدخل الرمز الذي يعرضه التطبيق.
totp-qr = رمز QR لتطبيق المصادقة
totp-confirm = تأكيد
local-zone = الوقت المحلي
zone-name = المنطقة الزمنية (اسم IANA)
zone-unknown = لا يعرف هذا المتصفح تلك المنطقة الزمنية. مثال: Asia/Baghdad
log-note = كل اطّلاع وكل تغيير؛ لا يمكن تعديل شيء فيه دون أن يُكشف.
log-head = رأس الشجرة الموقّع
log-size = القيود
log-root = بصمة الجذر
log-signed = وُقّع في
log-signature = التوقيع
log-key = المفتاح العام
log-verify = للتحقق من السجل كله مقابل هذا الرأس، على جهاز المركز:
older = قيود أقدم
