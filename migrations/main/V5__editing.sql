-- oldest-app: 1
-- What people who edit need: lists of drafts, and content that stays away once it was removed.

-- Content that came with the program and that the owner has removed: later starts leave it out.
CREATE TABLE removed_seeds (
    -- 'article', 'program', 'page'.
    kind TEXT NOT NULL,
    -- The slug; of a page with its language in front: 'es/terms'.
    name TEXT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- The lists of editors walk these; a draft has no date and comes before everything dated.
CREATE INDEX articles_by_date ON articles (coalesce(published_at, 999999999999999), id);
CREATE INDEX articles_by_change ON articles (updated_at, id);

-- What a redirect is called by whoever edits it.
ALTER TABLE redirects ADD COLUMN id TEXT;
-- only sqlite
UPDATE redirects SET id = lower(substr(hex(randomblob(4)), 1, 8) || '-' || substr(hex(randomblob(2)), 1, 4) || '-4'
    || substr(hex(randomblob(2)), 2, 3) || '-a' || substr(hex(randomblob(2)), 2, 3) || '-' || hex(randomblob(6)));
-- only postgres
UPDATE redirects SET id = gen_random_uuid()::text;
-- both
CREATE UNIQUE INDEX redirects_by_id ON redirects (id);
