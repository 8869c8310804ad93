-- The right to be the one process on this store.
--
-- KEYS[1] is the base of partition 0. ARGV: take, renew or leave; token; milliseconds; whether it ended in order.
-- Returns {1} if it is ours, {0, milliseconds left} if it is another's.
local call, lease, meta = redis.call, KEYS[1] .. ':lease', KEYS[1] .. ':meta'
local act, token, length, unclean = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local holder = call('GET', lease)
if act == 'take' and not holder then
  call('SET', lease, token, 'PX', length)
  return { 1 }
end
-- Run out while nobody else came, it is still ours.
local ours = holder == token or (not holder and call('HGET', meta, 'owner') == token)
if not ours then return { 0, call('PTTL', lease) } end
if act == 'leave' then
  call('HSET', meta, 'open', unclean)
  call('HDEL', meta, 'owner')
  call('DEL', lease)
else
  call('SET', lease, token, 'PX', length)
end
return { 1 }
