-- Who has shown the password that making groups takes here. proof: a keyed hash of it; another password, another proof.
CREATE TABLE group_makers (
    user_key BLOB NOT NULL PRIMARY KEY,
    proof    BLOB NOT NULL
);

-- Bytes of info dictionaries: of all cards that a person has added, and of all cards.
ALTER TABLE users ADD COLUMN info_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE users SET info_bytes = COALESCE((SELECT SUM(info_len) FROM files WHERE added_by = user_key), 0);
CREATE TABLE totals (info_bytes BIGINT NOT NULL);
INSERT INTO totals SELECT COALESCE(SUM(info_len), 0) FROM files;

-- Which card is it that somebody has begun to send a dictionary for?
CREATE INDEX files_by_adder ON files (added_by, file_id);
