CREATE TABLE "api_tokens" (
	"account_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_tokens_account_id_id_pk" PRIMARY KEY("account_id","id")
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_account_id_created_by_memberships_account_id_user_id_fk" FOREIGN KEY ("account_id","created_by") REFERENCES "public"."memberships"("account_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_tokens_hash" ON "api_tokens" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "messages_chats" ON "messages" USING btree ("account_id","at","arrival") WHERE type <> 'activity' and not private and status is distinct from 'failed';--> statement-breakpoint
alter table api_tokens enable row level security;
--> statement-breakpoint
alter table api_tokens force row level security;
--> statement-breakpoint
create policy tenant on api_tokens to parley_app using (account_id = (select nullif(current_setting('app.account_id', true), '')::uuid));
--> statement-breakpoint
grant select, insert, delete on api_tokens to parley_app;
--> statement-breakpoint
-- Whose a token is, before there is a scope.
create policy system on api_tokens to parley_system using (true);
--> statement-breakpoint
grant select (account_id, id, token_hash, last_used_at), update (last_used_at) on api_tokens to parley_system;
