-- The SIM: is it there, what is its number and its subscriber's.

local generation = require("generation")
local ril = require("ril")
local sys = require("sys")

local sim = {}
_G.sim = sim

local imsi, iccid, number
local status -- true ready, false not, nil not known yet
local kind = "UNSUPPORT"
local slot, slot_callback = 0, nil
local asks_number = false

function sim.getIccid()
  return iccid
end

function sim.getImsi()
  return imsi
end

--- The country code of the IMSI, or "".
function sim.getMcc()
  return imsi and imsi:sub(1, 3) or ""
end

--- The network code of the IMSI, or "".
function sim.getMnc()
  return imsi and imsi:sub(4, 5) or ""
end

function sim.getStatus()
  return status
end

--- Whether the SIM's own number is asked for.
function sim.setQueryNumber(flag)
  asks_number = flag
end

function sim.getNumber()
  return number or ""
end

if generation.is_2g then
  --- UNSUPPORT, NO_RDY_SIM, VSIM or REAL_SIM.
  function sim.getType()
    return kind
  end

  ril.request("AT+STON=0")
else
  --- Chooses the SIM slot, 0 or 1. @param callback function(success)
  function sim.setId(id, callback)
    slot_callback = callback
    ril.request("AT+SIMCROSS=" .. id)
  end

  --- The SIM slot in use.
  function sim.getId()
    return slot
  end

  --- Takes a 2G SIM, too.
  function sim.set2gSim()
    ril.request("AT+MEDCR=0,8,1")
    ril.request("AT+MEDCR=0,17,240")
    ril.request("AT+MEDCR=0,19,1")
  end

  ril.regRsp("+SIMCROSS", function(cmd, success, _, payload)
    if cmd == "AT+SIMCROSS?" then
      slot = tonumber(payload and payload:match("%+SIMCROSS:%s*(%d)")) or slot
      return
    end
    if success then ril.request("AT+SIMCROSS?") end
    if slot_callback then slot_callback(success) end
  end)
  ril.request("AT+SIMCROSS?")
end

ril.regRsp(generation.is_2g and "+CCID" or "+ICCID", function(_, _, _, payload)
  iccid = payload and payload:match("(%x+)%s*$")
end)

ril.regRsp("+CIMI", function(_, _, _, payload)
  imsi = payload
  if imsi then sys.publish("IMSI_READY") end
end)

ril.regRsp("+CNUM", function(_, success, _, payload)
  number = payload and payload:match('%+CNUM:%s*"[^"]*","([^"]*)"') or number
  if not success then ril.request("AT+CNUM", nil, nil, 5000) end
end)

ril.regUrc("+CPIN", function(line)
  local said = line:match("%+CPIN:%s*(.+)")
  status = said == "READY"
  if status then
    kind = generation.is_2g and rtos.is_vsim and rtos.is_vsim() and "VSIM" or "REAL_SIM"
    ril.request(generation.is_2g and "AT+CCID" or "AT+ICCID")
    ril.request("AT+CIMI")
    if asks_number then ril.request("AT+CNUM") end
    sys.publish("SIM_IND", "RDY")
  elseif said == "NOT INSERTED" then
    kind = "NO_RDY_SIM"
    sys.publish("SIM_IND", "NIST")
  else
    kind = "NO_RDY_SIM"
    if said == "SIM PIN" and generation.is_2g then
      sys.publish("SIM_IND_SIM_PIN")
    elseif said == "SIM PIN" then
      sys.publish("SIM_IND", "SIM_PIN")
    end
    sys.publish("SIM_IND", "NORDY")
  end
end)

return sim
