-- Invites with an end, requests to join, removed members, and the group's keys as bytes that only members can read.

-- Counts the changes of the group's key.
ALTER TABLE groups ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

-- auth_hash: SHA-256 of the invite's auth key. uses_left: NULL is any number. sealed: the group's key of that epoch
-- under the invite's secret. An invite that is over stays for a while, to say why it does not open anything.
CREATE TABLE new_invites (
    group_id     BLOB     NOT NULL REFERENCES groups (group_id),
    invite_id    BLOB     NOT NULL,
    auth_hash    BLOB     NOT NULL,
    created_by   BLOB     NOT NULL REFERENCES users (user_key),
    created_at   BIGINT   NOT NULL,
    expires_at   BIGINT   NOT NULL,
    uses_left    BIGINT   NULL,
    needs_accept SMALLINT NOT NULL,
    revoked_at   BIGINT   NULL,
    epoch        BIGINT   NOT NULL,
    sealed       BLOB     NULL,
    PRIMARY KEY (group_id, invite_id),
    UNIQUE (group_id, auth_hash)
);
-- Invites were for ever; those that are there go on for a week.
INSERT INTO new_invites
    SELECT group_id, randomblob(16), auth_hash, created_by, created_at, unixepoch() * 1000 + 604800000, NULL, 0, NULL, 0, NULL
    FROM invites;
DROP TABLE invites;
ALTER TABLE new_invites RENAME TO invites;
CREATE INDEX invites_by_end ON invites (expires_at);

-- The group's key of one epoch, sealed to one member.
CREATE TABLE group_keys (
    group_id BLOB   NOT NULL,
    user_key BLOB   NOT NULL,
    epoch    BIGINT NOT NULL,
    from_key BLOB   NOT NULL,
    sealed   BLOB   NOT NULL,
    PRIMARY KEY (group_id, user_key),
    FOREIGN KEY (group_id, user_key) REFERENCES members (group_id, user_key) ON DELETE CASCADE
);

-- Who asks to join. They are no users yet, and may never be. refused_at: an admin said no; kept for a while, for them to see.
CREATE TABLE join_requests (
    group_id     BLOB   NOT NULL REFERENCES groups (group_id),
    user_key     BLOB   NOT NULL,
    display_name TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    invited_by   BLOB   NULL,
    asked_at     BIGINT NOT NULL,
    refused_at   BIGINT NULL,
    PRIMARY KEY (group_id, user_key)
);
CREATE INDEX join_requests_by_user ON join_requests (user_key);
CREATE INDEX join_requests_by_end ON join_requests (refused_at);

-- Who was removed, and comes back only through a request.
CREATE TABLE removals (
    group_id   BLOB   NOT NULL REFERENCES groups (group_id),
    user_key   BLOB   NOT NULL,
    removed_by BLOB   NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_key)
);

-- Replies have another shape now.
DELETE FROM requests;
