-- Request numbers, in partition 0.
--
-- KEYS[1] is its base. ARGV: one of
--   give user nth   returns the number of the user's nth request; the same if it has one already
--   from last       makes later numbers higher than this one
--   forget (user entry)...  deletes the entries that are unchanged
-- Returns the number, or the last number assigned, or the count of deleted entries.
local call, base = redis.call, KEYS[1]
local meta, requests = base .. ':meta', base .. ':requests'
if ARGV[1] == 'from' then
  if tonumber(call('HGET', meta, 'requests') or '0') < tonumber(ARGV[2]) then
    call('HSET', meta, 'requests', ARGV[2])
  end
  return call('HGET', meta, 'requests') or '0'
end
if ARGV[1] == 'forget' then
  local gone = 0
  for i = 2, #ARGV, 2 do
    if call('HGET', requests, ARGV[i]) == ARGV[i + 1] then gone = gone + call('HDEL', requests, ARGV[i]) end
  end
  return gone
end
local user, nth = ARGV[2], tonumber(ARGV[3])
local known, number = (call('HGET', requests, user) or ''):match('^(%d+) (%d+)$')
if known and tonumber(known) >= nth then return number end
number = string.format('%.0f', call('HINCRBY', meta, 'requests', 1))
call('HSET', requests, user, ARGV[3] .. ' ' .. number)
return number
