-- HTTP: a server's answers byte for byte, in order, however the requests come; and the clients.
local chuck = require("chuck")
local engine = require("distri.engine")
local Http = require("distri.http.http")
local helpers = require("helpers")
local same, run_until = helpers.same, helpers.run_until
local packet = chuck.packet

Http.maxbody = 1000
local slow
local seen = 0
local server = Http.Server(function(request, response)
  local url = request:Url()
  seen = seen + 1
  if url == "/chunks" then
    response:WriteHead(200, "OK")
    response:Write("one,")
    response:Write("two,")
    response:End("three")
  elseif url == "/slow" then
    slow = response
  elseif url == "/trailers" then
    local function list(pairs_of)
      local all = {}
      for _, line in ipairs(pairs_of) do
        if #line[1] == 1 then all[#all + 1] = line[1] .. " " .. line[2] end
      end
      return table.concat(all, ", ")
    end
    response:End(list(request:Headers()) .. "; " .. list(request:Trailers()) .. "|")
  elseif url == "/parts-with-length" then
    response:WriteHead(200, "OK", { "Content-Length: 6" })
    response:Write("one")
    response:End("two")
  elseif url == "/nothing" then
    response:WriteHead(204, "No Content")
    response:End("not to be sent")
  elseif url == "/last" then
    response:WriteHead(200, "OK", { "Connection: close" })
    response:End("bye")
  elseif url == "/raises" then
    error("a program's mistake")
  elseif url == "/splits" then
    response:WriteHead(200, "OK", { "A: b\r\nEvil: c" })
  else
    response:WriteHead(200, "OK", { "Content-Type: text/plain" })
    response:End(request:Method() .. " " .. url .. " " .. (request:Content() or "-"))
  end
end)
same(server:Listen("127.0.0.1", 7200), server, "Listen")

--- Sends bytes in the given pieces.
-- @return what came back until the claim held or the peer closed, and whether it closed
local function talk(pieces, claim, what)
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
  end, (what or "an answer") .. ": " .. got)
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

--- A request line and more lines, with a Host.
local function ask(line, ...)
  return table.concat({ line, "Host: x", ... }, "\r\n") .. "\r\n\r\n"
end

local got, is_closed = talk({ ask("GET /a HTTP/1.1", "Connection: close") })
same(is_closed, true, "Connection: close closes")
same(holds("\r\nConnection: close\r\n")(got), true, "and says so")
is_closed = select(2, talk({ "GET /a HTTP/1.0\r\n\r\n" }))
same(is_closed, true, "HTTP/1.0 closes")
got = talk({ "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" }, holds("-"))
same(holds("\r\nConnection: keep-alive\r\n")(got), true, "HTTP/1.0 kept alive")
got, is_closed = talk({ ask("GET /last HTTP/1.1") })
same(is_closed, true, "an answer that says Connection: close closes")
same(select(2, got:gsub("Connection: close", "")), 1, "and says so once")

-- Bodies, cut at every place.
local chunked = ask("POST /b HTTP/1.1", "Transfer-Encoding: chunked")
  .. "5\r\nhello\r\n6; x=y\r\n world\r\n0\r\nT: z\r\n\r\n"
local plain = ask("POST /b HTTP/1.1", "Content-Length: 11") .. "hello world"
for what, whole in pairs({ chunked = chunked, plain = plain }) do
  for cut = 1, #whole - 1 do
    got = talk({ whole:sub(1, cut), whole:sub(cut + 1) }, holds("hello world"))
    same(
      got,
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 19\r\n\r\n"
        .. "POST /b hello world",
      "a body (" .. what .. ") cut at " .. cut
    )
  end
