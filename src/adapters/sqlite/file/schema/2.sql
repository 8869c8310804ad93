-- `due` is a copy of a value in `doc`, for look-ups.
ALTER TABLE conversations ADD COLUMN due INTEGER;
CREATE INDEX conversations_due ON conversations (due) WHERE due IS NOT NULL;

-- The latest request of each user that was given a number. If it is asked for again, it gets the same number.
CREATE TABLE requests (
    user INTEGER PRIMARY KEY,
    nth INTEGER NOT NULL,
    number INTEGER NOT NULL
) STRICT;
