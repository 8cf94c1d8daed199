-- oldest-app: 1
-- Lists of leads that are brought in, saved filters, work on many leads at once, and what people ask about their data.

CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('mapping', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', 'stopped', 'failed')),
    -- What was found out about the file, as JSON: encoding, separator, names of the columns.
    sheet TEXT NOT NULL,
    -- Which column is what, as JSON; NULL until the owner has said so.
    mapping TEXT,
    -- Rows of people in the file, and how many of them the work at hand has seen.
    total BIGINT NOT NULL,
    done BIGINT NOT NULL DEFAULT 0,
    parts BIGINT NOT NULL,
    done_parts BIGINT NOT NULL DEFAULT 0,
    -- What the check found, and what the run did, as JSON: counts and lines, nobody's data.
    checked TEXT,
    ran TEXT,
    error TEXT,
    -- Who brought it in, as JSON: for the record.
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT
);

-- The file, some rows at a time, as JSON; removed when the import ends.
CREATE TABLE import_parts (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    part BIGINT NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (import_id, part)
);

-- Leads that are here only because of an import, for as long as it can be undone.
CREATE TABLE import_leads (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    lead_id TEXT NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    -- The lead's `updated_at` then: whoever has changed since is kept.
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (import_id, lead_id)
);
CREATE INDEX import_leads_of_lead ON import_leads (lead_id);

-- Addresses that a lead had before it was merged with another: what is kept about them is its own.
CREATE TABLE lead_addresses (
    address TEXT PRIMARY KEY,
    lead_id TEXT NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX lead_addresses_of_lead ON lead_addresses (lead_id);

-- Saved filters of the list of leads.
CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    -- Folded: what makes two names one.
    name_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- As it stands in the address of the list.
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Work on many leads at once.
CREATE TABLE bulk_actions (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('tag', 'untag', 'erase')),
    tag TEXT NOT NULL,
    -- A filter, or as JSON the ids that were ticked; emptied at the end.
    query TEXT,
    ids TEXT,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped')),
    -- Where it stands: the last lead's place in the list, newest first.
    position TEXT,
    done BIGINT NOT NULL DEFAULT 0,
    changed BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    -- As many as were counted; `more` when there may be more.
    total BIGINT NOT NULL,
    more BOOLEAN NOT NULL,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What people have asked about their data. Of an erased one nothing remains here but that it was asked.
CREATE TABLE privacy_requests (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'erase', 'rectify')),
    -- Empty when its owner has been erased.
    address TEXT NOT NULL,
    note TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    closed_at BIGINT,
    outcome TEXT CHECK (outcome IN ('done', 'refused', 'withdrawn', 'nothing-kept')),
    outcome_note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX privacy_requests_open ON privacy_requests (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX privacy_requests_closed ON privacy_requests (closed_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX privacy_requests_by_address ON privacy_requests (address);

-- That somebody was erased: what, when, how much, and nobody's data.
CREATE TABLE privacy_erasures (
    id TEXT PRIMARY KEY,
    -- HMAC-SHA256 of the address under a key of this installation.
    address_hash TEXT NOT NULL,
    -- How many rows of which kind, as JSON.
    erased TEXT NOT NULL,
    -- Which vendors still have to be told, as JSON.
    remaining TEXT NOT NULL,
    actor_label TEXT NOT NULL,
    erased_at BIGINT NOT NULL
);
CREATE INDEX privacy_erasures_of ON privacy_erasures (address_hash, erased_at);
CREATE INDEX privacy_erasures_newest ON privacy_erasures (erased_at, id);

-- How long things are kept, where the owner has said so.
CREATE TABLE retention_rules (
    kind TEXT PRIMARY KEY,
    -- NULL: for ever.
    days BIGINT,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX leads_untouched ON leads (updated_at, id);
