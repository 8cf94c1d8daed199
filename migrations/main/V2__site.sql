-- oldest-app: 1
-- The site in three languages: words that the owner may change, pages in Markdown, topics, search,
-- pictures, messages from the contact page, addresses that have moved.

-- The site's own words as JSON, each shape known to one slice: 'owner' (lang ''), 'site', 'home'.
CREATE TABLE texts (
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    edited_at BIGINT,
    seeded_from TEXT NOT NULL DEFAULT 'built-in',
    PRIMARY KEY (name, lang)
);

-- Texts written in Markdown that stand at an address of their own: privacy, terms, the owner's.
CREATE TABLE pages (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    body_markdown TEXT NOT NULL,
    body_html TEXT NOT NULL,
    -- The date that the page shows as its version; NULL: a draft.
    dated_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    edited_at BIGINT,
    seeded_from TEXT NOT NULL DEFAULT 'built-in',
    UNIQUE (slug, lang)
);

-- A program's words in the languages beside the one of `programs` (English).
CREATE TABLE program_texts (
    program_slug TEXT NOT NULL REFERENCES programs (slug) ON DELETE CASCADE ON UPDATE CASCADE,
    lang TEXT NOT NULL,
    name TEXT NOT NULL,
    tagline TEXT NOT NULL,
    description TEXT NOT NULL,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    edited_at BIGINT,
    seeded_from TEXT NOT NULL DEFAULT 'built-in',
    PRIMARY KEY (program_slug, lang)
);

-- What an article is about. Language and time are the article's, so that a topic's list is one
-- walk along the index.
CREATE TABLE article_topics (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    -- As it stands in the address.
    topic TEXT NOT NULL,
    label TEXT NOT NULL,
    lang TEXT NOT NULL,
    published_at BIGINT,
    PRIMARY KEY (article_id, topic)
);
CREATE INDEX article_topics_newest ON article_topics (lang, topic, published_at, article_id);
CREATE INDEX articles_newest_of_lang ON articles (lang, published_at, id);
-- The map of the site is read from here alone: the rows themselves are long.
CREATE INDEX articles_mapped ON articles (slug, published_at, lang, updated_at);

-- The pictures that an article shows, by the name its text calls them.
CREATE TABLE article_media (
    article_id TEXT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (article_id, name)
);

-- The language a lead writes and is written to in.
ALTER TABLE leads ADD COLUMN lang TEXT NOT NULL DEFAULT 'en';

-- What came in through the contact page.
CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    message TEXT NOT NULL,
    lang TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX messages_newest ON messages (created_at, id);

-- Addresses that have moved: both are paths with the language in front.
CREATE TABLE redirects (
    from_path TEXT PRIMARY KEY,
    to_path TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Pictures: the file as it came in and its WebP variants lie in the folder `media`, named by hash.
CREATE TABLE media (
    id TEXT PRIMARY KEY,
    -- What texts call it: `media/<name>`.
    name TEXT NOT NULL UNIQUE,
    -- SHA-256 of the file, hexadecimal.
    hash TEXT NOT NULL,
    content_type TEXT NOT NULL,
    width BIGINT NOT NULL CHECK (width > 0),
    height BIGINT NOT NULL CHECK (height > 0),
    bytes BIGINT NOT NULL,
    -- JSON: the widths that there are WebP files of; NULL until they are made.
    variants TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    edited_at BIGINT,
    seeded_from TEXT NOT NULL DEFAULT 'built-in'
);
CREATE INDEX media_without_variants ON media (id) WHERE variants IS NULL;

-- Everything that can be found: one row for each article, program and page in each language.
-- Folded text is lower case, without accents, words apart by one space.
-- only sqlite
CREATE TABLE search_docs (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    folded_title TEXT NOT NULL,
    folded_body TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (kind, slug, lang)
);
CREATE VIRTUAL TABLE search_index USING fts5 (
    folded_title, folded_body,
    content = 'search_docs', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3 4'
);
CREATE TRIGGER search_docs_added AFTER INSERT ON search_docs BEGIN
    INSERT INTO search_index (rowid, folded_title, folded_body)
    VALUES (new.id, new.folded_title, new.folded_body);
END;
CREATE TRIGGER search_docs_removed AFTER DELETE ON search_docs BEGIN
    INSERT INTO search_index (search_index, rowid, folded_title, folded_body)
    VALUES ('delete', old.id, old.folded_title, old.folded_body);
END;
CREATE TRIGGER search_docs_changed AFTER UPDATE ON search_docs BEGIN
    INSERT INTO search_index (search_index, rowid, folded_title, folded_body)
    VALUES ('delete', old.id, old.folded_title, old.folded_body);
    INSERT INTO search_index (rowid, folded_title, folded_body)
    VALUES (new.id, new.folded_title, new.folded_body);
END;
-- only postgres
CREATE TABLE search_docs (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    folded_title TEXT NOT NULL,
    folded_body TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    words TSVECTOR GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', folded_title), 'A')
        || setweight(to_tsvector('simple', folded_body), 'D')
    ) STORED,
    UNIQUE (kind, slug, lang)
);
CREATE INDEX search_docs_words ON search_docs USING GIN (words);
-- both
CREATE INDEX search_docs_of_lang ON search_docs (lang, id, published_at);
