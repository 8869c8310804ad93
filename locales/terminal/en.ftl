# What `support-bot setup` and `support-bot doctor` say at the terminal. These texts cannot be replaced by those in TEXTS_DIR.

begins =
    Four steps to a support desk. Keep Telegram open, on a phone or a computer.
    Settings are written to { $file } only at the end; Ctrl-C stops setup before that and writes nothing.
step-bot = 1 of 4  The bot
step-group = 2 of 4  The operators’ group
step-owner = 3 of 4  The owner
step-settings = 4 of 4  The settings
from-settings = { $name } is already set.

ask-token =
    In Telegram, open @BotFather and send /newbot. Choose a name, then a username that ends in “bot”. BotFather replies with a token such as 123456789:AAH…; keep it secret, because anyone who has it controls the bot.
    Paste the token and press Enter (it stays invisible)
token-malformed = That is not a token. A token is digits, a colon, and about 35 more characters. Copy it whole and try again.
token-unknown =
    Telegram does not know this token.
    Copy the one that is valid now: in @BotFather, send /mybots, choose the bot, then API Token.
bot-found = The bot is @{ $bot }.

group-link =
    Create a private group for the operators, or use one that you have. Open this link on a device with Telegram (to get it to your phone, send it to your Saved Messages). Choose the group, leave the rights as they are, and confirm:
    { $link }
group-waiting = Waiting for the bot to be added. If you know the group’s id, you can type it instead.
group-found = The bot was added to “{ $title }” ({ $chat }).
group-named = The group is “{ $title }” ({ $chat }).
groups-found = The bot is in these groups, but was not added through the link above. If it was not you, a stranger may have added it:
group-listed = { "  " }{ $number }  { $title } ({ $chat })
groups-which = If one of these is the operators’ group, type its number. Otherwise open the link.
group-left = The bot was removed from “{ $title }”. Waiting for it to be added again.
group-moved = The group’s id is now { $chat }.
group-not-id = That is neither a group’s id, which begins with a minus sign, nor a number from a list above.
group-unseen =
    The bot does not see the group { $chat }: { $why }.
    Add @{ $bot } to the operators’ group. If the id is wrong, type the right one.
group-other-kind =
    { $chat } is not the id of a group.
    Type the id of the operators’ group, which is in the address at web.telegram.org/a.
group-topics =
    Topics are off in this group.
    Open the group, tap its name, then Edit or the pencil (on a computer: ⋮, Manage group), and turn on Topics. If the group’s id changes, setup follows it.
group-waits = Do this in Telegram. Setup sees it by itself.
group-waits-or-skip = Do this in Telegram, or press Enter to leave it as it is.
group-ready = The group is ready.

owner-link =
    The owner, usually you, is told about problems and may use every command. With the owner’s account, open this link and press Start. Show it to nobody else: whoever opens it first becomes the owner.
    { $link }
owner-waiting = Waiting for Start. If you know the owner’s user id, you can type it instead.
owner-found = The owner is { $name } ({ $user }).
owner-unreached =
    The bot cannot write to { $user }.
    With the owner’s account, open https://t.me/{ $bot } and press Start. If the id is wrong, @userinfobot replies with your own.
owner-waits = Do this in Telegram, or type another id. Setup sees it by itself.
yes-or-no = Please answer y or n.
token-file-taken = { $file } already exists. Choose another file for the token, or delete this one.
environment-wins = { $name } is also set in the environment, which takes precedence over the file. Unset it there before you start the desk.
only-in-environment = These settings are in the environment and not in { $file }: { $names }. A desk that is started without them does not have them: if it needs them, add them to the file.
owner-not-id = That is not a user’s id, which consists of digits only.

deaf-webhook =
    A webhook is set for this bot, so Telegram shows setup no updates. Setup does not remove it: the program it belongs to may still be running.
    Either stop that program and remove the webhook, then press Enter. Or type the id that this step asks for: a group’s is in the address at web.telegram.org/a, and @userinfobot replies with your own.
deaf-conflict =
    Another program polls with this token, so Telegram shows setup no updates.
    Either stop that program, then press Enter. Or type the id that this step asks for: a group’s is in the address at web.telegram.org/a, and @userinfobot replies with your own.
deaf-full =
    At least 100 updates are waiting for this bot. Telegram shows the oldest 100, so setup sees nothing new; the desk will read them all when it starts.
    Type the id that this step asks for: a group’s is in the address at web.telegram.org/a, and @userinfobot replies with your own.
deaf-unattended = --yes asks nothing, so setup needs the ids: --group ID, --owner ID.
deaf-other =
    Telegram cannot be reached: { $why }.
    Setup tries again every few seconds. Meanwhile, check the network and the firewall.

ask-updates =
    How should messages reach the desk?
      1  polling: the desk asks Telegram for them; needs no open port; right for almost everyone
      2  a webhook: Telegram sends them; needs a domain name and an HTTPS proxy
    Choice [1]
ask-webhook-url = The public HTTPS URL of this machine, such as https://desk.example.org
ask-store =
    Where should the desk keep its data?
      1  in files in ./data: needs nothing else; right for one desk on one machine
      2  in Redis: for several replicas
    Choice [1]
ask-redis-url = The URL of Redis, such as redis://127.0.0.1:6379/0 (it stays invisible)
ask-operators-language = Language of what the bot says to operators: en or ru [{ $code }]
ask-default-language = Language for users whose own language the bot does not speak: en or ru [{ $code }]
not-a-choice = Please answer with one of: { $choices }.

ask-overwrite = { $file } exists. Change { $names } in it and leave the other lines as they are? [y/n]
ended = The input ended before setup was finished. Nothing was written.
timed-out = Nothing happened in Telegram within the time that --wait allows. Nothing was written.
needs-token = --yes asks nothing, so setup needs the token: set BOT_TOKEN or BOT_TOKEN_FILE.
needs-redis-url = --yes asks nothing, so setup needs the URL of Redis: set REDIS_URL or REDIS_URL_FILE.
kept = Nothing was written.
written = The settings are written to { $file }, which only you can read.
written-token = The token is in { $file }, which only you can read.
checks = Checking with support-bot doctor:
start-with =
    Start the desk with: { $command }
    Then write to the bot from another account to try it: a topic opens in the group.
    The desk stops when this terminal closes. To keep it running, see docs/setup/systemd.md.
not-well = The settings are written, but something still needs doing. Follow what it says at each FAIL, then run: { $command }
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
