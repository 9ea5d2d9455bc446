-- io over files: modes, formats, positions, errors. Works in a temporary file of its own.
local function show(...)
  local out = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    out[i] = type(value) == "userdata" and "FILE" or string.format("%q", value):gsub("\n", "n")
  end
  print(table.concat(out, " "))
end
local name = os.tmpname()
local function hide(...)
  local out = { ... }
  for i = 1, select("#", ...) do
    if type(out[i]) == "string" then out[i] = out[i]:gsub(name:gsub("%p", "%%%0"), "NAME") end
  end
  show(table.unpack(out, 1, select("#", ...)))
end
local function content() local f = io.open(name) local all = f:read("a") f:close() return all end
local function write(text) local f = io.open(name, "w") f:write(text) f:close() end

show(io.type(io.stdin), io.type(io.stdout), io.type(5), io.type({}))
show((tostring(io.stdout):gsub("0x%x+", "ADDRESS")))
hide(io.open("/nonexistent/file"))
hide(io.open("/nonexistent/file", "w"))
hide(io.open(""))
hide(pcall(io.open, name, "rw"))
hide(pcall(io.open, name, "x"))
hide(pcall(io.open, name, ""))
hide(pcall(io.open, name, "r+b"))
hide(pcall(io.open))
hide(pcall(io.open, name, 5))
hide(pcall(io.lines, "/nonexistent"))
hide(pcall(io.input, "/nonexistent"))
hide(pcall(io.output, "/nonexistent/x"))
hide(os.remove("/nonexistent"))
hide(os.rename("/nonexistent", "/nonexistent2"))

local f = assert(io.open(name, "w"))
show(io.type(f), f:write("line1\n", 2, "\n", 3.5, "\n", 1.0, " ", 2^53, "\n", -0.0, " ", 1e100, "\n\nlast"))
show(f:seek(), f:seek("set", 3), f:seek("cur", 2), f:seek("end"), f:seek("end", -4))
show(f:seek("set", -1))
show(pcall(f.seek, f, "bad"))
show(pcall(f.seek, f, "set", 1.5))
show(f:read("l"))
show(f:flush(), f:setvbuf("no"), f:setvbuf("full", 1024), f:setvbuf("line"))
show(pcall(f.setvbuf, f, "x"))
show(f:close())
show(io.type(f), tostring(f))
show(pcall(f.close, f))
show(pcall(f.read, f))
show(pcall(f.write, f, "x"))
show(pcall(f.lines, f))
show(pcall(f.seek, f))
show(pcall(io.close, f))
show(content())

f = io.open(name)
show(f:read("l", "n", "n", "L", "n", "n", "n", "n", "l", "L", "a", "a", "l"))
show(f:read("a"), f:read("l"), f:read("n"), f:read(0), f:read(5), f:read("L"))
f:seek("set")
show(f:read(0, 1, 4, 100))
show(f:read(1), f:read(0))
f:seek("set")
show(f:read("*l", "*n", "*L", "*a"))
show(f:write("x"))
show(pcall(f.read, f, "x"))
show(pcall(f.read, f, "*"))
show(pcall(f.read, f, {}))
show(pcall(f.read, f, 1.5))
show(pcall(io.read, "y"))
f:close()

write("12 0x1F -7.5e1 +3 .5 5. 0x.8p1 1e 99999999999999999999 abc nan 0x 1..2 --1 inf 1e+ 7")
f = io.open(name)
for _ = 1, 24 do
  local at = f:seek()
  local number = f:read("n")
  show(at, number, math.type(number), f:seek())
  if number == nil then show(f:read(1)) end
end
f:close()
write((" "):rep(10) .. ("1"):rep(300) .. " 5")
f = io.open(name)
show(f:read("n"), f:seek(), #f:read("a"))
f:close()
write("1\n2\n3")
f = io.open(name)
show(f:read("n", "n", "n", "n"))
show(f:read("n"))
f:close()

write("a\nb\n\nc")
for line in io.lines(name) do show(line) end
for line in io.lines(name, "L") do show(line) end
for a, b in io.lines(name, 1, "l") do show(a, b) end
for part in io.lines(name, 3) do show(part) end
show(pcall(function() for _ in io.lines(name, "x") do end end))
show(select("#", io.lines(name)), select(2, io.lines(name)))
f = io.open(name)
for line in f:lines() do show(line) end
show(f:read("l"), io.type(f))
f:close()
show(pcall(function() for line in f:lines() do show(line) end end))
local iterator, _, _, closing = io.lines(name)
show(iterator(), io.type(closing))
closing:close()
show(pcall(iterator))
iterator, _, _, closing = io.lines(name, "a")
show(iterator(), iterator(), io.type(closing))
do
  local kept
  for line in io.lines(name) do kept = line break end
  show(kept)
end
do
  local inner
  do local g <close> = io.open(name) inner = g show(g:read()) end
  show(io.type(inner))
end
write("")
for line in io.lines(name) do show("never", line) end
f = io.open(name) show(f:read("a"), f:read("a"), f:read("l"), f:read(0), f:read("n")) f:close()

f = io.open(name, "a") show(f:seek(), f:write("one"), f:seek()) f:close()
f = io.open(name, "a+") show(f:read("a"), f:seek("set"), f:write("two"), f:seek("set", 1), f:read(2)) f:close()
show(content())
f = io.open(name, "r+") show(f:read(1), f:seek("cur"), f:write("NE"), f:seek("set"), f:read("a")) f:close()
f = io.open(name, "r+") f:seek("end", 3) f:write("!") f:close()
show(content())
f = io.open(name, "w+") show(f:write("abc"), f:seek("set", 1), f:read(1), f:seek("cur", 0)) f:close()
show(content())
f = io.open(name, "wb") f:write("\0\r\n\255") f:close()
show(content(), #content())
local first, second = io.open(name, "w"), nil
first:write("shared") first:flush()
second = io.open(name)
show(second:read("a")) first:write("!") first:flush() show(second:read("a")) first:close() second:close()

local before = io.output()
io.output(name)
show(io.write("by default ", 5) == io.output(), io.output() ~= before)
io.close()
show(pcall(io.write, "x"))
io.output(before)
io.input(name)
show(io.read("l"), io.read("l"), io.read(0))
io.close(io.input())
show(pcall(io.read))
show(pcall(io.lines))
io.input(io.stdin)
io.input(name)
for line in io.lines() do show(line) end
show(io.type(io.input()))
io.input():close()
io.input(io.stdin)
show(pcall(io.input, {}), pcall(io.close, 5))
show(io.close(io.stdout))
show(io.stdout:close())
show(io.read(), io.read("a"), io.read("n"), io.read("l"), io.read(0), io.read(3))
for line in io.lines() do show("never", line) end
show(pcall(io.stdin.write, io.stdin) == true)
show(io.stdout:write("") == io.stdout, io.stderr:write("") == io.stderr, io.write() == io.stdout)
show(pcall(io.write, {}))
show(pcall(io.write, nil))
show(pcall(io.stdout.write))
show(pcall(io.stdout.write, {}))
show(pcall(io.popen, "true", "x"))

local t = io.tmpfile()
show(t:write("temporary"), t:seek("set"), t:read("a"), t:close())
hide(os.rename(name, name .. "2"))
hide(io.open(name))
show(os.remove(name .. "2"))
hide(os.remove(name .. "2"))
local meta = getmetatable(io.stdout)
show(meta.__name, type(meta.__gc), type(meta.__close), type(meta.__tostring), type(meta.__index))
show(pcall(meta.__tostring, {}), pcall(meta.__index.read, {}))
show(pcall(meta.__gc))
collectgarbage()
