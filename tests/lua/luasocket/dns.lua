-- Names that need nobody: literals (reference 5). What "localhost" is depends on the hosts file of the
-- machine that runs native Lua, so that it is held elsewhere (localhost_test.cpp).
local socket = require "socket"
local t = require "show"
local dns = socket.dns

local function resolved(label, first, entry, ...)
  if type(entry) ~= "table" then return t.show(label, first, entry, ...) end
  t.show(label, first, entry.name, table.concat(entry.alias, " "), table.concat(entry.ip, " "), ...)
end

t.title "toip and tohostname"
for _, name in ipairs { "127.0.0.1", "127.1", "0x7f000001", "::1", "" } do
  resolved("toip " .. name, dns.toip(name))
  resolved("tohostname " .. name, dns.tohostname(name))
end
t.try("nothing", dns.toip)
t.try("a table", dns.tohostname, {})

t.title "getaddrinfo"
for _, name in ipairs {
  "127.0.0.1", "127.1", "5", "::1", "::ffff:1.2.3.4", "", "*", 1,
} do
  local list, why = dns.getaddrinfo(name)
  if list then
    for i, entry in ipairs(list) do
      t.show("getaddrinfo " .. name, i, entry.family, entry.addr)
    end
  else
    t.show("getaddrinfo " .. name, list, why)
  end
end
t.try("nothing", dns.getaddrinfo)

t.title "getnameinfo"
local function named(label, list, ...)
  t.show(label, list and table.concat(list, " "), ...)
end
named("127.0.0.1", dns.getnameinfo("127.0.0.1"))
named("service", dns.getnameinfo(nil, "80"))
named("both", dns.getnameinfo("127.0.0.1", 12345))
named("name", dns.getnameinfo("127.0.0.1", "ftp"))
named("unknown service", dns.getnameinfo("127.0.0.1", "no-such-service"))
named("empty", dns.getnameinfo(""))
t.try("nothing", dns.getnameinfo)
t.try("a table", dns.getnameinfo, {})

t.title "gethostname"
t.show("type", type(dns.gethostname()), select("#", dns.gethostname("ignored")))
