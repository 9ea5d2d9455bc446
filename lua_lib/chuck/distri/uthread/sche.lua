--- The coroutine framework: a line of coroutines that can go on, and those that sleep or wait. One
-- Schedule is one round: whoever yields in it has its turn in the next.
local chuck = require("chuck")
local log = chuck.log

local ready = {}
local first, last = 1, 0
local wheel = chuck.TimingWheel()
local by_identity = {}
local count = 0
local counter = 0
local running
local on_ready -- told when somebody can go on

local function set_ready(co, ...)
  if co.status == "ready" or co.status == "dead" or co.status == "running" then return end
  co.status = "ready"
  if co.timer then
    co.timer:UnRegister()
    co.timer = nil
  end
  co.values = table.pack(...)
  last = last + 1
  ready[last] = co
  if on_ready then on_ready() end
end

local function suspend(co, status)
  co.status = status
  coroutine.yield()
  return table.unpack(co.values, 1, co.values.n)
end

local function switch_to(co)
  local before = running
  running = co
  co.status = "running"
  coroutine.resume(co.thread)
  running = before
end

local function main(co)
  local function explain(why)
    return debug.traceback(tostring(why), 2)
  end
  local ok, why = xpcall(co.body, explain, table.unpack(co.arguments, 1, co.arguments.n))
  if not ok then log.SysLog(log.ERROR, "error in a coroutine: " .. why) end
  by_identity[co.identity] = nil
  count = count - 1
  co.status = "dead"
end

local function make(body, ...)
  counter = counter + 1
  local co = {
    identity = string.format("%d-%d", chuck.systick(), counter),
    body = body,
    arguments = table.pack(...),
    values = table.pack(),
  }
  co.thread = coroutine.create(function()
    main(co)
  end)
  by_identity[co.identity] = co
  count = count + 1
  return co
end

local Sche = {}

--- Makes a coroutine that runs in the next Schedule.
function Sche.Spawn(body, ...)
  local co = make(body, ...)
  set_ready(co)
  return co
end

--- Makes a coroutine and runs it until it waits.
function Sche.SpawnAndRun(body, ...)
  local co = make(body, ...)
  Sche.Schedule(co)
  return co
end

--- Goes on in the next round.
function Sche.Yield()
  if not running then return end
  suspend(running, "yielded")
end

--- Goes on after so many milliseconds; with 0 or nothing in the next round.
function Sche.Sleep(milliseconds)
  local co = running
  if not co then return end
  if not milliseconds or milliseconds <= 0 then return Sche.Yield() end
  co.timer = wheel:Register(milliseconds, function()
    co.timer = nil
    set_ready(co)
    return -1
  end)
  if on_ready then on_ready() end
  suspend(co, "asleep")
end

--- Waits for WakeUp. @return what WakeUp was given, or "timeout"
function Sche.Wait(milliseconds)
  local co = running
  if not co then return end
  if milliseconds == 0 then return Sche.Yield() end
  if milliseconds then
    co.timer = wheel:Register(milliseconds, function()
      co.timer = nil
      set_ready(co, "timeout")
      return -1
    end)
    if on_ready then on_ready() end
  end
  return suspend(co, "waiting")
end

--- Lets a coroutine that waits or sleeps go on; nothing for others.
Sche.WakeUp = set_ready

function Sche.Running()
  return running
end

function Sche.GetCoByIdentity(identity)
  return by_identity[identity]
end

function Sche.GetCoCount()
  return count
end

--- One round, or one coroutine with the values it waits for. @return how many can go on
function Sche.Schedule(co, ...)
  if co then
    if co.status ~= "ready" and co.status ~= "dead" and co.status ~= "running" then
      if co.timer then
        co.timer:UnRegister()
        co.timer = nil
      end
      co.values = table.pack(...)
      switch_to(co)
      if co.status == "yielded" then set_ready(co) end
    end
  else
    wheel:Tick()
    local yielded = {}
    while first <= last do
      local next_one = ready[first]
      ready[first] = nil
      first = first + 1
      switch_to(next_one)
      if next_one.status == "yielded" then yielded[#yielded + 1] = next_one end
    end
    first, last = 1, 0
    wheel:Tick()
    for _, one in ipairs(yielded) do
      set_ready(one)
    end
  end
  return last - first + 1
end

--- For distri.Run: told whenever Schedule may have something to do.
function Sche.OnReady(callback)
  on_ready = callback
end

return Sche
