# What the desk says in English. docs/use/texts.md tells how to replace any of these without a rebuild.
#
# Messages are Telegram's HTML: write &lt; &gt; &amp; for < > &. Answers, buttons, commands and words are plain.
# The desk's own notices in a topic begin with -sign and are slanted, so that nobody takes them for a user's words.

-sign = ◆
-not-copied = Telegram does not let bots copy it.
-anonymous = You: anonymous, so your id is not visible here. Turn off “Remain anonymous” in your administrator rights and send /id again, or ask @userinfobot in a private chat.
-as-channel = You: writing as a channel, so your id is not visible here. Tap the picture next to the message field, choose yourself and send /id again, or ask @userinfobot in a private chat.
-commands =
    /ban – ban the user; send it again to lift the ban
    /silent – write here without the user seeing it; send it again to switch it off
    /information – show the user’s card
    /delete – in reply to a message: delete it for the user
    /close – close the conversation
    /reopen – open it again
    /help – show help
    /id – show the ids of this group and topic

## To users

greeting =
    Hello, <b>{ $name }</b>!

    Write your question here: a person will read it and answer in this chat.
    /help – what you can send, /language – change the language
greeting-nameless =
    Hello!

    Write your question here: a person will read it and answer in this chat.
    /help – what you can send, /language – change the language
help =
    Just write: everything you send here reaches our operators, and they answer you right in this chat.

    You can send text, photos, videos, voice messages, files, locations – whatever explains it best. Reply to a message to show which one you mean; edit your own to correct it.

    /language – change the language
choose-language = Which language would you like?
language-chosen = I’ll speak English from now on. Your question can be in any language.
flood-held = You are sending a lot at once. The rest will go to the operators together, as soon as you pause for a minute, or in five minutes at the latest. Nothing is lost.

# To a user who writes for the first time while many others do.
rush = Your message has been received. Many people are writing right now, so an answer may take longer than usual.

## To operators: the card of a user

card =
    <b><a href="tg://user?id={ $user }">{ $name }</a></b>

    ID: <code>{ $user }</code>
    Username: { $username }
    Language: { $language }
    Known since: { $since }
    Status: { $status }

    { -commands }
    Messages that begin with // stay among operators.

# The words that the card is filled with.
no-username = none
status-active = active
status-banned = banned
status-silent = silent mode
status-unreachable = cannot be reached

# Lines under the card, where there is something to say.
card-request = Request: No. { $number }
card-answers =
    Answers to the welcome’s questions:
    { $answers }

## To operators: what the welcome has said to the user

welcome-said =
    <i>{ -sign } The bot and the user:</i>

    { $words }

## To operators: what happened in the conversation

banned = <i>{ -sign } Banned. The user’s messages no longer come here. Send /ban again to lift the ban.</i>
unbanned = <i>{ -sign } The ban is lifted. The user’s messages come here again.</i>
silent-on = <i>{ -sign } Silent mode is on: nothing you write here reaches the user. /silent switches it off.</i>
silent-off = <i>{ -sign } Silent mode is off: what you write here reaches the user again.</i>
closed = <i>{ -sign } Closed. The user’s next message opens the conversation again, and so does /reopen.</i>
reopened = <i>{ -sign } The conversation is open again.</i>
staff-help =
    <b>What you write in a topic goes to its user.</b> Replies, edits and reactions carry over as well. Messages that begin with // stay among operators.

    { -commands }
unknown-command = <i>{ -sign } There is no such command, so nothing was sent. /help lists the commands.</i>
answers-elsewhere = <i>{ -sign } The message below replies to one in another chat: { $source }</i>
answers-elsewhere-quoting =
    <i>{ -sign } The message below replies to one in another chat: { $source }</i>
    <blockquote>{ $quote }</blockquote>
elsewhere-unnamed = source unknown
edited-anew = <i>{ -sign } Edited. The earlier copy cannot be changed, so the message has been sent again.</i>
user-left = <i>{ -sign } The user has blocked the bot or deleted their account. Nothing reaches them until they return.</i>
user-returned = <i>{ -sign } The user is back: you can write to them again.</i>
flood-asks =
    <i>{ -sign } This user is writing very fast: more than { $limit ->
        [one] { $limit } message is waiting.
       *[other] { $limit } messages are waiting.
    } They will arrive here together as soon as the user pauses for a minute, or in five minutes at the latest, unless you decide otherwise:</i>
