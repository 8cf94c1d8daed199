DROP INDEX messages_by_email;
DROP INDEX mails_by_reply_to;
DROP INDEX mails_by_recipient;
ALTER TABLE mails DROP COLUMN reply_to;
DROP TABLE lead_notes;
DROP TABLE lead_tags;
DROP TABLE tags;
DROP TABLE lead_words;
DROP INDEX leads_unfiled;
DROP INDEX leads_of_lang;
DROP INDEX leads_of_program;
DROP INDEX leads_by_email;
DROP INDEX leads_by_name;
DROP INDEX leads_by_time;
DROP INDEX leads_by_number;
CREATE INDEX leads_newest ON leads (created_at, id);
-- only sqlite
DROP TRIGGER leads_numbered;
-- both
ALTER TABLE leads DROP COLUMN filed_at;
ALTER TABLE leads DROP COLUMN tags;
ALTER TABLE leads DROP COLUMN words;
ALTER TABLE leads DROP COLUMN name_key;
ALTER TABLE leads DROP COLUMN number;