end
local single = {}
for byte in chunked:gmatch(".") do
  single[#single + 1] = byte
end
same(holds("POST /b hello world")(talk(single, holds("world"))), true, "in single bytes")
got = talk({
  ask("POST /trailers HTTP/1.1", "Transfer-Encoding: chunked", "T: head")
    .. "1\r\nx\r\n0\r\nT: tail\r\nU: v\r\n\r\n",
}, holds("|"))
same(got:match("\r\n\r\n(.*)"), "T head; T tail, U v|", "trailers stand apart from the head")

same(
  talk({ ask("GET /chunks HTTP/1.1") }, holds("0\r\n\r\n")),
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    .. "4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n",
  "an answer in chunks"
)
same(
  talk({ "GET /chunks HTTP/1.0\r\n\r\n" }),
  "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\none,two,three",
  "an answer in parts to HTTP/1.0"
)
same(
  talk({ ask("GET /parts-with-length HTTP/1.1") }, holds("onetwo")),
  "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nonetwo",
  "parts of a length that is told go without chunks"
)
got = talk({ ask("HEAD /a HTTP/1.1") .. request }, holds("GET /a -"))
same(holds("Content-Length: 9\r\n")(got), true, "HEAD tells the length")
same(got:match("\r\n\r\n(.-)HTTP/1.1 200"), "", "HEAD has no body")
got = talk({ ask("HEAD /chunks HTTP/1.1") .. request }, holds("GET /a -"))
same(got:match("\r\n\r\n(.-)HTTP/1.1 200"), "", "HEAD of an answer in chunks has no body")
got = talk({ ask("GET /nothing HTTP/1.1") .. request }, holds("GET /a -"))
same(got:sub(1, 27), "HTTP/1.1 204 No Content\r\n\r\n", "204 has neither body nor length")

-- 100-continue: before a body, in its turn, to HTTP/1.1 alone.
local go_on = "HTTP/1.1 100 Continue\r\n\r\n"
local expecting = ask("POST /b HTTP/1.1", "Expect: 100-continue", "Content-Length: 4")
for cut = 1, #expecting do
  got = talk({ expecting:sub(1, cut), expecting:sub(cut + 1) }, holds(go_on))
  same(got, go_on, "100 before the body, cut at " .. cut)
end
got = talk({ expecting .. "body" .. request }, holds("GET /a -"))
same(got:sub(1, #go_on), go_on, "100 first")
same(holds("POST /b bodyHTTP/1.1 200")(got), true, "the answers behind it")
same(select(2, got:gsub("100 Continue", "")), 1, "one 100")
got = talk({ ask("POST /b HTTP/1.0", "Expect: 100-continue", "Content-Length: 4") .. "body" })
same(holds("100 Continue")(got), false, "no 100 to HTTP/1.0")
got = talk({ ask("GET /a HTTP/1.1", "Expect: 100-continue") }, holds("-"))
same(got, answer, "no 100 where no body comes")
got = talk({ ask("POST /b HTTP/1.1", "Expect: 100-continue", "Content-Length: 1001") })
same(got:sub(1, 12), "HTTP/1.1 413", "413 instead of 100")

-- The second answer waits for the first, so does a 100.
for _, second in ipairs({ request, expecting }) do
  slow = nil
  local is_done = false
  got = talk({ ask("GET /slow HTTP/1.1") .. second }, function(text)
    if not is_done and slow then
      same(text, "", "nothing before the first")
      is_done = true
      slow:End("at last")
    end
    return text:find("GET /a -", 1, true) or text:find("100 Continue", 1, true)
  end)
  same(got:find("at last", 1, true) < #got - 7, true, "in their order")
end

-- A client that asks and asks: only so many requests wait.
do
  slow = nil
  seen = 0
  local fd = helpers.new_fd()
  same(chuck.socket_helper.connect(fd, "127.0.0.1", 7200), 0, "connect")
  local conn = chuck.connection(fd, 65536)
  local text = ""
  conn:Add2Engine(engine, function(_, p)
    text = text .. (p and p:ReadBin() or "")
  end)
  conn:Send(packet.rawpacket(ask("GET /slow HTTP/1.1")))
  for _ = 1, 300 do
    conn:Send(packet.rawpacket(request))
    engine:Run(0)
  end
  run_until(engine, function()
    return slow
  end, "the first")
  for _ = 1, 20 do
    engine:Run(1)
  end
  same(seen > 10 and seen < 100, true, "requests that wait: " .. seen)
  slow:End("go")
  run_until(engine, function()
    return select(2, text:gsub("GET /a %-", "")) == 300
  end, "all answers in the end")
  conn:Close()
end

-- What is refused, with its status, and closed.
for what, case in pairs({
  ["no HTTP at all"] = { "hello there\r\n\r\n", 400 },
  ["no Host"] = { "GET / HTTP/1.1\r\n\r\n", 400 },
  ["two Hosts"] = { ask("GET / HTTP/1.1", "Host: y"), 400 },
  ["a response"] = { "HTTP/1.1 200 OK\r\nHost: x\r\n\r\n", 501 },
  ["a space in a field"] = { ask("GET / HTTP/1.1", "He ader: x"), 400 },
  ["a space before the colon"] = { ask("GET / HTTP/1.1", "Header : x"), 400 },
  ["a folded line with a bare CR"] = { "GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n", 400 },
  ["a zero byte"] = { "GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 400 },
  ["two lengths"] = {
    ask("GET / HTTP/1.1", "Content-Length: 1", "Content-Length: 2") .. "x",
    400,
  },
  ["a length that is none"] = { ask("POST / HTTP/1.1", "Content-Length: 1x"), 400 },
  ["a negative length"] = { ask("POST / HTTP/1.1", "Content-Length: -1"), 400 },
  ["a length beyond all"] = {
    ask("POST / HTTP/1.1", "Content-Length: 99999999999999999999999"),
    400,
  },
  ["length and chunks"] = {
    ask("POST / HTTP/1.1", "Content-Length: 1", "Transfer-Encoding: chunked") .. "x",
    400,
  },
  ["a bad chunk"] = { ask("POST / HTTP/1.1", "Transfer-Encoding: chunked") .. "zz\r\n", 400 },
  ["a chunk without its end"] = {
    ask("POST / HTTP/1.1", "Transfer-Encoding: chunked") .. "1\r\nxyz\r\n",
    400,
  },
  ["an unknown method"] = { ask("FETCH / HTTP/1.1"), 501 },
  ["an unknown coding"] = { ask("POST / HTTP/1.1", "Transfer-Encoding: gzip") .. "x", 501 },
  ["an unknown coding before chunks"] = {
    ask("POST / HTTP/1.1", "Transfer-Encoding: gzip, chunked") .. "0\r\n\r\n",
    501,
  },
  ["HTTP/2.0"] = { ask("GET / HTTP/2.0"), 505 },
  ["an unknown expectation"] = {
    ask("POST / HTTP/1.1", "Expect: the-best", "Content-Length: 1"),
    417,
  },
  ["a target too long"] = { ask("GET /" .. ("x"):rep(70000) .. " HTTP/1.1"), 414 },
  ["a head too large"] = { ask("GET / HTTP/1.1", "X: " .. ("x"):rep(70000)), 431 },
  ["too many lines"] = { ask("GET / HTTP/1.1", ("X: y\r\n"):rep(300) .. "Z: z"), 431 },
  ["a body too large"] = {
    ask("POST / HTTP/1.1", "Content-Length: 2000") .. ("x"):rep(2000),
    413,
  },
  ["chunks too large"] = {
    ask("POST / HTTP/1.1", "Transfer-Encoding: chunked")
      .. ("100\r\n" .. ("x"):rep(256) .. "\r\n"):rep(4),
    413,
  },
}) do
  local text, status = table.unpack(case)
  got, is_closed = talk({ text }, nil, what)
  same(got:match("^HTTP/1.1 (%d+) "), tostring(status), what)
  same(holds("\r\nConnection: close\r\n")(got), true, what .. " says that it closes")
  same(is_closed, true, what .. " closes")
end
same(talk({ "GET /a HTTP/1.1\nHost: x\n\n" }, holds("-")), answer, "bare line feeds do")
same(talk({ "\r\n\r\n" .. request }, holds("-")), answer, "empty lines before do")

-- The answer arrives although the peer is still sending what is refused.
got = talk({
  ask("POST / HTTP/1.1", "Content-Length: 4000000") .. ("x"):rep(60000),
  ("x"):rep(60000),
  ("x"):rep(60000),
})
same(got:match("^HTTP/1.1 (%d+) "), "413", "413 while the body still comes")

-- Slow clients: within twice the patience 408, or the end when nothing was asked.
do
  local patient = chuck.http.listen(engine, "127.0.0.1", 7202, function(fd)
    chuck.http.serve(fd, engine, function(_, response)
      response:End("in time")
    end, { patience = 200 })
  end)
  local function slow_talk(pieces, gap)
    local fd = helpers.new_fd()
    same(chuck.socket_helper.connect(fd, "127.0.0.1", 7202), 0, "connect")
    local conn = chuck.connection(fd, 65536)
    local text, closed_at = "", nil
    conn:Add2Engine(engine, function(_, p)
      if p then
        text = text .. p:ReadBin()
      else
        closed_at = chuck.systick()
      end
    end)
    local begin = chuck.systick()
    for _, piece in ipairs(pieces) do
      conn:Send(packet.rawpacket(piece))
      local next_one = chuck.systick() + gap
      run_until(engine, function()
        return closed_at or chuck.systick() >= next_one
      end, "time")
    end
    run_until(engine, function()
      return closed_at
    end, "the end")
    conn:Close()
    return text, closed_at - begin
  end
  local text, took = slow_talk({}, 0)
  same(text, "", "who asks nothing hears nothing")
  same(took >= 200 and took <= 450, true, "the end after " .. took)
  text, took = slow_talk({ "GET / HT" }, 1)
  same(text:match("^HTTP/1.1 (%d+) "), "408", "half a request")
  same(took >= 200 and took <= 450, true, "408 after " .. took)
  single = {}
  for byte in ("GET / HTTP/1.1\r\nHost: a-very-slow-one\r\n\r\n"):gmatch(".") do
    single[#single + 1] = byte
  end
  text, took = slow_talk(single, 50)
  same(text:match("^HTTP/1.1 (%d+) "), "408", "a head byte by byte, for ever")
  same(took <= 450, true, "408 after " .. took)
  text = slow_talk({ "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n", "12" }, 20)
  same(text:match("^HTTP/1.1 (%d+) "), "408", "a body that stops")
  local body = { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n" }
  for digit = 1, 8 do
    body[#body + 1] = tostring(digit)
  end
  text = slow_talk(body, 120)
  same(text:match("^HTTP/1.1 (%d+) "), "200", "a body that goes on, slowly")
  patient:Close()
end

-- What is wrong in a program: told to the client, and to the log.
got, is_closed = talk({ ask("GET /raises HTTP/1.1") })
same(got:match("^HTTP/1.1 (%d+) "), "500", "an error in on_request")
same(is_closed, true, "closes")
got = talk({ ask("GET /splits HTTP/1.1") })
same(got:match("^HTTP/1.1 (%d+) "), "500", "a line end in a header line")
same(holds("Evil")(got), false, "which is not sent")

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

-- A server by hand, for what a client has to put up with.
do
  local script
  local asked = {}
  local acceptor = helpers.listen(engine, 7203, function(fd)
    local conn = chuck.connection(fd, 65536, chuck.decoder.connection.http())
    conn:Add2Engine(engine, function(self, question)
      if not question then return self:Close() end
      asked[#asked + 1] = question:Method()
      local reply = table.remove(script, 1)
      local is_last = reply:sub(-1) == "!"
      self:Send(packet.rawpacket(is_last and reply:sub(1, -2) or reply), is_last and function()
        self:Close()
      end or nil)
    end)
  end)
  local function session(keeps_alive, replies_by_hand, methods)
    script, asked = replies_by_hand, {}
    local asking = Http.Client("127.0.0.1", 7203)
    asking.KeepAlive = keeps_alive
    local came = {}
    for index, method in ipairs(methods) do
      asking:Request(method, Http.Request("/"), function(response, number)
        came[index] = response and (response:Content() or "-") or number
      end)
    end
    run_until(engine, function()
      return #came == #methods
    end, "replies")
    asking:Close()
    return table.concat(came, ","), table.concat(asked, ",")
  end
  local ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
  local head = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
  same(session(true, { head, ok }, { "HEAD", "GET" }), "-,ok", "HEAD has a length and no body")
  same(
    session(true, { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" .. ok, ok }, {
      "POST",
      "GET",
    }),
    "ok,ok",
    "1xx are passed over"
  )
  local chunks =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n1\r\n,\r\n0\r\n\r\n"
  same(session(true, { chunks, ok }, { "GET", "GET" }), "one,,ok", "an answer in chunks")
  same(
    session(false, { "HTTP/1.1 200 OK\r\n\r\nto the end!" }, { "GET" }),
    "to the end",
    "to the end"
  )
  same(session(true, { "HTTP/1.1 204 No Content\r\n\r\n", ok }, { "GET", "GET" }), "-,ok", "204")
  local got_back, methods_asked = session(true, { ok, "!", ok }, { "GET", "GET" })
  same(got_back, "ok,ok", "asked anew where the server closed between two questions")
  same(methods_asked, "GET,GET,GET", "once more")
  same(session(true, { ok, "!" }, { "GET", "POST" }), "ok,0", "but a POST is not")
  same(session(false, { "nonsense\r\n\r\n" }, { "GET" }), "156", "what is no HTTP")
  helpers.refuses("a line end in a question's line", function()
    local question = Http.Request("/")
    question:WriteHead({ "A: b\r\nC: d" })
    Http.Client("127.0.0.1", 7203):Get(question, print)
  end)
  acceptor:Close()
end

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
