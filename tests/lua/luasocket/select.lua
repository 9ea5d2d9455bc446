-- select: who is asked, in what order, what is returned and what raises (reference 2.5).
local socket = require "socket"
local t = require "show"

--- Prints a select's results: objects by the names given, in order, with their way back.
local function chosen(label, names, readable, writable, ...)
  local function list(set)
    local words = {}
    for i, object in ipairs(set) do
      words[i] = (names[object] or "?") .. "@" .. t.word(set[object])
    end
    return "{" .. table.concat(words, " ") .. "}"
  end
  t.show(label .. " " .. list(readable) .. " " .. list(writable), ...)
end

local a, a2, la = t.pair()
local b, b2, lb = t.pair()
local c, c2 = t.pair()
local names = { [a] = "a", [a2] = "a2", [b] = "b", [b2] = "b2", [c] = "c", [c2] = "c2", [la] = "la",
  [lb] = "lb" }

t.title "order and shape"
chosen("all writable", names, socket.select(nil, { c, a, b }, 0))
chosen("none readable", names, socket.select({ c, a, b }, nil, 0))
t.show("values of a timeout", select("#", socket.select({ a }, nil, 0)))
t.show("values of success", select("#", socket.select(nil, { a }, 0)))
a2:send("x")
c2:send("x")
t.settle(a)
t.settle(c)
chosen("by descriptor", names, socket.select({ c, b, a }, { b2, a2 }, 1))
chosen("twice in a list", names, socket.select({ a, a, c, a }, nil, 1))
chosen("same in both", names, socket.select({ a }, { a }, 1))

t.title "dirty objects first"
c2:send("line\nmore")
t.settle(c)
c:receive(1) -- reads everything into c's own buffer
t.show("dirty", c:dirty(), a:dirty())
chosen("dirty first", names, socket.select({ a, c }, { b }, 5))
chosen("dirty twice", names, socket.select({ c, a, c }, nil, 5))
c:receive("*l")
chosen("still dirty", names, socket.select({ c }, nil, 5))
c:receive(4)
chosen("no longer", names, socket.select({ c }, nil, 0))
c:close()
chosen("a closed one is skipped", names, socket.select({ c, a }, nil, 1))

t.title "what is readable"
chosen("listener, idle", names, socket.select({ la }, { la }, 0))
local ip, port = la:getsockname()
local d = socket.connect(ip, port)
chosen("listener, pending", names, socket.select({ la }, nil, 1))
local d2 = la:accept()
names[d], names[d2] = "d", "d2"
d2:shutdown("send")
chosen("half closed", names, socket.select({ d }, { d }, 1))
d2:close()
chosen("closed", names, socket.select({ d }, { d }, 1))
local fresh = socket.tcp4()
names[fresh] = "fresh"
chosen("fresh tcp4", names, socket.select({ fresh }, { fresh }, 0))
local unspec = socket.tcp()
chosen("tcp without descriptor", names, socket.select({ unspec }, { unspec }, 0))
local u = socket.udp4()
names[u] = "u"
chosen("fresh udp4", names, socket.select({ u }, { u }, 0))
u:setsockname("127.0.0.1", 0)
local _, uport = u:getsockname()
u:sendto("", "127.0.0.1", uport)
chosen("an empty datagram", names, socket.select({ u }, nil, 1))

t.title "anything with getfd"
local wrapped = { getfd = function() return b:getfd() end }
names[wrapped] = "wrapped"
chosen("without dirty", names, socket.select(nil, { wrapped }, 0))
wrapped.dirty = function() return true end
chosen("always dirty", names, socket.select({ wrapped }, nil, 5))
local textual = { getfd = function() return tostring(b:getfd()) end }
names[textual] = "textual"
chosen("a numeric string", names, socket.select(nil, { textual }, 0))
chosen("negative", names, socket.select({ { getfd = function() return -3 end } }, nil, 0))
chosen("no number", names, socket.select({ { getfd = function() return "x" end } }, nil, 0))
chosen("no getfd", names, socket.select({ {} }, nil, 0))
chosen("strings are skipped", names, socket.select({ "x" }, nil, 0))
chosen("a hole ends the list", names, socket.select(nil, { b, nil, a }, 0))
chosen("named fields do not count", names, socket.select(nil, { b, x = a }, 0))
local virtual = setmetatable({}, { __index = function(_, i) return ({ b, a2 })[i] end })
chosen("__index is respected", names, socket.select(nil, virtual, 0))

t.title "timeouts"
t.show("empty", (select(3, socket.select({}, {}, 0))))
t.show("nil", (select(3, socket.select(nil, nil, 0.01))))
t.show("text", (select(3, socket.select(nil, nil, "0.01"))))
t.show("short", (select(3, socket.select({ b }, nil, 0.01))))

t.title "refusals"
t.try("a string", socket.select, "x")
t.try("false", socket.select, false)
t.try("second", socket.select, nil, 1, 0)
t.try("timeout", socket.select, nil, nil, "x")
t.try("a number in the list", socket.select, { 1 }, nil, 0)
t.try("a boolean in the list", socket.select, { true }, nil, 0)
t.try("too large", socket.select, { { getfd = function() return 1024 end } }, nil, 0)
t.try("too large to write", socket.select, nil, { { getfd = function() return 5000 end } }, 0)
local gone = socket.tcp4()
local number = gone:getfd()
gone:close()
t.try("nobody's descriptor", socket.select, { { getfd = function() return number end } }, nil, 0)
t.try("error in getfd", socket.select, { { getfd = function() error "no" end } }, nil, 0)
t.try("yield in getfd", coroutine.wrap(function()
  socket.select({ { getfd = function() coroutine.yield() end } }, nil, 0)
end))