flood-dropped =
    <i>{ -sign } Dropped: { $count ->
        [one] { $count } message or edit from this user.
       *[other] { $count } messages and edits from this user.
    }</i>
continued-from = <i>{ -sign } Earlier messages of this user are in { $link }, unless that topic was deleted.</i>
goes-on-in = <i>{ -sign } This conversation continues in { $link }. You can still answer here, too.</i>
about-former = <i>{ -sign } About what was written in this user’s old topic:</i>
about-former-by = <i>{ -sign } <a href="tg://user?id={ $operator }">You</a> wrote in this user’s old topic:</i>
some-missing =
    <i>{ -sign } { $missing ->
        [one] { $missing } message was not passed on: most likely it had been deleted.
       *[other] { $missing } messages were not passed on: most likely they had been deleted.
    }</i>

## To operators: what could not be copied

not-copied-text = <i>{ -sign } Not passed on: a text message. { -not-copied }</i>
not-copied-photo = <i>{ -sign } Not passed on: a photo. { -not-copied }</i>
not-copied-video = <i>{ -sign } Not passed on: a video. { -not-copied }</i>
not-copied-animation = <i>{ -sign } Not passed on: an animation. { -not-copied }</i>
not-copied-audio = <i>{ -sign } Not passed on: an audio file. { -not-copied }</i>
not-copied-voice = <i>{ -sign } Not passed on: a voice message. { -not-copied }</i>
not-copied-video-note = <i>{ -sign } Not passed on: a video message. { -not-copied }</i>
not-copied-document = <i>{ -sign } Not passed on: a file. { -not-copied }</i>
not-copied-sticker = <i>{ -sign } Not passed on: a sticker. { -not-copied }</i>
not-copied-contact = <i>{ -sign } Not passed on: a contact. { -not-copied }</i>
not-copied-location = <i>{ -sign } Not passed on: a location. { -not-copied }</i>
not-copied-venue = <i>{ -sign } Not passed on: a place on the map. { -not-copied }</i>
not-copied-poll = <i>{ -sign } Not passed on: a poll. { -not-copied }</i>
not-copied-dice = <i>{ -sign } Not passed on: an animated emoji. { -not-copied }</i>
not-copied-story = <i>{ -sign } Not passed on: a story. { -not-copied }</i>
not-copied-game = <i>{ -sign } Not passed on: a game. { -not-copied }</i>
not-copied-checklist = <i>{ -sign } Not passed on: a checklist. { -not-copied }</i>
not-copied-paid-media = <i>{ -sign } Not passed on: a paid photo or video. { -not-copied }</i>
not-copied-invoice = <i>{ -sign } Not passed on: an invoice. { -not-copied }</i>
not-copied-payment = <i>{ -sign } Not passed on: a payment notice. { -not-copied }</i>
not-copied-giveaway = <i>{ -sign } Not passed on: a giveaway. { -not-copied }</i>
not-copied-gift = <i>{ -sign } Not passed on: a gift. { -not-copied }</i>
not-copied-passport = <i>{ -sign } Not passed on: Telegram Passport documents. They are encrypted, and Telegram does not let bots copy them.</i>
not-copied-service = <i>{ -sign } Not passed on: a service message from Telegram about the chat. { -not-copied }</i>
not-copied-protected = <i>{ -sign } Not passed on: a message with protected content. Its source does not allow copying.</i>
not-copied-other = <i>{ -sign } Not passed on: a message of an unknown kind. { -not-copied }</i>

## To operators: why a message did not arrive

send-failed-blocked = <i>{ -sign } Not delivered: the user has blocked the bot. Try again once they return; you will be told here.</i>
send-failed-gone = <i>{ -sign } Not delivered: the account was deleted, or its owner never started the bot. If you know another way to reach the user, use it.</i>
send-failed-not-copyable = <i>{ -sign } Not delivered: Telegram does not let bots copy messages like this. Send its contents in another form.</i>
send-failed-vanished = <i>{ -sign } Not delivered: the message was deleted before it could be copied. If it is still needed, send it again.</i>
send-failed-copy-gone = <i>{ -sign } Not carried over: the copy on the other side no longer exists. If this matters, send it as a new message.</i>
send-failed-privacy = <i>{ -sign } Not delivered: the user’s privacy settings forbid voice and video messages. Send it as text or as a file.</i>
send-failed-topic = <i>{ -sign } Not delivered: Telegram did not accept it in the topic, nor in a new one. Check that the bot may manage topics in this group, then try again.</i>
send-failed-refused = <i>{ -sign } Not delivered: Telegram refused it, whichever way the bot sent it. Send it in another form: shorter, in parts or as a file.</i>
send-failed-defect = <i>{ -sign } Not delivered: the bot itself failed on it. Try again; if that fails, send it in another form and tell whoever runs the bot.</i>

