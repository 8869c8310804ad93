# What the desk says in English. docs/use/texts.md tells how to replace any of these without a rebuild.
#
# Messages are Telegram's HTML: write &lt; &gt; &amp; for < > &. Answers, buttons, commands and words are plain.
# The desk's own notices in a topic begin with -sign and are slanted, so that nobody takes them for a user's words.

-sign = ◆
-not-copied = Telegram does not let bots copy it.
-anonymous = You: anonymous, so there is no id to copy. Turn “Remain anonymous” off in your rights as an administrator and send /id again, or ask @userinfobot in private.
-as-channel = You: writing as a channel, so there is no id to copy. Tap the picture beside the message field, choose yourself and send /id again, or ask @userinfobot in private.
-commands =
    /ban – ban the user; again to lift the ban
    /silent – write here unheard by the user; again to switch it off
    /information – show the user’s card
    /delete – in reply to a message: delete it for the user
    /close – close the conversation
    /reopen – open it again
    /help – how this works
    /id – the ids of this group and topic

## To users

greeting =
    Hello, <b>{ $name }</b>!

    Write your question here: people read it, and their answer comes to this chat.
    /help – what you can send, /language – change the language
greeting-nameless =
    Hello!

    Write your question here: people read it, and their answer comes to this chat.
    /help – what you can send, /language – change the language
help =
    Just write: everything you send here reaches our operators, and they answer you right in this chat.

    You can send text, photos, videos, voice messages, files, locations – whatever explains it best. Reply to a message to say what you mean, edit one to correct it.

    /language – change the language
choose-language = Which language shall I speak?
language-chosen = I’ll speak English from now on. Your question can be in any language.

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
    Answers in the welcome:
    { $answers }

## To operators: what the welcome has said to the user

welcome-said =
    <i>{ -sign } The bot and the user:</i>

    { $words }

## To operators: what happened in the conversation

banned = <i>{ -sign } Banned. What the user writes no longer comes here. /ban again lifts the ban.</i>
unbanned = <i>{ -sign } The ban is lifted. The user’s messages come here again.</i>
silent-on = <i>{ -sign } Silent mode is on: nothing you write here reaches the user. /silent switches it off.</i>
silent-off = <i>{ -sign } Silent mode is off: what you write here reaches the user again.</i>
closed = <i>{ -sign } Closed. The user’s next message opens the conversation again, and so does /reopen.</i>
reopened = <i>{ -sign } The conversation is open again.</i>
staff-help =
    <b>What you write in a topic goes to its user.</b> Replies, edits and reactions carry over as well. Messages that begin with // stay among operators.

    { -commands }
unknown-command = <i>{ -sign } There is no such command, so nothing was sent. /help lists those there are.</i>
answers-elsewhere = <i>{ -sign } The message below replies to one in another chat: { $source }</i>
answers-elsewhere-quoting =
    <i>{ -sign } The message below replies to one in another chat: { $source }</i>
    <blockquote>{ $quote }</blockquote>
