-- Stores arrivals and writes commits of one partition, in order; each in full or not at all.
--
-- KEYS[1] is the partition's base; every other key is the base with a suffix, so all are in the same slot.
-- ARGV: token, or '' if the caller does not hold the partition (then arrivals are stored undecided); the last number
-- that the holder has read from the inbox; the pub/sub channel that tells holders of arrivals; epoch; partition;
-- answers to delete (n, then n); conversations that are already stale (n, then n); then operations:
--   O offset
--   A attempt update lane received raw number held(0/1) decided-by(0/1) [commit]
--   C attempt commit
-- Returns one answer for each A and C: K known, W seq waits, E stored for its holder, S stale, R repeated,
-- D {seqs} {kind, seq, body of each record put back}.
local call, base, at = redis.call, KEYS[1], 0
local function take() at = at + 1 return ARGV[at] end
local function count() return tonumber(take()) end
local function key(name) return base .. ':' .. name end
local meta, conv, waiting, due = key('meta'), key('conv'), key('waiting'), key('due')
local inbox, inq = key('in'), key('inq')
local out, outq, outs, dead, deadq = key('out'), key('outq'), key('outs'), key('dead'), key('deadq')
local tries, marks, kold = key('tries'), key('marks'), key('kold')

local token = take()
local guest = token == ''
if not guest and call('HGET', meta, 'owner') ~= token then
  return redis.error_reply('FENCED another process holds this partition')
end
-- No new update may overtake one that another process stored and the holder has not read yet.
local behind = guest or tonumber(call('HGET', meta, 'foreign') or '0') > tonumber(ARGV[at + 1])
take()
local channel, news = take(), false
local epoch, partition = take(), tonumber(take())
-- Links of the groups besides the first, whose messages have greater numbers, are in no epoch.
local function era(staff) return tonumber(staff) < 1099511627776 and epoch or 'g' end
local drop, stale = {}, {}
for i = 1, count() do drop[i] = take() end
for _ = 1, count() do stale[take()] = true end

local tick = tonumber(call('HGET', meta, 'tick') or '0')
local given = tick
local function number(proposed)
  tick = math.max(tick + 1, tonumber(proposed))
  return string.format('%.0f', tick * 16 + partition)
end
-- Numbers of messages and updates: all but the last three digits name the bucket.
local function split(id) return id:sub(1, -4), id:sub(-3) end
local function place(seq, lane) return lane .. string.format('%016.0f', tonumber(seq)) end

-- Redis does not roll back a script when one of its commands fails, for example on a key of the wrong type. So a change
-- that fails undoes the writes that would be believed: that an update is known, has left the inbox, or was decided.
-- `run`, at the end, catches the error a second time and returns it.
local undo = {}
local function whole(change)
  undo = {}
  local done, answer = pcall(change)
  if done then return answer end
  for i = #undo, 1, -1 do pcall(undo[i]) end
  pcall(call, 'HSET', meta, 'tick', string.format('%.0f', tick))
  error(answer, 0)
end
local function on_failure(back) table.insert(undo, back) end

local function known_since(update, received, value)
  local bucket, field = split(update)
  call('HSET', key('k:' .. bucket), field, value)
  call('ZADD', kold, 'LT', received, bucket)
end
local function wait(seq, update, lane, received, raw)
  known_since(update, received, 'w')
  call('HSET', inbox, seq, '0 ' .. update .. ' ' .. lane .. ' ' .. received .. ' ' .. raw)
  call('ZADD', inq, seq, seq)
end
local HEAD = '^(%d+) (%-?%d+) (%-?%d+) (%-?%d+) '
local function leave(seq)
  local body = call('HGET', inbox, seq)
  if not body then return false end
  local _, update, _, received = body:match(HEAD)
  on_failure(function()
    call('HSET', inbox, seq, body)
    call('ZADD', inq, seq, seq)
    known_since(update, received, 'w')
  end)
  call('HDEL', inbox, seq)
  call('ZREM', inq, seq)
  known_since(update, received, received)
  return true
end
local function queue(seq, body)
  on_failure(function() call('HDEL', out, seq) end)
  call('HSET', out, seq, body)
  call('ZADD', outq, 0, place(seq, body:sub(1, 16)))
  call('ZADD', outs, seq, seq)
