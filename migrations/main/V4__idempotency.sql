-- oldest-app: 1
-- Answers to posts that carried an Idempotency-Key: a retry gets the same answer and stores nothing.

CREATE TABLE idempotency_keys (
    -- SHA-256 of method, path, caller and key: a key may be anything, and is kept by nobody.
    id TEXT PRIMARY KEY,
    -- SHA-256 of the body: another body under the same key is a mistake of the client.
    body_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    -- JSON.
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_oldest ON idempotency_keys (created_at);