## To operators: /delete and /id

deleted = <i>{ -sign } Deleted for the user.</i>
not-deleted = <i>{ -sign } Not deleted: Telegram no longer allows it. Bots can delete a message only within 48 hours.</i>
stuck = <i>{ -sign } A message is stuck: Telegram keeps failing to accept it. The bot tries again every half minute; later messages do not wait for it.</i>
delete-what = <i>{ -sign } Send /delete in reply to the message that you want deleted for the user.</i>
nothing-to-delete = <i>{ -sign } There is nothing to delete: the user’s chat has no such message.</i>
ids =
    Group: <code>{ $chat }</code>
    You: <code>{ $user }</code>
ids-in-topic =
    Group: <code>{ $chat }</code>
    Topic: <code>{ $topic }</code>
    You: <code>{ $user }</code>
ids-anonymous =
    Group: <code>{ $chat }</code>
    { -anonymous }
ids-anonymous-in-topic =
    Group: <code>{ $chat }</code>
    Topic: <code>{ $topic }</code>
    { -anonymous }
ids-as-channel =
    Group: <code>{ $chat }</code>
    { -as-channel }
ids-as-channel-in-topic =
    Group: <code>{ $chat }</code>
    Topic: <code>{ $topic }</code>
    { -as-channel }

## To operators: who writes as a channel

written-as-channel = <i>{ -sign } Not delivered: messages sent as a channel do not go to the user, and /id is the only command that works. Tap the picture next to the message field, choose yourself and send it again.</i>

## To the owner, in the private chat

owner-crashed =
    <b>{ -sign } The desk crashed and is running again.</b>

    A panic at <code>{ $place }</code>, in the task <code>{ $task }</code>, on { $moment }. Nothing that was stored is lost.
    This is a bug: please report it and attach the file <code>crashes/{ $file }</code> from DATA_DIR. It contains nothing that users wrote.
owner-ended =
    <b>{ -sign } The desk stopped by itself and is running again.</b>

    In the run that began on { $moment }, the task <code>{ $task }</code> ended and left no crash file. Nothing that was stored is lost. The log says more.
owner-stood-still =
    <b>{ -sign } The desk stood still, ended itself and is running again.</b>

    The loop <code>{ $task }</code> had not moved for minutes on { $moment }. Nothing that was stored is lost.
    This is a bug: please report it and attach the file <code>crashes/{ $file }</code> from DATA_DIR. It contains nothing that users wrote.
owner-killed =
    <b>{ -sign } The desk did not shut down cleanly and is running again.</b>

    The run that began on { $moment } left no crash file: it was killed, ran out of memory, or the host went down. Nothing that was stored is lost.
owner-panicked =
    <b>{ -sign } A bug was caught, and the desk keeps running.</b>

    A panic at <code>{ $place }</code>, in the task <code>{ $task }</code>, on { $moment }. It affected only what was being processed at that moment.
    Please report it and attach the file <code>crashes/{ $file }</code> from DATA_DIR. It contains nothing that users wrote.
owner-monitoring-silent =
    <b>{ -sign } Monitoring has been blind since { $time } UTC.</b>

    Alertmanager’s watchdog signal no longer arrives: whatever breaks now, no alert will tell you. Check Prometheus and Alertmanager.
owner-monitoring-back = <b>{ -sign } Monitoring has been working again since { $time } UTC.</b>
owner-store-begun =
    <b>{ -sign } The store has been failing since { $moment }.</b>

    Nothing new is accepted until it works again; Telegram keeps what users write for a day. Check the disk or Redis; the log says why.
owner-store-denies =
    <b>{ -sign } Redis has refused the desk’s password or user since { $moment }.</b>

    Nothing new is accepted until it lets the desk in; Telegram keeps what users write for a day. Check REDIS_PASSWORD and REDIS_USERNAME.
owner-store-over = <b>{ -sign } The store has been working again since { $moment }.</b>
owner-group-begun =
    <b>{ -sign } Telegram has not let the bot work in the operators’ group since { $moment }.</b>

    Messages wait and are not lost. Make the bot an administrator there again, with the right to manage topics; <code>support-bot doctor</code> says what is missing.
