-- Topics that conversations had before: repeats what `doc` says, to be found by.
CREATE TABLE former (
    user INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    PRIMARY KEY (user, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_topic ON former (topic);
