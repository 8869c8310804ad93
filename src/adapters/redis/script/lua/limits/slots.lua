-- Takes slots of Telegram's limits that all processes share: slots in a window of time, and in the group on terms.
--
-- KEYS[1] is the base of partition 0. ARGV: token, time limit of a call in milliseconds; limit over all chats (0: none),
-- its window, milliseconds to freeze; limit of the group, its window, milliseconds to freeze; used slots: elsewhere, and
-- in the group by class (k3s1); unused slots: the same; number of requests, and for each: slots needed, most slots to
-- take, slots over all chats to leave, and '-', or the class, slots of the group to leave, slots below which it is
-- paced, whether it yields, and twice: classes, and the most slots that they may have together.
-- Returns for each request the slots taken, or minus the milliseconds to wait.
--
-- A slot is a member TOKEN.NUMBER, in the group TOKEN.NUMBER.CLASS. The terms are those of group_window.rs.
local call, base, at = redis.call, KEYS[1], 2
local function text() at = at + 1 return ARGV[at] end
local function take() return tonumber(text()) end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local token, call_limit = ARGV[1], tonumber(ARGV[2])
local function key(of, name) return base .. ':slots:' .. of .. ':' .. name end
local function window(of)
  local w = { of = of, limit = take(), window = take() }
  local freeze = take()
  if freeze > 0 then call('SET', key(of, 'frozen'), now + freeze, 'PX', freeze) end
  return w
end
local all, group = window('all'), window('group')

-- Slots in use are kept until the time limit of their call: their process may be dead.
local function age(w, count, class, ended)
  for _, slot in ipairs(count > 0 and call('ZRANGE', key(w.of, 'running'), 0, -1) or {}) do
    local ours = slot:sub(1, #token + 1) == token .. '.' and (not class or slot:sub(-1) == class)
    if count > 0 and ours then
      call('ZREM', key(w.of, 'running'), slot)
      if ended then call('ZADD', key(w.of, 'ended'), now + w.window, slot) end
      count = count - 1
    end
  end
end
for _, ended in ipairs({ true, false }) do
  local sum = take()
  for class, count in text():gmatch('(%a)(%d+)') do
    sum = sum + tonumber(count)
    age(group, tonumber(count), class, ended)
  end
  age(all, sum, nil, ended)
end

-- What each window holds: the members, and when those that have ended age, oldest first. A slot of the group that has aged
-- is free for calls that yield a moment later than for others, who therefore come first.
local handicap = group.window / 1200
for _, w in ipairs({ all, group }) do
  call('ZREMRANGEBYSCORE', key(w.of, 'running'), '-inf', now)
  call('ZREMRANGEBYSCORE', key(w.of, 'ended'), '-inf', now - (w == group and handicap or 0))
  w.frozen = tonumber(call('GET', key(w.of, 'frozen')) or '0') - now
  w.running, w.ended = {}, {}
  if w.limit > 0 then
    w.running = call('ZRANGE', key(w.of, 'running'), 0, -1)
    local ended = call('ZRANGE', key(w.of, 'ended'), 0, -1, 'WITHSCORES')
    for i = 1, #ended, 2 do table.insert(w.ended, { slot = ended[i], at = tonumber(ended[i + 1]) }) end
  end
end
local paced = tonumber(call('GET', key('group', 'paced')) or '0')

local function counts(slot, classes) return not classes or classes:find(slot:sub(-1), 1, true) ~= nil end
local function used(w, moment, classes)
  local sum = 0
  for _, slot in ipairs(w.running) do if counts(slot, classes) then sum = sum + 1 end end
  for _, ended in ipairs(w.ended) do
    if ended.at > moment and counts(ended.slot, classes) then sum = sum + 1 end
  end
  return sum
end
-- Milliseconds until `more` slots of these classes have aged; a moment if that depends on running calls.
local function ages(w, more, moment, classes)
  for _, ended in ipairs(w.ended) do
    if ended.at > moment and counts(ended.slot, classes) then
      more = more - 1
      if more <= 0 then return ended.at - moment end
    end
  end
  return 100
end
local function room(w, want, leave, moment)
  if w.frozen > 0 then return nil, w.frozen end
  if w.limit == 0 then return math.huge end
  want = math.min(want, w.limit)
  leave = math.min(leave, w.limit - want)
  local left = math.max(0, w.limit - used(w, moment))
  if left < want + leave then return nil, ages(w, want + leave - left, moment) end
  return left - leave, nil, left
end
local function spacing(left)
  local next_free = group.window
  for _, ended in ipairs(group.ended) do
    if ended.at > now then
      next_free = ended.at - now
      break
    end
  end
  return math.max(group.window / group.limit, next_free / math.max(left, 1))
end
local function on_terms(want, terms)
  local moment = terms.yields and now - handicap or now
  local most, wait, left = room(group, want, terms.leave, moment)
  if not most or group.limit == 0 then return most, wait end
  for _, cap in ipairs(terms.caps) do
    local free = cap.most - used(group, now, cap.classes)
    if free < want then return nil, ages(group, want - free, now, cap.classes) end
    most = math.min(most, free)
  end
  if left > terms.paced_below then
    local at_once = terms.paced_below > 0 and left - terms.paced_below or most
    return math.max(want, math.min(most, at_once))
  end
  local wait_for = paced + spacing(left) - now
  if wait_for > 0 then return nil, wait_for end
  return want
end

local answer = {}
for _ = 1, take() do
  local want, up_to, reserved, class = take(), take(), take(), text()
  local terms
  if class ~= '-' then
    terms = { class = class, leave = take(), paced_below = take(), yields = text() == '1', caps = {} }
    for _ = 1, 2 do
      local classes, most = text(), take()
      if classes ~= '' then table.insert(terms.caps, { classes = classes, most = most }) end
    end
  end
  local most, wait = room(all, want, reserved, now)
  if most and terms then
    local in_group
    in_group, wait = on_terms(want, terms)
    most = in_group and math.min(most, in_group)
  end
  if not most then
    table.insert(answer, -math.max(1, math.min(math.ceil(wait), 1000)))
  else
    if terms and terms.paced_below > 0 and group.limit > 0 then
      -- A call that comes a little late does not delay those after it.
      local due = paced + spacing(group.limit - used(group, now))
      paced = due <= now and due + group.window / 8 > now and due or now
      call('SET', key('group', 'paced'), string.format('%.0f', paced), 'PX', math.max(1, group.window))
    end
    local given = math.min(most, up_to)
    for _ = 1, given do
      local slot = token .. '.' .. call('HINCRBY', base .. ':meta', 'slot', 1)
      if terms then slot = slot .. '.' .. class end
      for _, w in ipairs(terms and { all, group } or { all }) do
        if w.limit > 0 then
          call('ZADD', key(w.of, 'running'), now + call_limit, slot)
          table.insert(w.running, slot)
        end
      end
    end
    table.insert(answer, given)
  end
end
return answer
