-- Title: Serial port: frames by silence, an echo
-- 标题: 串口：按静默分帧并回显
-- Watch: Write to UART 1: what comes within 100 ms is a frame, and comes back with its number.
-- 看点: 在 UART 1 的终端里输入：100 毫秒内到达的字节算一帧，模块带上编号发回。
-- Proxy: no

PROJECT = "UART-ECHO"
VERSION = "1.0.0"

require("log")
LOG_LEVEL = log.LOGLEVEL_TRACE

require("sys")
require("utils")
require("pm")

local port = 1
local silence = 100 -- milliseconds

--- Everything that the port has.
local function read_all()
  local pieces = {}
  repeat
    local bytes = uart.read(port, "*l")
    pieces[#pieces + 1] = bytes
  until bytes == ""
  return table.concat(pieces)
end

sys.taskInit(function()
  local count, frame = 0, ""
  while true do
    local came = sys.waitUntil("UART_BYTES", frame ~= "" and silence or nil)
    if came then
      frame = frame .. read_all()
    else
      count = count + 1
      log.info("uart.frame", count, frame:toHex(" "))
      uart.write(port, ("frame %d: %s\r\n"):format(count, frame))
      frame = ""
    end
  end
end)

pm.wake("uart") -- a port that sleeps hears nothing
uart.on(port, "receive", function()
  sys.publish("UART_BYTES")
end)
uart.setup(port, 115200, 8, uart.PAR_NONE, uart.STOP_1)
uart.write(port, "Write something.\r\n")

sys.init(0, 0)
sys.run()
