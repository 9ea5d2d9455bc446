// What befalls a module in the middle of a transfer: bytes go both ways without a pause when the
// SIM is pulled, the network goes, the bearer is dropped, fly mode comes or the module is reset.
// The script hears exactly the messages of the reference's dialogues, in their order, no byte is
// lost, doubled or out of place on any connection, and both ways go on when it comes back. Where a
// copy of openLuat's own library is named (see vendor_test), the same holds on that.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "luat/module_run.h"

namespace moonwire::tests {
namespace {

namespace fs = std::filesystem;
using testing::ModuleRun;
using Lines = std::vector<std::string>;

// One task sends numbered lines without end, another receives some without end. What the library
// says is printed as "heard", what becomes of a call as "up" and "down".
constexpr const char* main_file = R"lua(
  PROJECT, VERSION = "TRANSFERS", "1.0.0"
  require "log"
  LOG_LEVEL = log.LOG_SILENT
  require "sys"
  require "net"
  require "link"
  require "socket"
  for _, message in ipairs { "SIM_IND", "NET_STATE_REGISTERED", "NET_STATE_UNREGISTER", "GPRS_ATTACH",
      "IP_READY_IND", "IP_ERROR_IND", "IP_SHUT_IND", "PDP_DEACT_IND", "FLYMODE" } do
    sys.subscribe(message, function(value)
      print(value == nil and "heard " .. message or "heard " .. message .. " " .. tostring(value))
    end)
  end

  local function holding(name, port, transfer)
    sys.taskInit(function()
      while true do
        while not socket.isReady() do sys.waitUntil("IP_READY_IND", 1000) end
        local client = socket.tcp()
        if client and client:connect("127.0.0.1", port) then
          print(name .. " begins")
          print(name .. " ends " .. transfer(client))
        end
        if client then client:close() end
        sys.wait(1000)
      end
    end)
  end

