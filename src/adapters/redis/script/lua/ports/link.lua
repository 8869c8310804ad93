-- The links of one message.
--
-- KEYS[1] is the partition's base. ARGV: epoch, message of the group, or '' and then user and their message.
-- Returns pairs: message of the group, record.
local call, base, epoch = redis.call, KEYS[1], ARGV[1]
local function split(id) return id:sub(1, -4), id:sub(-3) end
local found = {}
-- Links of the groups besides the first, whose messages have greater numbers, are in no epoch.
local function of(staff, wanted)
  local bucket, field = split(staff)
  local era = tonumber(staff) < 1099511627776 and epoch or 'g'
  for one in (call('HGET', base .. ':l:' .. era .. ':' .. bucket, field) or ''):gmatch('[^;]+') do
    if not wanted or one:sub(1, #wanted) == wanted then
      table.insert(found, staff)
      table.insert(found, one)
    end
  end
end
if ARGV[2] ~= '' then
  of(ARGV[2])
else
  local user, message = ARGV[3], ARGV[4]
  local bucket, field = split(message)
  for _, era in ipairs({ epoch, 'g' }) do
    for staff in (call('HGET', base .. ':u:' .. era .. ':' .. bucket, user .. ':' .. field) or ''):gmatch('[^,]+') do
      of(staff, message .. ' ' .. user .. ' ')
    end
  end
end
return found
