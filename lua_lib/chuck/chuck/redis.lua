--- chuck.redis: one client for both generations. Commands are answered in order; replies are read
-- by a
-- coroutine that asks for bytes as it needs them.
local core = require("chuck.core")
local buffer = core.buffer

local protocol_error = core.error.ERDISPERROR
local reply_patience = 10000 -- milliseconds, the later generations'
local array_depth_max = 32
local line_max = 65536 -- bytes of a line without its end; more are no reply

--- An error reply, told from a string by its type.
local ErrorReply = {}

-- ---------------------------------------------------------------------------------------------
-- RESP

--- Bytes that come in pieces; take and line yield until there are enough.
local Source = {}
Source.__index = Source

local function new_source()
  return setmetatable({ text = "", at = 1, pieces = {}, size = 0 }, Source)
end

function Source:add(bytes)
  self.pieces[#self.pieces + 1] = bytes
  self.size = self.size + #bytes
end

-- What is unread becomes one text. Seldom: many replies may stand in one piece, and one reply that
-- comes in many pieces is joined when all are there.
function Source:join()
  table.insert(self.pieces, 1, self.text:sub(self.at))
  self.text, self.at, self.pieces = table.concat(self.pieces), 1, {}
end

function Source:take(count)
  while self.size < count do
    coroutine.yield()
  end
  if #self.text - self.at + 1 < count then self:join() end
  local bytes = self.text:sub(self.at, self.at + count - 1)
  self.at = self.at + count
  self.size = self.size - count
  return bytes
end

function Source:line()
  while true do
    local last = self.text:find("\r\n", self.at, true)
    if last then return self:take(last + 2 - self.at):sub(1, -3) end
    if #self.pieces > 0 then
      self:join()
    elseif self.size > line_max then
      error("line too long")
    else
      coroutine.yield()
    end
  end
end

local function integer_of(text)
  local number = text:find("^[+-]?%d+$") and math.tointeger(tonumber(text))
  return number or error("not a number")
end

local function read_reply(source, depth)
  local text = source:line()
  local kind, rest = text:sub(1, 1), text:sub(2)
  if kind == "+" then return rest end
  if kind == "-" then return setmetatable({ message = rest }, ErrorReply) end
  if kind == ":" then return integer_of(rest) end
  if kind == "$" then
    local size = integer_of(rest)
    if size < 0 then return nil end
    local bytes = source:take(size + 2)
    if bytes:sub(-2) ~= "\r\n" then error("no end of line") end
    return bytes:sub(1, size)
  end
  if kind == "*" then
    local count = integer_of(rest)
    if count < 0 then return nil end
    if depth >= array_depth_max then error("nested too deeply") end
    local array = {}
    for index = 1, count do
      local element = read_reply(source, depth + 1)
      -- Inside an array an error is its text.
      if getmetatable(element) == ErrorReply then element = element.message end
      array[index] = element
    end
    return array
  end
  error("no reply begins with " .. string.format("%q", kind))
end

local function encode(arguments)
  local parts = { "*", #arguments, "\r\n" }
  for _, argument in ipairs(arguments) do
    parts[#parts + 1] = "$" .. #argument .. "\r\n"
    parts[#parts + 1] = argument
    parts[#parts + 1] = "\r\n"
  end
  return table.concat(parts)
end

--- Splits at blanks; quotes keep blanks together and stay, as upstream has it.
local function split(command)
  local arguments, current, quote = {}, {}, nil
  for character in command:gmatch(".") do
    if not quote and character:find("%s") then
      if #current > 0 then
        arguments[#arguments + 1] = table.concat(current)
        current = {}
      end
    else
      if quote == character then
        quote = nil
      elseif not quote and (character == '"' or character == "'") then
        quote = character
      end
      current[#current + 1] = character
    end
  end
  if #current > 0 then arguments[#arguments + 1] = table.concat(current) end
  return arguments
end

-- ---------------------------------------------------------------------------------------------
-- The client

local Client = {}
Client.__index = Client
Client.__name = "redis_client"

--- Gives the reply to whoever waits the longest.
local function deliver(self, reply)
  local waiter = self.waiters[self.first]
  if not waiter then return end
  self.waiters[self.first] = nil
  self.first = self.first + 1
  if waiter.timer then waiter.timer:UnRegister() end
  if not waiter.callback or waiter.is_over then return end
  if waiter.is_first then
    if getmetatable(reply) == ErrorReply then reply = reply.message end
    waiter.callback(self, reply)
  elseif getmetatable(reply) == ErrorReply then
    waiter.callback(nil, reply.message)
  else
    waiter.callback(reply, nil)
  end
end

local function lose(self, number)
  if self.is_lost or not self.stream then return end
  self.is_lost = true
  local waiters, first, last = self.waiters, self.first, self.last
  self.waiters, self.first, self.last = {}, 1, 0
  if self.on_error then self.on_error(self, number) end
  for index = first, last do
    local waiter = waiters[index]
    if waiter then
      if waiter.timer then waiter.timer:UnRegister() end
      if waiter.callback and not waiter.is_first and not waiter.is_over then
        waiter.callback(nil, "client disconnected")
      end
    end
  end
  if self.on_loss then self.on_loss() end
end

local read_errors = { chk_error_eof = 0, chk_error_stream_read = core.error.ECONNRESET }

local function new_client(engine, descriptor, on_error)
  local self = setmetatable({
    engine = engine,
    stream = core.stream_socket(descriptor, 65536),
    source = new_source(),
    waiters = {},
    first = 1,
    last = 0,
    on_error = on_error,
  }, Client)
  local replies = {}
  local reader = coroutine.create(function()
    while true do
      local reply = read_reply(self.source, 0)
      replies[#replies + 1] = reply == nil and replies or reply
    end
  end)
  self.stream:Start(engine, function(data, why)
    if not data then return lose(self, read_errors[why] or core.error.EIO) end
    self.source:add(data:Content())
    local ok = coroutine.resume(reader)
    local came = replies
    replies = {}
    for _, reply in ipairs(came) do
      if reply == came then reply = nil end
      deliver(self, reply)
    end
    if not ok and self.stream then
      self.stream:PauseRead()
      lose(self, protocol_error)
    end
  end)
  return self
end

local function send(self, arguments, waiter)
  if not self.stream or self.is_lost then return "client disconnected" end
  if #arguments == 0 then return "query error" end
  local why = self.stream:Send(buffer.New(encode(arguments)))
  if why then return why end
  self.last = self.last + 1
  self.waiters[self.last] = waiter
end

--- Execute("set k v", function(client, reply)), or Execute(function(reply, err) | nil, "set", k,
-- v).
function Client:Execute(command, ...)
  if type(command) == "string" then
    local why = send(self, split(command), { callback = (...), is_first = true })
    return why and "query error" or "ok"
  end
  local arguments = { ... }
  for index, argument in ipairs(arguments) do
    if math.type(argument) == "float" then
      arguments[index] = string.format("%f", argument)
    else
      arguments[index] = tostring(argument)
    end
  end
  local waiter = { callback = command }
  local why = send(self, arguments, waiter)
  if why then return why end
  if command then
    waiter.timer = self.engine:AddTimerOnce(reply_patience, function()
      waiter.timer = nil
      waiter.is_over = true
      command(nil, "timeout")
    end)
  end
end

--- Drops what is under way without a word.
function Client:Close()
  if not self.stream then return end
  local stream = self.stream
  self.stream = nil
  for _, waiter in pairs(self.waiters) do
    if waiter.timer then waiter.timer:UnRegister() end
  end
  self.waiters, self.first, self.last = {}, 1, 0
  stream:Close()
end

function Client:OnConnectionLoss(callback)
  self.on_loss = callback
end

-- ---------------------------------------------------------------------------------------------

local redis = {}

--- Waits until it is connected. @return nil and the client, or what went wrong
function redis.Connect(engine, ip, port, on_error)
  local helper = core.socket_helper
  local descriptor = helper.socket(helper.AF_INET, helper.SOCK_STREAM, helper.IPPROTO_TCP)
  if descriptor < 0 then return "open socket error\n" end
  if helper.connect(descriptor, ip, port) ~= 0 then
    helper.close(descriptor)
    return "connect error\n"
  end
  return nil, new_client(engine, descriptor, on_error)
end

--- callback(client), or callback(nil, number).
function redis.Connect_ip4(loop, ip, port, callback)
  local connect_error = 34
  local address = core.addr(core.socket_helper.AF_INET, ip, math.tointeger(port) or tonumber(port))
  return core.dial(loop, address, function(descriptor)
    if not descriptor then return callback(nil, connect_error) end
    callback(new_client(loop, descriptor))
  end)
end

return redis