elsewhere-unnamed = source unknown
edited-anew = <i>{ -sign } Edited. The earlier copy cannot be changed, so the message is sent anew.</i>
user-left = <i>{ -sign } The user has blocked the bot or deleted the account. Nothing reaches them until they return.</i>
user-returned = <i>{ -sign } The user is back and can be written to again.</i>
continued-from = <i>{ -sign } Earlier messages of this user are in { $link }, unless that topic was deleted.</i>
goes-on-in = <i>{ -sign } This conversation goes on in { $link }. You can still answer here, too.</i>
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
not-copied-dice = <i>{ -sign } Not passed on: an animated dice. { -not-copied }</i>
not-copied-story = <i>{ -sign } Not passed on: a story. { -not-copied }</i>
not-copied-game = <i>{ -sign } Not passed on: a game. { -not-copied }</i>
not-copied-checklist = <i>{ -sign } Not passed on: a checklist. { -not-copied }</i>
not-copied-paid-media = <i>{ -sign } Not passed on: a paid photo or video. { -not-copied }</i>
not-copied-invoice = <i>{ -sign } Not passed on: an invoice. { -not-copied }</i>
not-copied-payment = <i>{ -sign } Not passed on: a notice of a payment. { -not-copied }</i>
not-copied-giveaway = <i>{ -sign } Not passed on: a giveaway. { -not-copied }</i>
not-copied-gift = <i>{ -sign } Not passed on: a gift. { -not-copied }</i>
not-copied-passport = <i>{ -sign } Not passed on: Telegram Passport documents. They are encrypted, and Telegram does not let bots copy them.</i>
not-copied-service = <i>{ -sign } Not passed on: one of Telegram’s own notices about the chat. { -not-copied }</i>
not-copied-protected = <i>{ -sign } Not passed on: a message with protected content. Its source does not allow copying.</i>
not-copied-other = <i>{ -sign } Not passed on: a message of a kind unknown to the desk. { -not-copied }</i>

## To operators: why a message did not arrive

send-failed-blocked = <i>{ -sign } Not delivered: the user has blocked the bot. Try again once they return; you will be told here.</i>
send-failed-gone = <i>{ -sign } Not delivered: the account is deleted or has never started the bot. If you know another way to reach the user, use it.</i>
send-failed-not-copyable = <i>{ -sign } Not delivered: Telegram does not let bots copy such a message. Send its contents in another form.</i>
send-failed-vanished = <i>{ -sign } Not delivered: the message was deleted before it could be copied. If it is still needed, it has to be sent anew.</i>
send-failed-copy-gone = <i>{ -sign } Not carried over: the copy on the other side no longer exists. If this matters, send it as a new message.</i>
send-failed-privacy = <i>{ -sign } Not delivered: the user’s privacy settings forbid voice and video messages. Write it, or send it as a file.</i>
send-failed-topic = <i>{ -sign } Not delivered: Telegram did not accept it into the topic, even into a new one. Check that the bot may manage topics in this group, then try again.</i>
send-failed-refused = <i>{ -sign } Not delivered: Telegram refused it every way the bot tried. It has to be sent in another form: shorter, in parts or as a file.</i>
send-failed-defect = <i>{ -sign } Not delivered: the bot itself failed on it. Try again; if that fails, send it in another form and tell whoever runs the bot.</i>

## To operators: /delete and /id

deleted = <i>{ -sign } Deleted for the user.</i>
not-deleted = <i>{ -sign } Not deleted: Telegram no longer allows it. Bots can delete a message for 48 hours only.</i>
stuck = <i>{ -sign } A message is stuck: Telegram keeps failing on it. It is tried again every half minute; later messages do not wait for it.</i>
delete-what = <i>{ -sign } Send /delete in reply to the message that should disappear for the user.</i>
nothing-to-delete = <i>{ -sign } There is nothing to delete: the user’s chat holds no such message.</i>
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

written-as-channel = <i>{ -sign } Not delivered: messages written as a channel do not go to the user, and of commands only /id works. Tap the picture beside the message field, choose yourself and send it again.</i>

## To the owner, in the private chat

owner-crashed =
    <b>{ -sign } The desk crashed, and runs again.</b>

    A panic at <code>{ $place }</code>, in the task <code>{ $task }</code>, { $moment }. What was stored is not lost.
    It is a bug: please report it with the file <code>crashes/{ $file }</code> of DATA_DIR. Nothing that users wrote is in it.
owner-ended =
    <b>{ -sign } The desk ended by itself, and runs again.</b>

    In the run that began { $moment } the task <code>{ $task }</code> ended and left no panic file. What was stored is not lost. The log says more.
owner-killed =
    <b>{ -sign } The desk did not end in order, and runs again.</b>

    The run that began { $moment } left no panic file: it was killed, ran out of memory, or the host went down. What was stored is not lost.
