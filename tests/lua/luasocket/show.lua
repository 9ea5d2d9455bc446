--- Helpers of the scripts beside it: they print what LuaSocket does so that a run in the machine
-- and one of native Lua can be compared line by line.
local socket = require "socket"

local M = {}

--- One value as text: floats and integers told apart, objects by their class, nothing that differs
-- from run to run.
local function word(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return #value <= 80 and ("%q"):format(value) or ("string of %d bytes"):format(#value)
  elseif kind == "float" then
    return ("%.10g"):format(value) .. "f"
  elseif kind == "userdata" then
    return (tostring(value):gsub(": 0x%x+$", ""))
  elseif kind == "table" or kind == "function" then
    return kind
  end
  return tostring(value)
end
M.word = word

--- Prints a label and all values behind it, their number included.
function M.show(label, ...)
  local words = {}
  for i = 1, select("#", ...) do
    words[i] = word((select(i, ...)))
  end
  print(("%s -> (%d) %s"):format(label, #words, table.concat(words, ", ")))
end

--- An error's words. A function found under two names in package.loaded is called by either.
local function plain(message)
  return type(message) == "string" and message:gsub("'(%a+)%.core%.", "'%1.") or message
end

--- Calls a function and prints its results, or the error it raised.
function M.try(label, f, ...)
  local results = table.pack(pcall(f, ...))
  if results[1] then
    M.show(label, table.unpack(results, 2, results.n))
  else
    print(label .. " raises " .. word(plain(results[2])))
  end
end

--- Calls a method by its name, so that errors name it.
function M.call(object, method, ...)
  M.try(method, object[method], object, ...)
end

--- @return both ends of a connection inside this process, then the listener
function M.pair()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local ip, port = listener:getsockname()
  local client = assert(socket.connect(ip, port))
  local server = assert(listener:accept())
  client:settimeout(2)
  server:settimeout(2)
  return client, server, listener
end

--- Waits until something can be read from the socket.
function M.settle(sock)
  socket.select({ sock }, nil, 2)
end

local reserved = {} -- bound and never listening, so that nobody else gets the port

--- A port on which nobody listens.
function M.dead_port()
  local holder = socket.tcp4()
  assert(holder:bind("127.0.0.1", 0))
  reserved[#reserved + 1] = holder
  local _, port = holder:getsockname()
  return port
end

--- Prints a heading.
function M.title(text)
  print("== " .. text)
end

return M
