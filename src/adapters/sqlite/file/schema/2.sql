-- `due` repeats what `doc` says, to be found by.
ALTER TABLE conversations ADD COLUMN due INTEGER;
CREATE INDEX conversations_due ON conversations (due) WHERE due IS NOT NULL;

-- The request of each user that was given a number last: asked for again, it gets the same.
CREATE TABLE requests (
    user INTEGER PRIMARY KEY,
    nth INTEGER NOT NULL,
    number INTEGER NOT NULL
) STRICT;
