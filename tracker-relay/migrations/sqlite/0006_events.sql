-- Old events are found by their group's primary key.
DROP INDEX group_events_by_time;

-- Expired invites beyond the bound of open ones: a clock that goes back would open them again.
DELETE FROM invites WHERE (group_id, invite_id) IN (
    SELECT group_id, invite_id FROM (
        SELECT group_id, invite_id,
               ROW_NUMBER() OVER (PARTITION BY group_id ORDER BY expires_at DESC, invite_id) AS place
        FROM invites WHERE revoked_at IS NULL AND (uses_left IS NULL OR uses_left > 0)) AS ranked
    WHERE place > 256);
