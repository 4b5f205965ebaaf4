ALTER TABLE "inboxes" ADD COLUMN "webhook_token" text;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "webhook_keys" text;--> statement-breakpoint
CREATE UNIQUE INDEX "inboxes_webhook" ON "inboxes" USING btree ("webhook_token");--> statement-breakpoint
grant select (webhook_token, webhook_keys) on inboxes to parley_system;
