--- distri: the engine with the coroutine framework on it.
local engine = require("distri.engine")
local Sche = require("distri.uthread.sche")
local chuck = require("chuck")

local distri = {}
local signals = {}

--- Runs until Stop: events, timers, and coroutines as soon as they can go on.
function distri.Run()
  -- Coroutines sleep by a wheel of their own, which turns each millisecond.
  local timer = engine:AddTimer(1, function()
    Sche.Schedule()
  end)
  local is_posted = false
  Sche.OnReady(function()
    if is_posted then return end
    is_posted = true
    engine:PostClosure(function()
      is_posted = false
      Sche.Schedule()
    end)
  end)
  engine:Run()
  Sche.OnReady(nil)
  timer:UnRegister()
end

--- A timer; cb's result is as chuck.RegTimer's: nothing goes on, a number is the new interval, -1
-- ends.
function distri.RegTimer(milliseconds, cb)
  return chuck.RegTimer(engine, milliseconds, cb)
end

function distri.RemTimer(timer)
  return timer:UnRegister()
end

--- Has handler(number) called at a signal. @return false when it has one already
function distri.Signal(number, handler)
  if signals[number] then return false end
  local signaler = chuck.signal.signaler(number)
  if not signaler or not signaler:Register(engine, handler) then return false end
  signals[number] = signaler
  return true
end

function distri.Stop()
  print("distri.Stop")
  engine:Stop()
end

return distri
