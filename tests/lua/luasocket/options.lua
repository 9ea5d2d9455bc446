-- Options: which class has which, their types, their values (reference 3).
local socket = require "socket"
local t = require "show"

local names = {
  "reuseaddr", "reuseport", "keepalive", "tcp-nodelay", "tcp-keepidle", "tcp-keepcnt",
  "tcp-keepintvl", "linger", "error", "recv-buffer-size", "send-buffer-size", "ipv6-v6only",
  "tcp-defer-accept", "tcp-fastopen", "tcp-fastopen-connect", "dontroute", "broadcast",
  "ip-multicast-loop", "ip-multicast-ttl", "ip-multicast-if", "ip-add-membership",
  "ip-drop-membership", "ipv6-unicast-hops", "ipv6-multicast-hops", "ipv6-multicast-loop",
  "ipv6-add-membership", "ipv6-drop-membership", "bindtodevice", "nope",
}
local sized = { ["recv-buffer-size"] = true, ["send-buffer-size"] = true }

local makers = { "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6" }
for _, maker in ipairs(makers) do
  t.title(maker)
  for _, name in ipairs(names) do
    local object = socket[maker]()
    if not sized[name] then t.call(object, "getoption", name) end
    t.call(object, "setoption", name)
    t.call(object, "setoption", name, true)
    if not sized[name] and name ~= "linger" then t.call(object, "getoption", name) end
    t.call(object, "setoption", name, false)
    t.call(object, "setoption", name, 1)
    if not sized[name] and name ~= "linger" then t.call(object, "getoption", name) end
    t.call(object, "setoption", name, "7")
    t.call(object, "setoption", name, "text")
    t.call(object, "setoption", name, {})
    t.call(object, "setoption", name, nil)
    object:close()
    t.call(object, "getoption", name)
  end
end

t.title "names"
local s = socket.tcp4()
t.call(s, "getoption")
t.call(s, "getoption", {})
t.call(s, "getoption", 5)
t.call(s, "setoption", ("long"):rep(20), 1)

t.title "linger"
local function linger(value)
  t.call(s, "setoption", "linger", value)
  local now = s:getoption("linger")
  t.show("  is", now.on, now.timeout)
end
linger { on = true, timeout = 5 }
linger { on = false, timeout = 0 }
linger { on = true, timeout = "9" }
linger { on = true, timeout = 2.9 }
linger { on = true }
linger { on = 1, timeout = 1 }
linger { timeout = 1 }
linger { on = true, timeout = {} }

t.title "numbers and their limits"
for _, value in ipairs { 0, -1, 1, 127, 128, 255, 256, 32767, 32768, 2.9, "12" } do
  for _, name in ipairs { "tcp-keepidle", "tcp-keepcnt", "tcp-keepintvl" } do
    t.show(name .. " " .. value, s:setoption(name, value))
    t.show("  is", s:getoption(name))
  end
end
local u = socket.udp6()
for _, value in ipairs { 0, -1, 1, 64, 255, 256 } do
  t.show("hops " .. value, u:setoption("ipv6-unicast-hops", value))
  t.show("  are", u:getoption("ipv6-unicast-hops"), (u:getoption("ipv6-multicast-hops")))
  t.show("multicast hops " .. value, u:setoption("ipv6-multicast-hops", value))
  t.show("  are", u:getoption("ipv6-unicast-hops"), (u:getoption("ipv6-multicast-hops")))
  local four = socket.udp4()
  t.show("ttl " .. value, four:setoption("ip-multicast-ttl", value))
  four:close()
end

t.title "buffer sizes"
for _, name in ipairs { "recv-buffer-size", "send-buffer-size" } do
  for _, value in ipairs { 100, 5000, 65536 } do
    t.show(name .. " " .. value, s:setoption(name, value))
    t.show("  is", s:getoption(name))
  end
end

t.title "multicast"
u = socket.udp4()
t.call(u, "setoption", "ip-multicast-if", "*")
t.show("is", u:getoption("ip-multicast-if"))
t.call(u, "setoption", "ip-multicast-if", "nonsense")
for _, value in ipairs {
  {}, { multiaddr = "225.0.0.37" }, { multiaddr = true, interface = "*" },
  { multiaddr = "nonsense", interface = "*" }, { multiaddr = "225.0.0.37", interface = "nonsense" },
  { multiaddr = "225.0.0.37", interface = true },
} do
  t.call(u, "setoption", "ip-add-membership", value)
  t.call(u, "setoption", "ip-drop-membership", value)
end
u = socket.udp6()
for _, value in ipairs {
  {}, { multiaddr = true }, { multiaddr = "nonsense" }, { multiaddr = "225.0.0.37" },
  { multiaddr = "ff02::1:5", interface = "lo" },
} do
  t.call(u, "setoption", "ipv6-add-membership", value)
  t.call(u, "setoption", "ipv6-drop-membership", value)
end

u = socket.udp6()
local group = { multiaddr = "225.0.0.37", interface = "*" }
t.show("IPv4 group on IPv6", u:setoption("ip-add-membership", group))
t.show("left", u:setoption("ip-drop-membership", group))
t.show("left again", u:setoption("ip-drop-membership", group))

t.title "too late"
local stage = socket.tcp4()
for _, value in ipairs { 5, -1, 1e10 } do
  t.show("fresh " .. value, stage:setoption("tcp-fastopen", value))
  t.show("fresh " .. value, stage:setoption("tcp-fastopen-connect", value))
end
stage:bind("127.0.0.1", 0)
stage:listen()
t.show("listens", stage:setoption("tcp-fastopen", 5))
t.show("listens", stage:setoption("tcp-fastopen-connect", 1))
local its_ip, its_port = stage:getsockname()
local dialled = socket.connect(its_ip, its_port)
for _, one in ipairs { dialled, stage:accept() } do
  t.show("connected", one:setoption("tcp-fastopen", 5))
  t.show("connected", one:setoption("tcp-fastopen-connect", 1))
end

t.title "numbers that do not fit"
for _, value in ipairs { 1 / 0, -1 / 0, 0 / 0, 1e10, -1e10 } do
  t.show("keepidle", dialled:setoption("tcp-keepidle", value))
  t.show("linger", dialled:setoption("linger", { on = true, timeout = value }))
  t.show("is", dialled:getoption("linger").timeout)
end

t.title "inheritance"
local listener = socket.bind("127.0.0.1", 0)
t.show("bind sets", listener:getoption("reuseaddr"))
listener:setoption("keepalive", true)
listener:setoption("tcp-nodelay", true)
local ip, port = listener:getsockname()
local client = socket.connect(ip, port)
local accepted = listener:accept()
t.show("accepted", accepted:getoption("reuseaddr"), (accepted:getoption("keepalive")))
t.show("accepted", accepted:getoption("tcp-nodelay"))
t.show("client", client:getoption("reuseaddr"), (client:getoption("keepalive")))
