module(...,package.seeall)

require"socket"

--测试用的服务器信息，上一部分获取到的那个
local testip,testport = "",""

--启动socket客户端任务
sys.taskInit(
function()
    while true do
    --该区域的代码会永久循环运行（除非出现语法错误）
    end
end)
