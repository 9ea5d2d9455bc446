-- Everything the coroutine library says, as native Lua says it.
local function show(...)
  local out = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    local kind = type(value)
    out[i] = (kind == "thread" or kind == "function" or kind == "table") and kind or tostring(value)
  end
  print(table.concat(out, " "))
end

-- The main chunk.
show(coroutine.running())
show(coroutine.isyieldable())
show(select(2, coroutine.running()))
show(coroutine.status((coroutine.running())))
show(pcall(coroutine.yield, 1))
show(pcall(function() coroutine.yield(1) end))
show(pcall(coroutine.close, (coroutine.running())))
show(coroutine.isyieldable((coroutine.running())))
show(coroutine.resume((coroutine.running())))
show(pcall(coroutine.wrap(function() return coroutine.resume((coroutine.running())) end)))

-- Values in and out.
local echo = coroutine.create(function(...)
  show("in", ...)
  while true do
    show("got", coroutine.yield(select("#", ...), ...))
  end
end)
show(coroutine.resume(echo))
show(coroutine.resume(echo, 1, nil, 3))
show(coroutine.resume(echo, nil))
show(coroutine.status(echo), coroutine.isyieldable(echo))
show(coroutine.close(echo))
show(coroutine.status(echo))
show(coroutine.resume(echo, "dead"))
show(coroutine.close(echo))

-- Status from everywhere.
local outer
outer = coroutine.create(function()
  show(coroutine.running())
  show(coroutine.isyieldable())
  show(coroutine.status(outer))
  local inner = coroutine.create(function()
    show("outer is", coroutine.status(outer))
    show(coroutine.resume(outer))
    show(pcall(coroutine.close, outer))
    coroutine.yield(coroutine.isyieldable(outer))
  end)
  show(coroutine.resume(inner))
  show(coroutine.status(inner))
  return "end"
end)
show(coroutine.status(outer))
show(coroutine.resume(outer))
show(coroutine.status(outer))
show(coroutine.resume(outer))

-- Errors: resume hands them over, wrap adds where.
show(coroutine.resume(coroutine.create(function() error("text") end)))
show(coroutine.resume(coroutine.create(function() error({}) end)))
show(coroutine.resume(coroutine.create(function() error(nil) end)))
show(coroutine.resume(coroutine.create(function() local x = nil; return x.field end)))
show(pcall(coroutine.wrap(function() error("text") end)))
show(pcall(coroutine.wrap(function() error("text", 0) end)))
show(pcall(coroutine.wrap(function() error({}) end)))
show(pcall(function() coroutine.wrap(function() error("text") end)() end))
local once = coroutine.wrap(function() return "once" end)
show(once())
show(pcall(once))
show(pcall(function() once() end))

-- Arguments that are none.
show(pcall(coroutine.create))
show(pcall(coroutine.create, 1))
show(pcall(coroutine.wrap, "x"))
show(pcall(coroutine.resume))
show(pcall(coroutine.resume, 1))
show(pcall(coroutine.status, {}))
show(pcall(coroutine.close))
show(pcall(coroutine.isyieldable, 1))
show(coroutine.isyieldable(nil == 1 and 1 or coroutine.create(print)))

-- To-be-closed variables.
local function closing(name, failing)
  return setmetatable({}, {
    __close = function(_, why)
      show("close", name, why)
      if failing then error(failing, 0) end
    end,
  })
end
local co = coroutine.create(function()
  local a <close> = closing("a")
  local b <close> = closing("b", "b failed")
  local c <close> = closing("c")
  coroutine.yield("open")
end)
show(coroutine.resume(co))
show(coroutine.close(co))
show(coroutine.status(co))
co = coroutine.wrap(function()
  local a <close> = closing("a", "a failed")
  error("body failed", 0)
end)
show(pcall(co))
co = coroutine.create(function()
  local a <close> = closing("a")
  error("body failed", 0)
end)
show(coroutine.resume(co))
show(coroutine.status(co))
show(coroutine.close(co))
show(coroutine.close(co))
co = coroutine.create(function()
  local a <close> = setmetatable({}, {
    __close = function()
      show("yield in close", coroutine.isyieldable())
      show(pcall(coroutine.yield, 1))
    end,
  })
  coroutine.yield()
end)
coroutine.resume(co)
show(coroutine.close(co))
co = coroutine.wrap(function()
  local a <close> = setmetatable({}, {
    __close = function()
      coroutine.yield("from close")
      show("closed")
    end,
  })
  return "result"
end)
show(co())
show(co())

-- Yields through pcall, metamethods, iterators.
co = coroutine.wrap(function()
  show("pcall", pcall(function()
    coroutine.yield(1)
    error("after", 0)
  end))
  show("xpcall", xpcall(function()
    coroutine.yield(2)
    error("after", 0)
  end, function(message) return "handled " .. message end))
  local object = setmetatable({}, {
    __index = function(_, key) return coroutine.yield(key) end,
    __newindex = function(_, key, value) coroutine.yield(key, value) end,
    __call = function(_, ...) return coroutine.yield(...) end,
    __add = function() return coroutine.yield("add") end,
    __concat = function() return coroutine.yield("concat") end,
    __eq = function() return coroutine.yield("eq") end,
    __lt = function() return coroutine.yield("lt") end,
    __le = function() return coroutine.yield("le") end,
    __len = function() return coroutine.yield("len") end,
    __unm = function() return coroutine.yield("unm") end,
  })
  show(object.field)
  object.field = "value"
  show(object("called", 2))
  show(object + 1, object .. "x", "x" .. object)
  show(object == setmetatable({}, getmetatable(object)), object < object, object <= object)
  show(#object, -object)
  for value in function() return coroutine.yield("iterator") end do show("loop", value) end
  return "over"
end)
local answer = 0
repeat
  local got = table.pack(co(answer < 18 and answer or nil))
  answer = answer + 1
  show(table.unpack(got, 1, got.n))
until got[1] == "over"

-- Where Lua cannot yield.
show(coroutine.resume(coroutine.create(function()
  local broken = setmetatable({}, { __gc = function() show(pcall(coroutine.yield)) end })
  broken = nil
  collectgarbage()
  return "collected"
end)))
show(coroutine.resume(coroutine.create(function()
  return xpcall(error, function() return coroutine.yield() end)
end)))

-- Tracebacks.
local function deep(n) if n == 0 then coroutine.yield() else deep(n - 1) end end
co = coroutine.create(function() deep(2) end)
coroutine.resume(co)
print(debug.traceback(co))
print(debug.traceback(co, "message", 1))
print(debug.traceback("here"))
print(coroutine.wrap(function() return debug.traceback("inside") end)())
print((select(2, xpcall(coroutine.wrap(function() error("x") end), debug.traceback))))

-- Many levels.
local function nest(n)
  if n == 0 then return coroutine.isyieldable() and coroutine.yield("bottom") end
  return coroutine.wrap(nest)(n - 1)
end
show(pcall(coroutine.wrap(nest), 30))
local fine, why = pcall(nest, 250)
show(fine, why:match("[^:]*$"))

-- Many values.
show(select("#", coroutine.resume(coroutine.create(function() return table.unpack({}, 1, 5000) end))))
show(select("#", coroutine.wrap(function(...) return ... end)(table.unpack({}, 1, 5000))))
show(pcall(coroutine.wrap(function() return table.unpack({}, 1, 1e6 - 100) end)))
