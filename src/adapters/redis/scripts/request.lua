-- Numbers of requests, in the first partition.
--
-- KEYS[1] is its base. ARGV: one of
--   give user nth   the number of a user's request, of theirs the nth: the same if it was given before
--   from last       numbers go on above this one
-- Returns the number, or the last that was given.
local call, base = redis.call, KEYS[1]
local meta, requests = base .. ':meta', base .. ':requests'
if ARGV[1] == 'from' then
  if tonumber(call('HGET', meta, 'requests') or '0') < tonumber(ARGV[2]) then
    call('HSET', meta, 'requests', ARGV[2])
  end
  return call('HGET', meta, 'requests') or '0'
end
local user, nth = ARGV[2], tonumber(ARGV[3])
local known, number = (call('HGET', requests, user) or ''):match('^(%d+) (%d+)$')
if known and tonumber(known) >= nth then return number end
number = string.format('%.0f', call('HINCRBY', meta, 'requests', 1))
call('HSET', requests, user, ARGV[3] .. ' ' .. number)
return number
