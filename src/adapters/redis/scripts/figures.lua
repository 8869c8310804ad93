-- What is counted in a partition: conversations by state, dead updates and sends, and who has waited longest.
--
-- KEYS[1] is the partition's base. Numbers as text, '' for what is not there.
local found = redis.call('HMGET', KEYS[1] .. ':meta', 's0', 's1', 's2', 's3', 's4', 'd0', 'd1')
for i = 1, 7 do found[i] = found[i] or '' end
found[8] = redis.call('ZRANGE', KEYS[1] .. ':waiting', 0, 0, 'WITHSCORES')[2] or ''
return found
