-- The dialect that SQLite and PostgreSQL share; only BLOB is spelt differently (BYTEA).
-- Times are Unix milliseconds. Roles: 0 member, 1 admin.

CREATE TABLE users (
    user_key     BLOB   NOT NULL PRIMARY KEY,
    display_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

CREATE TABLE groups (
    group_id   BLOB   NOT NULL PRIMARY KEY,
    slug       TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    head_seq   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT NULL
);

CREATE TABLE members (
    group_id   BLOB     NOT NULL REFERENCES groups (group_id),
    user_key   BLOB     NOT NULL REFERENCES users (user_key),
    role       SMALLINT NOT NULL,
    joined_seq BIGINT   NOT NULL,
    PRIMARY KEY (group_id, user_key)
);
CREATE INDEX members_by_user ON members (user_key);

-- auth_hash: SHA-256 of the invite's auth key. Whoever reads this table cannot join with it.
CREATE TABLE invites (
    group_id   BLOB   NOT NULL REFERENCES groups (group_id),
    auth_hash  BLOB   NOT NULL,
    created_by BLOB   NOT NULL REFERENCES users (user_key),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, auth_hash)
);

CREATE TABLE files (
    group_id  BLOB   NOT NULL REFERENCES groups (group_id),
    file_id   BLOB   NOT NULL,
    name      TEXT   NOT NULL,
    size      BIGINT NOT NULL,
    added_by  BLOB   NOT NULL REFERENCES users (user_key),
    added_at  BIGINT NOT NULL,
    added_seq BIGINT NOT NULL,
    info_hash BLOB   NULL,
    info_len  BIGINT NULL,
    pieces    BIGINT NULL,
    PRIMARY KEY (group_id, file_id)
);

-- Apart from files, so that listing a group never reads the dictionaries.
CREATE TABLE file_infos (
    group_id BLOB NOT NULL,
    file_id  BLOB NOT NULL,
    info     BLOB NOT NULL,
    PRIMARY KEY (group_id, file_id),
    FOREIGN KEY (group_id, file_id) REFERENCES files (group_id, file_id) ON DELETE CASCADE
);

-- What happened in a group, in order: a reconnecting member resumes from here.
CREATE TABLE group_events (
    group_id BLOB   NOT NULL REFERENCES groups (group_id),
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    body     BLOB   NOT NULL,
    PRIMARY KEY (group_id, seq)
);
CREATE INDEX group_events_by_time ON group_events (at);

-- Replies already given, stored in the transaction of the change: sending a request twice has one effect.
CREATE TABLE requests (
    user_key   BLOB   NOT NULL,
    request_id BLOB   NOT NULL,
    done_at    BIGINT NOT NULL,
    reply      BLOB   NOT NULL,
    PRIMARY KEY (user_key, request_id)
);
CREATE INDEX requests_by_time ON requests (done_at);
