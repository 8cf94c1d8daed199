DROP TABLE themes;
DROP INDEX media_by_hash;
ALTER TABLE media DROP COLUMN previous;
ALTER TABLE media DROP COLUMN folded;
ALTER TABLE media DROP COLUMN decorative;
ALTER TABLE media DROP COLUMN alt_pt;
ALTER TABLE media DROP COLUMN alt_es;
ALTER TABLE media DROP COLUMN alt_en;
ALTER TABLE media DROP COLUMN file_name;
