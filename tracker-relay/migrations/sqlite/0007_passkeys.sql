-- With what members' ordinary BitTorrent clients announce. hash: SHA-256 of the passkey. Whoever reads this table cannot announce
-- with it.
CREATE TABLE passkeys (
    hash     BLOB   NOT NULL PRIMARY KEY,
    group_id BLOB   NOT NULL,
    user_key BLOB   NOT NULL,
    made_at  BIGINT NOT NULL,
    FOREIGN KEY (group_id, user_key) REFERENCES members (group_id, user_key) ON DELETE CASCADE
);
CREATE INDEX passkeys_by_member ON passkeys (group_id, user_key, made_at);
