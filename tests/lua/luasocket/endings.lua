-- How streams end, seen from both sides (reference 2.6).
-- luacheck: ignore 311 (a value is dropped so that it is collected)
local socket = require "socket"
local t = require "show"

local function state(label, sock)
  local readable, writable = socket.select({ sock }, { sock }, 1)
  t.show(label .. " select", #readable, #writable)
end

t.title "the peer closes after everything was read"
local a, b = t.pair()
b:close()
state("a", a)
t.show("receive", a:receive())
t.show("receive again", a:receive())
t.show("first send", a:send("x"))
socket.select(nil, nil, 0.02)
t.show("second send", a:send("x"))
t.show("receive", a:receive())
t.show("option error", a:getoption("error"))
t.show("peer name", (a:getpeername()))

t.title "the peer shuts its sending"
a, b = t.pair()
b:shutdown("send")
state("a", a)
t.show("receive", a:receive())
t.show("send", a:send("still works\n"))
t.show("arrives", b:receive())
t.show("its send", b:send("x"))
t.show("shutdown again", b:shutdown("send"))
t.show("class", b.class)

t.title "the peer closes with unread data"
a, b = t.pair()
a:send("unread")
t.settle(b)
b:send("last words")
b:close()
t.settle(a)
t.show("its words first", a:receive(4))
t.show("then", a:receive("*a"))
t.show("then", a:receive("*a"))
t.show("send", a:send("x"))

t.title "linger 0"
a, b = t.pair()
t.show("set", b:setoption("linger", { on = true, timeout = 0 }))
b:close()
t.settle(a)
t.show("option error", a:getoption("error"))
t.show("once", a:getoption("error"))
t.show("receive", a:receive())
t.show("send", a:send("x"))
a, b = t.pair()
b:setoption("linger", { on = true, timeout = 0 })
b:close()
t.settle(a)
t.show("all at a reset", a:receive("*a"))
t.show("all again", a:receive("*a"))

t.title "we shut our sending"
a, b = t.pair()
t.show("shutdown", a:shutdown("send"))
t.show("send", a:send("x"))
b:send("answer\n")
t.settle(a)
t.show("receive", a:receive())
b:close()
t.settle(a)
t.show("end", a:receive())
t.show("class", a.class, a:getfd() >= 0)

t.title "we shut our receiving"
a, b = t.pair()
t.show("shutdown", a:shutdown("receive"))
t.show("receive", a:receive())
t.show("send", a:send("works\n"))
t.show("arrives", b:receive())

t.title "we shut both"
a, b = t.pair()
t.show("shutdown", a:shutdown())
t.show("receive", a:receive())
t.show("send", a:send("x"))
t.show("peer", b:receive())
t.show("on a closed one", (function() a:close() return a:shutdown("both") end)())

t.title "we close"
a, b = t.pair()
b:send("buffered\nbytes")
t.settle(a)
a:receive(1)
t.show("close", a:close())
t.show("again", a:close())
t.show("fd", a:getfd())
t.show("names", a:getsockname())
t.show("peer", a:getpeername())
t.show("option", a:getoption("keepalive"))
t.show("option", a:setoption("keepalive", true))
t.show("error option", a:getoption("error"))
t.show("timeout", a:settimeout(1))
t.show("timeouts", a:gettimeout())
t.show("family", a:getfamily())
t.show("dirty", a:dirty())
t.show("line", a:receive())
t.show("rest", a:receive())
t.show("none", a:receive())
t.show("send", a:send("x"))
t.show("nothing", a:send(""))

t.title "the listener closes"
local listener
a, b, listener = t.pair()
local ip, port = listener:getsockname()
local waiting = socket.connect(ip, port)
listener:close()
t.show("accept", listener:accept())
t.show("waiting client", waiting:receive())
t.show("accepted ones live", b:send("alive\n"))
t.show("as one sees", a:receive())
t.show("new ones are refused", socket.connect(ip, port))

t.title "an object that nobody holds"
a, b = t.pair()
b = nil
collectgarbage()
collectgarbage()
t.show("receive", a:receive())
local held = { socket.bind("127.0.0.1", 0) }
ip, port = held[1]:getsockname()
held[1] = nil
collectgarbage()
collectgarbage()
t.show("connect", socket.connect(ip, port))

t.title "a client that left before accept"
listener = socket.bind("127.0.0.1", 0)
ip, port = listener:getsockname()
a = socket.connect(ip, port)
a:send("I was here\n")
a:close()
b = listener:accept()
t.show("accepted", b)
t.show("its words", b:receive())
t.show("then", b:receive())

t.title "descriptors"
a = socket.tcp4()
local number = a:getfd()
a:close()
b = socket.tcp4()
t.show("lowest free first", b:getfd() == number)
t.show("setfd", select("#", b:setfd(-1)))
t.show("fd", b:getfd())
local c, d = t.pair()
c:setfd(-1)
t.show("receive", c:receive())
t.show("send", c:send("x"))
t.show("names", c:getsockname())
listener = socket.bind("127.0.0.1", 0)
listener:setfd(-1)
t.show("accept", listener:accept())
t.call(d, "setfd", "x")
t.call(d, "setfd")
