CREATE TABLE "history_runs" (
	"account_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"page" text,
	"threads_found" integer DEFAULT 0 NOT NULL,
	"threads_read" integer DEFAULT 0 NOT NULL,
	"messages_added" integer DEFAULT 0 NOT NULL,
	"failure_code" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"announced_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "history_runs_account_id_inbox_id_pk" PRIMARY KEY("account_id","inbox_id")
);
--> statement-breakpoint
CREATE TABLE "history_threads" (
	"account_id" uuid NOT NULL,
	"inbox_id" uuid NOT NULL,
	"thread_ref" text NOT NULL,
	"thread_key" text NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "history_threads_account_id_inbox_id_thread_ref_pk" PRIMARY KEY("account_id","inbox_id","thread_ref")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "history" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "history_runs" ADD CONSTRAINT "history_runs_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "history_runs" ADD CONSTRAINT "history_runs_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "history_threads" ADD CONSTRAINT "history_threads_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "history_threads" ADD CONSTRAINT "history_threads_account_id_inbox_id_inboxes_account_id_id_fk" FOREIGN KEY ("account_id","inbox_id") REFERENCES "public"."inboxes"("account_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "history_runs_open" ON "history_runs" USING btree ("next_attempt_at") WHERE state in ('listing', 'reading');--> statement-breakpoint
CREATE INDEX "inboxes_gap" ON "inboxes" USING btree ("gap_since") WHERE gap_since is not null;--> statement-breakpoint
do $$
declare tenant_table text;
begin
  foreach tenant_table in array array['history_runs', 'history_threads'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format('grant select, insert, update, delete on %I to parley_app', tenant_table);
    execute format(
      'create policy tenant on %I to parley_app using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))',
      tenant_table);
  end loop;
end $$;
--> statement-breakpoint
create policy system on history_runs for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, inbox_id, state, next_attempt_at, finished_at) on history_runs to parley_system;
--> statement-breakpoint
grant select (gap_since) on inboxes to parley_system;
