# What `support-bot setup` and `support-bot doctor` say at the terminal. These texts cannot be replaced by those in TEXTS_DIR.

begins =
    Setting up a support desk. Nothing is written before the end, and Ctrl-C leaves everything as it is.
    Settings are written to { $file }.
step-bot = 1 of 4  The bot
step-group = 2 of 4  The operators’ group
step-owner = 3 of 4  The owner
step-settings = 4 of 4  The settings
from-settings = { $name } is already set.

ask-token =
    In Telegram, open @BotFather, send /newbot, and choose a name and a username. The answer contains a token.
    Token (not shown while you paste it)
token-malformed = That is not a token: a token is digits, a colon, and about 35 letters and digits. Copy it whole.
bot-found = The bot is @{ $bot }.

group-link =
    Create a private group for the operators, or take one that you have. Open this link on a device where Telegram runs, choose the group and confirm:
    { $link }
group-waiting = Waiting for the bot to be added. If you know the group’s id, you can type it instead.
group-found = The bot was added to “{ $title }” ({ $chat }).
group-found-untitled = The group has the id { $chat }.
groups-found = The bot was added without this link, perhaps by a stranger, to:
group-listed = { "  " }{ $number }  { $title } ({ $chat })
groups-which = If one of these is the operators’ group, type its number. Otherwise open the link.
group-left = The bot was removed from “{ $title }”. Waiting for it to be added again.
group-moved = The group’s id is now { $chat }.
group-not-id = That is not the id of a group: it is a number that begins with a minus sign.
group-topics =
    The group has no topics yet.
    Open the group, tap its name, Edit, Topics, and turn them on. If the group’s id changes, setup follows it.
group-waits = Do this in Telegram; setup notices it.
group-waits-or-skip = Do this in Telegram, or press Enter to leave it as it is.
group-ready = The group is ready.

owner-link =
    The owner is told about problems and may use every command. With the owner’s account, open this link and press Start:
    { $link }
owner-waiting = Waiting for Start. If you know the owner’s user id, you can type it instead.
owner-found = The owner is { $name } ({ $user }).
owner-waits = Do this in Telegram, or type another id; setup notices it.
yes-or-no = Please answer y or n.
token-file-taken = { $file } is there already. Choose another file for the token, or remove this one.
environment-wins = { $name } is also set in the environment, which counts more than the file. Remove it there before you start the desk.
owner-not-id = That is not a user’s id: it is a number without a sign.

deaf-webhook =
    A webhook is set for this bot, so Telegram shows setup no updates. Setup does not remove it: the program it belongs to may still be running.
    Either stop that program and remove the webhook, then press Enter. Or type the id: web.telegram.org/a shows a group’s id in the address, and @userinfobot answers with your own.
deaf-conflict =
    Another program polls with this token, so Telegram shows setup no updates.
    Either stop that program, then press Enter. Or type the id: web.telegram.org/a shows a group’s id in the address, and @userinfobot answers with your own.
deaf-full =
    At least 100 updates are waiting for this bot. Telegram shows the oldest 100, so setup sees nothing new; the desk will read them all when it starts.
    Type the id: web.telegram.org/a shows a group’s id in the address, and @userinfobot answers with your own.
deaf-unattended = --yes asks nothing, so setup needs the ids: --group ID, --owner ID.
deaf-other =
    Telegram cannot be reached: { $why }.
    Setup tries again every few seconds. Check the network and the firewall meanwhile.

ask-updates =
    How should Telegram’s updates arrive?
      1  polling: needs no open port; right for almost every desk
      2  a webhook: needs a domain name and an HTTPS proxy
    Choice [1]
ask-webhook-url = The public HTTPS URL of this machine, such as https://desk.example.org
ask-store =
    Where should the desk keep its data?
      1  in files in ./data: needs nothing else; right for one desk on one machine
      2  in Redis: for several replicas
    Choice [1]
ask-redis-url = The URL of Redis, such as redis://127.0.0.1:6379/0 (not shown)
ask-operators-language = Language of cards and notices for operators, en or ru [{ $code }]
ask-default-language = Language for users whose own language the bot does not speak, en or ru [{ $code }]
not-a-choice = Please answer with one of: { $choices }.

ask-overwrite = { $file } exists. Change { $names } in it and leave the other lines as they are? [y/n]
ended = The input ended before setup was finished. Nothing was written.
timed-out = Nothing happened in Telegram within the time that --wait allows. Nothing was written.
needs-token = --yes asks nothing, so setup needs the token: set BOT_TOKEN or BOT_TOKEN_FILE.
needs-redis-url = --yes asks nothing, so setup needs the URL of Redis: set REDIS_URL or REDIS_URL_FILE.
kept = Nothing was written.
written = Written to { $file }, which only you can read.
written-token = The token is in { $file }, which only you can read.
checks = What support-bot doctor says:
start-with = Start the desk with: { $command }
not-well = The settings are written, but something is still to do. Do what the lines marked FAIL say, then run: support-bot doctor
bot-waits =
    Setup tries again every few seconds; Ctrl-C ends it. Check meanwhile that this machine is online and finds names (DNS): curl https://api.telegram.org
    If it reaches the internet only through a proxy, press Ctrl-C, set HTTPS_PROXY in the environment or in .env, and start setup again.
setting-wrong =
    { $wrong }.
    To fix it: { $remedy }.

## What `support-bot doctor` says besides its findings at Telegram: the first line says what is so, the last what to do

no-settings =
    There are no settings: { $folder } has no .env, and the environment sets none.
    To look at a desk first:  support-bot demo
    To set one up here:       support-bot setup
doctor-file-open =
    Other users of this machine can read { $file }, which holds secrets.
    Run: chmod 600 { $file }
doctor-store-ok = The store in { $place } can be written.
doctor-store-in-use = The store is in use by the running desk.
doctor-store-closed = The store cannot be used: { $why }
doctor-folder-fails =
    The store cannot be written: { $why }
    Free some space, or choose another DATA_DIR.
doctor-redis-fails =
    The store cannot be written: { $why }
    Check the log of Redis.
doctor-store-risks =
    { $why }
    If what is stored may be lost, set REDIS_ACCEPT_LOSS=true.
doctor-import-first =
    Import first: this Redis holds users of the old bot, and no import of them is recorded.
    Run support-bot import, which brings their bans and topics; with --dry-run it only shows what it would do. To start without them, set REDIS_IGNORE_OLD_USERS=true.
doctor-texts-ok = The texts can be used.
doctor-texts-fail = The texts in TEXTS_DIR have mistakes: { $why }
doctor-welcome-ok = The welcome can be played.
doctor-welcome-fail = The welcome in WELCOME_FILE has mistakes: { $why }
doctor-tracker-ok = TGTrack can be reached.
doctor-tracker-fail =
    TGTrack cannot be reached: { $why }
    Check TGTRACK_URL and this machine’s outgoing connections; reports wait for a day.
doctor-ok = All is well.
doctor-warn = The desk works, but not as well as it could.
doctor-fail = The desk cannot work yet.
