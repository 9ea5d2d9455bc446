--- chuck.coroutine: the later generations' scheduler. Coroutines stand in a line of those that
-- can go
-- on; sche() runs it until it is empty.
local core = require("chuck.core")

local Coroutine = {}
Coroutine.__index = Coroutine
Coroutine.__name = "lua_coroutine"

local line = {}
local first, last = 1, 0
local current
local is_scheduling = false

local function queue(co, ...)
  if co.is_queued or co.is_dead then return end
  co.is_queued = true
  co.values = table.pack(...)
  last = last + 1
  line[last] = co
end

local function run_one(co)
  co.is_queued = false
  if co.is_dead then return end
  local values = co.values
  co.values = nil
  local before = current
  current = co
  local ok, why = coroutine.resume(co.thread, table.unpack(values, 1, values.n))
  current = before
  if coroutine.status(co.thread) == "dead" then
    co.is_dead = true
    if not ok then
      core.log_line(
        "   ERROR",
        debug.traceback(co.thread, "resume_coroutine error:" .. tostring(why))
      )
    end
  end
end

local scheduler = {}

--- Runs those that can go on, until none can.
function scheduler.sche()
  if is_scheduling then return end
  is_scheduling = true
  while first <= last do
    local co = line[first]
    line[first] = nil
    first = first + 1
    run_one(co)
  end
  first, last = 1, 0
  is_scheduling = false
end

--- Makes a coroutine that will run f(co, ...), at the end of the line.
function scheduler.new(f, ...)
  local co = setmetatable({}, Coroutine)
  co.thread = coroutine.create(f)
  queue(co, co, ...)
  return co
end

function scheduler.running()
  return current
end

--- Waits until somebody resumes it. @return what resume was given
function scheduler.yield()
  return coroutine.yield()
end

--- Goes to the end of the line.
function scheduler.yield_a_while()
  local co = current
  if not co then return end
  queue(co)
  return coroutine.yield()
end

--- Puts a coroutine into the line with what its yield is to give; outside of coroutines it runs the
-- line, too.
function scheduler.resume(co, ...)
  if co == current then error("a coroutine cannot resume itself", 2) end
  queue(co, ...)
  if not current then scheduler.sche() end
end

--- Lets another one go on in this one's place.
function scheduler.resume_and_yield(co, ...)
  if co == current then error("a coroutine cannot resume itself", 2) end
  queue(co, ...)
  return coroutine.yield()
end

return scheduler
