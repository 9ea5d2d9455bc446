-- Makes up a program that uses the API in every way it can think of, by a seed, and runs it: `SEED`,
-- or `SEED show` to see it. Errors are fine; crashes, hangs and leaks are not (programs_test.cpp runs
-- several at once in one machine, and stops some in the middle).
local seed = tonumber(arg[1])
if not seed then return print "no seed, no program: see the head of this file" end

local function random(n)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed // 65536 % n + 1
end
local function pick(list)
  return list[random(#list)]
end

local generate -- a block of statements

local function port()
  return tostring(4999 + random(4))
end

local makers = {
  "socket.tcp()", "socket.tcp4()", "socket.tcp6()", "socket.udp()", "socket.udp4()", "socket.udp6()",
  "unix.stream()", "unix.dgram()", "unix()",
}
local methods = {
  "accept", "bind", "close", "connect", "dirty", "getfamily", "getfd", "getoption", "getpeername",
  "getsockname", "getstats", "gettimeout", "listen", "receive", "receivefrom", "send", "sendto",
  "setfd", "setoption", "setpeername", "setsockname", "setstats", "settimeout", "shutdown",
}
local values = {
  function() return "nil" end,
  function() return tostring(random(200) - 20) end,
  function() return tostring(random(1000) / 7) end,
  function() return port() end,
  function() return pick { "'127.0.0.1'", "'*'", "'::1'", "'localhost'", "'echo.lab'", "'no.where'" } end,
  function() return pick { "'*l'", "'*a'", "'b'", "'t'", "'both'", "'send'", "'linger'", "'error'" } end,
  function() return pick { "'reuseaddr'", "'keepalive'", "'broadcast'", "'ip-add-membership'" } end,
  function() return ("('x'):rep(%d)"):format(random(20000)) end,
  function() return pick { "'/tmp/a'", "'/tmp/b'", "'line\\n'", "''", "'\\0\\r\\n'" } end,
  function() return pick { "true", "{}", "print", "0/0", "1e300", "-1", "coroutine.running()" } end,
  function() return "{ on = true, timeout = 0 }" end,
  function() return "{ multiaddr = '225.0.0.1', interface = '*' }" end,
  function() return ("any(%d)"):format(random(12)) end,
}
local function value()
  return pick(values)()
end
local function arguments()
  local list = {}
  for i = 1, random(4) - 1 do
    list[i] = value()
  end
  return table.concat(list, ", ")
end

local statements = {
  function() return ("keep(%s)"):format(pick(makers)) end,
  function() return ("keep(socket.bind('*', %s))"):format(port()) end,
  function() return ("keep(socket.connect('127.0.0.1', %s))"):format(port()) end,
  function()
    return ("local s = keep(socket.udp4()) s:setsockname('127.0.0.1', %s)"):format(port())
  end,
  function() return ("any(%d):settimeout(%s)"):format(random(12), pick { 0, 0.001, 0.05, 1 }) end,
  function() return ("any(%d):%s(%s)"):format(random(12), pick(methods), arguments()) end,
  function() return ("any(%d):%s(%s)"):format(random(12), pick(methods), arguments()) end,
  function() return ("any(%d):%s(%s)"):format(random(12), pick(methods), arguments()) end,
  function() return ("keep(any(%d):accept())"):format(random(12)) end,
  function() return ("any(%d):send(%s)"):format(random(12), value()) end,
  function() return ("any(%d):receive(%s)"):format(random(12), value()) end,
  function()
    return ("socket.select({ any(%d), any(%d) }, { any(%d) }, %s)"):format(random(12), random(12),
      random(12), pick { 0, 0.01, 0.5 })
  end,
  function() return ("socket.select(%s)"):format(arguments()) end,
  function() return ("socket.sleep(%s)"):format(pick { 0, 0.001, 0.1, -1 }) end,
  function() return ("socket.dns.%s(%s)"):format(pick { "toip", "getaddrinfo", "getnameinfo" }, value()) end,
  function() return ("forget(%d)"):format(random(12)) end,
  function() return "collectgarbage(" .. pick { "", "'step'", "'incremental'", "'generational'" } .. ")" end,
  function(depth) return ("pcall(function() %s end)"):format(generate(depth)) end,
  function(depth) return ("for i = 1, %d do %s end"):format(random(4), generate(depth)) end,
  function(depth)
    return ("local co = coroutine.wrap(function() %s coroutine.yield() %s end) co() co()"):format(
      generate(depth), generate(depth))
  end,
  function(depth)
    return ("local t <close> = setmetatable({}, { __close = function() %s end })"):format(generate(depth))
  end,
  function(depth)
    return ("setmetatable({}, { __gc = function() %s end })"):format(generate(depth))
  end,
  function(depth)
    return ("table.sort({ 3, 1, 2 }, function(a, b) %s return a < b end)"):format(generate(depth))
  end,
  function(depth)
    return ("(('ab'):gsub('.', function() %s end))"):format(generate(depth)):gsub("^", "local _ = ")
  end,
  function(depth)
    return ("socket.protect(function() local try = socket.newtry(function() %s end) %s try(nil, 'x') end)()"):format(
      generate(depth), generate(depth))
  end,
  function()
    return ("require('socket.http').request('http://127.0.0.1:%s/')"):format(port())
  end,
  function() return "require('socket.http').request('http://http.lab/bytes/3000')" end,
  function()
    return ("ltn12.pump.step(ltn12.source.string(%s), socket.sink('keep-open', any(%d)))"):format(
      "('y'):rep(99)", random(12))
  end,
  function() return ("mime.%s(%s)"):format(pick { "b64", "unb64", "qp", "unqp", "wrp" }, arguments()) end,
  function() return "print(" .. value() .. ")" end,
  function() return "error(" .. value() .. ")" end,
}

function generate(depth)
  local lines = {}
  for i = 1, random(depth > 0 and 4 or 2) do
    -- Each stands alone, so that an error ends only itself.
    local made = pick(statements)
    local text = made(depth - 1)
    lines[i] = depth > 0 and ("pcall(function() %s end)"):format(text) or text
    if depth <= 0 and #text > 400 then lines[i] = "" end
  end
  return table.concat(lines, "\n")
end

-- A statement that nests asks generate again: below this depth only plain ones are left.
local plain = {}
for i = 1, 17 do
  plain[i] = statements[i]
end
local whole = generate
function generate(depth)
  if depth <= 0 then return (pick(plain)()) end
  return whole(depth)
end

local blocks = {}
for i = 1, 12 do
  blocks[i] = generate(3)
end
local text = table.concat(blocks, "\n")
if arg[2] == "show" then return print(text) end

local held = {}
local sight = setmetatable({
  socket = require "socket", unix = require "socket.unix", mime = require "mime",
  ltn12 = require "ltn12",
}, { __index = _G })
function sight.any(n)
  return held[n % (#held + 1)] or held[1]
end
function sight.keep(object)
  if object then held[#held % 12 + 1] = object end
  -- Nothing waits for ever, so that a program comes to its end by itself.
  if object then object:settimeout(0.05) end
  return object
end
function sight.forget(n)
  held[n] = nil
end
assert(load(text, "=program", "t", sight))()
print "survived"
