-- Three roles, none of which can bypass row-level security:
--   parley_app     the tenants' role: sees the account named by app.account_id, and nothing without it
--   parley_system  the few look-ups that cross tenants (routing, sweepers, sign-in, platform console), by explicit policy
--   parley_intake  takes webhooks in: may insert them and not read them
do $$
declare wanted text;
begin
  foreach wanted in array array['parley_app', 'parley_system', 'parley_intake'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls', wanted);
    exception
      when duplicate_object or unique_violation then null; -- roles belong to the cluster, another database made it
      when insufficient_privilege then
        if not exists (select from pg_roles where rolname = wanted) then raise; end if;
    end;
    begin
      execute format('grant %I to current_user', wanted);
    exception when insufficient_privilege then
      -- Whoever made the roles may have granted them.
      if not pg_has_role(current_user, wanted, 'member') then raise; end if;
    end;
  end loop;
end $$;
--> statement-breakpoint
-- Before the rules below bind the owner too, who has no policy.
insert into installation (id) values (gen_random_uuid());
--> statement-breakpoint
grant usage on schema public to parley_app, parley_system, parley_intake;
--> statement-breakpoint
do $$
declare tenant_table text;
begin
  foreach tenant_table in array array[
    'memberships', 'invitations', 'feature_flags', 'audit_log', 'inboxes', 'inbox_members', 'oauth_states',
    'contacts', 'contact_identities', 'threads', 'thread_aliases', 'thread_reads', 'conversations',
    'conversation_numbers', 'messages', 'account_events'
  ] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format('grant select, insert, update, delete on %I to parley_app', tenant_table);
    execute format(
      'create policy tenant on %I to parley_app using (account_id = (select nullif(current_setting(''app.account_id'', true), '''')::uuid))',
      tenant_table);
  end loop;
  foreach tenant_table in array array[
    'accounts', 'users', 'sessions', 'mail_tokens', 'mails', 'feed_heads', 'webhook_events', 'access_changes', 'installation'
  ] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
  end loop;
end $$;
--> statement-breakpoint
revoke update, delete on audit_log from parley_app;
--> statement-breakpoint
revoke update, delete on account_events from parley_app;
--> statement-breakpoint
create policy tenant on accounts to parley_app using (id = (select nullif(current_setting('app.account_id', true), '')::uuid));
--> statement-breakpoint
grant select, update (name) on accounts to parley_app;
--> statement-breakpoint
create policy colleagues on users for select to parley_app using (id in (select user_id from memberships));
--> statement-breakpoint
grant select (id, name, email, locale) on users to parley_app;
--> statement-breakpoint
create policy tenant on feed_heads for select to parley_app using (account_id = (select nullif(current_setting('app.account_id', true), '')::uuid));
--> statement-breakpoint
grant select on feed_heads to parley_app;
--> statement-breakpoint
-- An account works off what was addressed to its connected inboxes.
create policy addressed on webhook_events to parley_app
  using ((channel_type, account_ref) in (select channel_type, external_id from inboxes where disconnected_at is null));
--> statement-breakpoint
grant select, update on webhook_events to parley_app;
--> statement-breakpoint
create policy announce on access_changes for insert to parley_app
  with check (kind <> 'session' and account_id = (select nullif(current_setting('app.account_id', true), '')::uuid));
--> statement-breakpoint
grant insert on access_changes to parley_app;
--> statement-breakpoint
create policy request on mails for insert to parley_app
  with check (account_id = (select nullif(current_setting('app.account_id', true), '')::uuid));
--> statement-breakpoint
grant insert on mails to parley_app;
--> statement-breakpoint
create policy read_installation on installation for select to parley_app, parley_system using (true);
--> statement-breakpoint
grant select on installation to parley_app, parley_system;
--> statement-breakpoint
create policy set_canary on installation for update to parley_system using (true);
--> statement-breakpoint
grant update (key_canary) on installation to parley_system;
--> statement-breakpoint
create policy take_in on webhook_events for insert to parley_intake with check (state = 0);
--> statement-breakpoint
grant insert on webhook_events to parley_intake;
--> statement-breakpoint
do $$
declare t text;
begin
  foreach t in array array['users', 'sessions', 'mail_tokens', 'mails', 'accounts', 'memberships', 'webhook_events', 'access_changes', 'feed_heads'] loop
    execute format('create policy system on %I to parley_system using (true)', t);
    execute format('grant select, insert, update, delete on %I to parley_system', t);
  end loop;
  -- only what is named below
  foreach t in array array['invitations', 'feature_flags', 'inboxes', 'inbox_members', 'oauth_states', 'conversations', 'messages', 'account_events', 'contacts', 'audit_log'] loop
    execute format('create policy system on %I to parley_system using (true)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, update (accepted_at, token_hash) on invitations to parley_system;
--> statement-breakpoint
grant select on feature_flags to parley_system;
--> statement-breakpoint
grant select (account_id, id, name, channel_type, external_id, created_at, disconnected_at, renew_after, reauthorization_required, access_expires_at, consent_expires_at) on inboxes to parley_system;
--> statement-breakpoint
grant select, insert on inbox_members to parley_system;
--> statement-breakpoint
grant select (account_id, jti, expires_at), delete on oauth_states to parley_system;
--> statement-breakpoint
grant select (account_id, id, status, snoozed_until) on conversations to parley_system;
--> statement-breakpoint
grant select (account_id, id, thread_id, status, type, arrival, attempts, next_attempt_at, deadline_at, claimed_at, queued_at, created_at) on messages to parley_system;
--> statement-breakpoint
grant select, insert, update (seq), delete on account_events to parley_system;
--> statement-breakpoint
grant insert on audit_log to parley_system;
--> statement-breakpoint
grant usage on all sequences in schema public to parley_app, parley_system, parley_intake;
--> statement-breakpoint
create extension if not exists pg_trgm;
--> statement-breakpoint
create extension if not exists btree_gin;
--> statement-breakpoint
create index contacts_search on contacts using gin (account_id, (lower(name || ' ' || coalesce(username, ''))) gin_trgm_ops);
--> statement-breakpoint
create index contacts_newest on contacts (account_id, created_at desc, id desc);
--> statement-breakpoint
-- The newest contacts that match, of the inboxes seen (null: of all). Pattern matching is not leakproof, so row-level
-- security would keep it from the index. The one audited way round: the function belongs to parley_system, and its own
-- condition on the account is what the policy would have said. The planner cannot tell a common text from a rare one
-- here, so the newest few thousand are looked through first, and everything by trigrams only when that was not enough.
-- Without trigrams (short texts; Thai under some locales) that is a walk through the account and never beyond it.
create function search_contact_ids(pattern text, inbox_ids uuid[], most integer) returns setof uuid
language plpgsql stable security definer set search_path = public, pg_temp set enable_seqscan = off as $$
declare
  account uuid := nullif(current_setting('app.account_id', true), '')::uuid;
  latest uuid[];
begin
  latest := array(
    select c.id
    from (select n.id, n.name, n.username from contacts n
      where n.account_id = account order by n.created_at desc, n.id desc limit 5000) c
    where lower(c.name || ' ' || coalesce(c.username, '')) like pattern
      and (inbox_ids is null or exists (select 1 from contact_identities i
        where i.account_id = account and i.contact_id = c.id and i.inbox_id = any(inbox_ids)))
    limit most);
  if cardinality(latest) = most then
    return query select unnest(latest);
    return;
  end if;
  return query execute
    'select c.id from contacts c
     where c.account_id = $1 and lower(c.name || '' '' || coalesce(c.username, '''')) like $2'
    || case when inbox_ids is null then '' else
      ' and exists (select 1 from contact_identities i
          where i.account_id = $1 and i.contact_id = c.id and i.inbox_id = any($3))' end
    || ' order by c.created_at desc, c.id desc limit $4'
    using account, pattern, inbox_ids, most;
end
$$;
--> statement-breakpoint
revoke execute on function search_contact_ids(text, uuid[], integer) from public;
--> statement-breakpoint
grant select (account_id, id, name, username, profile_synced_at, created_at) on contacts to parley_system;
--> statement-breakpoint
create policy system on contact_identities for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, inbox_id, contact_id) on contact_identities to parley_system;
--> statement-breakpoint
create policy system on threads for select to parley_system using (true);
--> statement-breakpoint
grant select (account_id, id, contact_id) on threads to parley_system;
--> statement-breakpoint
do $$ begin
  grant create on schema public to parley_system;
  alter function search_contact_ids(text, uuid[], integer) owner to parley_system;
  revoke create on schema public from parley_system;
end $$;
--> statement-breakpoint
grant execute on function search_contact_ids(text, uuid[], integer) to parley_app;
