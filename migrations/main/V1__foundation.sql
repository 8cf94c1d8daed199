-- oldest-app: 1
-- What the site shows, who left an address, and the work that follows from it.
-- One text for SQLite and PostgreSQL: TEXT ids (UUIDv7), BIGINT integers and epoch-millisecond
-- times, JSON as TEXT.

-- The rules of applied migrations, known to older programs too.
CREATE TABLE schema_rules (
    version BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    oldest_app BIGINT NOT NULL,
    down_sql TEXT
);

-- Grows with every change of what the public pages are made of.
CREATE TABLE content_version (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO content_version (id, version) VALUES (1, 1);

-- Small facts about this installation (a sealed sentinel for the data key, …).
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Who may run a periodic task until when; one holder among several processes.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    last_run_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE programs (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    tagline TEXT NOT NULL,
    description TEXT NOT NULL,
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    duration_weeks BIGINT NOT NULL CHECK (duration_weeks > 0),
    details TEXT NOT NULL,
    checkout_url TEXT,
    published BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Set when the owner edits; a later seed leaves such a row alone.
    edited_at BIGINT,
    -- 'built-in', or 'folder' for the owner's own content, which the built-in one never replaces.
    seeded_from TEXT NOT NULL DEFAULT 'built-in'
);

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    author TEXT NOT NULL,
    body_markdown TEXT NOT NULL,
    body_html TEXT NOT NULL,
    tags TEXT NOT NULL,
    reading_minutes BIGINT NOT NULL CHECK (reading_minutes > 0),
    -- NULL: a draft.
    published_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    edited_at BIGINT,
    seeded_from TEXT NOT NULL DEFAULT 'built-in'
);
CREATE INDEX articles_newest ON articles (published_at, id);

CREATE TABLE leads (
    id TEXT PRIMARY KEY,
    -- Lower case; one lead for each address.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    program_slug TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX leads_newest ON leads (created_at, id);

-- Append-only evidence: what was agreed to, in which words, where and when.
CREATE TABLE consents (
    id TEXT PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    granted BOOLEAN NOT NULL,
    text_version TEXT NOT NULL,
    text TEXT NOT NULL,
    page TEXT NOT NULL,
    -- Truncated: /24 of IPv4, /48 of IPv6.
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX consents_of_lead ON consents (lead_id, created_at);

-- Work that a transaction owes: written with it, done by a worker, deleted when done.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    -- Set when the last attempt failed: waits for the owner.
    dead_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE dead_at IS NULL;
CREATE INDEX outbox_dead ON outbox (dead_at) WHERE dead_at IS NOT NULL;

-- The built-in mailbox, and the record of what went out over SMTP.
CREATE TABLE mails (
    id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text_body TEXT NOT NULL,
    html_body TEXT NOT NULL,
    -- 'local': only readable here. 'smtp': handed to the mail server.
    transport TEXT NOT NULL CHECK (transport IN ('local', 'smtp')),
    created_at BIGINT NOT NULL
);
CREATE INDEX mails_newest ON mails (created_at, id);