owner-group-over = <b>{ -sign } The bot has been working in the operators’ group again since { $moment }. Waiting messages are being sent now.</b>
owner-token-begun =
    <b>{ -sign } Somebody else has been using this bot’s token since { $moment }.</b>

    Some of the users’ messages go to the other program, and may never arrive here. Stop the other program. If you know of none, get a new token from @BotFather and put it into BOT_TOKEN.
owner-token-over = <b>{ -sign } This desk has had the token to itself again since { $moment }.</b>
owner-webhook-begun =
    <b>{ -sign } Telegram has been unable to reach the webhook since { $moment }.</b>

    It keeps what users write for a day and tries again. Check the proxy, its certificate and the name in WEBHOOK_URL; <code>support-bot doctor</code> says what Telegram complains about.
owner-webhook-over = <b>{ -sign } Telegram has been reaching the webhook again since { $moment }.</b>
owner-backup-begun =
    <b>{ -sign } No backups are being made (noticed on { $moment }).</b>

    The last one failed, or there has been none for two days. If the store were lost now, everything since the last backup would be gone. Run <code>support-bot backup</code> by hand to see why.
owner-backup-over = <b>{ -sign } Backups have been working again since { $moment }.</b>
owner-disk-begun =
    <b>{ -sign } The store’s disk is nearly full (noticed on { $moment }).</b>

    Less than a tenth is free. When it is full, the desk will accept no messages. Free some space or use a larger disk.
owner-disk-over = <b>{ -sign } The store’s disk has had free space again since { $moment }.</b>
owner-tracker-begun =
    <b>{ -sign } TGTrack has accepted no reports since { $moment }.</b>

    Messages are not affected. The reports wait and are sent again for a day; after that they become dead letters. <code>support-bot doctor</code> says whether TGTrack can be reached; if it can, check TGTRACK_API_KEY.
owner-tracker-over = <b>{ -sign } TGTrack has been accepting reports again since { $moment }.</b>
owner-stuck-begun =
    <b>{ -sign } A message has been stuck since { $moment }.</b>

    Telegram keeps failing to accept it, although other messages get through. The desk tries again every half minute, and the topic has a notice. If this goes on, ask whoever wrote the message to send it again in another form.
owner-stuck-over = <b>{ -sign } Nothing has been stuck since { $moment }.</b>
owner-limit-begun =
    <b>{ -sign } Telegram’s limit for the operators’ group has been full for an hour (noticed on { $moment }).</b>

    Nothing is lost, but some of what users write reaches the group late. <code>/status</code> says what is waiting. If one topic has far more new messages than the others, one user is flooding the bot: ban them there with <code>/ban</code>. If many people write every day, a second bot with its own group can share the load.
owner-limit-over = <b>{ -sign } Telegram’s limit for the operators’ group has had room again since { $moment }.</b>
owner-alerts-begun =
    <b>{ -sign } Alerts have not been delivered since { $moment }.</b>

    Alertmanager cannot send its messages, so on-call may not hear of the next fault, or of one that is there now. <code>docker compose logs --tail 50 alertmanager</code> says why; <code>monitoring/smoke</code> tries every way.
owner-alerts-over = <b>{ -sign } Alerts have been delivered again since { $moment }.</b>
owner-given-up =
    <b>{ -sign } { $count ->
        [one] { $count } message or update was given up.
       *[other] { $count } messages or updates were given up.
    }</b>

    They are kept: <code>support-bot dead list</code> shows them with the reasons, <code>support-bot dead replay</code> tries them again. Operators see in the topic which messages did not arrive.
owner-group-moved =
    <b>{ -sign } The operators’ group has a new id.</b>

    Telegram refused <code>{ $from }</code> and named <code>{ $to }</code> in its place, so the desk works there now. Put the new id into BOT_GROUP_ID. If nobody changed the group, stop the desk and find out why: users’ messages go to the new id.
owner-damaged =
    <b>{ -sign } The store’s file is damaged.</b>

    A check found corrupt pages in it. The desk keeps running, but some conversations may fail. Check the disk, stop the desk, keep a copy of DATA_DIR, and restore the newest backup from before the damage: <code>support-bot restore</code>.
owner-kept-back =
    { $kept ->
        [one] { $kept } more notice of this kind was held back.
       *[other] { $kept } more notices of this kind were held back.
    }

