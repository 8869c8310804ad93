-- The right to write in one partition.
--
-- KEYS[1] is the partition's base. ARGV: act, token, milliseconds, then for
--   take     the format
--   inherit  the format, then tokens of processes that are dead for certain: taken if one of these holds it, and only then
--   renew    nothing
--   leave    what is remembered: 1 if it did not end in order; the channel on which others hear of it
-- Returns {0, milliseconds left} if it is another's; {2, format} if a later release wrote what is there; else {1} and
--   take, inherit  tick, group, group moved from, epoch, open, owner before; '' for what is not there; 1 if nobody took it ever
--   renew          the last number that somebody else put into the inbox
local call, base = redis.call, KEYS[1]
local lease, meta = base .. ':lease', base .. ':meta'
local act, token, length = ARGV[1], ARGV[2], ARGV[3]
local holder, owner = call('GET', lease), call('HGET', meta, 'owner')
if act == 'inherit' then
  local dead = false
  for i = 5, #ARGV do dead = dead or holder == ARGV[i] end
  if not dead then return { 0, 0 } end
  -- Its lease says nothing any more.
  act, holder = 'take', false
end
-- Run out while nobody else came, it is still the owner's.
local ours = holder == token or (not holder and (act == 'take' or owner == token))
if not ours then return { 0, call('PTTL', lease) } end
local filler = act == 'take' and call('HGET', meta, 'restoring')
if filler then
  -- Who fills the store has the place.
  if call('HGET', meta, 'filled') ~= filler then return { 0, 0 } end
  -- Stopped when only this mark was left: whoever comes here has seen that the first partition bears none.
  call('HDEL', meta, 'restoring')
  call('UNLINK', base .. ':wrote', base .. ':hints')
end
if act == 'leave' then
  if owner == token then
    call('HSET', meta, 'open', ARGV[4])
    call('HDEL', meta, 'owner')
  end
  call('DEL', lease)
  redis.pcall('PUBLISH', ARGV[5], 'free')
  return { 1 }
end
if act == 'renew' then
  call('SET', lease, token, 'PX', length)
  return { 1, call('HGET', meta, 'foreign') or '' }
end
local found = call('HMGET', meta, 'tick', 'group', 'from', 'epoch', 'open', 'owner', 'format')
for i = 1, 7 do found[i] = found[i] or '' end
local format = table.remove(found)
if format ~= '' and tonumber(format) > tonumber(ARGV[4]) then return { 2, format } end
call('SET', lease, token, 'PX', length)
call('HSET', meta, 'owner', token, 'format', ARGV[4], 'open', 1)
-- What waits already must be read before anything new is decided.
local last = call('ZRANGE', base .. ':inq', -1, -1)[1]
if last then call('HSET', meta, 'foreign', last) else call('HDEL', meta, 'foreign') end
-- A release that had no order over all lanes may have written here.
if call('ZCARD', base .. ':outs') ~= call('HLEN', base .. ':out') then
  call('DEL', base .. ':outs')
  for _, seq in ipairs(call('HKEYS', base .. ':out')) do call('ZADD', base .. ':outs', seq, seq) end
end
-- Answers to calls of an earlier holder: nobody asks for them again.
call('UNLINK', base .. ':tries')
table.insert(found, format == '' and 1 or 0)
return { 1, unpack(found) }
