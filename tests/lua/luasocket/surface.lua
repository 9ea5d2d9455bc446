-- The table, its classes and who may call what (reference 1.1 to 1.3).
local socket = require "socket"
local t = require "show"

local function keys(of)
  local names = {}
  for name, value in pairs(of) do
    names[#names + 1] = tostring(name) .. ":" .. (math.type(value) or type(value))
  end
  table.sort(names)
  return table.concat(names, " ")
end

t.title "the core table"
print(keys(socket))
print(keys(socket.dns))
t.show("same table", socket == require "socket.core", require "mime" == require "mime.core")
t.show("constants", socket._SETSIZE, socket._SOCKETINVALID, socket._DATAGRAMSIZE, socket.BLOCKSIZE)
t.show("version", socket._VERSION, require("mime")._VERSION, socket._DEBUG)

t.title "metatables"
local client, server, listener = t.pair()
local objects = {
  master = socket.tcp(),
  client = client,
  server = listener,
  unconnected = socket.udp(),
  connected = socket.udp(),
}
objects.connected:setpeername("127.0.0.1", 9)
local order = { "master", "client", "server", "unconnected", "connected" }
for _, name in ipairs(order) do
  local mt = getmetatable(objects[name])
  print(name, keys(mt), mt.__name)
  print(name, keys(mt.__index))
  t.show("close is __gc", mt.__gc == mt.__index.close)
  t.show("class", objects[name].class, objects[name].nosuch)
  t.show("text", (tostring(objects[name]):gsub("0x%x+", "ADDRESS")))
end
local index = getmetatable(client).__index
t.show("aliases", index.bind == index.setsockname, index.connect == index.setpeername)
t.try("assign", function() client.x = 1 end)
t.try("length", function() return #client end)
t.try("tostring of another", getmetatable(client).__tostring, {})
t.try("tostring of a number", getmetatable(client).__tostring, 1)

t.title "method and class"
local methods = {
  "accept", "bind", "close", "connect", "dirty", "getfamily", "getfd", "getoption", "getpeername",
  "getsockname", "getstats", "gettimeout", "listen", "receive", "receivefrom", "send", "sendto",
  "setfd", "setoption", "setpeername", "setsockname", "setstats", "settimeout", "shutdown",
}
for _, method in ipairs(methods) do
  for _, of in ipairs { "master", "connected" } do
    local f = getmetatable(objects[of]).__index[method]
    if f then
      -- Objects of the other kind, and none at all: only the check is wanted.
      t.try(method .. "(table)", f, {})
      t.try(method .. "()", f)
      t.try(method .. "(file)", f, io.stdout)
      t.try(method .. "(other)", f, of == "master" and objects.unconnected or objects.client)
    end
  end
end
t.try("master:send", function() objects.master:send("x") end)
t.try("master:receive", function() objects.master:receive() end)
t.try("master:accept", function() objects.master:accept() end)
t.try("master:getstats", function() objects.master:getstats() end)
t.try("master:shutdown", function() objects.master:shutdown() end)
t.try("client:bind", function() objects.client:bind("*", 0) end)
t.try("client:listen", function() objects.client:listen() end)
t.try("client:accept", function() objects.client:accept() end)
t.try("server:send", function() objects.server:send("x") end)
t.try("server:bind", function() objects.server:bind("*", 0) end)
t.try("connected:sendto", function() objects.connected:sendto("x", "127.0.0.1", 9) end)
t.try("connected:receivefrom", function() objects.connected:receivefrom() end)
t.try("connected:setsockname", function() objects.connected:setsockname("*", 0) end)
t.try("unconnected:send", function() objects.unconnected:send("x") end)
t.try("unconnected:getpeername", function() objects.unconnected:getpeername() end)

t.title "transitions"
local m = socket.tcp()
t.show("fresh", m.class, m:getfd(), m:getfamily())
m:bind("127.0.0.1", 0)
t.show("bound", m.class, m:getfamily())
m:listen()
t.show("listening", m.class)
t.show("connect", m:connect("127.0.0.1", 9))
t.show("afterwards", m.class)
local failing = socket.tcp()
t.show("refused", failing:connect("127.0.0.1", t.dead_port()))
t.show("class", failing.class)
local unresolved = socket.tcp()
t.show("bad port", unresolved:connect("127.0.0.1", "no-such-service"))
t.show("class", unresolved.class, unresolved:getfd(), (unresolved:getsockname()))
local closed = socket.bind("127.0.0.1", 0)
closed:close()
t.show("closed server", closed.class, closed:accept())
local u = socket.udp()
t.show("peer failed", u:setpeername("127.0.0.1", "no-such-service"))
t.show("class", u.class)
t.show("peer set", u:setpeername("127.0.0.1", 9))
t.show("class", u.class)
t.show("peer dropped", u:setpeername("*"))
t.show("class", u.class)
t.show("accepted", server.class)

t.title "identity"
local set = { [client] = "client" }
t.show("key", set[client], set[server], client == client, client == server)
t.try("close variable", load "local s <close> = require('socket').tcp()")
