-- Every name of the reference: the first generation's packages and methods, the later ones', and
-- the packages of distri. What is missing here is missing to a program.
local chuck = require("chuck")

local function holds(where, names, value)
  for name in names:gmatch("%S+") do
    local field = value[name]
    if field == nil then error(where .. " has no " .. name, 2) end
  end
end

-- The first generation (doc/reference.md).
holds(
  "chuck",
  "packet decoder connection connector acceptor socket_helper engine TimingWheel"
    .. " cthread error redis"
    .. " log daemon process signal RegTimer systick",
  chuck
)
holds("chuck.connection", "connection", chuck.connection)
holds("chuck.connector", "connector", chuck.connector)
holds("chuck.acceptor", "acceptor", chuck.acceptor)
local packet = chuck.packet
holds("packet", "rpacket wpacket rawpacket clone", packet)
local w = packet.wpacket()
holds("a wpacket", "WriteU8 WriteU16 WriteU32 WriteNum WriteStr WriteTab", w)
holds(
  "an rpacket",
  "ReadU8 ReadU16 ReadU32 ReadI8 ReadI16 ReadI32 ReadNum ReadStr ReadTab",
  packet.rpacket(w)
)
holds("a rawpacket", "ReadBin", packet.rawpacket(""))
holds(
  "an httppacket",
  "Method Status Content Url Headers Header StatusCode Trailers KeepAlive Version",
  require("chuck.http_packet")
)
holds("decoder.connection", "rpacket http rawpacket websocket", chuck.decoder.connection)
holds("decoder.datagram", "rpacket rawpacket", chuck.decoder.datagram)
local helper = chuck.socket_helper
holds(
  "socket_helper",
  "AF_INET AF_LOCAL SOCK_STREAM SOCK_DGRAM IPPROTO_TCP IPPROTO_UDP socket connect"
    .. " listen bind noblock"
    .. " addr_reuse close gethostbyname_ipv4",
  helper
)
local function new_fd(kind)
  return helper.socket(helper.AF_INET, kind or helper.SOCK_STREAM, 0)
end
local engine = chuck.engine()
holds("an engine", "Run Stop", engine)
local conn = chuck.connection(new_fd(), 4096)
holds(
  "a connection",
  "Send Close Add2Engine RemoveEngine SetRecvTimeout SetSendTimeout ShutDownWrite"
    .. " PauseRead ResumeRead",
  conn
)
holds("a connector", "Add2Engine", chuck.connector(new_fd(), nil))
holds("an acceptor", "Add2Engine Enable Disable Close", chuck.acceptor(new_fd()))
holds("a datagram", "Add2Engine Send Close", chuck.datagram(new_fd(helper.SOCK_DGRAM)))
local wheel = chuck.TimingWheel()
holds("a TimingWheel", "Register Tick", wheel)
holds("a timer", "UnRegister", wheel:Register(1000, print))
local signaler = chuck.signal.signaler(chuck.signal.SIGINT)
holds("signal", "signaler SIGINT SIGTERM", chuck.signal)
holds("a signaler", "Register Remove", signaler)
holds("cthread", "new join sendmail process_mail selftid tid findbytid broadcast", chuck.cthread)
holds("process", "fork kill", chuck.process)
holds("daemon", "daemonize set_workdir", chuck.daemon)
holds("log", "INFO DEBUG WARN ERROR CRITICAL SetLogLev SysLog LogFile", chuck.log)
holds("redis", "Connect Connect_ip4", chuck.redis)
holds(
  "error",
  "EAGAIN EINPROGRESS ECONNREFUSED ETIMEDOUT EADDRINUSE ECONNRESET EPIPE"
    .. " ESOCKCLOSE EUNSPPLAT ENOASSENG"
    .. " EINVISOKTYPE EASSENG EINVIPK ERDISPERROR EALSETMBOX EMAXTHD EPIPECRERR EENASSERR ETMCLOSE"
    .. " EPKTOOLARGE ERVTIMEOUT ESNTIMEOUT EENGCLOSE EHTTPPARSE EHTTPTOOLARGE",
  chuck.error
)

