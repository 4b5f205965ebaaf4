-- Numbers what is committed and has no number yet, densely per account, and returns what to wake. The lock is taken in
-- a statement of its own, so that the next one's snapshot starts after it: nobody numbers the same row, nobody skips one.
-- Call it in autocommit, again while it returns 2,000 rows' worth.
create function feed_stamp() returns table (account_id uuid, first_seq bigint, last_seq bigint) language plpgsql as $$
#variable_conflict use_column
begin
  perform pg_advisory_xact_lock(4711, 1);
  return query
    with fresh as materialized (
      select e.id, e.account_id as owner, row_number() over (partition by e.account_id order by e.id) as place
      from account_events e where e.seq is null order by e.id limit 2000
    ), counted as (
      select owner, count(*) as rows from fresh group by owner
    ), head as (
      insert into feed_heads as h select owner, rows from counted
      on conflict on constraint feed_heads_pkey do update set seq = h.seq + excluded.seq
      returning h.account_id as owner, h.seq as newest
    ), numbered as (
      update account_events e set seq = head.newest - counted.rows + fresh.place
      from fresh join head using (owner) join counted using (owner) where e.id = fresh.id
    )
    select head.owner, head.newest - counted.rows + 1, head.newest from head join counted using (owner);
end $$;
--> statement-breakpoint
revoke execute on function feed_stamp() from public;
--> statement-breakpoint
grant execute on function feed_stamp() to parley_system;
--> statement-breakpoint
alter table account_events set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
--> statement-breakpoint
alter table webhook_events set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
