import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectConsistent, findBreaches } from './check.ts'
import { Cluster } from './cluster.ts'
import { History } from './history.ts'
import { until } from '../support/until.ts'

describe('the checker of histories', () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await Cluster.start()
  }, 120_000)
  afterAll(() => cluster.close())

  it('sees what was lost, doubled, made up or kept from a client', async () => {
    const history = await History.begin(cluster, 2)
    await history.load(3)
    await history.quiet()
    const { sql } = cluster
    // A name that is read later is an event, and with it the client would see what is forged here.
    const nameless = () => sql`select 1 from contacts where profile_synced_at is null`
    await until(async () => (await nameless()).length === 0, 'everybody’s name is read', 60_000)
    await history.quiet()
    await expectConsistent(history)
    const [first, second] = history.sends.map((sent) => sent.messageId ?? '')
    const [before, after] = history.sends.filter((sent) => sent.thread === history.threads[0])
    if (!first || !second || !before || !after) throw new Error('too few')
    await sql`delete from messages where id = (select id from messages where type = 'incoming' order by arrival limit 1)`
    await sql`update messages set external_id = 'made up' where id = ${first}`
    await sql`update messages set status = 'failed', external_id = null, failure_code = 'RATE_LIMITED' where id = ${second}`
    await sql`
      update messages set at = at - interval '1 hour'
      where id = (select id from messages where type = 'incoming' order by arrival desc limit 1)`
    await sql`update conversations set status = 'pending' where id = ${before.thread.conversationId}`
    await sql`update threads set inbound_count = inbound_count + 1`
    await sql`delete from account_events where seq = (select min(seq) from account_events)`
    const { events = [] } = history.recorders[0] ?? {}
    events.splice(
      events.findIndex((event) => event.type === 'message.created'),
      1,
    )
    ;[before.text, after.text] = [after.text, before.text]
    const breaches = (await findBreaches(history)).join('\n')
    for (const breach of [
      /I1: hello .* was acknowledged and is not there/,
      /I5: the provider has .*, we do not/,
      /I3: a thread reads in the order \d/,
      /I6: the provider has a thread in the order 1,0,2/,
      /I7: we say that the provider has made up/,
      /I7: out .* is RATE_LIMITED and arrived/,
      /I2: \d unread and \d read of 4/,
      /I13: the log is not dense/,
      /I13: missed \d+; twice ;/,
      /I13: a client shows .*SENT.* for .*FAILED/,
      /I13: a client shows \{"status":"(OPEN|RESOLVED)".* for \{"status":"PENDING"/,
    ])
      expect(breaches).toMatch(breach)
    await history.end()
  })
}, 150_000)
