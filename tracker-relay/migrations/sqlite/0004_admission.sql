-- Who has shown the password that making groups takes here. proof: a keyed hash of it; another password, another proof.
CREATE TABLE group_makers (
    user_key BLOB NOT NULL PRIMARY KEY,
    proof    BLOB NOT NULL
);
