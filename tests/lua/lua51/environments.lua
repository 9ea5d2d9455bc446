-- setfenv and getfenv: functions, levels, and what closures inherit.
local real = _G

print(getfenv() == _G, getfenv(1) == _G, getfenv(0) == _G, getfenv(print) == _G)

local function reads()
  return value
end
print(setfenv(reads, { value = "mine" }) == reads, reads(), getfenv(reads).value)

-- Only that function changed: a sibling of the same chunk sees the old globals.
local function sibling()
  return value
end
print(sibling())

-- What a function makes afterwards shares its environment.
local function makes()
  return function()
    return value
  end
end
setfenv(makes, { value = "inherited" })
local made = makes()
print(made())
setfenv(makes, { value = "later" })
print(made(), makes()())

-- Writes go there too.
local box = {}
local function writes()
  written = 1
end
setfenv(writes, box)
writes()
print(box.written, written)

-- A level changes the running function.
local function by_level()
  setfenv(1, { print = print, here = "inside", getfenv = getfenv })
  print(here, getfenv(1).here)
end
by_level()
local function callee()
  setfenv(2, setmetatable({ from = "callee" }, { __index = real }))
end
local function caller()
  callee()
  return from
end
print(caller(), from)
print(getfenv(caller).from)

-- A function that uses no global keeps what it was given.
local function plain(a, b)
  return a + b
end
local given = {}
setfenv(plain, given)
print(getfenv(plain) == given, plain(1, 2))

-- In a loaded chunk.
local chunk = loadstring("x = 1; return x")
setfenv(chunk, box)
print(chunk(), box.x, x)

-- Mistakes; a C function has no name of its own when pcall calls it.
local function mistake(...)
  local _, message = pcall(...)
  print((message:gsub("to '[^']*'", "to it")))
end
mistake(setfenv, print, {})
mistake(setfenv, reads, 5)
mistake(getfenv, 1000)
mistake(getfenv, -1)
mistake(setfenv, "x", {})
print(debug.getfenv(reads).value, debug.setfenv(reads, { value = 9 }) == reads, reads())

-- In a coroutine.
local co = coroutine.wrap(function()
  setfenv(1, { coroutine = coroutine, mark = "co" })
  coroutine.yield(mark)
  return mark
end)
print(co(), co(), mark)

-- The whole program's.
local other = setmetatable({ only = "there" }, { __index = real })
setfenv(0, other)
print(getfenv(0) == other, loadstring("return only")())
setfenv(0, real)
print(getfenv(0) == real)
