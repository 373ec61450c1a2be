"""Checks vectors.json by the rules of docs/wire-format.md."""
import functools, hashlib, json, struct, sys, urllib.parse, zlib
def quote(text, keep): return urllib.parse.quote(text, safe=keep).replace("~", "%7E")
def fnv1a(data): return functools.reduce(lambda h, byte: (h ^ byte) * 0x100000001B3 % 2**64, data, 0xCBF29CE484222325)
v = json.load(open(sys.argv[1], encoding="utf-8"))
for t in v["texts"]: assert t["text"] == (quote(t["value"], "") or "~") or t["type"] != "str", t
for k in v["keys"]:
    digest = "#" + hashlib.sha256(k["arguments"].encode()).hexdigest()
    assert k["key"] == k["name"] + ":" + (k["arguments"] if len(k["arguments"]) <= 200 else digest), k
for k in v["by_hand"]: assert k["stored"] == ("" if k["version"] is None else f"@{k['version']}") + ":" + quote(k["key"], ":/@"), k
for p in v["prefixes"]: assert p["stored"] == quote(p["prefix"], "") + ":" + p["key"], p
for c in v["counters"]: assert c["stored"] == str(c["value"]), c
for e in (all_entries := v["entries"] + v["compressed"]):
    *head, high, low, fhigh, flow, check, payload = struct.unpack(f">2s3BHIHIQ{len(e['bytes']) // 2 - 25}s", bytes.fromhex(e["bytes"]))
    times = [high << 32 | low, None if (f := fhigh << 32 | flow) == 2**48 - 1 else f]
    flags = (e["nothing"] is not None) + 2 * ((packed := e.get("compression")) is not None)
    assert (head, times, check) == ([b"\xc1K", 1, flags, e["codec"]], [e["created"], e["fresh"]], fnv1a(e["full"].encode())), e
    if flags & 2: assert packed == payload[0], e; payload = zlib.decompress(payload[1:], 31) if packed == 3 else None
    assert payload == bytes([e["nothing"]]) if flags & 1 else payload is None or e["codec"] != 2 or json.loads(payload) == e["value"], e
print(sum(map(len, v.values())), "vectors checked,", sum(e["codec"] > 2 or e.get("compression") not in (None, 3) for e in all_entries), "of them with unknown bytes")
