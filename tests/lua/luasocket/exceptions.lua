-- newtry and protect, with errors of all sorts and across yields (reference 6.1, 6.2).
local socket = require "socket"
local t = require "show"

local calls = 0
local try = socket.newtry(function(...) calls = calls + 1; t.show("finalizer", ...) end)

t.title "try"
t.show("passes", try(1, "a", nil))
t.show("false but second", pcall(try, false, "why"))
local ok, thrown = pcall(try, nil, "why", "more")
t.show("thrown", ok, type(thrown), thrown[1], thrown[2], getmetatable(thrown))
t.show("finalized", calls)
t.show("no finalizer", socket.try(1, 2))
t.try("bad finalizer", socket.newtry(5), nil, "x")
t.try("finalizer fails", socket.newtry(function() error("finalizer", 0) end), nil, "x")

t.title "protect"
local plain = socket.newtry()
t.show("success", socket.protect(function(...) return ... end)(1, nil, 3))
t.show("failure", socket.protect(function() plain(nil, "why", "more") end)())
t.show("failure of any type", socket.protect(function() plain(nil, 42) end)())
t.show("no value", socket.protect(function() plain() end)())
t.try("string error", socket.protect(function() error("plain", 0) end))
t.try("table error", socket.protect(function() error({ 1 }) end))
t.try("nil error", socket.protect(function() error(nil) end))
t.try("assert", socket.protect(function() assert(nil, "asserted") end))
t.try("protect nil", socket.protect(nil))
t.show("callable", socket.protect(setmetatable({}, { __call = function(_, x) return x end }))(7))
t.show("nested", socket.protect(function()
  local inner = socket.protect(function() plain(nil, "inner") end)
  local a, b = inner()
  plain(a, "outer saw " .. b)
end)())
t.show("raised again", socket.protect(function()
  local _, e = pcall(plain, nil, "kept")
  error(e, 0)
end)())

t.title "across yields"
local function run(f)
  local co = coroutine.create(socket.protect(f))
  local results = table.pack(coroutine.resume(co, "start"))
  while coroutine.status(co) ~= "dead" do
    t.show("yielded", table.unpack(results, 1, results.n))
    results = table.pack(coroutine.resume(co, "again"))
  end
  t.show("ended", table.unpack(results, 1, results.n))
end
run(function(...)
  local a = coroutine.yield(...)
  local b = coroutine.yield(a .. 1)
  return b, "done"
end)
run(function()
  coroutine.yield(1)
  plain(nil, "late")
end)
run(function()
  coroutine.yield(1)
  error("late", 0)
end)
run(function()
  socket.newtry(function() coroutine.yield() end)(nil, "x")
end)
