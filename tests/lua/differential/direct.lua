-- Yields, errors and protected calls inside one another.
print(xpcall(function() error("x") end, function(m) return "handled " .. m end))
print(select("#", pcall(function() return 1, 2, nil, nil end)))
do
  local outer <close> = setmetatable({}, { __close = function() print("outer closed") end })
  print(pcall(function()
    local inner <close> = setmetatable({}, { __close = function(_, e) print("inner closed", e) end })
    error("boom")
  end))
end

local co = coroutine.wrap(function()
  local ok, raised = pcall(function()
    error({ coroutine.yield("asked") })
  end)
  coroutine.yield(ok, raised[1])
  return "over"
end)
print(co())
print(co(7))
print(co())

local function show(body, ...)
  local thread = coroutine.create(body)
  for _, value in ipairs({ ... }) do
    print(coroutine.status(thread), coroutine.resume(thread, value))
  end
  print(coroutine.status(thread))
end
show(pcall, function()
  return (coroutine.yield("yielded"))
end, "given")
show(coroutine.yield, "out", "in")
show(error, "at once")
show(function()
  return pcall(pcall, error, "twice")
end, 0)
show(function()
  local thread = coroutine.running()
  return pcall(coroutine.close, thread)
end, 0)

print(pcall(error))
print(pcall(function() error() end))
print(pcall(function() assert(false) end))
print(pcall(function() assert(nil, "message") end))
print(pcall(function() assert(1 > 2, 42) end))
print(pcall(string.gsub, "abc", ".", function() error("in gsub") end))
print(pcall(table.sort, { 3, 2, 1 }, function() error("in sort") end))
print(pcall(setmetatable({}, { __call = function(_, x) error("called with " .. tostring(x)) end }), 4))
local t = setmetatable({}, { __index = function(_, k) error("no " .. k) end })
print(pcall(function() return t.foo end))
print(xpcall(function() return t.foo end, function(m) return (pcall(error, m)) end))
print(select(2, xpcall(function() local x x() end, debug.traceback)))

-- An error in a finalizer or a hook does not end what it came in between.
setmetatable({}, { __gc = function() pcall(error, "lost") coroutine.wrap(coroutine.yield)() end })
collectgarbage()
local hooked = 0
debug.sethook(function() hooked = hooked + 1 pcall(error, "in a hook") end, "l")
print(pcall(function() error("under a hook") end))
debug.sethook()
print(hooked > 0)

-- Protected calls without end meet the limit of C calls.
local function fall() local ok, e = pcall(fall) if not ok then error(e, 0) end end
print(pcall(fall))
-- A long way down without protection is no such thing.
local function down(n) if n == 0 then error("bottom", 0) end return 1 + down(n - 1) end
print(pcall(down, 5000))
local function back(n) if n == 0 then return pcall(error, "bottom") end local ok, e = back(n - 1) return ok, e end
print(back(5000))
