-- One row: which history the numbers of all groups' events belong to, and when the database was last
-- known to take a write (the probe of /readyz).
CREATE TABLE history (
    history_id BLOB   NOT NULL PRIMARY KEY,
    probed_at  BIGINT NOT NULL
);
INSERT INTO history (history_id, probed_at) VALUES (randomblob(16), 0);
