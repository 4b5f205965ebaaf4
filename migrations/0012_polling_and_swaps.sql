CREATE TABLE "polled_threads" (
	"account_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"thread_ref" text NOT NULL,
	"thread_key" text NOT NULL,
	"name" text,
	"avatar_url" text,
	"present" boolean,
	"active_at" timestamp (3) with time zone,
	"checked_at" timestamp (3) with time zone,
	"check_due_at" timestamp (3) with time zone NOT NULL,
	"read_due_at" timestamp (3) with time zone,
	"read_at" timestamp (3) with time zone,
	"read_up_to" timestamp (3) with time zone,
	"overlapped_at" timestamp (3) with time zone,
	"read_page" text,
	"reading_at" timestamp (3) with time zone,
	"reading_up_to" timestamp (3) with time zone,
	"reading_down_to" timestamp (3) with time zone,
	"unsettled_at" timestamp (3) with time zone,
	"bumped_at" timestamp (3) with time zone,
	"claimed_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL,
	"listed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "polled_threads_account_id_inbox_id_thread_ref_pk" PRIMARY KEY("account_id","inbox_id","thread_ref")
);
--> statement-breakpoint
CREATE TABLE "polls" (
	"account_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"list_due_at" timestamp (3) with time zone NOT NULL,
	"list_page" text,
	"list_started_at" timestamp (3) with time zone,
	"list_since" timestamp (3) with time zone,
	"list_pages" integer DEFAULT 0 NOT NULL,
	"list_claimed_until" timestamp (3) with time zone,
	"listed_at" timestamp (3) with time zone,
	"swept_at" timestamp (3) with time zone,
	"narrows" boolean,
	"probed_at" timestamp (3) with time zone,
	"active_at" timestamp (3) with time zone,
	"missed_at" timestamp (3) with time zone,
	"failure_code" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	CONSTRAINT "polls_account_id_inbox_id_pk" PRIMARY KEY("account_id","inbox_id")
);
--> statement-breakpoint
CREATE TABLE "inbox_swaps" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"from_channel_type" text NOT NULL,
	"from_external_id" text NOT NULL,
	"from_connection" jsonb NOT NULL,
	"from_credentials" text,
	"from_webhook_token" text,
	"from_webhook_keys" text,
	"to_channel_type" text NOT NULL,
	"to_external_id" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"swapped_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"foreign_reply_at" timestamp (3) with time zone,
	"foreign_reply_via" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	CONSTRAINT "inbox_swaps_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
CREATE TABLE "swap_matches" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"swap_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"thread_id" uuid NOT NULL,
	"candidates" jsonb NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"decided_by" uuid,
	"decided_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "swap_matches_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "thread_aliases" ADD COLUMN "channel_type" text;--> statement-breakpoint
