-- send: slices, indices, numbers as data, sending to the dead (reference 2.2, 2.4).
-- luacheck: ignore 311 (the far ends are only held)
local t = require "show"

local client, server = t.pair()

t.title "slices"
for _, range in ipairs {
  {}, { 1 }, { 2 }, { 2, 3 }, { 4, 2 }, { 10 }, { -3 }, { -3, -2 }, { 0 }, { 0, 0 }, { 1, 100 },
  { -100 }, { 2.9 }, { 1, 2.9 }, { "2" }, { "2", "4" }, { 5, 5 }, { 6, 5 }, { -1, 1 },
} do
  local label = "send(hello" .. (#range > 0 and ", " or "") .. table.concat(range, ", ") .. ")"
  t.show(label, client:send("hello", table.unpack(range)))
  server:settimeout(0)
  t.settle(server)
  t.show("  arrives", (select(3, server:receive("*a"))))
  client:send("!") -- so that the next wait ends even when nothing was sent
end

t.title "what can be sent"
t.call(client, "send", 1.5)
t.call(client, "send", 42)
t.call(client, "send", "")
t.call(client, "send", "\0\1\2")
t.call(client, "send", nil)
t.call(client, "send", true)
t.call(client, "send", {})
t.call(client, "send")
t.call(client, "send", "x", "y")
t.call(client, "send", "x", 1, {})

t.title "statistics"
client, server = t.pair()
client:send("0123456789")
t.settle(server)
t.show("received", server:receive(3))
local received, sent = server:getstats()
t.show("reader", received, sent)
received, sent = client:getstats()
t.show("writer", received, sent)
t.show("age", math.type((select(3, client:getstats()))))
t.show("set", server:setstats(100, 200))
t.show("are", (server:getstats()))
t.show("set", server:setstats(nil, 5))
t.show("are", (select(2, server:getstats())))
t.show("set", server:setstats(1.9, 2.9, 1000))
t.show("age", math.floor((select(3, server:getstats()))))
t.call(server, "setstats", "x")
t.call(server, "setstats", 1, {})
t.call(server, "setstats", 1, 2, {})
server:setstats(-1)
t.show("negative", (server:getstats()))
server:close()
t.show("closed", (select("#", server:getstats())))

t.title "after a close"
client, server = t.pair()
client:close()
t.show("nothing", client:send(""))
t.show("empty slice", client:send("abc", 3, 2))
t.show("something", client:send("abc"))
t.show("from the second", client:send("abc", 2))
client, server = t.pair()
client:shutdown("send")
t.show("shut", client:send("abc"))
t.show("shut, nothing", client:send(""))

t.title "numbers beyond a C long"
client, server = t.pair()
server:settimeout(0.02)
for _, number in ipairs { 1 / 0, -1 / 0, 0 / 0, 1e19, 2 ^ 62 } do
  t.show("from " .. number, client:send("hello", number))
  t.show("came", server:receive(9))
  t.show("to " .. number, client:send("hello", 1, number))
  t.show("came", server:receive(9))
  client:setstats(number, number)
  t.show("received", (client:getstats()))
end

t.title "a peer that does not read"
client, server = t.pair()
client:settimeout(0)
local data = ("x"):rep(1024 * 1024)
local ok, why, last
repeat
  ok, why, last = client:send(data)
until not ok
t.show("full", ok, why, last < #data, math.type(last))
t.show("still full", (select(2, client:send("x"))))
client:settimeout(0.05)
t.show("in time", (select(2, client:send(data))))