owner-panicked =
    <b>{ -sign } A bug was caught, and the desk goes on.</b>

    A panic at <code>{ $place }</code>, in the task <code>{ $task }</code>, { $moment }. It harmed only the work at hand.
    Please report it with the file <code>crashes/{ $file }</code> of DATA_DIR. Nothing that users wrote is in it.
owner-monitoring-silent =
    <b>{ -sign } Monitoring is blind since { $time } UTC.</b>

    Alertmanager’s watchdog does not come any more: whatever breaks now, no alert tells you. Look after Prometheus and Alertmanager.
owner-monitoring-back = <b>{ -sign } Monitoring sees again since { $time } UTC.</b>
owner-store-begun =
    <b>{ -sign } The store fails since { $moment }.</b>

    Nothing new is taken in until it works again; Telegram keeps what users write for a day. Look at the disk, or at Redis; the log says why.
owner-store-over = <b>{ -sign } The store works again since { $moment }.</b>
owner-group-begun =
    <b>{ -sign } Telegram does not let the bot work in the operators’ group since { $moment }.</b>

    Messages wait and are not lost. Make the bot an administrator there again, with the right to manage topics; <code>support-bot doctor</code> says what is missing.
owner-group-over = <b>{ -sign } The bot works in the operators’ group again since { $moment }. What has waited goes out now.</b>
owner-token-begun =
    <b>{ -sign } Somebody else uses this bot’s token since { $moment }.</b>

    Updates go to two programs, so some users’ messages may never arrive here. Stop the other program. If you know of none, make a new token at @BotFather and put it into BOT_TOKEN.
owner-token-over = <b>{ -sign } The token is this desk’s alone again since { $moment }.</b>
owner-webhook-begun =
    <b>{ -sign } Telegram cannot reach the webhook since { $moment }.</b>

    It keeps what users write for a day and tries again. Look after the proxy, its certificate and the name in WEBHOOK_URL; <code>support-bot doctor</code> says what Telegram complains of.
owner-webhook-over = <b>{ -sign } Telegram reaches the webhook again since { $moment }.</b>
owner-backup-begun =
    <b>{ -sign } Backups are not made: noticed { $moment }.</b>

    The last one failed, or none was made for two days. If the store were lost today, what came since would be gone. Run <code>support-bot backup</code> by hand: it says why.
owner-backup-over = <b>{ -sign } Backups are made again since { $moment }.</b>
owner-disk-begun =
    <b>{ -sign } The disk of the store is nearly full: noticed { $moment }.</b>

    Less than a tenth is free. When it is full, the desk takes nothing in. Make room, or give it a larger disk.
owner-disk-over = <b>{ -sign } The disk of the store has room again since { $moment }.</b>
owner-tracker-begun =
    <b>{ -sign } TGTrack has taken no reports since { $moment }.</b>

    Messages are not concerned. The reports wait and are made again, for a day; after that they are kept as given up. <code>support-bot doctor</code> says whether TGTrack can be reached; if it can, look at TGTRACK_API_KEY.
owner-tracker-over = <b>{ -sign } TGTrack takes reports again since { $moment }.</b>
owner-stuck-begun =
    <b>{ -sign } A message has been stuck since { $moment }.</b>

    Telegram keeps failing on it, although other messages get through. It is tried again every half minute, and its topic has a notice. If this goes on, whoever wrote it should send it again in another form.
owner-stuck-over = <b>{ -sign } Nothing has been stuck since { $moment }.</b>
owner-given-up =
    <b>{ -sign } { $count ->
        [one] { $count } message or update was given up.
       *[other] { $count } messages or updates were given up.
    }</b>

    They are kept: <code>support-bot dead list</code> shows them and why, <code>support-bot dead replay</code> tries again. Operators see in the topic which messages did not arrive.
