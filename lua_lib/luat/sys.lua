-- The frame of every LuaTask script: tasks (coroutines that wait), timers, messages between them,
-- and the loop that gives each its turn. All waiting happens in rtos.receive.

SCRIPT_LIB_VER = "2.3.7"

require("utils")
local log = require("log")
require("patch")
local generation = require("generation")

local sys = {}
_G.sys = sys

-- Timers of tasks and timers of callbacks have their own numbers.
local last_task_timer = 0x1FFFFFFE
local first_callback_timer = 0x20000000
local last_callback_timer = 0x7FFFFFFF

local sleepers = {} -- timer -> the task it wakes
local callbacks = {} -- timer -> { call, arguments (packed), period or nil }
local subscribers = {} -- message -> list of functions and tasks
local queue, queue_first, queue_last = {}, 1, 0 -- published, not yet dispatched
local handlers = {} -- number of a core message -> function
local task_timer, callback_timer = 0, first_callback_timer - 1
local goes_to_core = true -- where an error of the main loop ends

--- The next free number between `first` and `last` after `number`.
local function next_timer(taken, number, first, last)
  repeat
    number = number < last and number + 1 or first
  until taken[number] == nil
  return number
end

local function at_least(ms)
  return math.max(ms, generation.shortest_timer)
end

--- Calls `handler` for each message of the core with this number.
function rtos.on(number, handler)
  handlers[number] = handler
end

require("clib")

--- Lets the core start its protocol stack.
function sys.powerOn()
  rtos.poweron(1)
end

--- Restarts the module. @param cause text, kept by errDump
function sys.restart(cause)
  assert(cause and cause ~= "", "sys.restart cause null")
  if errDump and errDump.appendErr then errDump.appendErr("restart[" .. cause .. "];") end
  if not generation.is_2g then log.warn("sys.restart", cause) end
  rtos.restart()
end

--- Sleeps for `ms`; only in a task.
-- @return nothing when time is up, or what the task was resumed with before
function sys.wait(ms)
  assert(ms > 0, "The wait time cannot be negative!")
  local task = assert(coroutine.running(), "sys.wait must be called in a task")
  task_timer = next_timer(sleepers, task_timer, 1, last_task_timer)
  local timer = task_timer
  if rtos.timer_start(timer, at_least(ms)) ~= 1 then
    log.debug("rtos.timer_start error")
    return
  end
  sleepers[timer] = task
  local resumed_with = table.pack(coroutine.yield())
  if sleepers[timer] then
    sleepers[timer] = nil
    rtos.timer_stop(timer)
  end
  return table.unpack(resumed_with, 1, resumed_with.n)
end

--- Waits for a message as long as `ms`, or for ever.
-- @return the message and its parameters, or nothing
local function wait_for(id, ms)
  local task = assert(coroutine.running(), "sys.waitUntil must be called in a task")
  sys.subscribe(id, task)
  local message = table.pack((ms and sys.wait or coroutine.yield)(ms))
  sys.unsubscribe(id, task)
  return message
end

--- Waits for a message. @return true and its parameters, or false when time is up
function sys.waitUntil(id, ms)
  local message = wait_for(id, ms)
  return message[1] ~= nil, table.unpack(message, 2, message.n)
end

--- Waits for a message. @return its name and parameters, or false when time is up
function sys.waitUntilExt(id, ms)
  local message = wait_for(id, ms)
  if message[1] == nil then return false end
  return table.unpack(message, 1, message.n)
end

--- Starts a task: it runs at once, until it first waits. @return the coroutine
function sys.taskInit(body, ...)
  local task = coroutine.create(body)
  coroutine.resume(task, ...)
  return task
end

--- Prepares the module: names the project in the log and opens the AT channel.
-- @param mode 1: stay off the network when a charger has switched the module on
function sys.init(mode)
  assert(PROJECT and PROJECT ~= "" and VERSION and VERSION ~= "", "Undefine PROJECT or VERSION")
  collectgarbage("setpause", 80)
  uart.setup(uart.ATC, 0, 0, uart.PAR_NONE, uart.STOP_1)
  log.info(
    "poweron reason:",
    rtos.poweron_reason(),
    PROJECT,
    VERSION,
    SCRIPT_LIB_VER,
    rtos.get_version()
  )
  if not generation.is_2g and rtos.get_build_time then
    log.info("core build time", rtos.get_build_time())
  end
  if rtos.set_lua_info then pcall(rtos.set_lua_info, "") end
  if mode == 1 and rtos.poweron_reason() == rtos.POWERON_CHARGER then rtos.poweron(0) end
end

--- Whether a timer's entry has this function and exactly these arguments.
local function is_same(entry, call, arguments)
  if entry.call ~= call or entry.arguments.n ~= arguments.n then return false end
  for index = 1, arguments.n do
    if entry.arguments[index] ~= arguments[index] then return false end
  end
  return true
end

--- Stops timers of a function. @param arguments which ones, or nil for all
local function stop_timers_of(call, arguments)
  for timer, entry in pairs(callbacks) do
    if arguments and is_same(entry, call, arguments) or not arguments and entry.call == call then
      callbacks[timer] = nil
      rtos.timer_stop(timer)
    end
  end
end

