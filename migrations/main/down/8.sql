DROP INDEX outbox_dead_by_id;
ALTER TABLE leases DROP COLUMN asked_at;
ALTER TABLE leases DROP COLUMN last_error;
ALTER TABLE leases DROP COLUMN last_duration_ms;
ALTER TABLE leases DROP COLUMN running_since;
DROP TABLE settings_version;
DROP TABLE settings;
