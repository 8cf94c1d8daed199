-- only sqlite
CREATE INDEX articles_newest ON articles (published_at, id);
DROP INDEX articles_listed;
-- both
DROP INDEX consents_newest;
DROP TABLE owner_links;
ALTER TABLE sessions DROP COLUMN confirmed_until;
