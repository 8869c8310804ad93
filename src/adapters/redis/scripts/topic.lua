-- Where the updates of a topic lie, for good, and whose topic it is as far as is known.
--
-- KEYS[1] is the topic's hint. ARGV: its user or '', the partition if none is set yet.
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'user', ARGV[1]) end
redis.call('HSETNX', KEYS[1], 'lane', ARGV[2])
return redis.call('HMGET', KEYS[1], 'user', 'lane')
