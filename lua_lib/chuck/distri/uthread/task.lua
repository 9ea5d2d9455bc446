--- Tasks: functions that run on coroutines that are kept for the next one.
local Sche = require("distri.uthread.sche")

local kept_max = 100
local at_once_max = 65535

local free = {}
local running = 0
local waiting = {}
local first, last = 1, 0

local function next_task()
  local task = waiting[first]
  if task then
    waiting[first] = nil
    first = first + 1
  end
  return task
end

local function work(task)
  running = running + 1
  while task do
    local chuck = require("chuck")
    local ok, why = xpcall(task.body, debug.traceback, table.unpack(task, 1, task.n))
    if not ok then chuck.log.SysLog(chuck.log.ERROR, "error in a task: " .. why) end
    task = next_task()
    if not task then
      if #free >= kept_max then break end
      free[#free + 1] = Sche.Running()
      running = running - 1
      task = Sche.Wait()
      running = running + 1
    end
  end
  running = running - 1
end

local function start(body, ...)
  local task = table.pack(...)
  task.body = body
  local co = table.remove(free)
  if co then
    Sche.WakeUp(co, task)
  elseif running < at_once_max then
    Sche.Spawn(work, task)
  else
    last = last + 1
    waiting[last] = task
  end
end

return {
  --- Runs f(...) on a coroutine, soon.
  New = start,
  --- A function that starts f as a task with its own arguments.
  Wrap = function(f)
    return function(...)
      start(f, ...)
    end
  end,
}
