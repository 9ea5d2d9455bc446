-- HTTP: a server's answers byte for byte, in order, however the requests come; and the clients.
local chuck = require("chuck")
local engine = require("distri.engine")
local Http = require("distri.http.http")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet = chuck.packet

Http.maxbody = 1000
local slow
local server = Http.Server(function(request, response)
  local url = request:Url()
  if url == "/chunks" then
    response:WriteHead(200, "OK")
    response:Write("one,")
    response:Write("two,")
    response:End("three")
  elseif url == "/slow" then
    slow = response
  else
    response:WriteHead(200, "OK", { "Content-Type: text/plain" })
    response:End(request:Method() .. " " .. url .. " " .. (request:Content() or "-"))
  end
end)
same(server:Listen("127.0.0.1", 7200), server, "Listen")

--- Sends bytes in the given pieces. @return what came back until the claim held or the peer closed
local function talk(pieces, claim)
  local fd = helpers.new_fd()
  same(chuck.socket_helper.connect(fd, "127.0.0.1", 7200), 0, "connect")
  local conn = chuck.connection(fd, 65536)
  local got, is_closed = "", false
  conn:Add2Engine(engine, function(_, p)
    if p then
      got = got .. p:ReadBin()
    else
      is_closed = true
    end
  end)
  for _, piece in ipairs(pieces) do
    conn:Send(packet.rawpacket(piece))
    engine:Run(1)
  end
  run_until(engine, function()
    return is_closed or (claim and claim(got))
  end, "an answer: " .. got)
  conn:Close()
  return got, is_closed
end

local function holds(text)
  return function(got)
    return got:find(text, 1, true) ~= nil
  end
end

local request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
local answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET /a -"
same(talk({ request }, holds("-")), answer, "a request")
for cut = 1, #request - 1 do
  same(talk({ request:sub(1, cut), request:sub(cut + 1) }, holds("-")), answer, "cut at " .. cut)
end
same(
  talk(
    { request .. request },
    holds("-HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nGET /a -")
  ),
  answer .. answer,
  "two at once, kept alive"
)

local got, is_closed = talk({ "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n" })
same(is_closed, true, "Connection: close closes")
same(holds("\r\nConnection: close\r\n")(got), true, "and says so")
is_closed = select(2, talk({ "GET /a HTTP/1.0\r\n\r\n" }))
same(is_closed, true, "HTTP/1.0 closes")
got = talk({ "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" }, holds("-"))
same(holds("\r\nConnection: keep-alive\r\n")(got), true, "HTTP/1.0 kept alive")

local chunked = "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
  .. "5\r\nhello\r\n6; x=y\r\n world\r\n0\r\nT: z\r\n\r\n"
for cut = 50, #chunked do
  got = talk({ chunked:sub(1, cut), chunked:sub(cut + 1) }, holds("hello world"))
  same(
    holds("Content-Length: 19\r\n\r\nPOST /b hello world")(got),
    true,
    "a chunked body cut at " .. cut
  )
end
same(
  talk({ "GET /chunks HTTP/1.1\r\n\r\n" }, holds("0\r\n\r\n")),
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    .. "4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n",
  "an answer in chunks"
)
same(
  talk({ "GET /chunks HTTP/1.0\r\n\r\n" }),
  "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\none,two,three",
  "an answer in parts to HTTP/1.0"
)
got = talk({ "HEAD /a HTTP/1.1\r\n\r\n" }, holds("\r\n\r\n"))
same(holds("Content-Length: 9\r\n")(got), true, "HEAD tells the length")
same(got:match("\r\n\r\n(.*)"), "", "HEAD has no body")

-- The second answer waits for the first.
local first_done = false
got = talk({ "GET /slow HTTP/1.1\r\n\r\n" .. request }, function(text)
  if not first_done and slow then
    same(text, "", "nothing before the first")
    first_done = true
    slow:End("at last")
  end
  return text:find("GET /a -", 1, true)
end)
same(got:find("at last") < got:find("GET /a"), true, "in their order")

for what, bad in pairs({
  ["no HTTP at all"] = "hello there\r\n\r\n",
  ["a space in a field"] = "GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
  ["two lengths"] = "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
  ["length and chunks"] = "POST / HTTP/1.1\r\nContent-Length: 1\r\n"
    .. "Transfer-Encoding: chunked\r\n\r\nx",
  ["a bad chunk"] = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ["an unknown method"] = "FETCH / HTTP/1.1\r\n\r\n",
}) do
  got, is_closed = talk({ bad })
  same(got:sub(1, 24), "HTTP/1.1 400 Bad Request", what)
  same(is_closed, true, what .. " closes")
end
got, is_closed = talk({ "POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" .. ("x"):rep(2000) })
same(got:sub(1, 12), "HTTP/1.1 413", "a body too large")
same(is_closed, true, "closes")

-- The clients.
local client = Http.Client("127.0.0.1", 7200)
client.KeepAlive = true
local replies = {}
for index = 1, 3 do
  local question = Http.Request("/" .. index)
  question:WriteHead({ "X-Number: " .. index })
  same(
    client:Get(question, function(response, number)
      replies[#replies + 1] = response:Content() .. " " .. number .. " " .. response:Status()
    end),
    true,
    "asked"
  )
end
local post = Http.Request("/p")
post:End("body")
client:Post(post, function(response)
  replies[#replies + 1] = response:Content()
end)
run_until(engine, function()
  return #replies == 4
end, "four replies")
same(
  table.concat(replies, ","),
  "GET /1 - 0 OK,GET /2 - 0 OK,GET /3 - 0 OK,POST /p body",
  "replies"
)
client:Close()
local missing = Http.Client("127.0.0.1", 1)
local failure
missing:Get(Http.Request("/"), function(response, number)
  failure = { response, number }
end)
run_until(engine, function()
  return failure
end, "a refusal")
same(failure[2], 111, "ECONNREFUSED")

local easy = chuck.http.easyServer(function(question, reply)
  reply:SetHeader("x-method", question:Method()):AppendBody("easy "):AppendBody(question:URL())
  reply:Finish("201", "Created")
end)
local listening, words = easy:Listen(engine, "127.0.0.1", 7201)
same(listening == easy and words, "OK", "easyServer's Listen")
local easy_reply
chuck.http.easyClient(engine, "127.0.0.1", 7201):Get("/x", nil, function(response)
  easy_reply = response:Status() .. " " .. response:Header("X-Method") .. " " .. response:Body()
end)
run_until(engine, function()
  return easy_reply
end, "an easy reply")
same(easy_reply, "201 GET easy /x", "easyClient")
easy:Close()
server:Close()
print("http hold")
os.exit(0)
