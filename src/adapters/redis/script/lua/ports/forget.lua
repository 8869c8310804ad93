-- Deletes old links and update numbers of one partition, up to a number of rows of each kind.
--
-- KEYS[1] is the partition's base. ARGV: token, epoch, links made before, updates received before, rows.
-- Returns the numbers of links and updates deleted, and the messages of the group that have no link any more.
local call, base = redis.call, KEYS[1]
local function key(name) return base .. ':' .. name end
local meta = key('meta')
if call('HGET', meta, 'owner') ~= ARGV[1] then
  return redis.error_reply('FENCED another process holds this partition')
end
local epoch, links_before, known_before, rows = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local orphans = {}
local function split(id) return id:sub(1, -4), id:sub(-3) end

local function unlearn(of, staff, one)
  local message, user = one:match('^(%-?%d+) (%-?%d+)')
  local bucket, field = split(message)
  local name = key('u:' .. of .. ':' .. bucket)
  field = user .. ':' .. field
  local left = {}
  for copy in (call('HGET', name, field) or ''):gmatch('[^,]+') do
    if copy ~= staff then table.insert(left, copy) end
  end
  if #left == 0 then call('HDEL', name, field) else call('HSET', name, field, table.concat(left, ',')) end
end
local function links(of, bucket, before, room)
  local name, gone, oldest = key('l:' .. of .. ':' .. bucket), 0, nil
  local flat = call('HGETALL', name)
  for i = 1, #flat, 2 do
    local kept, changed = {}, false
    for one in flat[i + 1]:gmatch('[^;]+') do
      local at = tonumber(one:match('(%-?%d+)$'))
      if at < before and gone < room then
        gone, changed = gone + 1, true
        unlearn(of, bucket .. flat[i], one)
      else
        table.insert(kept, one)
        oldest = math.min(oldest or at, at)
      end
    end
    if #kept == 0 then
      call('HDEL', name, flat[i])
      if of == epoch or of == 'g' then table.insert(orphans, bucket .. flat[i]) end
    elseif changed then
      call('HSET', name, flat[i], table.concat(kept, ';'))
    end
  end
  if oldest then
    call('ZADD', key('lold:' .. of), oldest, bucket)
  else
    call('ZREM', key('lold:' .. of), bucket)
  end
  return gone
end

local forgotten = 0
-- Links of an earlier epoch are out of reach already.
local swept = tonumber(call('HGET', meta, 'swept') or '0')
while swept < epoch and forgotten < rows do
  local first = call('ZRANGE', key('lold:' .. swept), 0, 0)[1]
  if first then
    forgotten = forgotten + links(swept, first, math.huge, rows - forgotten)
  else
    swept = swept + 1
    call('HSET', meta, 'swept', swept)
  end
end
-- Links of the groups besides the first are in no epoch.
for _, of in ipairs({ epoch, 'g' }) do
  for _, bucket in ipairs(call('ZRANGEBYSCORE', key('lold:' .. of), '-inf', '(' .. ARGV[3], 'LIMIT', 0, 20)) do
    if forgotten < rows then forgotten = forgotten + links(of, bucket, links_before, rows - forgotten) end
  end
end

local known = 0
for _, bucket in ipairs(call('ZRANGEBYSCORE', key('kold'), '-inf', '(' .. known_before, 'LIMIT', 0, 20)) do
  if known >= rows then break end
  local name, oldest = key('k:' .. bucket), nil
  local flat = call('HGETALL', name)
  for i = 1, #flat, 2 do
    -- An update in the inbox has no time yet.
    local at = tonumber(flat[i + 1])
    if at and at < tonumber(known_before) and known < rows then
      known = known + 1
      call('HDEL', name, flat[i])
    else
      at = at or tonumber(known_before)
      oldest = math.min(oldest or at, at)
    end
  end
  if oldest then
    call('ZADD', key('kold'), oldest, bucket)
  else
    call('ZREM', key('kold'), bucket)
  end
end
call('ZREMRANGEBYSCORE', key('marks'), '-inf', '(' .. known_before)
return { forgotten, known, orphans }
