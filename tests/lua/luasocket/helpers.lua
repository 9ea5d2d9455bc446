-- skip, sleep, gettime, choose, sinks and sources (reference 6.4).
-- luacheck: ignore 311 (the far ends are only held)
local socket = require "socket"
local ltn12 = require "ltn12"
local t = require "show"

t.title "skip"
t.show("one", socket.skip(1, "a", "b", "c"))
t.show("none", socket.skip(0, "a"))
t.show("all", socket.skip(5, 1, 2))
t.show("text", socket.skip("1", "a", "b"))
t.try("float", socket.skip, 1.5)
t.try("nothing", socket.skip)

t.title "time"
t.show("gettime", math.type(socket.gettime()), socket.gettime() > 1e9)
local before = socket.gettime()
t.show("sleep", socket.sleep(0.02))
t.show("slept", socket.gettime() - before > 0.0199)
t.show("negative", socket.sleep(-1))
t.show("zero", socket.sleep(0))
t.show("text", socket.sleep("0.001"))
t.try("nothing", socket.sleep)
t.try("bad", socket.sleep, "x")
t.show("unload", socket.__unload())

t.title "choose"
local chooser = socket.choose { default = function(a, b) return "default", a, b end,
  other = function(a, b, c) return "other", a, b, c end }
t.show("default", chooser(1, 2))
t.show("named", chooser("other", 1, 2, 3))
t.try("unknown", chooser, "zz")

t.title "sinks"
local client, server = t.pair()
local sink = socket.sink("close-when-done", client)
t.show("type", type(sink), sink.getfd() == client:getfd(), sink:dirty())
t.show("write", sink("chunk"))
t.show("end", sink(nil))
t.show("closed", client:getfd())
t.show("arrived", server:receive("*a"))
client, server = t.pair()
sink = socket.sink("keep-open", client)
t.show("write", sink("kept"))
t.show("end", sink(nil))
t.show("open", client:getfd() >= 0)
t.show("pump", ltn12.pump.all(ltn12.source.string("pumped"), sink))
client:close()
t.show("arrived", server:receive("*a"))

t.title "sources"
client, server = t.pair()
server:send("0123456789rest")
server:close()
local source = socket.source("by-length", client, 10)
t.show("piece", source())
t.show("end", source())
source = socket.source("until-closed", client)
t.show("piece", source())
t.show("end", source())
t.show("closed", client:getfd())
client, server = t.pair()
server:send("late")
t.settle(client)
client:settimeout(0.02)
t.show("timeout", socket.source("until-closed", client)())
t.show("a sink for select", #select(2, socket.select(nil, { socket.sink("keep-open", client) }, 0)))

t.title "in protected and other frames"
client, server = t.pair()
client:settimeout(0.01)
t.show("pcall", pcall(client.receive, client))
t.show("coroutine", coroutine.wrap(function() return client:receive() end)())
local holder = setmetatable({}, {
  __index = function() return select(2, client:receive()) end,
  __call = function() return client:receive() end,
  __add = function() return client:receive("*a") end,
})
t.show("__index", holder.x)
t.show("__call", holder())
t.show("__add", holder + 1)
for value in function(_, last) return not last and select(2, client:receive()) or nil end do
  t.show("iterator", value)
end
t.show("gsub", (("a"):gsub("a", function() return select(2, client:receive()) end)))
t.show("load", load("local c = ... return c:receive()")(client))
