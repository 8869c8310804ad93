-- Writes to a partition during a bulk load.
--
-- KEYS[1] is the partition's base. ARGV: token, then any of
--   h name n and n of field, value       into a hash
--   z name n and n of score, member      into a sorted set; of two scores the lower counts
--   l staff message user at rest         a link, of epoch 0 if it is of the first group
--   n name                               a hint that will be written in another slot
--   clear                                deletes all that was loaded
--   leave                                gives up the partition
--   whole                                all records are loaded
--   end                                  ends the load: the partition can be used
local call, base, at = redis.call, KEYS[1], 0
local function take() at = at + 1 return ARGV[at] end
local function key(name) return base .. ':' .. name end
local meta, wrote, hints, token = key('meta'), key('wrote'), key('hints'), take()
if call('HGET', meta, 'restoring') ~= token then
  if call('HGET', meta, 'filled') == token then return 1 end
  return redis.error_reply('FENCED another process fills this store')
end
local function split(id) return id:sub(1, -4), id:sub(-3) end
local function put(command, name, ...)
  call('SADD', wrote, name)
  call(command, key(name), ...)
end
local function learn(staff, message, user, received, rest)
  local bucket, field = split(staff)
  local era = tonumber(staff) < 1099511627776 and '0' or 'g'
  local name = 'l:' .. era .. ':' .. bucket
  local pairs_of = { message .. ' ' .. rest }
  for one in (call('HGET', key(name), field) or ''):gmatch('[^;]+') do
    if one:match('^%-?%d+') ~= message then table.insert(pairs_of, one) end
  end
  put('HSET', name, field, table.concat(pairs_of, ';'))
  put('ZADD', 'lold:' .. era, 'LT', received, bucket)
  bucket, field = split(message)
  name, field = 'u:' .. era .. ':' .. bucket, user .. ':' .. field
  local copies = call('HGET', key(name), field)
  if not copies then
    put('HSET', name, field, staff)
  elseif not (',' .. copies .. ','):find(',' .. staff .. ',', 1, true) then
    put('HSET', name, field, copies .. ',' .. staff)
  end
end
while at < #ARGV do
  local act = take()
  if act == 'h' or act == 'z' then
    local name, n = take(), tonumber(take())
    for _ = 1, n do
      if act == 'h' then put('HSET', name, take(), take()) else put('ZADD', name, 'LT', take(), take()) end
    end
  elseif act == 'l' then
    learn(take(), take(), take(), take(), take())
  elseif act == 'n' then
    call('SADD', hints, take())
  elseif act == 'clear' then
    for _, name in ipairs(call('SMEMBERS', wrote)) do call('UNLINK', key(name)) end
    call('UNLINK', wrote, hints)
    call('DEL', meta)
    call('HSET', meta, 'restoring', token)
  elseif act == 'leave' then
    call('DEL', meta)
    return 1
  elseif act == 'whole' then
    call('HSET', meta, 'filled', token)
  else
    call('UNLINK', wrote, hints)
    call('HSET', meta, 'filled', token)
    call('HDEL', meta, 'restoring')
  end
end
return 1
