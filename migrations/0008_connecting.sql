DROP INDEX "webhook_events_pending";--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "app_id" text;--> statement-breakpoint
ALTER TABLE "pending_connections" ADD COLUMN "attempts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pending_connections" ADD COLUMN "next_attempt_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "webhook_events_pending" ON "webhook_events" USING btree ("account_ref","thread_key","id","channel_type") WHERE state = 0;--> statement-breakpoint
grant select (app_id) on inboxes to parley_system;--> statement-breakpoint
grant select (next_attempt_at) on pending_connections to parley_system;
