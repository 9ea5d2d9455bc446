--- Synchronous RPC: calls that block a coroutine, on packets as the configuration makes them. A
-- request
-- is sent again after one second and after two more; five seconds later the call has timed out.
local chuck = require("chuck")
local engine = require("distri.engine")
local Sche = require("distri.uthread.sche")
local log = chuck.log

local resend_after = { 1000, 2000, 5000 } -- milliseconds; after the last the call fails

local counter = 0

local function next_identity()
  counter = counter % 0xffffffff + 1
  return { h = os.time(), l = counter }
end

local function encode(config, message)
  if config.serializer then message = config.serializer(message) end
  return config.encoder(message)
end

local function decode(config, packet)
  local message = config.decoder(packet)
  if message ~= nil and config.unserializer then message = config.unserializer(message) end
  return message
end

--- @param encoder table (or what serializer made of it) -> packet
-- @param decoder packet -> table (or what unserializer takes)
local function new_config(encoder, decoder, serializer, unserializer)
  if not encoder or not decoder then return nil end
  return {
    encoder = encoder,
    decoder = decoder,
    serializer = serializer,
    unserializer = unserializer,
  }
end

local Server = {}
Server.__index = Server

function Server:RegService(name, body)
  self.service[name] = body
end

--- Answers the request in a packet. One that came before (sent again) is dropped.
function Server:ProcessRPC(peer, packet)
  local request = decode(self.config, packet)
  if type(request) ~= "table" or type(request.id) ~= "table" then return end
  local identity, record = request.id, peer.rpc_record
  if not (identity.h > record[1] or identity.l > record[2]) then return end
  record[1], record[2] = identity.h, identity.l
  local response = { id = identity }
  local service = self.service[request.f]
  if not service then
    response.err = tostring(request.f) .. " not found"
  else
    local explained
    local results = table.pack(xpcall(service, function(why)
      explained = debug.traceback(tostring(why), 2)
      return why
    end, table.unpack(request.arg or {})))
    if results[1] then
      response.ret = { table.unpack(results, 2, results.n) }
    else
      response.err = tostring(results[2])
      log.SysLog(log.ERROR, "error in RPC " .. tostring(request.f) .. ": " .. tostring(explained))
    end
  end
  peer:Send(encode(self.config, response))
end

local Client = {}
Client.__index = Client

--- Ties the client to a socket, once.
function Client:Connect(peer)
  if self.peer then return end
  self.peer = peer
  return true
end

--- Waits for the answer. @return nil and the results, or what went wrong
function Client:Call(name, ...)
  local co = Sche.Running()
  if not co then return "rpc_client:Call should call under coroutine" end
  local peer = self.peer
  if not peer then return "rpc_client not connect to peer" end
  local request = { f = name, id = next_identity(), arg = { ... } }
  if not peer:Send(encode(self.config, request)) then return "socket error" end
  local place = request.id.l
  peer.pending_call[place] = co
  local step = 1
  local timer = chuck.RegTimer(engine, resend_after[1], function()
    step = step + 1
    if step > #resend_after then
      Sche.WakeUp(co, "rpc timeout")
      return -1
    end
    peer:Send(encode(self.config, request))
    return resend_after[step]
  end)
  local why, response = Sche.Wait()
  timer:UnRegister()
  peer.pending_call[place] = nil
  if not response then return why end
  if response.err then return response.err end
  return nil, table.unpack(response.ret or {})
end

--- Hands the answer in a packet to the coroutine that waits for it.
local function on_response(config, peer, packet)
  local response = decode(config, packet)
  if type(response) ~= "table" or type(response.id) ~= "table" then return end
  local co = peer.pending_call[response.id.l]
  if co then Sche.WakeUp(co, "ok", response) end
end

return {
  OnRPCResponse = on_response,
  Config = new_config,
  Server = function(config)
    return config and setmetatable({ config = config, service = {} }, Server)
  end,
  Client = function(config)
    return config and setmetatable({ config = config }, Client)
  end,
}
