-- require, package and the functions that load: results, errors, order.
local function tidy(ok, message, ...)
  if type(message) == "string" then message = message:gsub("\n\tno file [^\n]*", "") end
  return ok, message, ...
end
print(tidy(pcall(require, "no.such.module")))
print(tidy(pcall(require)))
print(tidy(pcall(require, {})))
package.preload["made.here"] = function(...) print("body", ...) return { name = ... } end
print(require("made.here").name, select(2, require("made.here")))
print(require("made.here") == package.loaded["made.here"], select("#", require("made.here")))
package.preload.nothing = function() end
print(require("nothing"), package.loaded.nothing)
package.preload.falsy = function() return false end
print(require("falsy"), package.loaded.falsy)
package.preload.sets = function(name) package.loaded[name] = "set" end
print(require("sets"))
package.preload.fails = function() error("from the body") end
print(pcall(require, "fails"))
print(package.loaded.fails, pcall(require, "fails"))
package.preload.numbered = 5
print(tidy(pcall(require, "numbered")))
package.preload.numbered = nil
table.insert(package.searchers, 2, function(name)
  if name == "virtual" then return function(...) return { ... } end, "extra" end
  if name == "silent" then return nil end
  return "\n\tnot virtual: " .. name
end)
print(require("virtual")[1], require("virtual")[2], select(2, require("virtual")))
print(tidy(pcall(require, "other")))
table.remove(package.searchers, 2)
local searchers = package.searchers
package.searchers = nil
print(pcall(require, "other"))
package.searchers = { function() return 5 end }
print(pcall(require, "other"))
package.searchers = {}
print(pcall(require, "other"))
package.searchers = searchers
local path = package.path
package.path = "./nowhere/?.lua;/x/?/y.lua"
print((select(2, pcall(require, "a.b")):match("^(.-)\n\tno file '[^\n]*%.so") or select(2, pcall(require, "a.b"))))
package.path = nil
print(pcall(require, "a.b"))
package.path = path
print(package.searchpath("a.b", "./?.x;/q/?"))
print(package.searchpath("a-b", "?.x", "-", "+"))
print(package.searchpath("a", ""))
print(package.searchpath("a", ";;"))
print(package.searchpath("a.b", "?", ""))
print(pcall(package.searchpath, "a"))
print(package.config)
print(type(package.loaded), package.loaded.string == string, package.loaded._G == _G, type(package.preload), type(package.cpath))

local name = os.tmpname()
local function put(text) local f = io.open(name, "w") f:write(text) f:close() end
local function hide(text) return type(text) == "string" and text:gsub(name:gsub("%p", "%%%0"), "NAME"):gsub("lua_%w+", "MODULE") or text end
put("#!/usr/bin/lua\nlocal where = ...\nreturn 'loaded', where, debug.getinfo(1, 'l').currentline")
local folder, file = name:match("^(.*/)([^/]*)$")
package.path = folder .. "?"
local value, from = require(file)
print(value, hide(from))
print(dofile(name))
print(select("#", loadfile(name)), loadfile(name)("x"))
put("syntax error here")
package.loaded[file] = nil
print(hide(select(2, pcall(require, file))))
print(loadfile(name) == nil, hide(select(2, loadfile(name))))
print(hide(select(2, pcall(dofile, name))))
put("error('while running')")
print(hide(select(2, pcall(require, file))))
print(hide(select(2, pcall(dofile, name))))
put("error({})")
print(type(select(2, pcall(dofile, name))))
put("\xEF\xBB\xBFreturn 'bom', x")
print(loadfile(name, "t", { x = "env" })())
put("# only a comment")
print(loadfile(name) ~= nil, dofile(name))
put("return ...")
print(loadfile(name, "b") == nil, hide(select(2, loadfile(name, "b"))))
package.path = path
os.remove(name)
print(loadfile("/no/such/file.lua"))
print(pcall(dofile, "/no/such/file.lua"))
print(dofile(), type(loadfile())) -- standard input is empty

print(load("return 1, ...")(2))
print(load("return x", "chunk", "t", { x = 5 })())
print(load("syntax error"))
print(load("syntax error", "=name"))
print(load("syntax error", "@file.lua"))
print(load("return 1", "x", "b"))
print(load("x = ", "=incomplete"))
print(load("")() == nil)
local pieces = { "return ", "1 ", nil, "+ 2" }
local at = 0
print(load(function() at = at + 1 return pieces[at] end)())
at, pieces = 0, { "return ", "", "garbage" }
print(type(load(function() at = at + 1 return pieces[at] end)), at)
print(pcall(function() return load(function() return {} end) end))
print(pcall(function() return load(function() error("in reader", 0) end) end))
print(pcall(function() return load(function() error() end) end))
print(load(function() return nil end)() == nil)
at = 0
print(load(function() at = at + 1 return at < 4 and at .. " " or nil end, "=numbers"))
print(load(function() at = at + 1 return nil end, "=named", "b"))
print(pcall(load))
print(pcall(load, 5))
print(pcall(load, {}))
print(pcall(load, "x", {}))
print(pcall(load, "x", "y", 5))
print(load("return y", nil, nil, nil) ~= nil, pcall(load("return y.z", "=env", "t", nil)))
print(load("goto missing", "=g"))
print(load(("x"):rep(100) .. " = ?", ("long name "):rep(20)))
local env = setmetatable({}, { __index = _G })
load("made = tostring(5)", "=e", "t", env)()
print(env.made, made)
print(pcall(warn), pcall(warn, {}), pcall(warn, "x", nil))
print(collectgarbage("count") > 0, collectgarbage("isrunning"), collectgarbage("generational"))
print(select(-1, 1, 2, 3), pcall(select, 0), select("#"), tonumber("z", 36), tonumber("7", 8), tonumber("  0x1p4  "), tonumber("1e"))
print(assert(1, 2), pcall(assert, false, "message"), pcall(assert, nil), pcall(assert))
print(_VERSION, type(_G), _G._G == _G, type(os), type(debug.sethook))
