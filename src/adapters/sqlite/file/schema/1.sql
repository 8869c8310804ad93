-- Facts about the desk as a whole, by name: offset, group, group_moved_from, seq, open, probe.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every write keeps these counts up to date, so that figures cost the same at any size of the store.
-- 0..4: conversations by state, 8: dead updates, 9: dead sends.
CREATE TABLE counts (
    what INTEGER PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT;

-- The numbers of all updates received, decided or not, for as long as Telegram may repeat them.
CREATE TABLE known (
    update_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
CREATE INDEX known_at ON known (at);

-- Updates that are not decided yet. `raw` is Telegram's JSON.
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY,
    update_id INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    received INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    raw TEXT NOT NULL
) STRICT;

-- Sends that are not done yet. `cause` is the number of the update that led to the send, `received` the
-- time when that update arrived.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    cause INTEGER NOT NULL,
    received INTEGER NOT NULL,
    not_before INTEGER,
    format INTEGER NOT NULL,
    effect TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_lane ON outbox (lane);

-- `state`, `topic` and `waiting` are copies of values in `doc`, for counts and look-ups.
CREATE TABLE conversations (
    user INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    state INTEGER NOT NULL,
    topic INTEGER,
    waiting INTEGER,
    format INTEGER NOT NULL,
    doc TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_topic ON conversations (topic) WHERE topic IS NOT NULL;
CREATE INDEX conversations_waiting ON conversations (waiting) WHERE waiting IS NOT NULL;

-- Rows are in the order of the group's messages, which is that of time, so new rows are appended.
CREATE TABLE links (
    staff_message INTEGER NOT NULL,
    user_message INTEGER NOT NULL,
    user INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    text_hash INTEGER NOT NULL,
    media_hash INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (staff_message, user_message)
) STRICT, WITHOUT ROWID;
-- All private chats of a bot share one sequence of message ids, so this index grows at its end as well.
CREATE INDEX links_user ON links (user_message, user);
CREATE INDEX links_at ON links (at);

-- The id is odd for a send (`body` is its effect, `update_id` the update that led to it) and even for an
-- update (`body` is Telegram's JSON).
CREATE TABLE dead (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    lane INTEGER NOT NULL,
    received INTEGER NOT NULL,
    update_id INTEGER NOT NULL,
    attempts INTEGER,
    not_before INTEGER,
    format INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
