DROP INDEX redirects_by_id;
ALTER TABLE redirects DROP COLUMN id;
DROP INDEX articles_by_change;
DROP INDEX articles_by_date;
DROP TABLE removed_seeds;
