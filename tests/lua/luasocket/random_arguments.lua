-- Random arguments to every function and method: errors are fine, anything else is not. The seed
-- (arg[1]) decides all. Nothing here may wait: all timeouts are zero.
local socket = require "socket"
local unix = require "socket.unix"
local mime = require "mime"

math.randomseed(tonumber(arg[1]) or 1)
local listener = assert(socket.bind("127.0.0.1", 0))
listener:settimeout(0)
local ip, port = listener:getsockname()
local pool = { socket.tcp() }

local function pick(list)
  return list[math.random(#list)]
end

local makers = {
  socket.tcp, socket.tcp4, socket.tcp6, socket.udp, socket.udp4, socket.udp6, unix.stream,
  unix.dgram,
  function()
    local client = socket.tcp()
    client:settimeout(0)
    client:connect(ip, port)
    return client
  end,
  function() return listener:accept() end,
}

local values = {
  function() return nil end,
  function() return math.random(-3, 70000) end,
  function() return math.random() * 10 end,
  function() return ip end,
  function() return port end,
  function() return {} end,
  function() return true end,
  function() return "*a" end,
  function() return "x\n" end,
  function() return pick(pool) end,
  function() return 0 / 0 end,
  function() return 1 / 0 end,
  function() return -1 / 0 end,
  function() return pick { "reuseaddr", "linger", "error", "keepalive", "both", "t" } end,
  function() return { pick(pool), pick(pool) } end,
  function() return { on = true, timeout = math.random(-5, 70000) } end,
  function() return ("long"):rep(math.random(5000)) end,
}
local function value()
  return pick(values)()
end

--- The functions of a table in an order that the seed alone decides.
local function functions_of(of)
  local names = {}
  for name, f in pairs(of) do
    if type(f) == "function" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local coders = functions_of(mime)
local resolvers = functions_of(socket.dns)
local may_wait = { settimeout = true } -- would make the next call wait

for _ = 1, 2000 do
  if math.random(6) == 1 or #pool < 5 then pool[#pool + 1] = pick(makers)() end
  if #pool > 40 then table.remove(pool, math.random(#pool)) end
  local object = pick(pool)
  if object.settimeout then object:settimeout(0) end
  local method = pick(functions_of(debug.getmetatable(object).__index))
  if not may_wait[method] then
    pcall(object[method], object, value(), value(), value(), value())
  end
  local other = math.random(20)
  if other == 1 then pcall(socket.select, value(), value(), 0) end
  if other == 2 then
    pcall(pick { socket.skip, socket.newtry, socket.protect }, value(), value())
  end
  if other == 3 then pcall(socket.dns[pick(resolvers)], value(), value()) end
  if other == 4 then pcall(mime[pick(coders)], value(), value(), value()) end
  if other == 5 then collectgarbage("step") end
end
print "survived"
