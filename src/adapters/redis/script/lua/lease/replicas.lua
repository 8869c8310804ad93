-- The processes on this store, and what they must agree on.
--
-- KEYS[1] is the base of partition 0. ARGV: stay or leave; token; milliseconds until it counts as gone; then tokens of
-- certainly dead processes, whose last delayed announcement may still arrive.
-- Returns Redis' time in milliseconds; group, previous group, epoch and the other groups, '' for a missing one; then the
-- tokens.
local call, base = redis.call, KEYS[1]
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local replicas = base .. ':replicas'
if ARGV[1] == 'leave' then
  call('ZREM', replicas, ARGV[2])
else
  call('ZADD', replicas, now + ARGV[3], ARGV[2])
end
for i = 4, #ARGV do call('ZREM', replicas, ARGV[i]) end
call('ZREMRANGEBYSCORE', replicas, '-inf', now)
local found = call('HMGET', base .. ':meta', 'group', 'from', 'epoch', 'groups')
local answer = { now, found[1] or '', found[2] or '', found[3] or '', found[4] or '' }
for _, token in ipairs(call('ZRANGE', replicas, 0, -1)) do table.insert(answer, token) end
return answer
