-- The reply to a request to join has another shape now.
DELETE FROM requests;
