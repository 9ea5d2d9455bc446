-- receive: patterns, prefixes, what is kept and what is lost (reference 2.1).
-- luacheck: ignore 311 (the far ends are only held)
local socket = require "socket"
local t = require "show"

--- What receive gives when the peer has sent `data` and, unless told otherwise, closed.
local function after(data, ...)
  local client, server = t.pair()
  server:send(data)
  server:close()
  t.settle(client)
  t.show(("%q"):format(data), client:receive(...))
  t.show("  then", client:receive("*a"))
  t.show("  stats", (client:getstats()))
end

t.title "lines"
after("hello\n")
after("hello\r\nrest")
after("a\rb\r\r\n")
after("\r\n")
after("\n")
after("\0a\0\n")
after("no end")
after("no end\r")
after("")
after("line\nmore", nil)
after("line\nmore", "*line")
after("line\nmore", "*lx")
after("one\n", "*l", "pre")
after("one\r\n", "*l", "p\rre")
after("one\n", "*l", 12)

t.title "all"
after("everything\r\n", "*a")
after("", "*a")
after("", "*a", "pre")
after("x", "*all", "pre")

t.title "counts"
after("12345678", 5)
after("12345678", "3")
after("12345678", 3.9)
after("12345678", 0)
after("", 0)
after("12345678", 4, "abc")
after("12345678", 3, "abc")
after("12345678", 4, "87654321")
after("12345678", 0, "abc")
after("123", 10)
after("123", 10, "abcde")

t.title "refused patterns"
local client, server = t.pair()
for _, pattern in ipairs {
  "l", "a", "n", "L", "*L", "*n", "", "*", -1, 0 / 0, -0.5, {}, true, print,
} do
  t.call(client, "receive", pattern)
end
t.call(client, "receive", "*l", {})
t.call(client, "receive", "bad", {})
t.call(client, "receive", 1 / 0 * -1)

t.title "timeout and partial"
client:settimeout(0)
t.show("nothing", client:receive())
t.show("nothing, prefix", client:receive("*l", "pre"))
t.show("nothing, all", client:receive("*a"))
t.show("nothing, count", client:receive(3))
t.show("nothing, zero", client:receive(0))
server:send("abc\rdef")
t.settle(client)
t.show("part of a line", client:receive())
t.show("dirty", client:dirty())
t.show("gone", client:receive())
server:send("ghi\nrest")
t.settle(client)
t.show("the line goes on", client:receive("*l", "abcdef"))
t.show("dirty", client:dirty())
t.show("too many", client:receive(10))
server:send("12345")
t.settle(client)
t.show("zero takes nothing", client:receive(0))
t.show("dirty", client:dirty())
t.show("all, no end", client:receive("*a"))
client:settimeout(0.05)
t.show("blocking timeout", client:receive(2, "x"))

t.title "what is kept"
client:settimeout(2)
server:send("first\nsecond\nthird")
t.settle(client)
t.show("line", client:receive())
client:shutdown("receive")
t.show("dirty after shutdown", client:dirty())
t.show("line", client:receive())
client:close()
t.show("dirty after close", client:dirty())
t.show("two bytes", client:receive(2))
t.show("the rest", client:receive("*a"))
t.show("nothing more", client:receive("*a"))
t.show("nothing more", client:receive(0))
t.show("prefix only", client:receive(2, "abc"))

t.title "long ones"
client, server = t.pair()
local piece = ("0123456789abcdef"):rep(512) -- one read buffer
server:send(piece .. piece .. "tail\r\n" .. piece)
t.settle(client)
t.show("count", client:receive(#piece))
t.show("dirty", client:dirty())
t.show("count", client:receive(100))
t.show("dirty", client:dirty())
t.show("line", client:receive("*l", "prefix"))
server:close()
local data = client:receive("*a")
t.show("all", #data, data == piece)

t.title "values"
client, server = t.pair()
server:send("x\ny\n")
t.settle(client)
t.show("assert", assert(client:receive()))
t.show("number", select("#", client:receive()))

t.title "much at once"
local much = ("0123456789abcdef"):rep(4000) -- 64,000 bytes
local function sum(text)
  local total = 0
  for place = 1, #text do
    total = (total * 31 + text:byte(place)) % 65521
  end
  return #text .. ":" .. total
end
for _, size in ipairs { 8191, 8192, 8193, 16384, 20000, 63999, 64000 } do
  for _, prefix in ipairs { "", "before", ("b"):rep(100) } do
    client, server = t.pair()
    server:settimeout(0.3)
    client:send(much)
    socket.sleep(0.02)
    local got, why, rest = server:receive(size, prefix)
    t.show("receive " .. size, sum(got), why, rest, server:dirty())
    t.show("counted", (server:getstats()))
    client:close()
    got, why = server:receive("*a")
    t.show("what follows", got and sum(got), why, server:dirty())
  end
end
client, server = t.pair()
server:settimeout(0.5)
client:send(much)
socket.sleep(0.02)
local got, why, part = server:receive(100000)
t.show("too much", got, why, sum(part), server:dirty())
client:send(much)
socket.sleep(0.02)
t.show("the rest", sum((server:receive(100000, part))), server:dirty())
t.show("counted", (server:getstats()))