local function start_timer(call, ms, period, ...)
  assert(call ~= nil, "sys.timerStart(first param) is nil !")
  assert(ms > 0, "sys.timerStart(Second parameter) is <= zero !")
  local arguments = table.pack(...)
  stop_timers_of(call, arguments)
  callback_timer = next_timer(callbacks, callback_timer, first_callback_timer, last_callback_timer)
  if rtos.timer_start(callback_timer, at_least(ms)) ~= 1 then
    log.debug("rtos.timer_start error")
    return nil
  end
  callbacks[callback_timer] = { call = call, arguments = arguments, period = period }
  return callback_timer
end

--- Calls a function once after `ms`. @return the timer's number, or nil
function sys.timerStart(call, ms, ...)
  return start_timer(call, ms, nil, ...)
end

--- Calls a function every `ms`. @return the timer's number, or nil
function sys.timerLoopStart(call, ms, ...)
  return start_timer(call, ms, ms, ...)
end

--- Stops a timer, named by its number or by its function and arguments.
function sys.timerStop(timer, ...)
  if type(timer) == "number" then
    callbacks[timer] = nil
    rtos.timer_stop(timer)
  else
    stop_timers_of(timer, table.pack(...))
  end
end

--- Stops all timers of a function, whatever their arguments.
function sys.timerStopAll(call)
  stop_timers_of(call)
end

--- Whether a timer is running.
-- @return for a number the function that it will call, for a function true; or nil
function sys.timerIsActive(timer, ...)
  if type(timer) == "number" then return callbacks[timer] and callbacks[timer].call end
  local arguments = table.pack(...)
  for _, entry in pairs(callbacks) do
    if is_same(entry, timer, arguments) then return true end
  end
  return nil
end

--- Calls a function with the parameters of each message, or resumes a task with its name, too.
function sys.subscribe(id, subscriber)
  local kind = type(subscriber)
  if type(id) ~= "string" or (kind ~= "function" and kind ~= "thread") then
    log.warn("warning: sys.subscribe invalid parameter", id, subscriber)
    return
  end
  local list = subscribers[id] or {}
  subscribers[id] = list
  for _, known in ipairs(list) do
    if known == subscriber then return end
  end
  list[#list + 1] = subscriber
end

--- Ends a subscription.
function sys.unsubscribe(id, subscriber)
  local kind = type(subscriber)
  if type(id) ~= "string" or (kind ~= "function" and kind ~= "thread") then
    log.warn("warning: sys.unsubscribe invalid parameter", id, subscriber)
    return
  end
  local list = subscribers[id] or {}
  for index, known in ipairs(list) do
    if known == subscriber then
      table.remove(list, index)
      break
    end
  end
  if #list == 0 then subscribers[id] = nil end
end

--- Queues a message; it is dispatched by the main loop.
function sys.publish(id, ...)
  queue_last = queue_last + 1
  queue[queue_last] = table.pack(id, ...)
end

local function is_subscribed(id, subscriber)
  for _, known in ipairs(subscribers[id] or {}) do
    if known == subscriber then return true end
  end
  return false
end

--- Hands one message to those who had subscribed when their turn came.
local function deliver(message)
  local id = message[1]
  local list = subscribers[id]
  if not list then return end
  for _, subscriber in ipairs(table.move(list, 1, #list, 1, {})) do
    if is_subscribed(id, subscriber) then -- none before it has ended its subscription
      if type(subscriber) == "function" then
        subscriber(table.unpack(message, 2, message.n))
      elseif coroutine.status(subscriber) == "suspended" then
        coroutine.resume(subscriber, table.unpack(message, 1, message.n))
      end
    end
  end
end

local function dispatch()
  while queue_first <= queue_last do
    local message = queue[queue_first]
    queue[queue_first] = nil
    queue_first = queue_first + 1
    deliver(message)
  end
  queue_first, queue_last = 1, 0
end

--- A timer's time has come; one that was stopped meanwhile is unknown here.
local function handle_timer(timer)
  local task = sleepers[timer]
  if task then
    sleepers[timer] = nil
    coroutine.resume(task)
    return
  end
  local entry = callbacks[timer]
  if not entry then return end
  if not entry.period then callbacks[timer] = nil end
  entry.call(table.unpack(entry.arguments, 1, entry.arguments.n))
  if entry.period and callbacks[timer] == entry then
    rtos.timer_start(timer, at_least(entry.period))
  end
end

rtos.on(rtos.MSG_TIMER, handle_timer)

local function serve()
  while true do
    dispatch()
    local message, parameter, more = rtos.receive(rtos.INF_TIMEOUT)
    if type(message) == "table" then
      local handler = handlers[message.id]
      if handler then handler(message) end
    else
      local handler = handlers[message]
      if handler then handler(parameter, more) end
    end
  end
end

--- Whether an error of the main loop goes to the core, or is a reason to restart.
-- @param flag false: restart; true: the core reports it, as it does unless told otherwise
-- @param seconds how long after the start the core may still go back to an older version
function sys.setRollBack(flag, seconds)
  goes_to_core = flag
  if rtos.set_script_rollback then
    rtos.set_script_rollback(1)
    if not flag then sys.timerStart(rtos.set_script_rollback, (seconds or 300) * 1000, 0) end
  end
end

--- The main loop; never returns.
function sys.run()
  if goes_to_core then serve() end
  local _, why = pcall(serve)
  sys.restart(tostring(why))
end

-- A loop that stands still for a minute lets the core's watchdog bite.
if rtos.openSoftDog then
  rtos.openSoftDog(60000)
  sys.timerLoopStart(rtos.eatSoftDog, 20000)
end

return sys
