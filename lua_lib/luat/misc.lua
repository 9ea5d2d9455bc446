-- What identifies the module, its clock, its battery.

local generation = require("generation")
local ril = require("ril")
local sys = require("sys")

local misc = {}
_G.misc = misc

local version, serial, imei, muid
local is_calibrated, has_antenna
local serial_callback, imei_callback, clock_callback

local function tell(callback, ...)
  if callback then callback(...) end
end

--- Says TIME_CLK_IND at each full minute.
local report_minute
local function schedule_minute()
  local second = os.time() % 60
  sys.timerStart(report_minute, second == 0 and 50 or (60 - second) * 1000)
end
function report_minute()
  sys.publish("TIME_CLK_IND")
  sys.timerStart(schedule_minute, 2000)
end

--- The core's version as the modem says it.
function misc.getVersion()
  return version
end

function misc.getSn()
  return serial or ""
end

function misc.getImei()
  return imei or ""
end

function misc.getMuid()
  return muid or ""
end

--- Whether the radio was calibrated; nil while it is not known.
function misc.getCalib()
  return is_calibrated
end

--- Whether an antenna is there (4G).
function misc.getAnt()
  return has_antenna
end

--- The battery's voltage in mV.
function misc.getVbatt()
  local _, voltage = pmd.param_get()
  return voltage
end

--- Whether a charger is there (4G).
function misc.getVbus()
  local _, _, _, charger = pmd.param_get()
  return charger
end

--- The clock as a table, local time (UTC+8).
function misc.getClock()
  return os.date("*t")
end

--- The day of the week, 1 for Monday.
function misc.getWeek()
  local day = os.date("*t").wday
  return day == 1 and 7 or day - 1
end

--- Sets the clock to a local time. @param callback function(clock, success)
function misc.setClock(time, callback)
  if type(time) ~= "table" or time.year > 2038 then
    tell(callback, misc.getClock(), false)
    return
  end
  clock_callback = callback
  local text = ("%02d/%02d/%02d,%02d:%02d:%02d+32"):format(
    time.year % 100,
    time.month,
    time.day,
    time.hour,
    time.min,
    time.sec
  )
  ril.request('AT+CCLK="' .. text .. '"')
end

--- Writes the serial number. @param callback function(success)
function misc.setSn(new, callback)
  if new == serial then
    tell(callback, true)
    return
  end
  serial_callback = callback
  ril.request('AT+WISN="' .. new .. '"')
end

--- Writes the IMEI. @param callback function(success)
function misc.setImei(new, callback)
  if new == imei then
    tell(callback, true)
    return
  end
  imei_callback = callback
  ril.request('AT+WIMEI="' .. new .. '"')
end

--- Starts a PWM output. 2G: by the modem; 4G: by the core.
function misc.openPwm(id, first, second)
  if generation.is_2g then
    ril.request(("AT+SPWM=%d,%d,%d"):format(id, first, second))
  else
    pwm.open(id)
    pwm.set(id, first, second)
  end
end

--- Ends a PWM output.
function misc.closePwm(id)
  assert(id == 0 or id == 1, "closepwm id error: " .. id)
  if generation.is_2g then
    ril.request(("AT+SPWM=%d,0,0"):format(id))
  else
    pwm.close(id)
  end
end

ril.regRsp("+CCLK", function(_, success)
  if success then
    sys.publish("TIME_UPDATE_IND")
    schedule_minute()
  end
  tell(clock_callback, misc.getClock(), success)
end)

ril.regRsp("+WISN", function(cmd, success, _, payload)
  if cmd == "AT+WISN?" then
    local is_known = payload ~= nil and not payload:find("ERROR", 1, true)
    if is_known then
      serial = payload
      sys.publish("SN_READY_IND")
    end
    tell(serial_callback, is_known)
  elseif success then
    ril.request("AT+WISN?")
  else
    tell(serial_callback, false)
  end
end)

ril.regRsp("+CGSN", function(_, _, _, payload)
  imei = payload or imei
  tell(imei_callback, true)
  sys.publish("IMEI_READY_IND")
end)

ril.regRsp("+WIMEI", function(_, success)
  if success then
    ril.request("AT+CGSN")
  else
    tell(imei_callback, false)
  end
end)

ril.regRsp("+MUID", function(_, _, _, payload)
  muid = payload and payload:match('%+MUID:%s*"?([^"]*)') or muid
end)

ril.regRsp("+VER", function(_, _, _, payload)
  version = payload
end, ril.STRING, "^[%w_]+$")

ril.request("AT+VER")
if generation.is_2g then
  ril.regRsp("+ATWMFT", function(_, _, _, payload)
    is_calibrated = payload == "SUCC"
  end)
  ril.request("AT+ATWMFT=99")
else
  ril.regRsp("+CALIBINFO", function(_, _, _, payload)
    local flags = {}
    for name, value in (payload or ""):gmatch("([%u_%l]+):(%d)") do
      flags[name] = value == "1"
    end
    is_calibrated = flags.LTE_afc
        and flags.LTE_TDD_agc
        and flags.LTE_TDD_apc
        and flags.LTE_FDD_agc
        and flags.LTE_FDD_apc
      or false
    has_antenna = flags.ANT_LTE or false
  end)
end
ril.request("AT+WISN?")
ril.request("AT+CGSN")
ril.request("AT+MUID?")
if not generation.is_2g then ril.request("AT*EXINFO?") end
schedule_minute()

return misc
