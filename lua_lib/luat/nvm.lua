-- Parameters that survive a restart: a Lua file of `name = value` lines, begun from the project's
-- own file of defaults. A change goes into a second file first, so that one is always whole.

local log = require("log")
local sys = require("sys")

local nvm = {}
_G.nvm = nvm

nvm.paraname, nvm.paranamebak = "/nvm_para.lua", "/nvm_para_bak.lua"

local parameters, defaults = {}, {}
local defaults_file

-- module(...) leaves these in every table.
local not_parameters = { _M = true, _NAME = true, _PACKAGE = true }

--- Runs a file of assignments. @return the table they made, or nil
local function read_file(path)
  local text = io.readFile(path)
  if not text or text == "" then return nil end
  local values = {}
  -- The file's first line may be module(...), which means just that: assign in here.
  local environment = setmetatable(values, { __index = { module = function() end } })
  local chunk = load(text, "@" .. path, "t", environment)
  if not chunk or not pcall(chunk, path) then return nil end
  return setmetatable(values, nil)
end

local function serialize(value)
  local kind = type(value)
  if kind == "string" then
    return ("%q"):format(value)
  elseif kind == "number" or kind == "boolean" then
    return tostring(value)
  end
  assert(kind == "table", "cannot serialize a " .. kind)
  local lines = { "{" }
  for key, each in pairs(value) do
    lines[#lines + 1] = " [" .. serialize(key) .. "] = " .. serialize(each) .. ","
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end

local function save()
  local lines = { "module(...)" }
  for name, value in pairs(parameters) do
    if not not_parameters[name] then lines[#lines + 1] = name .. " = " .. serialize(value) end
  end
  lines[#lines + 1] = ""
  io.writeFile(nvm.paranamebak, table.concat(lines, "\n"))
  os.remove(nvm.paraname)
  os.rename(nvm.paranamebak, nvm.paraname)
end

--- Takes over defaults that are new, or all of them.
local function merge_defaults(overrides)
  for name, value in pairs(defaults) do
    if not not_parameters[name] and (overrides or parameters[name] == nil) then
      parameters[name] = value
    end
  end
end

--- Opens the parameters.
-- @param name the project's file of defaults, "config.lua"
-- @param keeps_over_update 4G: keep them in the folder that an update leaves alone
function nvm.init(name, keeps_over_update)
  if keeps_over_update then
    rtos.make_dir("/#lua_user#")
    nvm.paraname, nvm.paranamebak = "/#lua_user#/nvm_para.lua", "/#lua_user#/nvm_para_bak.lua"
  end
  local found = package.searchpath(name:match("(.+)%.lua") or name, package.path)
  defaults_file = found or "/lua/" .. name
  defaults = read_file(defaults_file) or {}
  parameters = read_file(nvm.paraname)
  if parameters then
    os.remove(nvm.paranamebak)
    merge_defaults()
    return
  end
  parameters = read_file(nvm.paranamebak)
  if parameters then
    os.remove(nvm.paraname)
    merge_defaults()
    return
  end
  nvm.restore()
end

--- The value of a parameter.
function nvm.get(name)
  return parameters[name]
end

--- One entry of a parameter that is a table.
function nvm.gett(name, key)
  return parameters[name][key]
end

--- Sets a parameter. A table always counts as changed.
-- @param reason if given, a change is published: PARA_CHANGED_IND name, value, reason
-- @param saves false: keep the change in memory until the next one, or flush
function nvm.set(name, value, reason, saves)
  local changes = type(value) == "table" or parameters[name] ~= value
  log.info("nvm.set", changes, name, value, reason, saves)
  if changes then
    parameters[name] = value
    if saves ~= false then save() end
    if reason then sys.publish("PARA_CHANGED_IND", name, value, reason) end
  end
  return true
end

--- The same for one entry of a table: TPARA_CHANGED_IND name, key, value, reason.
function nvm.sett(name, key, value, reason, saves)
  if type(value) == "table" or parameters[name][key] ~= value then
    parameters[name][key] = value
    if saves ~= false then save() end
    if reason then sys.publish("TPARA_CHANGED_IND", name, key, value, reason) end
  end
  return true
end

--- Writes what was set without saving.
function nvm.flush()
  save()
end

--- Goes back to the defaults.
function nvm.restore()
  os.remove(nvm.paraname)
  os.remove(nvm.paranamebak)
  io.writeFile(nvm.paraname, io.readFile(defaults_file) or "")
  parameters = {}
  defaults = read_file(defaults_file) or {}
  merge_defaults(true)
end

--- Removes the files; the next start begins with the defaults.
function nvm.remove()
  os.remove(nvm.paraname)
  os.remove(nvm.paranamebak)
end

return nvm
