-- The way to the internet: an address from the network (PDP context), and whether it is there.
-- 2G: started step by step with AT+CIP... commands; 4G: the default bearer, only asked for.

local generation = require("generation")
local log = require("log")
local net = require("net")
local ril = require("ril")
local sim = require("sim")
local sys = require("sys")

local link = {}
_G.link = link

local retry_ms = 2000 -- after the address was lost
local ready, attached = false, nil
local apn, user, password
local dns

--- Whether the module has an address.
function link.isReady()
  return ready
end

--- Sets the access point; before the SIM's number is known.
function link.setAPN(name, name_user, name_password)
  apn, user, password = name, name_user, name_password
end

--- Sets the name servers' addresses.
function link.setDnsIP(first, second)
  dns = ('"%s","%s"'):format(first or "", second or "")
end

local function set_attached(value)
  if attached ~= value then
    attached = value
    sys.publish("GPRS_ATTACH", value)
  end
end

local function set_ready()
  if not generation.is_2g then log.info("publish IP_READY_IND") end
  ready = true
  sys.publish("IP_READY_IND")
end

sys.subscribe("IMSI_READY", function()
  if not apn then
    local mnc = sim.getMnc()
    local is_unicom = sim.getMcc() == "460" and (mnc == "01" or mnc == "06")
    apn = is_unicom and "UNINET" or "CMIOT"
  end
  user, password = user or "", password or ""
end)

--- The 2G module's steps: attach, start, activate, take the address.
local function open_2g()
  local send_mode = 0
  local was_set_up = false

  --- How sending is confirmed: 0 by the peer, 1 by the module.
  function link.setSendMode(mode)
    send_mode = mode or 0
  end

  --- Gives the address back; all sockets end, and a new address is asked for.
  function link.shut()
    ril.request("AT+CIPSHUT")
  end

  local function ask_status()
    ril.request("AT+CIPSTATUS")
  end

  ril.regRsp("+CGATT", function(_, _, _, payload)
    set_attached(payload == "+CGATT: 1")
    if attached then
      ask_status()
    elseif net.getState() == "REGISTERED" then
      sys.timerStart(ril.request, retry_ms, "AT+CGATT?")
    end
  end)

  ril.regRsp("+CIPSHUT", function(_, success)
    if success then
      ready = false
      sys.publish("IP_SHUT_IND")
    end
    if net.getState() == "REGISTERED" then ril.request("AT+CGATT?") end
  end)

  -- The module's answer is its address and nothing after it.
  ril.regRsp("+CIFSR", nil, ril.SPECIAL, function(line)
    if line:match("^%d+%.%d+%.%d+%.%d+$") then
      return true, true, "OK", line
    elseif line == "ERROR" then
      return true, false, line
    end
    return nil
  end)

  -- What to do in each state of the module's connection.
  local steps = {
    ["IP INITIAL"] = function()
      ril.request(('AT+CSTT="%s","%s","%s"'):format(apn or "", user or "", password or ""))
      ril.request("AT+CIICR")
    end,
    ["IP START"] = function()
      ril.request("AT+CIICR")
    end,
    ["IP GPRSACT"] = function()
      ril.request("AT+CIFSR")
      ask_status()
      if dns then ril.request("AT+CDNSCFG=" .. dns) end
      ril.request("AT+CDNSCFG?")
    end,
    ["PDP DEACT"] = link.shut,
  }

  ril.regUrc("STATE", function(line)
    local status = line:sub(8)
    sys.timerStop(ask_status)
    if status == "IP STATUS" or status == "IP PROCESSING" then
      set_ready()
      return
    end
    ready = false
    if status == "IP INITIAL" and net.getState() ~= "REGISTERED" then return end
    local step = steps[status]
    if step then step() end
    if status ~= "PDP DEACT" and status ~= "IP GPRSACT" then
      sys.timerStart(ask_status, retry_ms)
    end
  end)

  ril.regUrc("C", function() end) -- one line for each socket of AT+CIPSTATUS

  ril.regUrc("+PDP", function()
    sys.publish("PDP_DEACT_IND")
  end)

  sys.subscribe("PDP_DEACT_IND", function()
    ready = false
    sys.publish("IP_ERROR_IND")
    sys.timerStart(ask_status, retry_ms)
  end)

  sys.subscribe("NET_STATE_REGISTERED", function()
    if not was_set_up then
      was_set_up = true
      ril.request("AT+CIICRMODE=2")
      ril.request("AT+CIPMUX=1")
      ril.request("AT+CIPHEAD=1")
      ril.request("AT+CIPQSEND=" .. send_mode)
    end
    ril.request("AT+CGATT?")
  end)
