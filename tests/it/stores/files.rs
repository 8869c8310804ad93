//! The files of a kept store, compressed: the folder of an embedded store, the commands that fill a Redis, a backup.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::Value;

use crate::redis::Server;

/// Files that a killed process leaves and that the next one makes anew.
const LEFT_OUT: [&str; 2] = ["desk.sqlite3-shm", "desk.lock"];

/// Returns a command for each key, with bytes that are no printable ASCII as `%XX`. Keys that live for less than a minute, as leases do, are gone when the store is
/// opened again.
const DUMP: &str = "
    local all = {}
    local function written(text)
        return (text:gsub('[%%%c%z\\127-\\255]', function(c) return ('%%%02X'):format(c:byte()) end))
    end
    local function add(key, kind)
        if kind == 'string' then return {'SET', key, redis.call('GET', key)} end
        local command = {'HSET', key}
        local values
        if kind == 'hash' then values = redis.call('HGETALL', key)
        elseif kind == 'list' then command[1] = 'RPUSH' values = redis.call('LRANGE', key, 0, -1)
        elseif kind == 'set' then command[1] = 'SADD' values = redis.call('SMEMBERS', key)
        elseif kind == 'zset' then
            command[1] = 'ZADD'
            local found = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
            values = {}
            for at = 1, #found, 2 do values[at] = found[at + 1] values[at + 1] = found[at] end
        else error('a key of the kind ' .. kind) end
        for _, value in ipairs(values) do command[#command + 1] = value end
        return command
    end
    for _, key in ipairs(redis.call('KEYS', '*')) do
        local lives = redis.call('PTTL', key)
        if lives < 0 or lives > 60000 then
            local command = add(key, redis.call('TYPE', key).ok)
            for at, part in ipairs(command) do command[at] = written(part) end
            all[#all + 1] = cjson.encode(command)
        end
    end
    table.sort(all)
    return all";

/// Carries out such a command.
const LOAD: &str = "
    local command = cjson.decode(ARGV[1])
    for at, part in ipairs(command) do
        command[at] = part:gsub('%%(%x%x)', function(byte) return string.char(tonumber(byte, 16)) end)
    end
    return redis.call(unpack(command))";

/// The folder of a release's stores.
pub(super) fn folder(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stores").join(release)
}

/// Keeps a file under this name.
pub(super) fn keep(content: &[u8], release: &str, name: &str) {
    let file = folder(release).join(format!("{name}.gz"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut packed = GzEncoder::new(fs::File::create(file).unwrap(), Compression::best());
    packed.write_all(content).unwrap();
    packed.finish().unwrap();
}

/// The content of a kept file.
pub(super) fn kept(release: &str, name: &str) -> Vec<u8> {
    unpacked(&fs::read(folder(release).join(format!("{name}.gz"))).unwrap())
}

/// The content of a compressed file.
pub(super) fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut content).unwrap();
    content
}

/// What Telegram looked like when this store was left.
pub(super) fn world(release: &str, store: &str) -> Value {
    serde_json::from_slice(&kept(release, &format!("{store}/world.json"))).unwrap()
}

/// Keeps the folder of an embedded store.
pub(super) fn keep_folder(from: &Path, release: &str) {
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if file.file_type().unwrap().is_file() && !LEFT_OUT.contains(&&*name) {
            keep(&fs::read(file.path()).unwrap(), release, &format!("sqlite/folder/{name}"));
        }
    }
}

/// Puts the kept folder of an embedded store here.
pub(super) fn put_folder(to: &Path, release: &str) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(folder(release).join("sqlite/folder")).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        let name = name.strip_suffix(".gz").unwrap();
        fs::write(to.join(name), kept(release, &format!("sqlite/folder/{name}"))).unwrap();
    }
}

/// Keeps the content of a Redis.
pub(super) fn keep_redis(server: &Server, release: &str) {
    let dump = server.ask(&["EVAL", DUMP, "0"]);
    let whole = dump.lines().all(|line| serde_json::from_str::<Value>(line).is_ok());
    assert!(whole && !dump.is_empty(), "{dump}");
    keep(dump.as_bytes(), release, "redis/commands.jsonl");
}

/// A Redis with the kept content.
pub(super) fn put_redis(release: &str) -> Server {
    let server = Server::start();
    let commands = String::from_utf8(kept(release, "redis/commands.jsonl")).unwrap();
    for command in commands.lines() {
        let answer = server.ask(&["EVAL", LOAD, "0", command]);
        assert!(!answer.contains("ERR") && !answer.is_empty(), "{command}: {answer}");
    }
    server
}