owner-group-moved =
    <b>{ -sign } The operators’ group has another id.</b>

    Telegram refused <code>{ $from }</code> and named <code>{ $to }</code> in its place, so the desk works there now. Put the new id into BOT_GROUP_ID. If nobody changed the group, stop the desk and find out why: users’ messages go to the new id.
owner-damaged =
    <b>{ -sign } The store’s file is damaged.</b>

    A check has found pages in it that make no sense. The desk goes on, but some conversations may fail. Look at the disk, stop the desk, keep a copy of DATA_DIR, and restore the newest backup from before the damage: <code>support-bot restore</code>.
owner-kept-back =
    { $kept ->
        [one] { $kept } more notice of this kind was kept back.
       *[other] { $kept } more notices of this kind were kept back.
    }

## To administrators and the owner, who asked how the desk is: a line each

desk-head = <b>{ -sign } support-bot { $version }</b>, running for { $uptime }
desk-in-file = The store is a file of this machine.
desk-in-redis = The store is in Redis.
desk-well = The store, Telegram and the group are well.
desk-store-down = ⚠ The store has not been working for { $age }.
desk-telegram-down = ⚠ Telegram has not been reachable for { $age }.
desk-group-down = ⚠ The bot has not been allowed to work in the group for { $age }.
desk-inbox = Updates to decide: { $count }, the oldest is { $age } old
desk-inbox-empty = Updates to decide: none
desk-outbox = To send, { $class }: { $count }, the oldest is { $age } old
desk-outbox-empty = To send: nothing
desk-tracker = Reports to TGTrack that wait: { $count }, the oldest is { $age } old
desk-tracker-empty = Reports to TGTrack that wait: none
desk-class-button = answers to buttons
desk-class-to-user = to users
desk-class-to-topic = to topics
desk-class-notice = the desk’s own words
desk-class-cosmetic = names, cards and pins
desk-class-newsletter = newsletters
desk-overall-left = Telegram’s limit for all chats: { $left } of { $of } free within this second
desk-overall-frozen = ⚠ Telegram has asked not to send anything for { $age }.
desk-group-left = Telegram’s limit for the group: { $left } of { $of } free within this minute
desk-group-frozen = ⚠ Telegram has asked not to send anything to the group for { $age }.
desk-waiting = Users who wait for an answer: { $count }, the first has waited for { $age }
desk-waiting-none = Users who wait for an answer: none
desk-dead = Given up: { $count }, see <code>support-bot dead</code>
desk-dead-none = Given up: nothing
desk-stored-unknown = What the store holds is not known now.
desk-alerts-none = Alerts: none fires
desk-alerts-unknown = ⚠ Alertmanager does not answer: whether alerts fire is not known.
desk-alert-critical = ✗ The alert <code>{ $alert }</code> fires: critical
desk-alert-warning = ⚠ The alert <code>{ $alert }</code> fires
desk-alerts-more = { $count ->
    [one] … and one more alert
   *[other] … and { $count } more alerts
}
desk-backup = The last backup is { $age } old.
desk-backup-failed = ⚠ Backups fail; run <code>support-bot backup</code> by hand to see why.
desk-backup-none = Backups: none was made that the desk knows of
desk-parts = This process has these of the 16 parts of the conversations: { $parts }
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

## What a check of the desk's surroundings finds: the first line says what is so, the second what to do

found-answering = Telegram answers.
found-unreachable =
    Telegram cannot be asked: { $why }.
    Check the network, the firewall and BOT_API_URL.
found-slow =
    Telegram took too long to answer all questions.
    Try again in a minute.
found-token-known = The token is valid: the bot is @{ $bot }.
found-token-unknown =
    Telegram does not know the token.
    Open @BotFather, send /mybots, choose the bot, then API Token, and put it into BOT_TOKEN.
