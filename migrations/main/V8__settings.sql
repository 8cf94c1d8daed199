-- oldest-app: 1
-- What the owner sets in the dashboard while the site runs, and what became of the periodic tasks.

CREATE TABLE settings (
    -- The setting's path: 'site.app_name'.
    key TEXT PRIMARY KEY,
    -- JSON; of a secret the text that the data key sealed.
    value TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    -- How a secret ends, to tell it from others; NULL for others, and when it is too short for that.
    last_four TEXT,
    updated_at BIGINT NOT NULL,
    -- Who set it, as they were called then.
    updated_by TEXT NOT NULL
);

-- Grows with every change of `settings`, so that each process can see that there was one.
CREATE TABLE settings_version (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO settings_version (id, version) VALUES (1, 1);

-- Of the last run of a shared task: since when it is at work (NULL when it is not), how long it took
-- and why it failed. `asked_at`: somebody wants a run now.
ALTER TABLE leases ADD COLUMN running_since BIGINT;
ALTER TABLE leases ADD COLUMN last_duration_ms BIGINT;
ALTER TABLE leases ADD COLUMN last_error TEXT;
ALTER TABLE leases ADD COLUMN asked_at BIGINT;

-- Dead letters among a long queue.
CREATE INDEX outbox_dead_by_id ON outbox (id) WHERE dead_at IS NOT NULL;
