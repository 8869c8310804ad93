-- Reserves a partition for a bulk load, if it holds no data of a store.
--
-- KEYS[1] is the partition's base. ARGV: token, format, 1 to check only.
-- Returns running, occupied or newer; otherwise unfinished, if an earlier load was interrupted, or free.
local call, base = redis.call, KEYS[1]
local meta = base .. ':meta'
if call('EXISTS', base .. ':lease') == 1 then return 'running' end
local found = call('HMGET', meta, 'restoring', 'format', 'offset', 'group', 'from', 'filled', 'imported', 'groups')
if found[2] and tonumber(found[2]) > tonumber(ARGV[2]) then return 'newer' end
if not found[1] then
  if found[3] or found[4] or found[5] or found[6] or found[7] or found[8] then return 'occupied' end
  for _, name in ipairs({ 'conv', 'in', 'out', 'dead', 'kold', 'lold:0', 'lold:g' }) do
    if call('EXISTS', base .. ':' .. name) == 1 then return 'occupied' end
  end
end
if ARGV[3] ~= '1' then call('HSET', meta, 'restoring', ARGV[1]) end
return found[1] and 'unfinished' or 'free'
