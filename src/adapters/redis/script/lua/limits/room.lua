-- Free slots of Telegram's limits that all processes share. Reads only.
--
-- KEYS[1] is the base of partition 0. ARGV: the limit for all chats, and for the group.
-- Returns for each: free slots, and the milliseconds left of a wait that Telegram asked for.
local call, base = redis.call, KEYS[1]
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
for place, of in ipairs({ 'all', 'group' }) do
  local function key(name) return base .. ':slots:' .. of .. ':' .. name end
  local function since(name) return call('ZCOUNT', key(name), '(' .. string.format('%.0f', now), '+inf') end
  local frozen = tonumber(call('GET', key('frozen')) or '0') - now
  table.insert(answer, math.max(0, tonumber(ARGV[place]) - since('running') - since('ended')))
  table.insert(answer, math.max(0, frozen))
end
return answer