## To administrators and the owner, who asked how the desk is: a line each

desk-head = <b>{ -sign } support-bot { $version }</b>, running for { $uptime }
desk-in-file = The store is a file on this machine.
desk-in-redis = The store is in Redis.
desk-well = The store, Telegram and the group are working.
desk-store-down = ⚠ The store has not been working for { $age }.
desk-telegram-down = ⚠ Telegram has not been reachable for { $age }.
desk-group-down = ⚠ The bot has not been allowed to work in the group for { $age }.
desk-inbox = Updates to process: { $count }, the oldest is { $age } old
desk-inbox-empty = Updates to process: none
desk-outbox = To send, { $class }: { $count }, the oldest is { $age } old
desk-outbox-empty = To send: none
desk-tracker = Reports waiting for TGTrack: { $count }, the oldest is { $age } old
desk-tracker-empty = Reports waiting for TGTrack: none
desk-class-button = answers to buttons
desk-class-to-user = to users
desk-class-urgent = answers to operators’ commands
desk-class-known = from users
desk-class-opening = from users who have no topic yet
desk-class-stranger = from users whom no operator has answered lately
desk-class-notice = the desk’s own notices
desk-class-cosmetic = names, cards and pins
desk-class-newsletter = newsletters
desk-overall-left = Telegram’s limit for all chats: { $left } of { $of } free in this second
desk-overall-frozen = ⚠ Telegram has asked not to send anything for { $age }.
desk-group-left = Telegram’s limit for the group: { $left } of { $of } free in this minute
desk-group-used = Telegram’s limit for the group, in the last { $age }: { $percent } % used
desk-group-frozen = ⚠ Telegram has asked not to send anything to the group for { $age }.
desk-waiting = Users waiting for an answer: { $count }, the first for { $age }
desk-waiting-none = Users waiting for an answer: none
desk-dead = Given up: { $count }, see <code>support-bot dead</code>
desk-dead-none = Given up: none
desk-stored-unknown = What the store holds is unknown right now.
desk-alerts-none = Alerts: none firing
desk-alerts-unknown = ⚠ Alertmanager does not answer, so it is unknown whether alerts are firing.
desk-alert-critical = ✗ Critical alert firing: <code>{ $alert }</code>
desk-alert-warning = ⚠ Alert firing: <code>{ $alert }</code>
desk-alerts-more = { $count ->
    [one] … and one more alert
   *[other] … and { $count } more alerts
}
desk-backup = The last backup is { $age } old.
desk-backup-failed = ⚠ Backups are failing; run <code>support-bot backup</code> by hand to see why.
desk-backup-none = Backups: none that the desk knows of
desk-parts = Partitions of this process, of 16: { $parts }
desk-finding-ok = ✓ { $what }
desk-finding-warn = ⚠ { $what }
desk-finding-fail = ✗ { $what }
desk-finding-remedy = → { $what }
desk-found-ok = <b>{ -sign } All is well.</b>
desk-found-warn = <b>{ -sign } The desk works, but not as well as it could.</b>
desk-found-fail = <b>{ -sign } The desk cannot work like this.</b>
age-seconds = { $count } s
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } d
date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
moment = { $date }, { $time } UTC
zone = { $city }, UTC{ $offset }
zone-utc = UTC{ $offset }
moment-in-zone = { $date }, { $time } ({ $zone })

## What a check of the desk's surroundings finds: the first line says what is so, the second what to do

found-answering = Telegram answers.
found-unreachable =
    Telegram cannot be reached: { $why }.
    Check the network, the firewall and BOT_API_URL.
