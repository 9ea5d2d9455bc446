-- The lamp that tells how far the module is with its network: the rarer it is lit, the less.

local log = require("log")
local net = require("net")
local pins = require("pins")
require("sim")
local sys = require("sys")

local netLed = {}
_G.netLed = netLed

local for_ever = 0xFFFF

-- How long each state is lit and dark, in ms.
local blinks = {
  NULL = { on = 0, off = for_ever },
  FLYMODE = { on = 0, off = for_ever },
  SIMERR = { on = 300, off = 5700 },
  IDLE = { on = 300, off = 3700 },
  GSM = { on = 300, off = 1700 },
  GPRS = { on = 300, off = 700 },
  SCK = { on = 100, off = 100 },
}

-- What is known of the network, the most important first.
local order = { "FLYMODE", "SIMERR", "SCK", "GPRS", "GSM" }
local is_true = {}
local is_on = false
local state = "NULL"

local function update()
  if not is_on then return end
  local new = "IDLE"
  for _, name in ipairs(order) do
    if is_true[name] then
      new = name
      break
    end
  end
  if new ~= state then
    state = new
    sys.publish("NET_LED_UPDATE")
  end
end

--- Takes a fact. The first one, good or bad, ends the dark.
local function set(name, value)
  value = value and true or false
  local changes = is_true[name] ~= value
  is_true[name] = value
  if changes then update() end
end

--- Shows one phase. @return whether the state has changed meanwhile
local function phase(set_pin, level, ms)
  if ms == 0 then return false end
  set_pin(level)
  return (sys.waitUntil("NET_LED_UPDATE", ms ~= for_ever and ms or nil))
end

local function blink(set_pin)
  while is_on do
    local times = blinks[state]
    if not phase(set_pin, 1, times.on) then phase(set_pin, 0, times.off) end
  end
  set_pin(0)
end

local function show_lte(set_pin)
  while true do
    local _, is_lte = sys.waitUntil("LTE_LED_UPDATE")
    if is_on then set_pin(is_lte and 1 or 0) end
  end
end

--- Turns the lamp on or off.
-- @param flag whether it shows the network
-- @param pin the lamp's pin, or a function that sets it; nil: the module's own
-- @param lte_pin a second lamp, lit while the network is LTE
function netLed.setup(flag, pin, lte_pin)
  local was_on = is_on
  is_on = flag
  if flag ~= was_on then sys.publish("NET_LED_UPDATE") end
  if not flag or was_on then return end
  local own = rtos.get_version():find("8955", 1, true) and pio.P1_1 or pio.P2_0
  sys.taskInit(blink, type(pin) == "function" and pin or pins.setup(pin or own, 0))
  if lte_pin and net.setEngMode then sys.taskInit(show_lte, pins.setup(lte_pin, 0)) end
end

--- Changes how long a state is lit and dark, in ms; 0xFFFF lit: always.
function netLed.updateBlinkTime(name, on, off)
  local times = blinks[name]
  if not times then
    log.error("netLed.updateBlinkTime")
    return
  end
  local changes = (on and on ~= times.on) or (off and off ~= times.off)
  times.on, times.off = on or times.on, off or times.off
  if changes then sys.publish("NET_LED_UPDATE") end
end

sys.subscribe("FLYMODE", function(flag)
  set("FLYMODE", flag)
end)
sys.subscribe("SIM_IND", function(what)
  set("SIMERR", what ~= "RDY")
end)
sys.subscribe("NET_STATE_REGISTERED", function()
  set("GSM", true)
end)
sys.subscribe("NET_STATE_UNREGISTER", function()
  set("GSM", false)
end)
sys.subscribe("GPRS_ATTACH", function(flag)
  set("GPRS", flag)
end)
sys.subscribe("SOCKET_ACTIVE", function(flag)
  set("SCK", flag)
end)
sys.subscribe("NET_UPD_NET_MODE", function()
  sys.publish("LTE_LED_UPDATE", net.getNetMode() == net.NetMode_LTE)
end)

return netLed