found-private-topics = Topics in private chats are on: the desk writes to a user in the topic that the user wrote in last.
found-business-unserved =
    The bot can be connected to business accounts, but the desk does not relay the messages of their chats.
    Open @BotFather, send /mybots, choose the bot, Bot Settings, Business Mode, and turn it off.
found-clock-untold = Telegram did not tell the time.
found-clock-right = This machine’s clock agrees with Telegram’s.
found-clock-off =
    This machine’s clock is { $age } off Telegram’s.
    Turn on time synchronisation: timedatectl set-ntp true.
found-updates-polled = No webhook is set; updates waiting: { $count }.
found-updates-blocked =
    A webhook is set, so that nobody can poll; updates waiting behind it: { $count }.
    Stop the program that the webhook belongs to. A start of the desk removes the webhook and keeps what waits.
found-updates-not-set =
    No webhook is set; updates waiting: { $count }.
    Start the desk: it sets the webhook. If it is running, look into its log.
found-updates-foreign =
    The webhook is not the desk’s; updates waiting behind it: { $count }.
    Stop the program that it belongs to. A start of the desk sets its own and keeps what waits.
found-updates-unsynchronized =
    Telegram’s server has trouble of its own; updates waiting: { $count }.
    Wait; Telegram keeps updates for 24 hours.
found-updates-behind =
    The webhook is the desk’s, but too many updates wait at Telegram: { $count }.
    Run this again in a minute. If the number grows, look at /readyz, and raise WEBHOOK_MAX_CONNECTIONS.
found-updates-pushed = The webhook is set and the desk’s; updates waiting: { $count }.
found-push-unreachable =
    { $age } ago Telegram could not connect to WEBHOOK_URL; updates waiting: { $count }.
    Check that the proxy runs, that the firewall lets its port through, and that the name leads to this machine.
found-push-name =
    { $age } ago Telegram found no address for the host in WEBHOOK_URL; updates waiting: { $count }.
    Check the name and its DNS record.
found-push-certificate =
    { $age } ago Telegram did not accept the certificate of WEBHOOK_URL; updates waiting: { $count }.
    Renew it, and let the proxy send the whole chain; one of your own is uploaded by WEBHOOK_CERTIFICATE.
found-push-timeout =
    { $age } ago Telegram got no answer in time; updates waiting: { $count }.
    Check that the proxy reaches the desk at WEBAPP_HOST and WEBAPP_PORT.
found-push-unauthorized =
    { $age } ago Telegram was answered 401; updates waiting: { $count }.
    Let the proxy pass the header X-Telegram-Bot-Api-Secret-Token on; stop another desk with this token.
found-push-forbidden =
    { $age } ago Telegram was answered 403: the proxy refused the address that it pushed from; updates waiting: { $count }.
    Let 149.154.160.0/20 and 91.108.4.0/22 reach WEBHOOK_PATH. With a CDN, rootless Docker or a Bot API server of your own, pushes come from other addresses: name those in CADDY_ALLOW_FROM, or in “allow” of nginx.
found-push-path =
    { $age } ago Telegram was answered 404; updates waiting: { $count }.
    Let the proxy pass WEBHOOK_PATH on as it is. One that answers 404 to strange addresses must let 149.154.160.0/20 and 91.108.4.0/22 through.
found-push-absent =
    { $age } ago Telegram was answered by the proxy that the desk is not there; updates waiting: { $count }.
    Start the desk; compare WEBAPP_HOST and WEBAPP_PORT with the proxy’s settings.
found-push-busy =
    { $age } ago Telegram was asked to come again: the desk was stopping, or could not take updates in; updates waiting: { $count }.
    Look at /readyz and at the log of the desk.
found-push-answered =
    { $age } ago Telegram was answered { $code }; updates waiting: { $count }.
    Look into the log of the proxy.
found-push-other =
    { $age } ago Telegram could not push; updates waiting: { $count }.
    Look into the log of the proxy.
