/** Redis's own time, so that every process counts by one clock; a test has another. */
const NOW = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + time[2] / 1000
end
`

/**
 * What the provider says of its limit takes the place of what was assumed; for a while after it said that we are too fast
 * the rate is half of that.
 */
const RATE = `${NOW}
local rate, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local learned = redis.call('HMGET', KEYS[1] .. ':learned', 'rate', 'burst', 'slow', 'still')
if learned[1] then rate, burst = tonumber(learned[1]), tonumber(learned[2]) end
if now < (tonumber(learned[3]) or 0) then rate = rate / 2 end
local still = math.max(0, (tonumber(learned[4]) or 0) - now)
`

/**
 * Takes tokens for one account. Two limits hold at once: the provider's, and the account's share of it, which is the
 * rate divided by the accounts that asked lately; so one account's burst leaves every other token to the others. Whoever
 * waits keeps its place. What leaves a reserve, the reads, shares among its like: it costs nobody the share of the sends.
 * Answers { granted, ms until a token is there, ms until it is this waiter's turn }.
 */
export const TAKE = `${RATE}
local account, waiter, wanted, spare = ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7] == '1'
local reserve = spare and math.min(burst / 2, burst - 1) or 0
local function filled(key, speed, most)
  local state = redis.call('HMGET', key, 'tokens', 'at')
  return math.min(most, (tonumber(state[1]) or most) + (now - (tonumber(state[2]) or now)) * speed / 1000)
end
local function keep(key, tokens, speed)
  redis.call('HSET', key, 'tokens', tokens, 'at', now)
  redis.call('PEXPIRE', key, math.ceil((burst + 1 - tokens) * 1000 / speed) + 5000)
end
local shared = spare and KEYS[1] .. ':reads' or KEYS[1]
local active, waiting, share = shared .. ':active', shared .. ':waiting:' .. account, shared .. ':of:' .. account
local sharers = math.max(1, redis.call('ZCOUNT', active, now - 3000, '+inf'))
redis.call('ZREMRANGEBYSCORE', active, '-inf', now - math.max(3000, 4000 * sharers / rate))
redis.call('ZADD', active, now, account)
redis.call('PEXPIRE', active, 60000)
local accounts = redis.call('ZCARD', active)
local tokens = filled(KEYS[1], rate, burst)
local own = filled(share, rate / accounts, math.max(1, burst / accounts))
local granted = still > 0 and 0 or math.min(wanted, math.floor(tokens - reserve), math.floor(own))
if granted >= 1 then
  keep(KEYS[1], tokens - granted, rate)
  keep(share, own - granted, rate / accounts)
  redis.call('ZREM', waiting, waiter)
  return {granted, 0, 0}
end
local missing = math.max(still, (1 + reserve - tokens) * 1000 / rate, (1 - own) * accounts * 1000 / rate)
if waiter == '' then return {0, math.ceil(missing), 0} end
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', now - 30000)
local interval = accounts * 1000 / rate
local place = redis.call('ZRANK', waiting, waiter)
if not place then
  local last = redis.call('ZREVRANGE', waiting, 0, 0, 'WITHSCORES')
  redis.call('ZADD', waiting, math.max(now, tonumber(last[2]) or now) + interval, waiter)
  place = redis.call('ZCARD', waiting) - 1
end
local needed = (place + 1) * interval
redis.call('PEXPIRE', waiting, math.ceil(needed) + 60000)
return {0, math.ceil(missing), math.ceil(needed)}`

/**
 * Only ever makes the wait longer. Who was refused in a pause had called before it: that says nothing new. Answers how
 * long the pause goes on, in ms.
 */
export const PAUSE = `${RATE}
local told, first, longest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local key = KEYS[1] .. ':paused'
local paused = redis.call('HMGET', key, 'ms', 'until')
local last, till = tonumber(paused[1]) or 0, tonumber(paused[2]) or 0
local ms = told
if told == 0 and now < till then return math.ceil(till - now) end
if told == 0 then
  ms = math.min(math.max(last * 2, first), longest)
  redis.call('HSET', key, 'ms', ms, 'until', now + ms)
  redis.call('PEXPIRE', key, ms + longest)
end
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = (tonumber(state[1]) or 1) + (now - (tonumber(state[2]) or now)) * rate / 1000
redis.call('HSET', KEYS[1], 'tokens', math.min(tokens, 1 - ms * rate / 1000), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(ms) + 60000)
return math.ceil(ms)`

/**
 * What an answer said of the limit: how much is allowed, if it did, for how long it is to be half of that, and for how long
 * nothing is to be asked.
 */
export const LEARN = `${NOW}
local key, slowMs, stillMs = KEYS[1] .. ':learned', tonumber(ARGV[4]), tonumber(ARGV[5])
if ARGV[2] ~= '' then redis.call('HSET', key, 'rate', ARGV[2], 'burst', ARGV[3]) end
if slowMs > 0 then
  local still = tonumber(redis.call('HGET', key, 'still')) or 0
  redis.call('HSET', key, 'slow', now + slowMs, 'still', math.max(still, now + stillMs))
end
redis.call('PEXPIRE', key, 86400000)`
