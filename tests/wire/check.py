"""Checks vectors.json by the rules of docs/wire-format.md."""
import hashlib, json, struct, sys, urllib.parse
def quote(text, keep): return urllib.parse.quote(text, safe=keep).replace("~", "%7E")
def fnv1a(data, h=0xCBF29CE484222325):
    for byte in data: h = (h ^ byte) * 0x100000001B3 % 2**64
    return h
v = json.load(open(sys.argv[1], encoding="utf-8"))
for t in v["texts"]: assert t["text"] == (quote(t["value"], "") or "~") or t["type"] != "str", t
for k in v["keys"]:
    digest = "#" + hashlib.sha256(k["arguments"].encode()).hexdigest()
    assert k["key"] == k["name"] + ":" + (k["arguments"] if len(k["arguments"]) <= 200 else digest), k
for k in v["by_hand"]: assert k["stored"] == ("" if k["version"] is None else f"@{k['version']}") + ":" + quote(k["key"], ":/@"), k
for p in v["prefixes"]: assert p["stored"] == quote(p["prefix"], "") + ":" + p["key"], p
for c in v["counters"]: assert c["stored"] == str(c["value"]), c
for e in v["entries"]:
    *head, high, low, fhigh, flow, check, payload = struct.unpack(f">2s3BHIHIQ{len(e['bytes']) // 2 - 25}s", bytes.fromhex(e["bytes"]))
    times = [high << 32 | low, None if (f := fhigh << 32 | flow) == 2**48 - 1 else f]
    assert (head, times, check) == ([b"\xc1K", 1, e["nothing"] is not None, e["codec"]], [e["created"], e["fresh"]], fnv1a(e["full"].encode())), e
    assert payload == bytes([e["nothing"]]) if e["nothing"] else e["codec"] == 1 or json.loads(payload) == e["value"], e
print(sum(map(len, v.values())), "vectors checked")