end
local function remove(seq)
  local body = call('HGET', out, seq)
  if body then
    on_failure(function()
      call('HSET', out, seq, body)
      call('ZADD', outq, 0, place(seq, body:sub(1, 16)))
    end)
    call('HDEL', out, seq)
    call('ZREM', outq, place(seq, body:sub(1, 16)))
    call('ZREM', outs, seq)
  end
end
local function counter(id) return tonumber(id:sub(-1)) % 2 == 1 and 'd1' or 'd0' end
local function bury(letter)
  if letter.kind == 'u' then
    if not leave(letter.seq) then return end
  else
    remove(letter.seq)
  end
  if call('HSET', dead, letter.id, letter.body) == 1 then call('HINCRBY', meta, counter(letter.id), 1) end
  call('ZADD', deadq, letter.id, letter.id)
end
local function put_back(id, proposed, answer)
  local body = call('HGET', dead, id)
  if not body then return end
  call('HDEL', dead, id)
  call('ZREM', deadq, id)
  call('HINCRBY', meta, counter(id), -1)
  local _, to, _, reason = body:find('^(%-?%d+) (%d+) ')
  body = body:sub(to + tonumber(reason) + 1)
  local seq, kind = number(proposed), 's'
  if counter(id) == 'd1' then
    queue(seq, body)
  else
    kind = 'u'
    local _, last, _, update, lane, received = body:find(HEAD)
    wait(seq, update, lane, received, body:sub(last + 1))
  end
  table.insert(answer, kind)
  table.insert(answer, seq)
  table.insert(answer, body)
end
local function learn(link)
  local bucket, field = split(link.staff)
  local of = era(link.staff)
  local name = key('l:' .. of .. ':' .. bucket)
  local pairs_of = { link.message .. ' ' .. link.rest }
  for one in (call('HGET', name, field) or ''):gmatch('[^;]+') do
    if one:match('^%-?%d+') ~= link.message then table.insert(pairs_of, one) end
  end
  call('HSET', name, field, table.concat(pairs_of, ';'))
  call('ZADD', key('lold:' .. of), 'LT', link.at, bucket)
  bucket, field = split(link.message)
  name, field = key('u:' .. of .. ':' .. bucket), link.user .. ':' .. field
  local copies = call('HGET', name, field)
  if not copies then
    call('HSET', name, field, link.staff)
  elseif not (',' .. copies .. ','):find(',' .. link.staff .. ',', 1, true) then
    call('HSET', name, field, copies .. ',' .. link.staff)
  end
end

local function read_commit()
  local c = { decided = take(), mark = take(), expects = {}, queued = {}, sent = {}, dead = {}, links = {}, retried = {} }
  for i = 1, count() do c.expects[i] = { user = take(), revision = take() } end
  c.user = take()
  if c.user ~= '' then c.state, c.waiting, c.due, c.doc = take(), take(), take(), take() end
  for i = 1, count() do c.queued[i] = { number = take(), body = take() } end
  for i = 1, count() do c.sent[i] = take() end
  for i = 1, count() do c.dead[i] = { id = take(), kind = take(), seq = take(), body = take() } end
  for i = 1, count() do
    c.links[i] = { staff = take(), message = take(), user = take(), at = take(), rest = take() }
  end
  for i = 1, count() do c.retried[i] = { id = take(), number = take() } end
  return c
end
local function any(users, c)
  for _, e in ipairs(c.expects) do
    if users[e.user] then return true end
  end
  return false
end
local function all(users, c)
  for _, e in ipairs(c.expects) do users[e.user] = true end
end
local function outdated(c)
  for _, e in ipairs(c.expects) do
    local stored = call('HGET', conv, e.user)
    if (stored and stored:match('^%d+') or '0') ~= e.revision then return true end
  end
  return false
end
local function store(c)
  local before = call('HGET', conv, c.user)
  local state = before and before:match('^%d+ (%d+)')
  on_failure(function()
    if before then call('HSET', conv, c.user, before) else call('HDEL', conv, c.user) end
  end)
  call('HSET', conv, c.user, c.doc)
  if state ~= c.state then
    on_failure(function()
      if state then call('HINCRBY', meta, 's' .. state, 1) end
      call('HINCRBY', meta, 's' .. c.state, -1)
    end)
    if state then call('HINCRBY', meta, 's' .. state, -1) end
    call('HINCRBY', meta, 's' .. c.state, 1)
  end
  if c.waiting ~= '' then
    call('ZADD', waiting, c.waiting, c.user)
  else
    call('ZREM', waiting, c.user)
  end
  if c.due ~= '' then
    call('ZADD', due, c.due, c.user)
  else
    call('ZREM', due, c.user)
  end
