--- Redis from coroutines.
local chuck = require("chuck")
local engine = require("distri.engine")
local Sche = require("distri.uthread.sche")

local Client = {}
Client.__index = Client

--- Closes; whoever waits gets err.
function Client:Close(err)
  if not self.client then return end
  self.client:Close()
  self.client = nil
  local waiting = self.waiting
  self.waiting = {}
  for co in pairs(waiting) do
    Sche.WakeUp(co, false, err or "client close")
  end
end

--- Sends a command, waits for its reply. @return nil and the reply, or what went wrong
function Client:Do(command)
  local co = Sche.Running()
  if not co then return "should call in a coroutine context " end
  if not self.client then return "client close" end
  local reply
  local is_done, is_waiting = false, false
  local result = self.client:Execute(command, function(_, value)
    reply, is_done = value, true
    if is_waiting then Sche.WakeUp(co, true, value) end
  end)
  if result ~= "ok" then return "error" end
  if is_done then return nil, reply end
  is_waiting = true
  self.waiting[co] = true
  local ok, value = Sche.Wait()
  self.waiting[co] = nil
  if ok then return nil, value end
  return value
end

function Client:Get(key)
  return self:Do("get " .. key)
end

function Client:Set(key, value)
  return self:Do(string.format("set %s %s", key, value))
end

function Client:Hmget(key, fields)
  return self:Do(string.format("hmget %s %s", key, table.concat(fields, " ")))
end

function Client:Hmset(key, fields, values)
  if #fields ~= #values then return "fields didn't match values" end
  local parts = { "hmset", key }
  for index, field in ipairs(fields) do
    parts[#parts + 1] = field
    parts[#parts + 1] = values[index]
  end
  return self:Do(table.concat(parts, " "))
end

local redis = {}

--- @param on_error (client, errno) when the connection is lost; 0: the server closed it
-- @return nil and the client, or what went wrong
function redis.Connect(ip, port, on_error)
  local self = setmetatable({ waiting = {} }, Client)
  local why, client = chuck.redis.Connect(engine, ip, port, function(_, errno)
    if on_error then on_error(self, errno) end
    self:Close("connection lost")
  end)
  if not client then return why end
  self.client = client
  return nil, self
end

return redis