-- What the first generation left to be done.
holds("websocket", "accept upgrade connect text binary ping pong close", chuck.websocket)
holds("http", "serve listen client Connection HttpPacket easyServer easyClient", chuck.http)

-- The later generations.
holds("chuck", "event_loop socket buffer ssl time base64 crypt coroutine", chuck)
local loop = chuck.event_loop.New()
holds(
  "an event_loop",
  "Run Stop AddTimer AddTimerOnce RegTimer WatchSignal UnWatchSignal SetIdle PostClosure End",
  loop
)
holds("socket", "addr closefd util stream datagram AF_INET AF_INET6 AF_LOCAL", chuck.socket)
holds("socket.util", "inet_ntop inet_port", chuck.socket.util)
holds("socket.stream", "listen dial socket New ip4 listen_ssl dail", chuck.socket.stream)
holds("socket.stream.ip4", "listen dail", chuck.socket.stream.ip4)
holds(
  "a stream",
  "Start Bind Send SendUrgent Close ShutDownWrite PauseRead ResumeRead SetNoDelay GetSockAddr"
    .. " GetPeerAddr SetCloseCallBack",
  chuck.socket.stream.socket(new_fd())
)
holds(
  "a datagram socket",
  "Bind Start Sendto SetBroadcast Broadcast Close",
  chuck.socket.datagram.socket(chuck.socket.AF_INET)
)
local buffer = chuck.buffer.New()
holds("a buffer", "Content Read AppendStr Size Clone", buffer)
holds("packet", "Writer Reader Decoder", packet)
holds(
  "a Writer",
  "WriteI8 WriteI16 WriteI32 WriteI64 WriteNum WriteStr WriteRawBytes WriteTable GetWritePos"
    .. " ReWriteI8 ReWriteI16 ReWriteI32 ReWriteI64",
  packet.Writer(buffer)
)
holds(
  "a Reader",
  "ReadI8 ReadI16 ReadI32 ReadI64 ReadNum ReadStr ReadTable ReadRawBytes",
  packet.Reader(buffer)
)
holds(
  "log",
  "trace debug info warning error critical CreateLogfile SetSysLogPrefix SetLogDir SetLogLevel"
    .. " GetLogLevel",
  chuck.log
)
holds("time", "systick unixtime", chuck.time)
holds("base64", "encode decode", chuck.base64)
holds("crypt", "sha1", chuck.crypt)
holds("coroutine", "new sche running yield yield_a_while resume resume_and_yield", chuck.coroutine)
holds(
  "ssl",
  "SSL_CTX_new SSL_CTX_use_certificate_file SSL_CTX_use_PrivateKey_file SSL_CTX_check_private_key"
    .. " SSL_accept SSL_connect",
  chuck.ssl
)

-- distri.
holds("distri", "Run Stop RegTimer RemTimer Signal", require("distri.distri"))
local stream = require("distri.socket").stream
holds("distri.socket.stream", "New Listen Connect decoder", stream)
holds("distri.socket.stream.decoder", "rpacket rawpacket http", stream.decoder)
holds(
  "a distri socket",
  "Ok Send Close SetRecvTimeout SetSendTimeout Fd",
  getmetatable(stream.New(new_fd())).__index
)
holds("distri.rpc", "Config Server Client OnRPCResponse", require("distri.rpc"))
holds("distri.redis", "Connect", require("distri.redis"))
holds("distri.http.http", "Server Client Request", require("distri.http.http"))
holds(
  "sche",
  "Spawn SpawnAndRun Yield Sleep Wait WakeUp Running Schedule GetCoByIdentity GetCoCount",
  require("distri.uthread.sche")
)
holds("task", "New Wrap", require("distri.uthread.task"))
holds("channel", "New", require("distri.uthread.channel"))
holds("actor", "Spawn GetActor BoardCast", require("distri.uthread.actor"))
holds("a linkque", "Push Pop Front Remove IsEmpty Len", require("distri.linkque").New())
holds("a lock", "Lock Unlock", require("distri.lock").New())
print("names hold")
