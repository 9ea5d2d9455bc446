--- Actors: coroutines with a channel of their own, found by identity.
local Channel = require("distri.uthread.channel")
local Sche = require("distri.uthread.sche")
local chuck = require("chuck")

local Actor = {}
Actor.__index = Actor

local actors = {}

function Actor:Send(message)
  self.channel:Send(message)
end

function Actor:Recv()
  return self.channel:Recv()
end

--- Starts body(actor, ...) as a coroutine. @return the actor, or nothing without identity or body
local function spawn(identity, body, ...)
  if not identity or not body then return nil end
  local actor = setmetatable({ identity = identity, channel = Channel.New() }, Actor)
  actors[identity] = actor
  Sche.Spawn(function(...)
    local ok, why = xpcall(body, debug.traceback, actor, ...)
    if not ok then chuck.log.SysLog(chuck.log.ERROR, "error in an actor: " .. why) end
    if actors[identity] == actor then actors[identity] = nil end
  end, ...)
  return actor
end

--- Sends to all but those whose identities are in the list.
local function broadcast(message, exclude)
  local left_out = {}
  for _, identity in pairs(exclude or {}) do
    left_out[identity] = true
  end
  for identity, actor in pairs(actors) do
    if not left_out[identity] then actor:Send(message) end
  end
end

return {
  Spawn = spawn,
  GetActor = function(identity)
    return actors[identity]
  end,
  BoardCast = broadcast,
}