found-all-kinds = Updates of all kinds that the desk handles are asked for.
found-kinds-lacking =
    Who polled last did not ask for updates of these kinds: { $kinds }.
    Nothing, if the desk did not run yet: it asks for them. Otherwise stop the other program that uses the token.
found-group-well = The operators’ group is there and has topics.
found-group-public =
    The operators’ group is public: anybody can read what users write.
    Open the group, tap its name, Edit, Group type, and choose Private.
found-group-protected =
    The operators’ group restricts saving content: Telegram lets nothing be copied from it, so no answer reaches a user.
    Open the group, tap its name, Edit, Group type, and turn off Restrict saving content.
found-group-without-topics =
    The operators’ group has no topics.
    Open the group, tap its name, Edit, Topics, and turn them on. The group’s id changes if it was a small group: send /id there again.
found-no-group =
    BOT_GROUP_ID names no group: it is of the type { $kind }.
    Add the bot to the operators’ group, send /id there and put the id into BOT_GROUP_ID.
found-group-moved =
    The operators’ group moved: its id is { $chat } now.
    Put this id into BOT_GROUP_ID.
found-group-unseen =
    The bot does not see the group { $chat }: { $why }.
    Add the bot to the operators’ group, send /id there and compare the id with BOT_GROUP_ID.
found-rights-well = The bot has the rights that it needs, and no more.
found-no-administrator =
    The bot is not an administrator of the group.
    Open the group, tap its name, Edit, Administrators, Add, choose the bot; leave Manage topics, Delete messages and Pin messages on, all else off.
found-no-topics =
    The bot may not open topics.
    Open the group, tap its name, Edit, Administrators, the bot, and turn on Manage topics.
found-rights-lacking =
    The bot lacks rights: { $rights }.
    Open the group, tap its name, Edit, Administrators, the bot, and turn them on.
found-rights-needless =
    The bot has rights it does not need: { $rights }.
    Open the group, tap its name, Edit, Administrators, the bot, and turn them off.
found-operators-seen = The bot sees what operators write.
found-only-commands =
    The bot sees only commands in the group.
    Make the bot an administrator of the group; or open @BotFather, /setprivacy, choose the bot, Disable, and add the bot to the group anew.
found-owner-reached = The bot can write to its owner.
found-owner-unreached =
    The bot cannot write to its owner.
    From the owner’s account open the bot and press Start; compare BOT_DEV_ID with the id that @userinfobot tells.
found-unchecked =
    This could not be checked: { $check } ({ $why }).
    Try again in a minute.
found-store-well = The store can be written.
found-store-fails =
    The store cannot be written: { $why }.
    Look into the log of the desk, and at the disk or the Redis that holds the store.
found-store-silent =
    The store does not answer.
    Look at the disk or the Redis that holds the store.
check-connection = the connection to Telegram
check-token = the token
check-bot = the bot’s own settings
check-clock = the clock
check-webhook = the webhook
check-allowed-updates = the kinds of updates
check-group = the operators’ group
check-rights = the rights in the group
check-privacy = whether operators are seen
check-owner = whether the owner can be written to
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

    Send or forward here what everybody is to receive: one message of any kind, or an album. Nothing goes out before you have seen it and said so.
news-draft = <b>{ -sign } A newsletter, not started yet</b>
news-message = Content: the message above
news-album = Content: the album above, { $count } pieces
news-forward = Content: the message above, forwarded with its origin
news-forwards = Content: the { $count } messages above, forwarded with their origin
news-links = Buttons under it: { $count }
news-for-all = For: everybody
news-for-language = Only for those who speak: { $language }
news-for-answer = Only for those who answered “{ $question }” with “{ $answer }”
news-for-active = Only for those who were here within the last { $count } days
news-counting = Recipients: being counted…
news-recipients = Recipients: { $count }
news-takes = It takes about { $age } while the desk has little else to send.
news-starts-now = Start: as soon as you say so
news-starts-at = Start: { $moment }
news-price = Paid for: up to { $count } Stars
news-ask-content = To replace it, send another message.
news-ask-links =
    Now send the buttons, a line for each, at most 20:

    <code>Our shop - https://example.org</code>
