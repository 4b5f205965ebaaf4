CREATE TABLE "attachments" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"message_id" uuid,
	"position" integer DEFAULT 0 NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"failure_code" text,
	"source_ref" text,
	"source_url" text,
	"uploaded_by" uuid,
	"file_name" text,
	"file_key" text,
	"thumbnail_key" text,
	"mime" text,
	"bytes" integer,
	"width" integer,
	"height" integer,
	"upload_ref" text,
	"upload_ref_expires_at" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attachments_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "pending_connections" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"profile" jsonb NOT NULL,
	"connection" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "pending_connections_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "channel_credentials" (
	"channel_type" text PRIMARY KEY NOT NULL,
	"app_id" text NOT NULL,
	"secret" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_by" uuid NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message_reactions" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"thread_id" uuid NOT NULL,
	"message_external_id" text NOT NULL,
	"author" text NOT NULL,
	"author_ref" text NOT NULL,
	"sign" text NOT NULL,
	"is_picture" boolean DEFAULT false NOT NULL,
	"removed" boolean NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "message_reactions_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "referrals" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"thread_id" uuid NOT NULL,
	"contact_id" uuid NOT NULL,
	"conversation_id" uuid,
	"source" text NOT NULL,
	"facts" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referrals_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "inbox_limit" integer;--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "read_signalled_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "granted_scopes" text[];--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "dialect" text;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "sending_paused_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "channel_apps" ADD COLUMN "removed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_account_id_message_id_messages_account_id_id_fk" FOREIGN KEY ("account_id","message_id") REFERENCES "public"."messages"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_account_id_uploaded_by_memberships_account_id_user_id_fk" FOREIGN KEY ("account_id","uploaded_by") REFERENCES "public"."memberships"("account_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_connections" ADD CONSTRAINT "pending_connections_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pending_connections" ADD CONSTRAINT "pending_connections_account_id_user_id_memberships_account_id_user_id_fk" FOREIGN KEY ("account_id","user_id") REFERENCES "public"."memberships"("account_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message_reactions" ADD CONSTRAINT "message_reactions_account_id_thread_id_threads_account_id_id_fk" FOREIGN KEY ("account_id","thread_id") REFERENCES "public"."threads"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_account_id_thread_id_threads_account_id_id_fk" FOREIGN KEY ("account_id","thread_id") REFERENCES "public"."threads"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_account_id_contact_id_contacts_account_id_id_fk" FOREIGN KEY ("account_id","contact_id") REFERENCES "public"."contacts"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals_account_id_conversation_id_conversations_account_id_id_fk" FOREIGN KEY ("account_id","conversation_id") REFERENCES "public"."conversations"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attachments_message" ON "attachments" USING btree ("account_id","message_id","position");--> statement-breakpoint
CREATE INDEX "attachments_waiting" ON "attachments" USING btree ("next_attempt_at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "attachments_unsent" ON "attachments" USING btree ("created_at") WHERE message_id is null;--> statement-breakpoint
CREATE INDEX "pending_connections_expiry" ON "pending_connections" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "message_reactions_sign" ON "message_reactions" USING btree ("account_id","thread_id","message_external_id","author_ref","sign");--> statement-breakpoint
CREATE UNIQUE INDEX "referrals_once" ON "referrals" USING btree ("account_id","thread_id","at","source");--> statement-breakpoint
CREATE INDEX "referrals_contact" ON "referrals" USING btree ("account_id","contact_id","at");--> statement-breakpoint
CREATE INDEX "messages_unsent" ON "messages" USING btree ("account_id","inbox_id") WHERE status = 'failed' and failure_code = 'CHANNEL_REAUTH';--> statement-breakpoint
CREATE INDEX "webhook_events_unnamed" ON "webhook_events" USING btree ("channel_type","account_ref") WHERE code = 'EU_UNRESOLVED';--> statement-breakpoint
do $$
declare tenant_table text;
begin
  foreach tenant_table in array array['attachments', 'message_reactions', 'referrals', 'pending_connections'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format('grant select, insert, update, delete on %I to parley_app', tenant_table);
    execute format(
      'create policy tenant on %I to parley_app using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))',
      tenant_table);
  end loop;
  alter table channel_credentials enable row level security;
  alter table channel_credentials force row level security;
end $$;
--> statement-breakpoint
create policy system on channel_credentials to parley_system using (true);
--> statement-breakpoint
grant select, insert, update, delete on channel_credentials to parley_system;
--> statement-breakpoint
create policy system on attachments for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, id, inbox_id, message_id, state, file_key, thumbnail_key, next_attempt_at, created_at) on attachments to parley_system;
--> statement-breakpoint
create policy system on pending_connections to parley_system using (true);
--> statement-breakpoint
grant select (account_id, id, external_id, expires_at), delete on pending_connections to parley_system;
--> statement-breakpoint
grant select (dialect, sending_paused_until, reauthorization_reason) on inboxes to parley_system;
--> statement-breakpoint
create policy system on thread_aliases for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, inbox_id, external_id) on thread_aliases to parley_system;
--> statement-breakpoint
-- Whatever is connected already speaks the only dialect that there was. The owner is under the policies too.
alter table inboxes no force row level security;
--> statement-breakpoint
update inboxes set dialect = 'business_v13' where channel_type = 'tiktok';
--> statement-breakpoint
alter table inboxes force row level security;
--> statement-breakpoint
grant select (inbox_id) on messages to parley_system;