-- An inbox had one channel so far. The owner is under the policies too.
alter table thread_aliases no force row level security;--> statement-breakpoint
alter table inboxes no force row level security;--> statement-breakpoint
update thread_aliases a set channel_type = i.channel_type from inboxes i where i.account_id = a.account_id and i.id = a.inbox_id;--> statement-breakpoint
alter table thread_aliases force row level security;--> statement-breakpoint
alter table inboxes force row level security;--> statement-breakpoint
ALTER TABLE "thread_aliases" ALTER COLUMN "channel_type" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "thread_aliases" DROP CONSTRAINT "thread_aliases_account_id_inbox_id_external_id_pk";--> statement-breakpoint
ALTER TABLE "thread_aliases" ADD CONSTRAINT "thread_aliases_account_id_inbox_id_channel_type_external_id_pk" PRIMARY KEY("account_id","inbox_id","channel_type","external_id");--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "rate_scope" text;--> statement-breakpoint
ALTER TABLE "attachments" ADD COLUMN "pending_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "refused_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "refused_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "inboxes" ADD COLUMN "refused_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "channel_type" text;--> statement-breakpoint
ALTER TABLE "polled_threads" ADD CONSTRAINT "polled_threads_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "polled_threads" ADD CONSTRAINT "polled_threads_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "polls" ADD CONSTRAINT "polls_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "polls" ADD CONSTRAINT "polls_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_swaps" ADD CONSTRAINT "inbox_swaps_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_swaps" ADD CONSTRAINT "inbox_swaps_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_swaps" ADD CONSTRAINT "inbox_swaps_account_id_user_id_memberships_account_id_user_id_fk" FOREIGN KEY ("account_id","user_id") REFERENCES "public"."memberships"("account_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "swap_matches" ADD CONSTRAINT "swap_matches_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "swap_matches" ADD CONSTRAINT "swap_matches_account_id_swap_id_inbox_swaps_account_id_id_fk" FOREIGN KEY ("account_id","swap_id") REFERENCES "public"."inbox_swaps"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "swap_matches" ADD CONSTRAINT "swap_matches_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "swap_matches" ADD CONSTRAINT "swap_matches_account_id_thread_id_threads_account_id_id_fk" FOREIGN KEY ("account_id","thread_id") REFERENCES "public"."threads"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "polled_threads_read" ON "polled_threads" USING btree ("account_id","inbox_id","read_due_at") WHERE read_due_at is not null;--> statement-breakpoint
CREATE INDEX "polled_threads_check" ON "polled_threads" USING btree ("account_id","inbox_id","check_due_at");--> statement-breakpoint
CREATE INDEX "polled_threads_checked" ON "polled_threads" USING btree ("account_id","inbox_id","checked_at");--> statement-breakpoint
CREATE INDEX "polled_threads_reads_due" ON "polled_threads" USING btree ("read_due_at") WHERE read_due_at is not null;--> statement-breakpoint
CREATE INDEX "polled_threads_checks_due" ON "polled_threads" USING btree ("check_due_at");--> statement-breakpoint
CREATE INDEX "polls_due" ON "polls" USING btree ("list_due_at");--> statement-breakpoint
CREATE UNIQUE INDEX "inbox_swaps_open" ON "inbox_swaps" USING btree ("account_id","inbox_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "inbox_swaps_from" ON "inbox_swaps" USING btree ("from_channel_type","from_external_id") WHERE state = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "inbox_swaps_webhook" ON "inbox_swaps" USING btree ("from_webhook_token");--> statement-breakpoint
CREATE INDEX "inbox_swaps_end" ON "inbox_swaps" USING btree ("ends_at") WHERE state = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "swap_matches_thread" ON "swap_matches" USING btree ("account_id","thread_id");--> statement-breakpoint
CREATE INDEX "swap_matches_open" ON "swap_matches" USING btree ("account_id","inbox_id") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "swap_matches_certain" ON "swap_matches" USING btree ("created_at") WHERE state = 'certain';--> statement-breakpoint
do $$
declare tenant_table text;
begin
  foreach tenant_table in array array['polls', 'polled_threads', 'inbox_swaps', 'swap_matches'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format('grant select, insert, update, delete on %I to parley_app', tenant_table);
    execute format(
      'create policy tenant on %I to parley_app using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))',
      tenant_table);
  end loop;
end $$;
--> statement-breakpoint
create policy system on polls for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, inbox_id, list_due_at, listed_at, next_attempt_at, failure_code) on polls to parley_system;
--> statement-breakpoint
create policy system on polled_threads for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, inbox_id, present, checked_at, check_due_at, read_at, read_due_at, claimed_until) on polled_threads to parley_system;
--> statement-breakpoint
create policy system on inbox_swaps for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, id, inbox_id, from_channel_type, from_external_id, from_webhook_token, from_webhook_keys, swapped_at, ends_at, state, next_attempt_at) on inbox_swaps to parley_system;
--> statement-breakpoint
create policy system on swap_matches for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, swap_id, thread_id, state, created_at) on swap_matches to parley_system;
--> statement-breakpoint
-- What comes to the provider that an inbox has left is still that inbox's, while the swap may be taken back.
drop policy addressed on webhook_events;
--> statement-breakpoint
create policy addressed on webhook_events to parley_app
  using ((channel_type, account_ref) in (
    select channel_type, external_id from inboxes where disconnected_at is null
    union all select from_channel_type, from_external_id from inbox_swaps where state = 'open'));
--> statement-breakpoint
grant select (rate_scope) on inboxes to parley_system;
--> statement-breakpoint
grant select (channel_type) on thread_aliases to parley_system;
