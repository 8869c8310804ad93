-- Figures of a partition: conversations by state, dead updates and sends, and since when the longest wait lasts.
--
-- KEYS[1] is the partition's base. Returns numbers as text, '' for a missing one.
local found = redis.call('HMGET', KEYS[1] .. ':meta', 's0', 's1', 's2', 's3', 's4', 'd0', 'd1')
for i = 1, 7 do found[i] = found[i] or '' end
found[8] = redis.call('ZRANGE', KEYS[1] .. ':waiting', 0, 0, 'WITHSCORES')[2] or ''
return found
