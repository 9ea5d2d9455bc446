-- The radio network: registration, signal, cells and fly mode.

local cells = require("cells")
local generation = require("generation")
local log = require("log")
local ril = require("ril")
local sim = require("sim")
local sys = require("sys")

local net = {}
_G.net = net

net.NetMode_noNet = 0
net.NetMode_GSM = 1
net.NetMode_EDGE = 2
net.NetMode_TD = 3
net.NetMode_LTE = 4
net.NetMode_WCDMA = 5

net.flyMode = false

local is_2g = generation.is_2g
local state = "INIT" -- or REGISTERED, UNREGISTER
local area, cell = "", "" -- hex
local rssi, rsrp = 0, 0
local mode = net.NetMode_noNet
local cell_callback

function net.getState()
  return state
end

--- The access technology: one of net.NetMode_*.
function net.getNetMode()
  return mode
end

function net.getMcc()
  return cells.list[1].mcc or sim.getMcc()
end

function net.getMnc()
  return cells.list[1].mnc or sim.getMnc()
end

--- The location area, hex, or "".
function net.getLac()
  return area
end

--- The cell, hex, or "".
function net.getCi()
  return cell
end

--- The signal's strength, 0 to 31.
function net.getRssi()
  return rssi
end

--- The last number of +CESQ, as the modem gives it.
function net.getRsrp()
  return rsrp
end

--- "cell.rssi." for each cell.
function net.getCell()
  return cells.text(function(each)
    return each.ci .. "." .. each.rssi .. "."
  end)
end

--- "area.cell.rssi;" for each cell.
function net.getCellInfo()
  return cells.text(function(each)
    return each.lac .. "." .. each.ci .. "." .. each.rssi .. ";"
  end)
end

--- "mcc.mnc.area.cell.rssi;" for each cell. @param in_dbm the strength in dBm
function net.getCellInfoExt(in_dbm)
  return cells.text(function(each)
    local strength = in_dbm and each.rssi * 2 - 113 or each.rssi
    local codes = (each.mcc or net.getMcc()) .. "." .. (each.mnc or net.getMnc())
    return codes .. "." .. each.lac .. "." .. each.ci .. "." .. strength .. ";"
  end)
end

--- The serving cell's timing advance.
function net.getTa()
  return cells.list[1].ta
end

--- Asks for all cells. @param callback function(list)
function net.getMultiCell(callback)
  cell_callback = callback
  ril.request(is_2g and "AT+CENG?" or "AT+EEMGINFO?")
end

--- Asks what `commands` ask, now and every `ms`. @return whether it could be asked
local function poll(name, again, commands, ms)
  if net.flyMode then
    log.warn("net." .. name, "flymode:", net.flyMode)
  else
    for _, command in ipairs(commands) do
      ril.request(command)
    end
  end
  if ms then
    sys.timerStopAll(again)
    sys.timerStart(again, ms, ms)
  end
  return not net.flyMode
end

--- Asks for the cells, now and every `ms` if it is given. @return false in fly mode
function net.cengQueryPoll(ms)
  local commands = { is_2g and "AT+CENG?" or "AT+EEMGINFO?" }
  return poll("cengQueryPoll", net.cengQueryPoll, commands, ms)
end

--- Asks for the signal's strength, now and every `ms` if it is given. @return false in fly mode
function net.csqQueryPoll(ms)
  local commands = { "AT+CSQ", not is_2g and "AT+CESQ" or nil }
  return poll("csqQueryPoll", net.csqQueryPoll, commands, ms)
end

--- Asks for both, now and at these periods.
function net.startQueryAll(signal_ms, cell_ms)
  net.csqQueryPoll(signal_ms)
  net.cengQueryPoll(cell_ms)
  if net.flyMode then log.info("sim.startQuerAll", "flyMode:", net.flyMode) end
  return true
end

function net.stopQueryAll()
  sys.timerStopAll(net.csqQueryPoll)
  sys.timerStopAll(net.cengQueryPoll)
end

--- Takes the new access technology; the network's name and state are asked for again.
local function set_mode(new)
  if new == mode then return end
  mode = new
  sys.publish("NET_UPD_NET_MODE", mode)
  ril.request("AT+COPS?")
  if mode == net.NetMode_LTE then
    ril.request("AT+CEREG?")
  else
    ril.request(mode == net.NetMode_noNet and "AT+CREG?" or "AT+CGREG?")
  end
end

local modes_by_system = {
  ["3"] = net.NetMode_GSM,
  ["5"] = net.NetMode_WCDMA,
  ["15"] = net.NetMode_TD,
  ["17"] = net.NetMode_LTE,
}

local modes_by_act = {
  ["0"] = net.NetMode_GSM,
  ["1"] = net.NetMode_EDGE,
  ["3"] = net.NetMode_EDGE,
  ["7"] = net.NetMode_LTE,
}

