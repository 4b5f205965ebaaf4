CREATE TABLE "channel_apps" (
	"channel_type" text PRIMARY KEY NOT NULL,
	"callback_url" text,
	"registered_at" timestamp (3) with time zone,
	"checked_at" timestamp (3) with time zone NOT NULL,
	"failure_code" text
);
--> statement-breakpoint
CREATE TABLE "webhook_rejections" (
	"channel_type" text NOT NULL,
	"reason" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"count" integer NOT NULL,
	CONSTRAINT "webhook_rejections_channel_type_hour_reason_pk" PRIMARY KEY("channel_type","hour","reason")
);
--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "consent_warned_days" integer;--> statement-breakpoint
CREATE INDEX "inboxes_consent" ON "inboxes" USING btree ("consent_expires_at") WHERE disconnected_at is null and not reauthorization_required;--> statement-breakpoint
CREATE INDEX "webhook_events_dead_business" ON "webhook_events" USING btree ("channel_type","account_ref") WHERE state = 2;--> statement-breakpoint
do $$
declare t text;
begin
  foreach t in array array['channel_apps', 'webhook_rejections'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy system on %I to parley_system using (true)', t);
    execute format('grant select, insert, update, delete on %I to parley_system', t);
  end loop;
end $$;
--> statement-breakpoint
grant select (connected_at, consent_warned_days) on inboxes to parley_system;