end

--- The 4G module's bearer: it is there or it is not.
local function open_4g()
  local own_context = 5 -- the context that is activated by hand where there is no LTE
  local has_address = false
  local activate

  --- Sets the access point with a password. @param kind 0 none, 1 PAP, 2 CHAP
  function link.setAuthApn(kind, name, name_user, name_password)
    local command = 'AT+CPNETAPN=2,"%s","%s","%s",%d'
    ril.request(command:format(name or "", name_user or "", name_password or "", kind or 0))
  end

  local function lose()
    ready = false
    sys.publish("IP_ERROR_IND")
    if net.getState() == "REGISTERED" then sys.timerStart(activate, retry_ms) end
  end

  --- Ends all sockets; the address is asked for again after 2 s.
  function link.shut()
    lose()
  end

  local function ask_address()
    has_address = false
    ril.request("AT+CGDCONT?", nil, function()
      if has_address then
        set_ready()
      elseif net.getState() == "REGISTERED" then
        sys.timerStart(activate, 1000)
      end
    end)
  end

  function activate()
    if ready then
      ask_address()
    elseif net.getNetMode() ~= net.NetMode_LTE then
      ril.request("AT+CGATT?")
    else
      set_attached(true)
      if apn then
        ask_address()
      else
        sys.timerStart(activate, 100)
      end
    end
  end

  ril.regUrc("+CGDCONT", function(line)
    local address = line:match(',%s*"([^",]*)"[%s%d,]*$')
    if address and address:match("^%d+%.%d+%.%d+%.%d+$") then has_address = true end
  end)

  ril.regRsp("+CGATT", function(_, _, _, payload)
    set_attached(payload == "+CGATT: 1")
    if ready then
      return
    elseif attached then
      sys.timerStart(ril.request, 1000, "AT+CGACT?")
    elseif net.getState() == "REGISTERED" then
      sys.timerStart(ril.request, retry_ms, "AT+CGATT=1")
      sys.timerStart(ril.request, retry_ms, "AT+CGATT?")
    end
  end)

  ril.regRsp("+CGACT", function(cmd, success, _, payload)
    if cmd ~= "AT+CGACT?" then
      if success then ask_address() end
    elseif payload and payload:match("%d+,%s*1") then
      sys.timerStart(set_ready, 100)
    else
      ril.request(('AT+CGDCONT=%d,"IP","%s"'):format(own_context, apn or ""))
      ril.request(("AT+CGACT=1,%d"):format(own_context))
    end
  end)

  rtos.on(rtos.MSG_PDP_DEACT_IND, lose)

  ril.regUrc("*CGEV", function(line)
    if tonumber(line:match("DEACT,(%d+)")) == own_context then
      ril.request("AT+CFUN?")
      sys.publish("PDP_DEACT_IND")
      lose()
    end
  end)

  local function report_events()
    ril.request("AT+CIND=1", nil, function(_, success)
      if not success then sys.timerStart(report_events, 1000) end
    end)
  end
  report_events()

  sys.subscribe("NET_STATE_REGISTERED", activate)
end

if generation.is_2g then
  open_2g()
else
  open_4g()
end

return link
