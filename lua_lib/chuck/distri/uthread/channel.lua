--- Channels between coroutines: unbounded, first come, first served.
local Sche = require("distri.uthread.sche")

local Channel = {}
Channel.__index = Channel

function Channel:Send(message)
  self.last = self.last + 1
  self.messages[self.last] = message
  local co = table.remove(self.waiting, 1)
  if co then Sche.WakeUp(co) end
end

--- Waits for the next message.
function Channel:Recv()
  while self.first > self.last do
    self.waiting[#self.waiting + 1] = Sche.Running()
    Sche.Wait()
  end
  local message = self.messages[self.first]
  self.messages[self.first] = nil
  self.first = self.first + 1
  return message
end

return {
  New = function()
    return setmetatable({ messages = {}, first = 1, last = 0, waiting = {} }, Channel)
  end,
}
