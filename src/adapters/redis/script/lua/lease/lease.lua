-- Takes, renews and releases the lease of one partition. Its holder alone may write there.
--
-- KEYS[1] is the partition's base. ARGV: act, token, milliseconds, then for
--   take     the latest format that the caller knows
--   inherit  the same, then tokens of certainly dead processes: takes the partition only if one of them holds it
--   renew    nothing
--   leave    1 if the process did not end in order; the pub/sub channel that tells other processes
-- Returns {0, milliseconds left} if another process holds it; {2, format} if a later release wrote it; else {1} and
--   take, inherit  tick, group, previous group, epoch, open, previous owner ('' for a missing one); 1 if never taken
--   renew          the last number that another process stored in the inbox
local call, base = redis.call, KEYS[1]
local lease, meta = base .. ':lease', base .. ':meta'
local act, token, length = ARGV[1], ARGV[2], ARGV[3]
local holder, owner = call('GET', lease), call('HGET', meta, 'owner')
if act == 'inherit' then
  local dead = false
  for i = 5, #ARGV do dead = dead or holder == ARGV[i] end
  if not dead then return { 0, 0 } end
  -- The lease of a dead process does not count.
  act, holder = 'take', false
end
-- An expired lease still belongs to its owner if no other process has taken the partition.
local ours = holder == token or (not holder and (act == 'take' or owner == token))
if not ours then return { 0, call('PTTL', lease) } end
local filler = act == 'take' and call('HGET', meta, 'restoring')
if filler then
  -- A bulk load is using the store.
  if call('HGET', meta, 'filled') ~= filler then return { 0, 0 } end
  -- The load stopped with only this marker left: the caller has seen that partition 0 has none.
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
call('HSET', meta, 'owner', token, 'open', 1)
-- Format 2 is that of a store with several groups, and only the registration of a group writes it.
if format == '' then call('HSET', meta, 'format', 1) end
-- Updates that are already in the inbox must be read before a new one is decided.
local last = call('ZRANGE', base .. ':inq', -1, -1)[1]
if last then call('HSET', meta, 'foreign', last) else call('HDEL', meta, 'foreign') end
-- An earlier release without the key `outs` may have written here.
if call('ZCARD', base .. ':outs') ~= call('HLEN', base .. ':out') then
  call('DEL', base .. ':outs')
  for _, seq in ipairs(call('HKEYS', base .. ':out')) do call('ZADD', base .. ':outs', seq, seq) end
end
-- Answers to calls of an earlier holder, which are not repeated any more.
call('UNLINK', base .. ':tries')
table.insert(found, format == '' and 1 or 0)
return { 1, unpack(found) }
