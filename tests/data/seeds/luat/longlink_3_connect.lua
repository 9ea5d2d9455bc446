module(...,package.seeall)

require"socket"

--测试用的服务器信息，上一部分获取到的那个
local testip,testport = "",""

--启动socket客户端任务
sys.taskInit(
function()
    while true do
        --是否获取到了分配的ip(是否连上网)
        if socket.isReady() then
            --新建一个socket对象，如果是udp只需要把tcp改成udp即可
            local socketClient = socket.tcp()
            --尝试连接指定服务器
            if socketClient:connect(testip,testport) then
                --连接成功
                log.info("longlink.socketClient","connect success")
            else
                log.info("longlink.socketClient","connect fail")
                --连接失败
            end
        else
            --没连上网，原地等待一秒，一秒后会循环回去重试
            sys.wait(1000)
        end
    end
end)