news-ask-time =
    Now send when it is to start, as <code>18:30</code>, <code>24.12 18:30</code> or <code>2026-12-24 18:30</code>. It is taken for UTC, or for the time zone of your welcome if the desk knows it; to be sure, add the offset: <code>18:30 +3</code>
news-ask-start = { $count ->
    [one] <b>It goes to { $count } person. Start?</b>
   *[other] <b>It goes to { $count } people. Start?</b>
}
news-head = <b>{ -sign } Newsletter of { $moment }</b>
news-planned = Starts { $moment }
news-running = Being sent
news-paused = Paused
news-refused = ⚠ Paused: Telegram has refused it for everybody so far. Is it paid for, without enough Stars? Does it hold what bots may not send?
news-vanished = ⚠ Stopped: the message that it sends was deleted. Whoever has it keeps it; for the others, write a new one.
news-stopping = Stopping…
news-cancelled = Stopped before everybody had it
news-over = Finished { $moment }
news-undoing = Being taken back…
news-undone = Taken back
news-bar = { $bar } { $percent } %
news-sent = Sent: { $sent } of { $of }
news-blocked = Blocked the bot or left: { $count }
news-failed = Failed: { $count }
news-skipped = Passed over, because banned or gone already: { $count }
news-recalled = Deleted: { $count }
news-kept = Could not be deleted: { $count }
news-pace = { $count } a second, { $age } to go
news-ask-undo = <b>Delete it for everybody who has it?</b>
news-report = Sent to { $sent }; { $missed } did not get it. The file says what became of it for whom, those who did not get it first.
newsletter-links-wrong = These aren’t buttons. Send a line for each, a label and an address: <code>Our shop - https://example.org</code>
newsletter-time-wrong = That isn’t a time within the next 90 days. Send it as <code>18:30</code> or <code>24.12 18:30</code>, perhaps with the offset from UTC: <code>18:30 +3</code>
newsletter-discarded = The draft is thrown away. /newsletter begins a new one.
newsletter-unsendable = Telegram doesn’t let bots send this on, or it was deleted. Send something else.

## Answers to presses of buttons: plain, at most 200 characters

trying-again = Trying again…
button-expired = This button no longer works.
newsletter-no-links = Telegram shows no buttons under albums and forwarded messages.
newsletter-counting = The recipients are still being counted; try again in a moment.
newsletter-nobody = Nobody would receive it.
newsletter-too-many = Too many newsletters are under way. End one first.
newsletter-too-late = Telegram deletes nothing that is older than 48 hours.

## Buttons: plain, at most 64 characters

retry-button = Try again
language-english = English
language-russian = Русский
knob-preview = Show me what they get
knob-links = Buttons
knob-language = Language
knob-answer = Answer
knob-active = Last seen
knob-time = Start time
knob-paid = Pay to send faster
knob-start = Start…
knob-confirm = Yes, start
knob-back = Back
knob-discard = Throw away
knob-pause = Pause
knob-go-on = Go on
knob-cancel = Stop
knob-undo = Take it back…
knob-undo-confirm = Yes, delete it for everybody
knob-leave = Leave it

## Telegram's menu of commands: plain, at most 256 characters

command-user-start = Start the conversation
command-user-help = How this works
command-user-language = Change the language
command-administrator-status = How the desk is
command-administrator-newsletter = Write to all users
command-owner-doctor = Check what the desk depends on
command-staff-ban = Ban the user, or lift the ban
command-staff-silent = Silent mode on or off
command-staff-information = The user’s card
command-staff-delete = In reply: delete the message for the user
command-staff-close = Close the conversation
command-staff-reopen = Open the conversation again
command-staff-help = How this works
command-staff-id = The ids of this group and topic