found-proxy-unreachable =
    The proxy in { $setting } cannot be reached, or does not answer.
    Check its kind (http://, https:// or socks5h://), its host and port, and that it runs; or remove { $setting } to reach Telegram directly.
found-proxy-password =
    The proxy in { $setting } asks for a user name and a password, or does not accept those that it got.
    Write them into { $setting } before the host: http://user:password@host:port, with special characters as %40 and so on.
found-proxy-refused =
    The proxy in { $setting } does not connect to Telegram.
    Allow it the host of BOT_API_URL (api.telegram.org) and port 443, and check that { $setting } names the right kind of proxy (http:// or socks5h://).
found-authority-unknown =
    The certificate is signed by an authority that this machine does not know (a proxy that inspects traffic?).
    Set SSL_CERT_FILE to a file with the certificate of that authority.
found-slow =
    Telegram took too long to answer.
    Try again in a minute.
found-token-known = The token is valid: the bot is @{ $bot }.
found-token-unknown =
    Telegram does not know the token.
    Open @BotFather, send /mybots, choose the bot, then API Token, and put it into BOT_TOKEN.
found-private-topics = Topics in private chats are on: the desk writes to a user in the topic that the user last wrote in.
found-business-unserved =
    The bot can be connected to business accounts, but the desk does not relay the messages of their chats.
    Open @BotFather, send /mybots, choose the bot, Bot Settings, Business Mode, and turn it off.
found-clock-untold = Telegram did not report the time.
found-clock-right = This machine’s clock agrees with Telegram’s.
found-clock-off =
    This machine’s clock is { $age } off Telegram’s.
    Turn on time synchronisation: timedatectl set-ntp true.
found-updates-polled = No webhook is set; updates waiting: { $count }.
found-updates-blocked =
    A webhook is set, so nobody can poll; updates waiting: { $count }.
    Stop the program that the webhook belongs to. When the desk starts, it removes the webhook and keeps the waiting updates.
found-updates-not-set =
    No webhook is set; updates waiting: { $count }.
    Start the desk: it sets the webhook. If it is running, check its log.
found-updates-foreign =
    The webhook is not the desk’s; updates waiting: { $count }.
    Stop the program that it belongs to. When the desk starts, it sets its own and keeps the waiting updates.
found-updates-unsynchronized =
    Telegram’s own servers are having trouble; updates waiting: { $count }.
    Wait; Telegram keeps updates for 24 hours.
found-updates-behind =
    The webhook is the desk’s, but too many updates are waiting at Telegram: { $count }.
    Run this again in a minute. If the number grows, look at /readyz, and raise WEBHOOK_MAX_CONNECTIONS.
found-updates-pushed = The desk’s webhook is set; updates waiting: { $count }.
found-push-unreachable =
    { $age } ago Telegram could not connect to WEBHOOK_URL; updates waiting: { $count }.
    Check that the proxy runs, that the firewall lets its port through, and that the name resolves to this machine.
found-push-name =
    { $age } ago Telegram found no address for the host in WEBHOOK_URL; updates waiting: { $count }.
    Check the name and its DNS record.
found-push-certificate =
    { $age } ago Telegram did not accept the certificate of WEBHOOK_URL; updates waiting: { $count }.
    Renew it, and make the proxy send the whole chain; if the certificate is self-signed, name it in WEBHOOK_CERTIFICATE.
found-push-timeout =
    { $age } ago Telegram got no answer in time; updates waiting: { $count }.
    Check that the proxy reaches the desk at WEBAPP_HOST and WEBAPP_PORT.
found-push-unauthorized =
    { $age } ago Telegram got the answer 401; updates waiting: { $count }.
    Make the proxy pass on the header X-Telegram-Bot-Api-Secret-Token; if another desk uses this token, stop it.
found-push-forbidden =
    { $age } ago Telegram got the answer 403: the proxy refused its address; updates waiting: { $count }.
    Let 149.154.160.0/20 and 91.108.4.0/22 reach WEBHOOK_PATH. With a CDN, rootless Docker or a Bot API server of your own, pushes come from other addresses: list those in CADDY_ALLOW_FROM, or in nginx’s “allow” directives.
found-push-path =
    { $age } ago Telegram got the answer 404; updates waiting: { $count }.
    Make the proxy pass on WEBHOOK_PATH unchanged. If it answers 404 to unknown addresses, let 149.154.160.0/20 and 91.108.4.0/22 through.
found-push-absent =
    { $age } ago the proxy told Telegram that the desk was down; updates waiting: { $count }.
    Start the desk; compare WEBAPP_HOST and WEBAPP_PORT with the proxy’s settings.
found-push-busy =
    { $age } ago the desk asked Telegram to try again later: it was stopping, or could not accept updates; updates waiting: { $count }.
    Check /readyz and the desk’s log.
found-push-answered =
    { $age } ago Telegram got the answer { $code }; updates waiting: { $count }.
    Check the log of the proxy.
found-push-other =
    { $age } ago Telegram could not deliver updates; updates waiting: { $count }.
    Check the log of the proxy.
found-all-kinds = All kinds of updates that the desk handles are requested.
found-kinds-lacking =
    The program that polled last did not request these kinds of updates: { $kinds }.
    If the desk has not run yet, do nothing: it will request them. Otherwise stop the other program that uses the token.
found-group-well = The operators’ group was found, and its topics are on.
found-group-public =
    The operators’ group is public: anybody can read what users write.
    Open the group, tap its name, Edit, Group type, and choose Private.
found-group-protected =
    The operators’ group restricts saving content: Telegram lets nothing be copied from it, so no answer reaches a user.
    Open the group, tap its name, Edit, Group type, and turn off Restrict saving content.
found-group-without-topics =
    The operators’ group has no topics.
    Open the group, tap its name, Edit, Topics, and turn them on. If it was a basic group, its id changes: support-bot setup finds the new one.
found-no-group =
    BOT_GROUP_ID names no group: its type is { $kind }.
    Stop the desk and run support-bot setup: it finds the group’s id.
found-group-moved =
    The operators’ group has moved: its id is now { $chat }.
    Put this id into BOT_GROUP_ID.
found-group-unseen =
    The bot does not see the group { $chat }: { $why }.
    Add the bot to the operators’ group. If the id is wrong, support-bot setup finds the right one.
found-rights-well = The bot has the rights it needs, and no more.
found-no-administrator =
    The bot is not an administrator of the group.
    Open the group, tap its name, Edit, Administrators, Add, choose the bot; leave Manage topics, Delete messages and Pin messages on, and turn everything else off.
found-no-topics =
    The bot may not open topics.
    Open the group, tap its name, Edit, Administrators, the bot, and turn on Manage topics.
found-rights-lacking =
    The bot lacks rights: { $rights }.
    Open the group, tap its name, Edit, Administrators, the bot, and turn them on.
found-rights-needless =
    The bot has rights it does not need: { $rights }.
    Open the group, tap its name, Edit, Administrators, the bot, and turn them off.
found-operators-seen = The bot sees operators’ messages.
found-only-commands =
    The bot sees only commands in the group.
    Make the bot an administrator of the group; or open @BotFather, /setprivacy, choose the bot, Disable, and add the bot to the group again.
found-owner-reached = The bot can write to its owner.
found-owner-unreached =
    The bot cannot write to its owner.
    From the owner’s account open the bot and press Start; compare BOT_DEV_ID with the id that @userinfobot shows.
found-limit-used = { $percent } % of Telegram’s limit for the group was used in the last { $age }.
found-limit-full =
    Telegram’s limit for the group is full: { $percent } % of it was used in the last { $age }. Messages reach the group late.
    Ban users who flood the bot; if many people write every day, set up a second bot with its own group.
found-unchecked =
    This could not be checked: { $check } ({ $why }).
    Try again in a minute.
found-store-well = The store can be written to.
found-store-fails =
    The store cannot be written to: { $why }.
    Check the desk’s log, and the disk or the Redis that holds the store.
found-store-silent =
    The store does not answer.
    Check the disk or the Redis that holds the store.
check-connection = the connection to Telegram
check-token = the token
check-bot = the bot’s own settings
check-clock = the clock
check-webhook = the webhook
check-allowed-updates = the kinds of updates
check-group = the operators’ group
check-rights = the rights in the group
check-privacy = whether the bot sees operators’ messages
check-owner = whether the bot can write to its owner
check-store = the store
right-delete-messages = Delete messages
right-pin-messages = Pin messages
right-add-admins = Add new admins
right-ban-users = Ban users
right-change-info = Change group info
right-invite-users = Invite users
right-manage-video-chats = Manage video chats
right-post-stories = Post stories
right-edit-stories = Edit stories
right-delete-stories = Delete stories
right-remain-anonymous = Remain anonymous

## To those who look after the desk: a newsletter that they write, and one that is on its way

news-empty =
    <b>{ -sign } A new newsletter</b>

    Send or forward here what everybody should receive: one message of any kind, or an album. Nothing is sent until you have seen it and confirmed.
news-draft = <b>{ -sign } A newsletter, not started yet</b>
news-message = Content: the message above
news-album = Content: the album above, { $count } pieces
news-forward = Content: the message above, forwarded with its origin
news-forwards = Content: the { $count } messages above, forwarded with their origin
news-links = Buttons under it: { $count }
news-for-all = For: everybody
news-for-language = Only for those who speak: { $language }
news-for-answer = Only for those who answered “{ $question }” with “{ $answer }”
news-for-active = { $count ->
    [one] Only for those who were active within the last { $count } day
   *[other] Only for those who were active within the last { $count } days
}
news-counting = Recipients: being counted…
news-recipients = Recipients: { $count }
news-takes = It takes about { $age } if the desk has little else to send.
news-starts-now = Start: as soon as you confirm
news-starts-at = Start: { $moment }
news-price = { $count ->
    [one] Paid: up to { $count } Star
   *[other] Paid: up to { $count } Stars
}
news-ask-content = To replace the message, send another one.
news-ask-links =
    Now send the buttons, one per line, 20 at most:

    <code>Our shop - https://example.org</code>
news-ask-time =
    Now send the start time in your time zone ({ $zone }), as <code>18:30</code>, <code>24.12 18:30</code> or <code>2026-12-24 18:30</code>. For another time zone, add its offset from UTC: <code>18:30 +3</code>.
news-ask-start = { $count ->
    [one] <b>It goes to { $count } person. Start?</b>
   *[other] <b>It goes to { $count } people. Start?</b>
}
news-head = <b>{ -sign } Newsletter of { $moment }</b>
news-planned = Starts { $moment }
news-running = Being sent
news-paused = Paused
news-refused = ⚠ Paused: Telegram has refused it for everybody so far. Perhaps it is paid and there are too few Stars, or it contains something that bots may not send.
news-vanished = ⚠ Stopped: the message it was sending has been deleted. Those who received it keep it; for the others, write a new one.
news-stopping = Stopping…
news-cancelled = Stopped before everybody received it
news-over = Finished { $moment }
news-undoing = Being deleted for everybody…
news-undone = Deleted for everybody
news-bar = { $bar } { $percent } %
news-sent = Sent: { $sent } of { $of }
news-blocked = Blocked the bot or deleted their account: { $count }
news-failed = Failed: { $count }
news-skipped = Skipped, because banned or unreachable: { $count }
news-recalled = Deleted: { $count }
news-kept = Could not be deleted: { $count }
news-pace = { $count } a second, { $age } to go
news-ask-undo = <b>Delete it for everybody who received it?</b>
news-report = Sent to { $sent }; { $missed } did not receive it. The file lists the result for each recipient; those who did not receive it come first.
newsletter-links-wrong = These are not buttons. Send one per line, a label and an address: <code>Our shop - https://example.org</code>
newsletter-time-wrong = That is not a time within the next 90 days. Send it as <code>18:30</code> or <code>24.12 18:30</code>, with an offset from UTC if you like: <code>18:30 +3</code>
newsletter-discarded = The draft has been deleted. /newsletter starts a new one.
newsletter-unsendable = Telegram does not let bots pass this on, or it was deleted. Send something else.

## Answers to presses of buttons: plain, at most 200 characters

trying-again = Trying again…
button-expired = This button no longer works.
flood-shown = What was waiting is arriving here now.
newsletter-no-links = Telegram shows no buttons under albums and forwarded messages.
newsletter-counting = The recipients are still being counted; try again in a moment.
newsletter-nobody = Nobody would receive it.
newsletter-too-many = Too many newsletters are under way. Stop one first.
newsletter-too-late = Telegram does not let bots delete messages older than 48 hours.

## Buttons: plain, at most 64 characters

retry-button = Try again
flood-show-button = Show
flood-drop-button = Drop
flood-ban-button = Ban
language-english = English
language-russian = Русский
knob-preview = Preview
knob-links = Add buttons
knob-language = Language
knob-answer = Answer
knob-active = Last seen
knob-time = Start time
knob-paid = Pay to send faster
knob-start = Start…
knob-confirm = Yes, start
knob-back = Back
knob-discard = Delete draft
knob-pause = Pause
knob-go-on = Resume
knob-cancel = Stop
knob-undo = Delete for everybody…
knob-undo-confirm = Yes, delete for everybody
knob-leave = Keep it

## Telegram's menu of commands: plain, at most 256 characters

command-user-start = Start the conversation
command-user-help = Show help
command-user-language = Change the language
command-administrator-status = Show the desk’s status
command-administrator-newsletter = Write to all users
command-owner-doctor = Check everything the desk depends on
command-staff-ban = Ban the user, or lift the ban
command-staff-silent = Switch silent mode on or off
command-staff-information = Show the user’s card
command-staff-delete = In reply: delete the message for the user
command-staff-close = Close the conversation
command-staff-reopen = Open the conversation again
command-staff-help = Show help
command-staff-id = Show the ids of this group and topic
