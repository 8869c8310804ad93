-- Facts about the desk itself: offset, group, group_moved_from, seq, open, probe.
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Counted while writing, so that figures cost the same at any size. 0..4: conversations by state,
-- 8: dead updates, 9: dead sends.
CREATE TABLE counts (
    what INTEGER PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT;

-- Every update received, decided or not, until it is forgotten: Telegram may repeat it.
CREATE TABLE known (
    update_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL
) STRICT;
CREATE INDEX known_at ON known (at);

-- Updates not decided yet.
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY,
    update_id INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    received INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    raw TEXT NOT NULL
) STRICT;

-- Sends not done yet.
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

-- `state`, `topic` and `waiting` repeat what `doc` says, to be found by.
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

-- In the order of the group's messages, which is that of time: new rows are appended.
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
-- A bot's private chats share one sequence of message ids, so that this is appended to, too.
CREATE INDEX links_user ON links (user_message, user);
CREATE INDEX links_at ON links (at);

-- An odd id is a send (`body` is its effect, `update_id` what caused it), an even one an update
-- (`body` is its raw text).
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
