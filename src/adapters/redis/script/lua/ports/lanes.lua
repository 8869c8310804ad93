-- Lanes of one channel that have a send after a number, in the order of these sends.
--
-- KEYS[1] is the partition's base. ARGV: channel, number, limit of lanes.
-- Returns the number up to which sends were read, whether there are more, then for each lane: the number by which it
-- was found, the lane, the count of its sends, the number of the last one, and the beginning of the first one's body.
local call, base = redis.call, KEYS[1]
local out, outq, outs = base .. ':out', base .. ':outq', base .. ':outs'
local channel, from, limit = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local SCAN = 512
local found, seen, lanes, looked = { from, '0' }, {}, 0, 0
local function number(place) return string.format('%.0f', tonumber(place:sub(17))) end
for _, seq in ipairs(call('ZRANGEBYSCORE', outs, '(' .. from, '+inf', 'LIMIT', 0, SCAN)) do
  if lanes == limit then break end
  looked = looked + 1
  found[1] = seq
  local body = call('HGET', out, seq)
  local lane = body and body:sub(1, 16)
  -- The lowest three bits of a lane are its channel.
  if lane and tonumber(lane:sub(16), 16) % 8 == channel and not seen[lane] then
    seen[lane] = true
    local places = call('ZRANGEBYLEX', outq, '[' .. lane, '(' .. lane .. ':', 'LIMIT', 0, 1)
    local last = call('ZREVRANGEBYLEX', outq, '(' .. lane .. ':', '[' .. lane, 'LIMIT', 0, 1)
    local first = places[1] and call('HGET', out, number(places[1]))
    if first then
      lanes = lanes + 1
      for _, field in ipairs({ seq, lane, call('ZLEXCOUNT', outq, '[' .. lane, '(' .. lane .. ':'),
        number(last[1]), first:match('^%S+ %S+ %S+ ') or first }) do
        table.insert(found, tostring(field))
      end
    end
  end
end
if looked == SCAN or lanes == limit then found[2] = '1' end
return found
