-- settimeout and gettimeout: values, modes, refusals (reference 2.3). What time does is tested with
-- a clock turned by hand.
local socket = require "socket"
local t = require "show"

local _, _, listener = t.pair()
local ip, port = listener:getsockname()
local client = assert(socket.connect(ip, port))
local server = assert(listener:accept())
t.title "values"
t.show("initially", client:gettimeout())
t.show("accepted", server:gettimeout())
listener:settimeout(5)
local another = socket.connect(ip, port)
t.show("not inherited", listener:accept():gettimeout())
another:close()
for _, set in ipairs {
  { 1 }, { 2, "t" }, { 3, "r" }, { 4, "b" }, { "0.5" }, { 0 }, { -5 }, { 1, "block" },
  { 6, "total" }, { 7, "roundtrip" },
} do
  t.show("settimeout " .. table.concat(set, " "), client:settimeout(table.unpack(set)))
  t.show("  gives", client:gettimeout())
end
t.show("none", client:settimeout())
t.show("  gives", client:gettimeout())
t.show("nil", client:settimeout(nil, nil))
t.show("  gives", client:gettimeout())
t.title "refusals"
t.call(client, "settimeout", "x")
t.call(client, "settimeout", {})
t.call(client, "settimeout", 1, "x")
t.call(client, "settimeout", 1, "")
t.call(client, "settimeout", 1, {})
t.title "expiry"
client:settimeout(-1)
client:settimeout(0.02, "t")
t.show("total", client:receive())
client:settimeout(0, "t")
t.show("total zero", client:receive())
client:settimeout(0)
client:settimeout(10, "t")
t.show("block zero, total ten", client:receive())
client:settimeout(0.02)
t.show("block and total", client:receive(5, "abc"))
listener:settimeout(0.02)
t.show("accept", listener:accept())
listener:settimeout(0)
t.show("accept zero", listener:accept())
