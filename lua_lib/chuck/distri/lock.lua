--- A lock between coroutines, given on in the order they came.
local Sche = require("distri.uthread.sche")

local Lock = {}
Lock.__index = Lock

function Lock:Lock()
  if not self.is_held then
    self.is_held = true
    return
  end
  self.waiting[#self.waiting + 1] = Sche.Running()
  Sche.Wait() -- Unlock hands it over
end

function Lock:Unlock()
  local co = table.remove(self.waiting, 1)
  if co then
    Sche.WakeUp(co)
  else
    self.is_held = false
  end
end

return {
  New = function()
    return setmetatable({ waiting = {}, is_held = false }, Lock)
  end,
}
