--- Lua 5.1's spellings for scripts written for it: module, setfenv, unpack and the rest.
-- Numbers are 5.1's, too (10 / 2 prints 5, string.rep takes 2.5): wasm/lua sees to that.
-- _VERSION tells the truth.
-- wasm/bindings/base/lua51.cpp runs this file when a process asks for it, and hands in what
-- Lua cannot do itself.

-- luacheck: globals getfenv setfenv module unpack loadstring gcinfo newproxy
-- luacheck: globals package string table math debug coroutine

local set_globals, new_proxy = ...
local globals = _G
local getinfo, getupvalue = debug.getinfo, debug.getupvalue
local upvaluejoin, loaded = debug.upvaluejoin, package.loaded

-- What setfenv gave to functions that use no global name: they have no _ENV to put it into.
local unused = setmetatable({}, { __mode = "k" })

-- Frames between a caller and what `function_at` asks for: getinfo's level 1 is function_at itself.
local own_frames = 2

--- `depth`: how many functions of this file lie between the caller and this one.
local function bad_argument(number, name, why, depth)
  error(("bad argument #%d to '%s' (%s)"):format(number, name, why), 2 + (depth or 1))
end

--- The function at a level of the stack, 1 being whoever called the function that asks.
local function function_at(level, name)
  if level < 0 then bad_argument(1, name, "level must be non-negative", 2) end
  local info = getinfo(level + own_frames, "f")
  if not info then bad_argument(1, name, "invalid level", 2) end
  return info.func
end

--- The place of _ENV among a Lua function's upvalues, with its value; nil when it uses no global.
local function environment_of(func)
  for place = 1, math.huge do
    local name, value = getupvalue(func, place)
    if not name then return nil end
    if name == "_ENV" then return place, value end
  end
end

local function is_native(func)
  return getinfo(func, "S").what == "C"
end

--- Gives a Lua function an environment of its own; closures it makes from now on share it.
local function put_environment(func, environment)
  local place = environment_of(func)
  if not place then
    unused[func] = environment
    return
  end
  upvaluejoin(func, place, function()
    return environment
  end, 1)
end

local function get_environment(func)
  if is_native(func) then return globals end
  local place, environment = environment_of(func)
  if place then return environment end
  return unused[func] or globals
end

local function whole_number(value, name)
  local number = tonumber(value)
  if not number then bad_argument(1, name, "number expected, got " .. type(value), 2) end
  return math.tointeger(number) or math.floor(number)
end

function getfenv(where)
  if type(where) == "function" then return get_environment(where) end
  local level = where == nil and 1 or whole_number(where, "getfenv")
  if level == 0 then return globals end
  return get_environment((function_at(level, "getfenv")))
end

function setfenv(where, environment)
  if type(environment) ~= "table" then
    bad_argument(2, "setfenv", "table expected, got " .. type(environment))
  end
  local func = where
  if type(where) ~= "function" then
    local level = whole_number(where, "setfenv")
    if level == 0 then
      globals = environment
      set_globals(environment)
      return
    end
    func = function_at(level, "setfenv")
  end
  if is_native(func) then error("'setfenv' cannot change environment of given object", 2) end
  put_environment(func, environment)
  return func
end

function debug.getfenv(object)
  if type(object) == "function" then return get_environment(object) end
  if type(object) == "thread" then return globals end
end

function debug.setfenv(object, environment)
  if type(object) ~= "function" or is_native(object) then
    error("'setfenv' cannot change environment of given object", 2)
  end
  put_environment(object, environment)
  return object
end

--- The table that a dotted name stands for, made where there is none.
-- @return nil when something else is there
local function find_table(name)
  local found = globals
  for part in name:gmatch("[^.]+") do
    local inner = rawget(found, part)
    if inner == nil then
      inner = {}
      rawset(found, part, inner)
    elseif type(inner) ~= "table" then
      return nil
    end
    found = inner
  end
  return found
end

function module(name, ...)
  if type(name) ~= "string" and type(name) ~= "number" then
    bad_argument(1, "module", "string expected, got " .. (name == nil and "no value" or type(name)))
  end
  name = tostring(name)
  local made = loaded[name]
  if type(made) ~= "table" then
    made = find_table(name)
    if not made then error(("name conflict for module '%s'"):format(name), 2) end
    loaded[name] = made
  end
  if made._NAME == nil then
    made._M = made
    made._NAME = name
    made._PACKAGE = name:match("^(.*%.)") or ""
  end
  local caller = getinfo(2, "f")
  if not caller or is_native(caller.func) then
    error("'module' not called from a Lua function", 2)
  end
  put_environment(caller.func, made)
  for place = 1, select("#", ...) do
    local option = (select(place, ...))
    -- require of 5.4 also tells the file's name, which `module(...)` passes on.
    if type(option) ~= "string" then option(made) end
  end
end

function package.seeall(made)
  local metatable = getmetatable(made)
  if not metatable then
    metatable = {}
    setmetatable(made, metatable)
  end
  metatable.__index = globals
end

package.loaders = package.searchers

unpack = table.unpack

function loadstring(text, name)
  if type(text) ~= "string" and type(text) ~= "number" then
    bad_argument(1, "loadstring", "string expected, got " .. type(text))
  end
  text = tostring(text)
  return load(text, name or text)
end

function gcinfo()
  return collectgarbage("count") // 1 | 0
end

newproxy = new_proxy

string.gfind = string.gmatch

local running = coroutine.running

function coroutine.running()
  local thread, is_main = running()
  if is_main then return nil end
  return thread
end

math.mod = math.fmod

function table.getn(list)
  return #list
end

function table.setn()
  error("'setn' is obsolete", 2)
end

function table.maxn(list)
  local most = 0
  for key in next, list do
    if type(key) == "number" and key > most then most = key end
  end
  return most
end

function table.foreach(list, visit)
  for key, value in next, list do
    local result = visit(key, value)
    if result ~= nil then return result end
  end
end

function table.foreachi(list, visit)
  for place = 1, #list do
    local result = visit(place, rawget(list, place))
    if result ~= nil then return result end
  end
end
