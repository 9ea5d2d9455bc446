// The proof that the module is true: openLuat's own unmodified libraries and demos run on it, and
// what a demo logs is the same on their library and on ours. Their code is not part of this
// repository: MOONWIRE_LUAT_UPSTREAM names a folder with it, 4g/ holding the lib and demo folders
// of openLuat/Luat_Lua_Air724U, 2g/ those of script_LuaTask of openLuat/Luat_2G_RDA_8955. Without
// it every test here is skipped, and counted as such. MOONWIRE_LUAT_LOGS: a folder for what each
// run printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "luat/module_run.h"

namespace moonwire::tests {
namespace {

namespace fs = std::filesystem;
using testing::ModuleRun;
using Lines = std::vector<std::string>;

/// Something that happens at the bench while a demo runs.
struct Event {
  double at = 0;  // seconds after power-on
  std::string what;
  std::string text = {};
  double first = 0;
  double second = 0;
  std::string bytes = {};
};

struct Demo {
  std::string generation;  // "2g" or "4g"
  std::string folder;
  double seconds = 60;
  Lines expected;  // beginnings of lines that must come, in this order
  std::vector<Event> events = {};
  std::string story = {};  // what happens to it, when that is not in the folder's name
};

/// How a failure names it.
void PrintTo(const Demo& demo, std::ostream* out) {
  *out << demo.generation << ' ' << demo.folder << ' ' << demo.story;
}

std::string name_of(const ::testing::TestParamInfo<Demo>& info) {
  std::string name = info.param.generation + "_" + info.param.folder + info.param.story;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

/// A demo's file with the one change there is: its servers, long gone, are peers in the machine.
std::string at_home(std::string text) {
  for (const char* host : {"180.97.80.55", "36.7.87.100", "lbsmqtt.airm2m.com", "www.lua.org"}) {
    replace_all(text, std::string("\"") + host + "\"", "\"127.0.0.1\"");
  }
  return text;
}

enum class Library { theirs, ours };

Lines run(const Demo& demo, Library library, const fs::path& upstream) {
  const bool is_2g = demo.generation == "2g";
  ModuleRun run(is_2g ? "air202" : "air724u");
  const fs::path peers = fs::path(MOONWIRE_TESTS) / "luat/peers";
  run.start_peer(read_file(peers / "echo.lua"), {"12415", "6500"});
  run.start_peer(read_file(peers / "web.lua"), {"80"});
  run.start_peer(read_file(peers / "broker.lua"), {"1884"});
  const fs::path root = upstream / demo.generation;
  for (const auto& entry : fs::directory_iterator(root / "demo" / demo.folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string name = entry.path().filename().string();
    const bool is_lua = entry.path().extension() == ".lua";
    const std::string text = read_file(entry.path());
    run.put(name, is_lua ? at_home(text) : text);
  }
  if (library == Library::theirs) {
    for (const auto& entry : fs::directory_iterator(root / "lib")) {
      run.put_vendor(entry.path().filename().string(), read_file(entry.path()));
    }
  }
  run.start();
  double now = 0;
  for (const Event& event : demo.events) {
    run.wait(event.at - std::exchange(now, event.at));
    run.act(event.what, event.text, event.first, event.second, event.bytes);
  }
  run.wait(demo.seconds - now);
  EXPECT_EQ(run.peer_errors(), "");
  EXPECT_FALSE(run.has_ended()) << "the script ended by itself";
  Lines lines = run.lines();
  if (const char* folder = std::getenv("MOONWIRE_LUAT_LOGS")) {
    std::ofstream out(fs::path(folder) /
                      (name_of({demo, 0}) + (library == Library::theirs ? ".theirs" : ".ours")));
    for (const std::string& line : lines) out << line << '\n';
  }
  return lines;
}

/// Lines that the library itself says while it works: free to differ.
bool is_the_librarys(std::string_view line) {
  static constexpr std::string_view tags[] = {
      "ril.",   "net.",  "link.",    "socket.",   "socket:",    "sim.",
      "SIM.",   "cops",  "-----",    "eemLteSvc", "http path",  "misc.",
      "http.",  "mqtt.", "ntp.Wait", "errDump",   "netLed.",    "analysis_cgdcont",
      "iscida", "Exist", "pub",      "pdp",       "core build", "sys."};
  if (line.starts_with("load f")) return true;  // nvm
  if (!line.starts_with("[") || line.size() < 6) return false;
  const std::string_view tag = line.substr(5);
  return std::any_of(std::begin(tags), std::end(tags),
                     [&](std::string_view beginning) { return tag.starts_with(beginning); });
}

/// What the script says, with blanks and tabs as single blanks.
Lines script_lines(const Lines& lines) {
  Lines kept;
  bool is_sending = false;  // the library shows what it sends, over several lines
  for (const std::string& line : lines) {
    std::string text;
    for (const char c : line) {
      const char plain = c == '\t' ? ' ' : c;
      if (plain != ' ' || !text.ends_with(' ')) text += plain;
    }
    // Where a table lies is nobody's word.
    if (const std::size_t at = text.find("table: 0x"); at != std::string::npos) {
      text.erase(at + 7, text.find(' ', at + 7) - at - 7);
    }
    while (text.ends_with(' ')) text.pop_back();
    // How much memory and flash are left depends on the library's size.
    if (text.starts_with("[I]-[打印")) text.erase(text.find(']', 5));
    const bool continues = !text.starts_with("[") && is_sending;
    if (text.starts_with("[")) {
      is_sending = text.find(" first 200 bytes ") != std::string::npos ||
                   text.find(" first 30 bytes ") != std::string::npos;
    }
    if (continues) continue;
    if (!text.empty() && !is_the_librarys(text)) kept.push_back(text);
  }
  return kept;
}

/// Every line of `expected` begins one of `lines`, in this order. Returns the first that does not.
std::string missing(const Lines& lines, const Lines& expected) {
  auto at = lines.begin();
  for (const std::string& beginning : expected) {
    at = std::find_if(at, lines.end(),
                      [&](const std::string& line) { return line.starts_with(beginning); });
    if (at == lines.end()) return beginning;
    ++at;
  }
  return "";
}

/// The two sequences, tag by tag: what one task says stays in order; how two tasks interleave
/// depends on how long each AT command takes, and may differ.
std::map<std::string, Lines> by_tag(const Lines& lines) {
  std::map<std::string, Lines> tags;
  for (const std::string& line : lines) {
    const std::size_t end = line.find(']', 4);
    tags[line.starts_with("[") && end != std::string::npos ? line.substr(0, end + 1) : ""]
        .push_back(line);
  }
  return tags;
}

std::string difference(const Lines& theirs, const Lines& ours) {
  auto left = by_tag(theirs);
  auto right = by_tag(ours);
  std::string text;
  for (const auto& [tag, lines] : right) left[tag];
  for (const auto& [tag, lines] : left) {
    const Lines& others = right[tag];
    const std::size_t both = std::min(lines.size(), others.size());
    for (std::size_t i = 0; i < both; ++i) {
      if (lines[i] == others[i]) continue;
      text += "  theirs: " + lines[i] + "\n  ours:   " + others[i] + "\n";
      break;
    }
    // The end of the run may cut off a line or two of either.
    if (std::max(lines.size(), others.size()) - both > 2 || both == 0) {
      text += "  " + tag + ": " + std::to_string(lines.size()) + " lines of theirs, " +
              std::to_string(others.size()) + " of ours\n";
    }
  }
  return text;
}

class Vendor : public ::testing::TestWithParam<Demo> {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MOONWIRE_LUAT_UPSTREAM");
    if (folder == nullptr) GTEST_SKIP() << "MOONWIRE_LUAT_UPSTREAM names no copy of openLuat's";
    upstream = folder;
  }
  fs::path upstream;
};

TEST_P(Vendor, DemoRunsOnTheirLibraryAndLogsTheSameOnOurs) {
  const Demo& demo = GetParam();
  const Lines theirs = script_lines(run(demo, Library::theirs, upstream));
  EXPECT_EQ(missing(theirs, demo.expected), "") << "on their library";
  const Lines ours = script_lines(run(demo, Library::ours, upstream));
  EXPECT_EQ(missing(ours, demo.expected), "") << "on our library";
  EXPECT_EQ(difference(theirs, ours), "");
}

const Lines echo_heartbeat{"[I]-[socketOutMsg.sndHeartCb] true",
                           "[I]-[socketInMsg.proc] heart data",
                           "[I]-[socketOutMsg.sndHeartCb] true"};
const std::string wait_recv = "socket/sync/sendWaitRecv/";

std::vector<Demo> demos() {
  std::vector<Demo> all;
  for (const std::string generation : {"2g", "4g"}) {
    const bool is_2g = generation == "2g";
    const auto add = [&](std::string folder, double seconds, Lines expected,
                         std::vector<Event> events = {}) {
      all.push_back(
          {generation, std::move(folder), seconds, std::move(expected), std::move(events)});
    };
    add(wait_recv + "longConnection", 90, echo_heartbeat);
    add(wait_recv + "longConnectionTransparent", 60, {"[I]-[socketInMsg.proc]"},
        {{30, "uart", {}, is_2g ? 1.0 : 2.0, 0, "hello from the uart"}});
    add(wait_recv + "shortConnection", 90,
        {"[I]-[socketTask.recv] heart data", "[I]-[socketTask.recv] heart data"});
    add(wait_recv + "shortConnectionFlymode", 120,
        {"[I]-[socketTask.recv] heart data", "[I]-[socketTask.recv] heart data"});
    add("socket/sync/sendInterruptRecv", is_2g ? 400 : 60,
        is_2g ? Lines{"[I]-[这是收到了订阅的消息和参数显示:] pub_msg "
                      "11223344556677889900AABBCCDDEEFF",
                      "[I]-[这是收到了服务器下发的消息:] 11223344556677889900AABBCCDDEEFF"}
              : Lines{"[I]-[这是收到的服务器下发的数据统计:]"});
    add("socket/async/asyncSocket", 90, {"[I]-[这是服务器下发数据:]"});
    add("socket/async/asyncSocketCallback", 120, {"[I]-[这是服务器下发数据:] 10 0123456789"});
    add("ntp", 60, {"[I]-[testNtp.printTime] 2021/05/24,19:10:", "[I]-[ntp.timeSync is date:]"});
    add("timeSync", 60, {"[I]-[cell.timeSync]", "[I]-[printTime] 2021-05-24 19:10:"});
    add("gpio/gpioSingle", 20,
        is_2g
            ? Lines{"[I]-[testGpioSingle.getGpio5Fnc] 1", "[I]-[testGpioSingle.gpio4IntFnc] 1 1",
                    "[I]-[testGpioSingle.gpio4IntFnc] 2 0", "[I]-[testGpioSingle.setGpio1Fnc] 1"}
            : Lines{"[I]-[testGpioSingle.getGpio19Fnc] 1", "[I]-[testGpioSingle.gpio13IntFnc] 1 1",
                    "[I]-[testGpioSingle.gpio13IntFnc] 2 0", "[I]-[testGpioSingle.setGpio18Fnc] 1"},
        {{5.5, "pin", is_2g ? "P0_5" : "P0_19", 1},
         {7.5, "pin", is_2g ? "P0_4" : "P0_13", 1},
         {8.5, "pin", is_2g ? "P0_4" : "P0_13", 0}});
    add("gpio/uartGpioSwitch", 30,
        {"[I]-[switchtogpio] true", "[I]-[switchtouart] false", "[I]-[switchtogpio] true"});
    add("http", 60, {"[I]-[testHttp.cbFnc] true 200", "[I]-[testHttp.cbFnc] bodyLen=6900"});
    add("mqtt/sync/sendWaitRecv", 90,
        {"[I]-[mqttOutMsg.pubQos0TestCb] true", "[I]-[mqttOutMsg.pubQos1TestCb] true"});
    add("mqtt/sync/sendInterruptRecv", is_2g ? 400 : 60,
        {"[I]-[这是收到了订阅的消息和参数显示:] pub_msg 11223344556677889900AABBCCDDEEFF"});
    add("json", 10, {"[I]-[testJson.encode] {", "[I]-[testJson.decode KEY6] 1 2 3"});
    add("nvm", 10, {"[I]-[testNvm.strPara] str2"});
    add("alarm", 90,
        is_2g ? Lines{"[I]-[testAlarm.ntpSucceed]"} : Lines{"[I]-[alarm test start]", "alarMsg"});
    // Whatever happens at second 45, heartbeats come back.
    const Lines before(3, "[I]-[socketInMsg.proc] heart data");
    Lines after = before;
    after.insert(after.end(), 4, "[I]-[socketInMsg.proc] heart data");
    const auto befalls = [&](std::string story, std::vector<Event> events) {
      add(wait_recv + "longConnection", 200, after, std::move(events));
      all.back().story = std::move(story);
    };
    befalls("_loses_its_sim", {{45, "sim", "absent"}, {65, "sim", "ready"}});
    befalls("_loses_its_bearer", {{45, "drop-pdp"}});
    befalls("_loses_the_network_for_long", {{45, "network", {}, 0}, {100, "network", {}, 1}});
    befalls("_is_reset", {{45, "reset"}});
    if (is_2g) {
      add("uart/v1", 20, {"[I]-[testUart.write] CMD_SCANNER"},
          {{5, "uart", {}, 1, 0, "\x01\xc0"}, {6, "uart", {}, 2, 0, "hello"}});
      add("uart/v2", 10, {"[I]-[testUart.write] read wait timeout!"},
          {{5, "uart", {}, 1, 0, "hello"}});
      add("uart/v3", 10, {"[I]-[uart read length:] 5 hello"}, {{5, "uart", {}, 1, 0, "hello"}});
      add("gpio/i2cGpioSwitch", 30, {"[I]-[switchtogpio] true", "[I]-[switchtoi2c] false"});
    } else {
      add("uart", 60, {"[I]-[testUart.write] CMD_SCANNER"},
          {{5, "uart", {}, 1, 0, "\x01\xc0"}, {6, "uart", {}, 2, 0, "hello"}});
      add("softdog", 200, {"eatSoftDog test", "eatSoftDog test", "closeSoftDog test"});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Demos, Vendor, ::testing::ValuesIn(demos()), name_of);

}  // namespace
}  // namespace moonwire::tests
