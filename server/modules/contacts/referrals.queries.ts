/** Where a contact came from, once. */
export interface ReferralView {
  id: string
  source: 'ad' | 'short_link' | 'other'
  facts: Record<string, string>
  at: string | null
}

/** The newest five of a contact of table `p`, the newest first and those of no known time last, as a column. */
export const referralsOf = (p: string): string => `(
  select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'source', r.source, 'facts', r.facts, 'at', r.at)
    order by r.at desc nulls last), '[]')
  from (select * from referrals r where r.account_id = ${p}.account_id and r.contact_id = ${p}.id
    order by r.at desc nulls last limit 5) r)`