--- Whether a line that says "not registered" counts: on LTE only +CEREG does, +CGREG never.
local function counts_as_loss(prefix)
  if is_2g then
    return true
  elseif prefix == "+CGREG" then
    return false
  end
  return (prefix == "+CEREG") == (mode == net.NetMode_LTE)
end

--- +CREG, +CGREG, +CEREG: the answer to a question has one number more in front.
local function registration(line, prefix)
  local fields = line:match(":%s*(.*)") or line
  local status, rest = fields:match("^%d,%s*(%d)(.*)")
  if not status then
    status, rest = fields:match("^(%d)(.*)")
  end
  if not status then return end
  if status ~= "1" and status ~= "5" then
    if counts_as_loss(prefix) then state = "UNREGISTER" end
    return
  end
  local new_area, new_cell, after = rest:match('^,%s*"(%x+)",%s*"(%x+)"(.*)')
  local act = after and after:match("^,%s*(%d+)")
  if act and not is_2g then set_mode(modes_by_act[act] or net.NetMode_WCDMA) end
  if mode == net.NetMode_LTE and prefix == "+CGREG" then
    return -- the other two tell it
  end
  if state ~= "REGISTERED" then
    state = "REGISTERED"
    sys.publish("NET_STATE_REGISTERED")
    net.cengQueryPoll()
  end
  local is_whole = mode ~= net.NetMode_LTE or prefix == "+CEREG" -- +CREG tells half of an LTE cell
  if new_area and is_whole and (new_area ~= area or new_cell ~= cell) then
    area, cell = new_area, new_cell
    sys.publish("NET_CELL_CHANGED")
  end
end

local function handle_registration(line, prefix)
  net.csqQueryPoll()
  registration(line, prefix)
end

--- Turns fly mode on or off.
function net.switchFly(flag)
  if net.flyMode == flag then return end
  net.flyMode = flag
  if flag then
    ril.request("AT+CFUN=0")
    return
  end
  ril.request("AT+CFUN=1")
  net.csqQueryPoll()
  net.cengQueryPoll()
  handle_registration("2", "+CREG")
end

if not is_2g then
  --- Turns the modem's engineering mode on; asks again every 3 s until it is.
  function net.setEngMode(flag)
    ril.request("AT+EEMOPT=" .. (flag or 1), nil, function(_, success)
      if not success then sys.timerStart(net.setEngMode, 3000, flag) end
    end)
  end
end

sys.subscribe("SIM_IND", function(what)
  if what == "RDY" then
    state = "INIT"
  else
    state = "UNREGISTER"
    sys.publish("NET_STATE_UNREGISTER")
  end
end)

local function handle_cell(line, prefix)
  if not cells.read(line, prefix) then return end
  if cell_callback then cell_callback(cells.list) end
  sys.publish("CELL_INFO_IND", cells.list)
end

for prefix in pairs(cells.prefixes()) do
  ril.regUrc(prefix, handle_cell)
end
ril.regUrc("+CREG", handle_registration)

ril.regRsp("+CSQ", function(_, success, _, payload)
  local strength = tonumber(payload and payload:match("%+CSQ:%s*(%d+)"))
  if strength then
    rssi = strength == 99 and 0 or strength
    sys.publish("GSM_SIGNAL_REPORT_IND", success, rssi)
  end
end)

ril.regRsp("+CFUN", function(_, success)
  if success then sys.publish("FLYMODE", net.flyMode) end
end)

if is_2g then
  ril.request("AT+CREG=2")
  ril.request("AT+CREG?")
  ril.request("AT+CENG=1,1")
else
  ril.regRsp("+CESQ", function(_, _, _, payload)
    rsrp = tonumber(payload and payload:match("%+CESQ: %d+,%d+,%d+,%d+,%d+,(%d+)")) or rsrp
  end)
  ril.regUrc("+COPS", function() end)
  ril.regUrc("+CGREG", handle_registration)
  ril.regUrc("+CEREG", handle_registration)
  ril.regUrc("^MODE", function(line)
    local system, sub_mode = line:match("(%d+),(%d+)")
    local edge = system == "3" and sub_mode == "3"
    set_mode(edge and net.NetMode_EDGE or modes_by_system[system] or net.NetMode_noNet)
  end)
  ril.request("AT+COPS?")
  for _, name in ipairs({ "CREG", "CGREG", "CEREG" }) do
    ril.request("AT+" .. name .. "=2")
  end
  for _, name in ipairs({ "CREG", "CGREG", "CEREG" }) do
    ril.request("AT+" .. name .. "?")
  end
  ril.request("AT+CALIBINFO?")
  ril.request("AT*BAND?")
  net.setEngMode(1)
end

return net
