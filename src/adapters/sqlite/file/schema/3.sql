-- Topics that conversations had before: copies of values in `doc`, for look-ups.
CREATE TABLE former (
    user INTEGER NOT NULL,
    topic INTEGER NOT NULL,
    PRIMARY KEY (user, topic)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_topic ON former (topic);
