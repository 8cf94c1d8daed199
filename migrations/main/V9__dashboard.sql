-- oldest-app: 1
-- Who is logged in to the dashboard, and how the first person gets there.

-- Until when whoever is logged in counts as just having proved it: the password was asked for again.
ALTER TABLE sessions ADD COLUMN confirmed_until BIGINT NOT NULL DEFAULT 0;

-- One-time links that let somebody become the owner of a site.
CREATE TABLE owner_links (
    token_hash TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Where leads came from lately.
CREATE INDEX consents_newest ON consents (created_at, page);

-- only sqlite
-- The list of articles is read from here alone: in the rows long texts stand before what a list shows.
CREATE INDEX articles_listed ON articles (published_at, id, slug, lang, title, excerpt, author, tags, reading_minutes, updated_at, edited_at);
DROP INDEX articles_newest;
-- both
