-- Takes slots of Telegram's limits that all processes share: slots in a window of time.
--
-- KEYS[1] is the base of partition 0. ARGV: token, time limit of a call in milliseconds; then for all chats and for the
-- group each: limit (0: none), window in milliseconds, slots needed, most slots to take, slots used, slots unused,
-- milliseconds to freeze.
-- Returns {1, slots, slots of the group} or {0, milliseconds to wait}.
local call, base, at = redis.call, KEYS[1], 2
local function take() at = at + 1 return tonumber(ARGV[at]) end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token, patience = ARGV[1], tonumber(ARGV[2])
local function key(of, name) return base .. ':slots:' .. of .. ':' .. name end

-- Slots in use are kept until the time limit of their call: their process may be dead.
local function age(of, count, until_)
  for _, slot in ipairs(count > 0 and call('ZRANGE', key(of, 'running'), 0, -1) or {}) do
    if count > 0 and slot:sub(1, #token) == token then
      call('ZREM', key(of, 'running'), slot)
      if until_ then call('ZADD', key(of, 'ended'), until_, slot) end
      count = count - 1
    end
  end
end
local function read(of)
  local w = { of = of, limit = take(), window = take(), want = take(), up_to = take() }
  age(of, take(), now + w.window)
  age(of, take(), nil)
  local frozen = take()
  if frozen > 0 then call('SET', key(of, 'frozen'), now + frozen, 'PX', frozen) end
  call('ZREMRANGEBYSCORE', key(of, 'running'), '-inf', now)
  call('ZREMRANGEBYSCORE', key(of, 'ended'), '-inf', now)
  return w
end
local function wait(w)
  local frozen = tonumber(call('GET', key(w.of, 'frozen')) or '0') - now
  if frozen > 0 then return frozen end
  w.left = w.limit - call('ZCARD', key(w.of, 'running')) - call('ZCARD', key(w.of, 'ended'))
  if w.left >= w.want then return 0 end
  local first = call('ZRANGE', key(w.of, 'ended'), w.want - w.left - 1, w.want - w.left - 1, 'WITHSCORES')[2]
  return math.max(1, math.min(first and tonumber(first) - now or 100, 1000))
end
local all, group = read('all'), read('group')
local longest = 0
for _, w in ipairs({ all, group }) do
  if w.want > 0 then longest = math.max(longest, wait(w)) end
end
if longest > 0 then return { 0, longest } end
local answer = { 1 }
for _, w in ipairs({ all, group }) do
  local given = w.want > 0 and math.min(w.left, w.up_to) or 0
  for _ = 1, given do
    local slot = token .. '.' .. call('HINCRBY', base .. ':meta', 'slot', 1)
    call('ZADD', key(w.of, 'running'), now + patience, slot)
  end
  table.insert(answer, given)
end
return answer
