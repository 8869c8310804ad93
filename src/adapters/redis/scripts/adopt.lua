-- Makes the process with this token the only one whose writes count in a partition, and tells what is remembered there.
--
-- KEYS[1] is the partition's base. ARGV: token, the format, whether it is partition 0, whose lease must be held.
-- Returns tick, stamp, offset, group, group moved from, epoch, open, format found; '' for what is not there.
local call, meta = redis.call, KEYS[1] .. ':meta'
if ARGV[3] == '1' and call('GET', KEYS[1] .. ':lease') ~= ARGV[1] then
  return redis.error_reply('FENCED another process has taken the store over')
end
local found = call('HMGET', meta, 'tick', 'stamp', 'offset', 'group', 'from', 'epoch', 'open', 'format')
for i = 1, 8 do found[i] = found[i] or '' end
if found[8] ~= '' and tonumber(found[8]) > tonumber(ARGV[2]) then return found end
call('HSET', meta, 'owner', ARGV[1], 'format', ARGV[2])
if ARGV[3] == '1' then call('HSET', meta, 'open', 1) end
-- Answers to calls of an earlier process: nobody asks for them again.
call('UNLINK', KEYS[1] .. ':tries')
return found
