-- The sends of a lane after one of them, in order.
--
-- KEYS[1] is the partition's base. ARGV: lane, number to begin after or '', limit.
-- Returns number, body, number, body and so on.
local lane, after = ARGV[1], ARGV[2]
local from = after == '' and '[' .. lane or '(' .. lane .. string.format('%016.0f', tonumber(after))
local found = {}
for _, place in ipairs(redis.call('ZRANGEBYLEX', KEYS[1] .. ':outq', from, '(' .. lane .. ':', 'LIMIT', 0, ARGV[3])) do
  local seq = string.format('%.0f', tonumber(place:sub(17)))
  local body = redis.call('HGET', KEYS[1] .. ':out', seq)
  if body then
    table.insert(found, seq)
    table.insert(found, body)
  end
end
return found
