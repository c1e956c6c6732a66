-- One row: which history the numbers of all groups' events belong to, and what the probe of /readyz
-- writes to see whether the database takes writes.
CREATE TABLE history (
    history_id BLOB   NOT NULL PRIMARY KEY,
    probed_at  BIGINT NOT NULL,
    ballast    BLOB   NOT NULL
);
INSERT INTO history (history_id, probed_at, ballast) VALUES (randomblob(16), 0, x'');