  sent, received = 0, 0
  holding("up", "7001", function(client)
    local number = 0
    while true do
      local lines = {}
      for _ = 1, 100 do
        number = number + 1
        lines[#lines + 1] = string.format("%09d\n", number)
      end
      if not client:send(table.concat(lines)) then return "false" end
      sent = sent + 1000
    end
  end)
  holding("down", "7002", function(client)
    local number, rest = 0, ""
    while true do
      local ok, data = client:recv(60000)
      if not ok then return "false " .. tostring(data) end
      received = received + #data
      rest = rest .. data
      for line in rest:gmatch("(%d+)\n") do
        number = number + 1
        if tonumber(line) ~= number then error("line " .. line .. " where " .. number .. " was due") end
      end
      rest = rest:match("[^\n]*$")
    end
  end)
  sys.timerLoopStart(function() print("count " .. string.format("%d %d", sent, received)) end, 1000)
  if FLY then
    sys.timerStart(net.switchFly, 30000, true)
    sys.timerStart(net.switchFly, 50000, false)
  end
  sys.init(0, 0)
  sys.run()
)lua";

// Takes numbered lines and insists on their order, from the first of each connection on.
constexpr const char* sink = R"lua(
  local socket = require("socket")
  local listener = assert(socket.bind("127.0.0.1", 7001))
  local readers, states = { listener }, {}
  while true do
    for _, ready in ipairs((socket.select(readers))) do
      if ready == listener then
        local client = listener:accept()
        client:settimeout(0)
        states[client] = { number = 0, rest = "" }
        readers[#readers + 1] = client
      else
        local data, why, partial = ready:receive(8192)
        local state = states[ready]
        state.rest = state.rest .. (data or partial)
        for line in state.rest:gmatch("(%d+)\n") do
          state.number = state.number + 1
          assert(tonumber(line) == state.number, "a line is lost or doubled")
        end
        state.rest = state.rest:match("[^\n]*$")
        if why and why ~= "timeout" then
          ready:close()
          for at, each in ipairs(readers) do if each == ready then table.remove(readers, at) break end end
        end
      end
    end
  end
)lua";

// Sends numbered lines to each client for as long as it takes them.
constexpr const char* source = R"lua(
  local socket = require("socket")
  local listener = assert(socket.bind("127.0.0.1", 7002))
  listener:settimeout(0)
  local writers, states = {}, {}
  while true do
    local _, ready = socket.select(nil, writers, 0.1)
    local client = listener:accept()
    if client then
      client:settimeout(0)
      states[client] = { number = 0, rest = "" }
      writers[#writers + 1] = client
    end
    for _, writer in ipairs(ready) do
      local state = states[writer]
      if state.rest == "" then
        local lines = {}
        for _ = 1, 100 do
          state.number = state.number + 1
          lines[#lines + 1] = ("%09d\n"):format(state.number)
        end
        state.rest = table.concat(lines)
      end
      local last, why, partial = writer:send(state.rest)
      state.rest = state.rest:sub((last or partial or 0) + 1)
      if why and why ~= "timeout" then
        writer:close()
        for at, each in ipairs(writers) do if each == writer then table.remove(writers, at) break end end
      end
    end
  end
)lua";

struct Act {
  double at = 0;
  std::string what;
  std::string text = {};
  double first = 0;
};

struct Story {
  std::string name;
  std::string profile;
  std::vector<Act> acts;
  Lines heard;  // from the first act on
  // The connections survive it; for so many seconds nothing passes, in either direction.
  std::optional<int> pause = {};
  bool is_reset = false;
  bool flies = false;
};

void PrintTo(const Story& story, std::ostream* out) {
  *out << story.profile << ' ' << story.name;
}

enum class Library { theirs, ours };

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The lines that begin so.
Lines only(const Lines& lines, std::string_view beginning) {
  Lines kept;
  for (const std::string& line : lines) {
    if (line.starts_with(beginning)) kept.push_back(line);
  }
  return kept;
}

void put_library(ModuleRun& run, Library library, std::string_view profile) {
  if (library == Library::ours) return;
  const fs::path root = std::getenv("MOONWIRE_LUAT_UPSTREAM");
  for (const auto& entry :
       fs::directory_iterator(root / (profile == "air202" ? "2g" : "4g") / "lib")) {
    run.put_vendor(entry.path().filename().string(), read_file(entry.path()));
  }
}

/// The two numbers of the last "count" line.
std::pair<double, double> counts(const Lines& lines) {
  const Lines all = only(lines, "count ");
  if (all.empty()) return {0, 0};
  std::size_t end = 0;
  const double sent = std::stod(all.back().substr(6), &end);
  return {sent, std::stod(all.back().substr(6 + end))};
}

/// For how many seconds in a row nothing was sent and nothing received.
int longest_pause(const Lines& lines) {
  const Lines all = only(lines, "count ");
  int longest = 0;
  int seconds = 0;
  for (std::size_t i = 1; i < all.size(); ++i) {
    seconds = all[i] == all[i - 1] ? seconds + 1 : 0;
    longest = std::max(longest, seconds);
  }
  return longest;
}

class Transfers : public ::testing::TestWithParam<std::tuple<Library, Story>> {};

// How many show that a transfer is under way: far fewer where a pipe holds a byte.
#ifdef MOONWIRE_HOSTILE
constexpr int enough_bytes = 20;
#else
constexpr int enough_bytes = 10'000;
#endif

TEST_P(Transfers, HearsTheDialoguesMessagesAndGoesOn) {
  const auto& [library, story] = GetParam();
  if (library == Library::theirs && std::getenv("MOONWIRE_LUAT_UPSTREAM") == nullptr) {
    GTEST_SKIP() << "MOONWIRE_LUAT_UPSTREAM names no copy of openLuat's";
  }
  ModuleRun run(story.profile);
  put_library(run, library, story.profile);
  run.start_peer(sink, {});
  run.start_peer(source, {});
  run.put("main.lua", (story.flies ? std::string("FLY = true\n") : std::string()) + main_file);
  run.start();
  run.wait(29.5);
  const Lines before = run.lines();
  const auto [sent_before, received_before] = counts(before);
  EXPECT_GT(sent_before, enough_bytes);
  EXPECT_GT(received_before, enough_bytes);
  double now = 29.5;
  for (const Act& act : story.acts) {
    run.wait(act.at - std::exchange(now, act.at));
    run.act(act.what, act.text, act.first);
  }
  run.wait(120 - now);
  Lines after = run.lines();
  ASSERT_GE(after.size(), before.size());
  after.erase(after.begin(), after.begin() + std::ptrdiff_t(before.size()));
  EXPECT_EQ(only(after, "heard "), story.heard);
  if (story.pause) {
    EXPECT_EQ(only(after, "up "), Lines{});
    EXPECT_EQ(only(after, "down "), Lines{});
    EXPECT_GE(longest_pause(after), *story.pause);
    EXPECT_LE(longest_pause(after), *story.pause + 4);
  } else if (story.is_reset) {
    EXPECT_EQ(only(after, "up "), Lines{"up begins"});
    EXPECT_EQ(only(after, "down "), Lines{"down begins"});
  } else {
    const char* why = story.profile == "air202" ? "nil" : "IP_ERROR_IND";
    EXPECT_EQ(only(after, "up "), (Lines{"up ends false", "up begins"}));
    EXPECT_EQ(only(after, "down "), (Lines{std::string("down ends false ") + why, "down begins"}));
  }
  const auto [sent, received] = counts(after);
  EXPECT_GT(sent, enough_bytes) << "nothing goes up any more";
  EXPECT_GT(received, enough_bytes) << "nothing comes down any more";
  EXPECT_EQ(run.peer_errors(), "");
  EXPECT_FALSE(run.has_ended()) << "the script ended by itself";
  for (const std::string& line : run.lines()) {
    EXPECT_EQ(line.find("stack traceback"), std::string::npos) << line;
  }
}

std::vector<Story> stories() {
  std::vector<Story> all;
  for (const std::string profile : {"air202", "air724u"}) {
    const bool is_2g = profile == "air202";
    const auto add = [&](std::string name, std::vector<Act> acts, Lines on_2g, Lines on_4g) {
      all.push_back({std::move(name), profile, std::move(acts), is_2g ? on_2g : on_4g});
    };
    const Lines as_after_power_on{"heard SIM_IND RDY", "heard NET_STATE_REGISTERED",
                                  "heard GPRS_ATTACH true", "heard IP_READY_IND"};
    add("TheSimIsPulledOutAndPutBack", {{30, "sim", "absent"}, {45, "sim", "ready"}},
        {"heard PDP_DEACT_IND", "heard SIM_IND NIST", "heard IP_ERROR_IND",
         "heard NET_STATE_UNREGISTER", "heard IP_SHUT_IND", "heard SIM_IND RDY",
         "heard NET_STATE_REGISTERED", "heard GPRS_ATTACH false", "heard GPRS_ATTACH true",
         "heard IP_READY_IND"},
        {"heard SIM_IND NIST", "heard NET_STATE_UNREGISTER", "heard IP_ERROR_IND",
         "heard SIM_IND RDY", "heard NET_STATE_REGISTERED", "heard IP_READY_IND"});
    add("TheBearerIsDropped", {{30, "drop-pdp"}},
        {"heard PDP_DEACT_IND", "heard IP_ERROR_IND", "heard IP_SHUT_IND", "heard IP_READY_IND"},
        {"heard IP_ERROR_IND", "heard IP_READY_IND"});
    // Nothing is told of the lost registration itself, and the sockets wait; half a minute later
    // the bearer is lost, too.
    add("TheNetworkGoesForLong", {{30, "network", {}, 0}, {75, "network", {}, 1}},
        {"heard PDP_DEACT_IND", "heard IP_ERROR_IND", "heard IP_SHUT_IND",
         "heard NET_STATE_REGISTERED", "heard IP_READY_IND"},
        {"heard IP_ERROR_IND", "heard NET_STATE_REGISTERED", "heard IP_READY_IND"});
    add("TheNetworkGoesForAMoment", {{30, "network", {}, 0}, {40, "network", {}, 1}},
        {"heard NET_STATE_REGISTERED", "heard IP_READY_IND"},
        {"heard NET_STATE_REGISTERED", "heard IP_READY_IND"});
    all.back().pause = 8;
    add("TheSignalIsGone", {{30, "signal", {}, 99}, {40, "signal", {}, 20}}, {}, {});
    all.back().pause = 0;
    add("TheModuleIsReset", {{30, "reset"}}, as_after_power_on, as_after_power_on);
    all.back().is_reset = true;
    add("FlyModeComesAndGoes", {},
        {"heard FLYMODE true", "heard PDP_DEACT_IND", "heard IP_ERROR_IND", "heard IP_SHUT_IND",
         "heard FLYMODE false", "heard SIM_IND RDY", "heard NET_STATE_REGISTERED",
         "heard GPRS_ATTACH false", "heard GPRS_ATTACH true", "heard IP_READY_IND"},
        {"heard FLYMODE true", "heard IP_ERROR_IND", "heard FLYMODE false", "heard SIM_IND RDY",
         "heard NET_STATE_REGISTERED", "heard IP_READY_IND"});
    all.back().flies = true;
  }
  return all;
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Library, Story>>& info) {
  const Story& story = std::get<1>(info.param);
  const bool is_ours = std::get<0>(info.param) == Library::ours;
  return story.profile + "_" + story.name + (is_ours ? "_ours" : "_theirs");
}

INSTANTIATE_TEST_SUITE_P(Module, Transfers,
                         ::testing::Combine(::testing::Values(Library::ours, Library::theirs),
                                            ::testing::ValuesIn(stories())),
                         name_of);

}  // namespace
}  // namespace moonwire::tests
