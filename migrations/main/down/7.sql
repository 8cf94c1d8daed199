DROP INDEX outbox_due_of_kind;
DROP INDEX articles_to_announce;
ALTER TABLE articles DROP COLUMN announced_at;
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
DELETE FROM outbox WHERE kind = 'deliver_webhook';
