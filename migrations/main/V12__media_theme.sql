-- oldest-app: 1
-- The library of pictures as the owner keeps it, and how the site looks.

-- As the file was called where it came from: shown, and never part of a path.
ALTER TABLE media ADD COLUMN file_name TEXT NOT NULL DEFAULT '';
-- What a picture shows, for whoever does not see it.
ALTER TABLE media ADD COLUMN alt_en TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN alt_es TEXT NOT NULL DEFAULT '';
ALTER TABLE media ADD COLUMN alt_pt TEXT NOT NULL DEFAULT '';
-- It shows nothing that anybody misses: its alternative text is empty on purpose.
ALTER TABLE media ADD COLUMN decorative BOOLEAN NOT NULL DEFAULT FALSE;
-- Name, file name and alternative texts, folded: what the library searches in.
ALTER TABLE media ADD COLUMN folded TEXT NOT NULL DEFAULT '';
-- JSON: the file before the last replacement, which can be put back.
ALTER TABLE media ADD COLUMN previous TEXT;
UPDATE media SET folded = lower(replace(replace(replace(name, '-', ' '), '_', ' '), '.', ' '));
CREATE INDEX media_by_hash ON media (hash);

-- Themes: the one that the site wears, drafts that are looked at, and those that were worn before.
CREATE TABLE themes (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('live', 'draft', 'past')),
    -- JSON: what was chosen; the style sheet follows from it.
    choices TEXT NOT NULL,
    -- Of the style sheet, as it stands in its address.
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Who chose it, as they were called then.
    created_by TEXT NOT NULL
);
CREATE UNIQUE INDEX themes_one_is_live ON themes (state) WHERE state = 'live';
CREATE INDEX themes_by_hash ON themes (hash);
