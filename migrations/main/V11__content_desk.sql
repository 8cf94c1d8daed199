-- oldest-app: 1
-- What people who write need: versions of what they wrote, what they have not saved yet, offers of programs, and which
-- missing addresses they have seen.

CREATE TABLE revisions (
    id TEXT PRIMARY KEY,
    -- 'article', 'page', 'program', 'texts'.
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    -- JSON: the whole as it was from then on.
    state TEXT NOT NULL,
    -- JSON: the names of the members that were changed.
    members TEXT NOT NULL,
    -- Who saved it, as they were called then; empty: how it was before the first change that was kept.
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX revisions_of ON revisions (kind, object_id, id);

-- What somebody has typed and not saved, as it stood in the fields.
CREATE TABLE article_drafts (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The article's id; of one that has not been saved yet the id that it will have.
    article_id TEXT NOT NULL,
    -- JSON.
    fields TEXT NOT NULL,
    -- The `updated_at` of the article that it was begun on; 0 for a new one.
    based_on BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, article_id)
);

-- JSON: other prices and other ways to the checkout, each for a time.
ALTER TABLE programs ADD COLUMN offers TEXT NOT NULL DEFAULT '[]';

-- Addresses that lead nowhere and may stay so.
CREATE TABLE ignored_paths (
    path TEXT PRIMARY KEY,
    ignored_at BIGINT NOT NULL
);
