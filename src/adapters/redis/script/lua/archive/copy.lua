-- Copies a partition at one moment, to keys that nobody changes and that expire.
--
-- KEYS[1] is the partition's base. ARGV: name of the copy, its lifetime in milliseconds, epoch of links or '' for the
-- partition's own.
-- Returns the epoch and the names of all copies. A repeated call returns the same.
local call, base = redis.call, KEYS[1]
local to, life, epoch = base .. ':copy:' .. ARGV[1] .. ':', ARGV[2], ARGV[3]
if epoch == '' then epoch = call('HGET', base .. ':meta', 'epoch') or '0' end
if call('EXISTS', to .. 'names') == 1 then return { epoch, call('LRANGE', to .. 'names', 0, -1) } end
local names = { to .. 'names' }
local function copy(name)
  if call('COPY', base .. ':' .. name, to .. name) == 1 then
    call('PEXPIRE', to .. name, life)
    table.insert(names, to .. name)
  end
end
for _, name in ipairs({ 'meta', 'conv', 'in', 'out', 'dead', 'marks', 'kold' }) do copy(name) end
for _, bucket in ipairs(call('ZRANGE', base .. ':kold', 0, -1)) do copy('k:' .. bucket) end
-- Links of the groups besides the first are in no epoch.
for _, era in ipairs({ epoch, 'g' }) do
  copy('lold:' .. era)
  for _, bucket in ipairs(call('ZRANGE', base .. ':lold:' .. era, 0, -1)) do copy('l:' .. era .. ':' .. bucket) end
end
for _, name in ipairs(names) do call('RPUSH', to .. 'names', name) end
call('PEXPIRE', to .. 'names', life)
return { epoch, names }
