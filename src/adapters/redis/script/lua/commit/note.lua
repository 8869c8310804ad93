-- Small changes in a partition.
--
-- KEYS[1] is the partition's base. ARGV: token, then one of
--   failed seq attempts     an update could not be decided
--   decided seq             the last step of a commit that spans partitions
--   drop id                 a dead letter is dropped; returns 1 if it was there
--   imported users at       an import is finished
-- or, also for processes that do not hold the partition,
--   group from to           the group has migrated; returns the epoch of links
--   groups before after     the groups besides the first are these, if they are those now; returns what they are then
--   probe value             returns what was written
local call, base = redis.call, KEYS[1]
local function key(name) return base .. ':' .. name end
local meta, inbox = key('meta'), key('in')
local act, first, second = ARGV[2], ARGV[3], ARGV[4]
if act ~= 'group' and act ~= 'groups' and act ~= 'probe' and call('HGET', meta, 'owner') ~= ARGV[1] then
  return redis.error_reply('FENCED another process holds this partition')
end
if act == 'failed' then
  local body = call('HGET', inbox, first)
  if not body then return 0 end
  call('HSET', inbox, first, second .. body:sub(body:find(' ', 1, true), -1))
  return 1
elseif act == 'decided' then
  local body = call('HGET', inbox, first)
  if not body then return 0 end
  local update, received = body:match('^%d+ (%-?%d+) %-?%d+ (%-?%d+) ')
  call('HDEL', inbox, first)
  call('ZREM', key('inq'), first)
  call('HSET', key('k:' .. update:sub(1, -4)), update:sub(-3), received)
  call('ZADD', key('kold'), 'LT', received, update:sub(1, -4))
  return 1
elseif act == 'drop' then
  call('ZREM', key('deadq'), first)
  if call('HDEL', key('dead'), first) == 0 then return 0 end
  call('HINCRBY', meta, tonumber(first:sub(-1)) % 2 == 1 and 'd1' or 'd0', -1)
  return 1
elseif act == 'imported' then
  return call('HSET', meta, 'imported', first, 'imported_at', second)
elseif act == 'group' then
  if call('HGET', meta, 'group') ~= second then call('HINCRBY', meta, 'epoch', 1) end
  call('HSET', meta, 'from', first, 'group', second)
  return call('HGET', meta, 'epoch')
elseif act == 'groups' then
  local now = call('HGET', meta, 'groups') or ''
  if now == first and first ~= second then
    -- Releases that know one group only refuse this format.
    call('HSET', meta, 'groups', second, 'format', 2)
    return second
  end
  return now
end
call('HSET', meta, 'probe', first)
return call('HGET', meta, 'probe')
