--- chuck.log. The two generations number their levels differently, so the later numbers begin at
-- 100
-- here, and a number tells whose it is.
local core = require("chuck.core")

local later_base = 100
local first_names = { [0] = "INFO", "DEBUG", "WARN", "ERROR", "CRITICAL" }
local later_names = { [0] = "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL" }

local least = { first = 0, later = 0 }
local directory = "./log"

--- The level's name as it stands in a line, or nothing when it is not to be written.
local function name_of(level)
  if math.type(level) ~= "integer" then return nil end
  if level >= later_base then
    local name = later_names[level - later_base]
    return name and level - later_base >= least.later and string.format("%8s", name)
  end
  return level >= least.first and first_names[level]
end

local function first_path(name)
  local day, moment = core.log_stamp()
  return string.format("%s[%d]-%s %s.log", name, core.own_pid(), day, moment)
end

local function later_path(name)
  local day = core.log_stamp()
  return string.format("%s/%s/%s[%d].log", directory, day, name, core.own_pid())
end

local File = {}
File.__index = File

function File:Log(level, text)
  local name = name_of(level)
  if name and type(text) == "string" then core.log_line(name, text, self.path) end
end

local files = setmetatable({}, { __mode = "v" })

--- The same name is the same file.
local function open(name, path_of)
  if type(name) ~= "string" then return nil end
  local path = files[name] and files[name].path or path_of(name)
  local file = files[name] or setmetatable({ path = path }, File)
  files[name] = file
  return file
end

local system_path = first_path("syslog")
core.set_system_log(system_path)

local log = {
  INFO = 0,
  DEBUG = 1,
  WARN = 2,
  ERROR = 3,
  CRITICAL = 4,
  trace = later_base,
  debug = later_base + 1,
  info = later_base + 2,
  warning = later_base + 3,
  error = later_base + 4,
  critical = later_base + 5,
}

function log.SetLogLev(level)
  if first_names[level] then least.first = level end
end

function log.SysLog(level, text)
  local name = name_of(level)
  if name and type(text) == "string" then core.log_line(name, text, system_path) end
end

function log.LogFile(name)
  return open(name, first_path)
end

function log.CreateLogfile(name)
  return open(name, later_path)
end

function log.SetSysLogPrefix(prefix)
  system_path = later_path(prefix)
  core.set_system_log(system_path)
end

function log.SetLogDir(path)
  directory = path
end

function log.SetLogLevel(level)
  local number = math.type(level) == "integer" and level - later_base
  if not later_names[number] then return false end
  least.later = number
  return true
end

function log.GetLogLevel()
  return later_base + least.later
end

return log
