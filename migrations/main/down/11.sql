DROP TABLE ignored_paths;
ALTER TABLE programs DROP COLUMN offers;
DROP TABLE article_drafts;
DROP INDEX revisions_of;
DROP TABLE revisions;
