-- Sets and returns a topic's hint: the partition of its updates, which never changes, and its user, if known.
--
-- KEYS[1] is the topic's hint. ARGV: its user or '', the partition if none is set yet.
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'user', ARGV[1]) end
redis.call('HSETNX', KEYS[1], 'lane', ARGV[2])
return redis.call('HMGET', KEYS[1], 'user', 'lane')
