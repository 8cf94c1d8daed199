-- oldest-app: 1
-- Other programs that are told what happens here, what they were told, and which articles have been announced.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    -- JSON: a list of words; NULL: everything, also what comes later.
    events TEXT,
    active BOOLEAN NOT NULL,
    -- Sealed with the data key, like the one before it, which signs too until then.
    secret TEXT NOT NULL,
    old_secret TEXT,
    old_secret_until BIGINT,
    last_success_at BIGINT,
    last_failure_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- One event for one webhook. What is sent is made when it is sent, and kept nowhere.
CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    -- No foreign key: a lead must not be refused because a webhook is removed at the same moment.
    webhook_id TEXT NOT NULL,
    event TEXT NOT NULL,
    -- The same for all webhooks that are told of the event.
    event_id TEXT NOT NULL,
    -- The id of what it is about.
    subject TEXT NOT NULL,
    -- The row of the outbox that sends it.
    job_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'dead')),
    attempts BIGINT NOT NULL DEFAULT 0,
    last_status BIGINT,
    last_error TEXT,
    next_try_at BIGINT,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT
);
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_of_state ON webhook_deliveries (webhook_id, state, id);
CREATE INDEX webhook_deliveries_oldest ON webhook_deliveries (created_at);

-- When it was told that an article is public; NULL while it is not. What is public by now is no news.
ALTER TABLE articles ADD COLUMN announced_at BIGINT;
-- only sqlite
UPDATE articles SET announced_at = published_at WHERE published_at <= CAST(strftime('%s', 'now') AS INTEGER) * 1000;
-- only postgres
UPDATE articles SET announced_at = published_at WHERE published_at <= CAST(extract(epoch FROM now()) * 1000 AS BIGINT);
-- both
CREATE INDEX articles_to_announce ON articles (published_at) WHERE announced_at IS NULL;

-- Each kind of queued work is looked for by itself.
CREATE INDEX outbox_due_of_kind ON outbox (kind, due_at) WHERE dead_at IS NULL;