end
-- Writes that free memory come first: Redis refuses a script for lack of memory only before its first write.
local function write(c)
  if c.mark ~= '' and call('ZSCORE', marks, c.mark) then return { 'R' } end
  if outdated(c) then
    -- A repeated commit looks outdated, because its own change raised the revision.
    if c.decided ~= '' and call('HEXISTS', inbox, c.decided) == 0 then return { 'R' } end
    return { 'S' }
  end
  if c.decided ~= '' and not leave(c.decided) then return { 'R' } end
  for _, seq in ipairs(c.sent) do remove(seq) end
  if c.user ~= '' then store(c) end
  local seqs, back = {}, {}
  for i, one in ipairs(c.queued) do
    seqs[i] = number(one.number)
    queue(seqs[i], one.body)
  end
  for _, link in ipairs(c.links) do learn(link) end
  for _, letter in ipairs(c.dead) do bury(letter) end
  for _, one in ipairs(c.retried) do put_back(one.id, one.number, back) end
  if c.mark ~= '' then call('ZADD', marks, call('TIME')[1] .. '000', c.mark) end
  return { 'D', seqs, back }
end

local lanes, users = {}, {}
local function take_in(attempt)
  local update, lane, received, raw, proposed = take(), take(), take(), take(), take()
  local held = take() == '1'
  local c = take() == '1' and read_commit() or nil
  local answer = call('HGET', tries, attempt)
  if answer then
    answer = cmsgpack.unpack(answer)
  else
    local bucket, field = split(update)
    if call('HSETNX', key('k:' .. bucket), field, received) == 0 then
      answer = { 'K' }
    else
      whole(function()
        on_failure(function() call('HDEL', key('k:' .. bucket), field) end)
        call('ZADD', kold, 'LT', received, bucket)
        if c and not behind and not held and not lanes[lane] and not any(users, c) then
          answer = write(c)
          if answer[1] ~= 'D' then answer = nil end
        end
        if not answer then
          answer = { behind and 'E' or 'W', number(proposed) }
          wait(answer[2], update, lane, received, raw)
          if behind then
            call('HSET', meta, 'foreign', answer[2])
            news = true
          end
        end
        call('HSET', tries, attempt, cmsgpack.pack(answer))
      end)
    end
  end
  if answer[1] ~= 'D' then
    lanes[lane] = true
    if c then all(users, c) end
  end
  return answer
end
local function commit(attempt)
  local c = read_commit()
  local answer = call('HGET', tries, attempt)
  if answer then return cmsgpack.unpack(answer) end
  answer = any(stale, c) and { 'S' } or whole(function()
    local written = write(c)
    if written[1] == 'D' then call('HSET', tries, attempt, cmsgpack.pack(written)) end
    return written
  end)
  if answer[1] == 'S' then all(stale, c) end
  return answer
end

local function run()
  local answers = {}
  while at < #ARGV do
    local kind = take()
    if kind == 'A' then
      table.insert(answers, take_in(take()))
    elseif kind == 'C' then
      table.insert(answers, commit(take()))
    else
      -- Each partition stores an offset; the one written last counts.
      local time = call('TIME')
      call('HSET', meta, 'stamp', string.format('%.0f', time[1] * 1000000 + time[2]), 'offset', take())
    end
  end
  if tick ~= given then call('HSET', meta, 'tick', string.format('%.0f', tick)) end
  for _, attempt in ipairs(drop) do call('HDEL', tries, attempt) end
  if news and guest then redis.pcall('PUBLISH', channel, partition) end
  return answers
end
-- An error that is raised loses its code: Redis 7 puts `ERR` before it, Redis 6.2 the place in the script. One that is
-- returned keeps it. Redis 6.2 puts a place before some errors of its own, such as `@user_script: 55: -OOM ...`.
local function with_code(raised)
  local text = type(raised) == 'table' and raised.err or tostring(raised)
  return text:match('^%u%u%u+ .*') or text:match(': %-(%u%u%u+ .*)') or 'ERR ' .. text
end
local done, answer = pcall(run)
if done then return answer end
return redis.error_reply(with_code(answer))
