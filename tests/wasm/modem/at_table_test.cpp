// The reference's tables of AT commands, a test for each row: what is said, what comes back, in
// which shape. boot_test has the rows up to the address, sockets_test the dialogues with prompts.
#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <sstream>

#include "wasm/modem/bench.h"

namespace moonwire::tests {
namespace {

using modem::Profile;
using modem::Sim;

constexpr Profile both_profiles[] = {Profile::air202, Profile::air724u};

struct Row {
  const char* command;
  Lines reply;
};

void walk(Bench& bench, const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(bench.say(row.command), row.reply) << row.command;
}

/// The fields between separators, without the head up to the colon.
std::vector<std::string> fields(const std::string& line, const std::string& separator) {
  std::vector<std::string> all;
  std::string rest = line.substr(line.find(':') + 1);
  for (std::size_t at = rest.find(separator); at != std::string::npos; at = rest.find(separator)) {
    all.push_back(rest.substr(0, at));
    rest.erase(0, at + separator.size());
  }
  all.push_back(rest);
  return all;
}

// --- Classes of replies: what ril.lua takes as payload, what as an unasked line ---

enum class Class { no_result, number, one_line, lines, any };

bool is_final(const std::string& line) {
  return line == "OK" || line == "ERROR" || line == "SHUT OK" || line.starts_with("+CME ERROR:") ||
         line.starts_with("+CMS ERROR:");
}

struct Preset {
  const char* command;
  Class kind;
};

void expect_shape(const Preset& preset, const Lines& reply) {
  SCOPED_TRACE(preset.command);
  ASSERT_FALSE(reply.empty());
  EXPECT_EQ(reply.back(), "OK");
  EXPECT_EQ(std::count_if(reply.begin(), reply.end(), is_final), 1);
  const Lines payload(reply.begin(), reply.end() - 1);
  const std::string command = preset.command;
  const std::string head = command.substr(2, command.find_first_of("=?", 3) - 2);
  for (const std::string& line : payload) EXPECT_FALSE(line.empty());
  switch (preset.kind) {
    case Class::no_result: break;
    case Class::number:
      ASSERT_EQ(payload.size(), 1u);
      EXPECT_TRUE(std::all_of(payload[0].begin(), payload[0].end(), [](unsigned char c) {
        return std::isxdigit(c) != 0;
      })) << payload[0];
      break;
    case Class::one_line:
      ASSERT_EQ(payload.size(), 1u);
      EXPECT_TRUE(payload[0].starts_with(head)) << payload[0];
      break;
    case Class::lines:  // from the first line with the head on, or none
      if (!payload.empty()) {
        EXPECT_TRUE(payload[0].starts_with(head)) << payload[0];
      }
      break;
    case Class::any: ASSERT_EQ(payload.size(), 1u); break;
  }
}

TEST(AtTable, EachHeadIsAnsweredInTheShapeOfItsClass) {
  const std::vector<Preset> for_both = {
      {"AT+CSQ", Class::one_line},     {"AT+MUID?", Class::one_line},
      {"AT+CGSN", Class::number},      {"AT+WISN?", Class::any},
      {"AT+CIMI", Class::number},      {"AT+CGATT?", Class::one_line},
      {"AT+CCLK?", Class::one_line},   {"AT+CMGR=1", Class::lines},
      {"AT+CPBF=\"a\"", Class::lines}, {"AT+CPBR=1,10", Class::lines},
      {"AT+CLCC", Class::lines},       {"AT+CNUM", Class::lines},
      {"AT+VER", Class::any},
  };
  const std::vector<Preset> for_4g = {
      {"AT+CESQ", Class::one_line},      {"AT+ICCID", Class::one_line},
      {"AT+SIMCROSS?", Class::one_line}, {"AT+CIND=1", Class::no_result},
      {"AT+CGACT?", Class::lines},       {"AT+CALIBINFO?", Class::any},
      {"AT+EEMGINFO?", Class::no_result}};
  const std::vector<Preset> for_2g = {{"AT+CCID", Class::number},
                                      {"AT+ATWMFT=99", Class::any},
                                      {"AT+CENG?", Class::no_result},
                                      {"AT+CDNSCFG?", Class::no_result}};
  for (const Profile profile : both_profiles) {
    Bench bench(profile);
    bench.bring_up();
    for (const Preset& preset : for_both) expect_shape(preset, bench.say(preset.command));
    for (const Preset& preset : profile == Profile::air202 ? for_2g : for_4g) {
      expect_shape(preset, bench.say(preset.command));
    }
  }
}

TEST(AtTable, TheVersionIsOneWordOfLettersDigitsAndUnderscores) {
  for (const Profile profile : both_profiles) {
    Bench bench(profile);
    bench.bring_up();
    const std::string version = bench.say("AT+VER").front();
    EXPECT_TRUE(std::all_of(version.begin(), version.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_';
    })) << version;
    EXPECT_EQ(version.find("8955") != std::string::npos, profile == Profile::air202);
  }
}

// A line that is not asked for inside a STRING-class command would be taken for the serial number,
// inside a MLINE reply it would be swallowed.
TEST(AtTable, NothingUnaskedStandsInsideAReplyWhateverHappensMeanwhile) {
  for (const Profile profile : both_profiles) {
    const std::vector<std::function<void(Bench&)>> mishaps = {
        [](Bench& bench) { bench.modem().set_network(false); },
        [](Bench& bench) { bench.modem().drop_bearer(); },
        [](Bench& bench) { bench.modem().set_sim(Sim::absent); },
    };
    for (const auto& mishap : mishaps) {
      for (const char* command :
           {"AT+WISN?", "AT+VER", "AT+CGSN", "AT+CSQ", "AT+CNUM", "AT+CCLK?"}) {
        Bench bench(profile);
        bench.bring_up();
        bench.modem().write(std::string(command) + '\r');
        mishap(bench);
        EXPECT_EQ(bench.lines(), Lines{}) << command << " was overtaken";
        bench.wait(bench.modem().timings().answer);
        const Lines all = bench.lines();
        const auto end = std::find_if(all.begin(), all.end(), is_final);
        ASSERT_NE(end, all.end()) << command;
        EXPECT_LE(end - all.begin(), 1) << command;
        for (auto line = all.begin(); line != end; ++line) {
          EXPECT_FALSE(line->starts_with("+CREG") || line->starts_with("+CPIN") ||
                       line->starts_with("+PDP"))
              << *line << " inside " << command;
        }
      }
    }
  }
}

// --- 4G, up to the address: the rows that boot_test's healthy dialogue has not ---

TEST(AtTable, Lte_RepliesDuringTheSearchOfTheNetwork) {
  Bench bench(Profile::air724u);
  bench.modem().set_network(false);
  bench.modem().power_on();
  bench.wait(2 * seconds);
  bench.lines();
  walk(bench, {
                  {"AT+CREG?", {"+CREG: 0,2", "OK"}},
                  {"AT+CREG=2", {"OK"}},
                  {"AT+CREG?", {"+CREG: 2,2", "OK"}},
                  {"AT+CGREG?", {"+CGREG: 0,2", "OK"}},
                  {"AT+CEREG?", {"+CEREG: 0,2", "OK"}},
                  {"AT+COPS?", {"OK"}},
                  {"AT+EEMGINFO?", {"OK"}},
                  {"AT+CSQ", {"+CSQ: 99,99", "OK"}},
                  {"AT+CGATT?", {"+CGATT: 0", "OK"}},
                  {"AT+CGACT?", {"+CGACT: 1,0", "OK"}},
                  {"AT+CGDCONT?", {"OK"}},  // never a context without an address
              });
}

TEST(AtTable, Lte_TheWayOfTheOlderNetworks) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  walk(bench, {
                  {"AT+CGATT=1", {"OK"}},
                  {"AT+CGATT?", {"+CGATT: 1", "OK"}},
                  {"AT+CGDCONT=5,\"IP\",\"CMIOT\"", {"OK"}},
                  {"AT+CGACT=1,5", {"OK"}},
                  {"AT+CGACT?", {"+CGACT: 1,1", "OK"}},
                  {"AT+CGDCONT?", {"+CGDCONT: 1,\"IP\",\"CMIOT\",\"10.12.34.56\",0,0", "OK"}},
              });
}

TEST(AtTable, Lte_ContextsAreWrittenSoThatTheLibraryFindsTheAddress) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  // Digits, anything, then the last quoted text behind a comma.
  const std::string line = bench.say("AT+CGDCONT?").front();
  const std::size_t end = line.rfind('"');
  const std::size_t begin = line.rfind(",\"", end - 1);
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(line.substr(begin + 2, end - begin - 2), *bench.modem().state().address);
  EXPECT_EQ(line.find("+CGDCONT: 1"), 0u);
}

// --- 4G, afterwards ---

TEST(AtTable, Lte_Afterwards) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  walk(bench, {
                  {"AT+CFUN?", {"+CFUN: 1", "OK"}},
                  {"AT+CCLK=\"21/05/24,19:10:09+32\"", {"OK"}},
                  {"AT+CCLK?", {"+CCLK: \"21/05/24,19:10:09+32\"", "OK"}},
                  {"AT+CPNETAPN=2,\"private\",\"u\",\"p\",1", {"OK"}},
                  {"AT+CGDCONT?", {"+CGDCONT: 1,\"IP\",\"private\",\"10.12.34.56\",0,0", "OK"}},
                  {"AT+TCPUSERPARAM=6,4,7200,16", {"OK"}},
                  {"AT*DNSTMOUT=4,4", {"OK"}},
                  {"AT+SIMCROSS=0", {"OK"}},
                  {"AT+SIMCROSS=1", {"ERROR"}},  // the second holder is empty
                  {"AT+SIMCROSS?", {"+SIMCROSS: 0", "OK"}},
                  {"AT+CNUM", {"+CNUM: \"\",\"13800000017\",129", "OK"}},
                  {"AT+WISN=\"A1\"", {"OK"}},
                  {"AT+WISN?", {"A1", "OK"}},
                  {"AT+WIMEI=\"860000000000033\"", {"OK"}},
                  {"AT+CGSN", {"860000000000033", "OK"}},
                  {"AT+EEMOPT=1", {"OK"}},
                  {"AT+CMGF=0", {"OK"}},
                  {"AT+CSCS=\"UCS2\"", {"OK"}},
                  {"AT+CPMS=\"SM\"", {"OK"}},
                  {"AT+CNMI=2,1,0,0,0", {"OK"}},
                  {"AT+CMGD=1,3", {"OK"}},
                  {"AT+CLIP=1", {"OK"}},
              });
}

TEST(AtTable, Lte_EachWordOfTheRegistrationIsWhereTheLibraryReadsIt) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  // 1 or 5 is registered, the last field 7 is LTE; without it the library takes its older way.
  for (const char* command : {"AT+CREG?", "AT+CGREG?", "AT+CEREG?"}) {
    const std::vector<std::string> words = fields(bench.say(command).front(), ",");
    ASSERT_EQ(words.size(), 5u) << command;
    EXPECT_EQ(words[1], "1") << command;
    EXPECT_EQ(words[2], "\"18be\"") << command;
    EXPECT_EQ(words[3], "\"0593e101\"") << command;
    EXPECT_EQ(words[4], "7") << command;
  }
}

// --- Cell lines ---

TEST(AtTable, Lte_CellLinesHaveTheirFieldsInPlace) {
  Bench bench(Profile::air724u);
  bench.bring_up();
  for (const int csq : {0, 10, 25, 31}) {
    bench.modem().set_signal(static_cast<std::uint8_t>(csq));
    const Lines reply = bench.say("AT+EEMGINFO?");
    ASSERT_EQ(reply.size(), 3u);
    const std::vector<std::string> serving = fields(reply[0], ", ");
    ASSERT_TRUE(reply[0].starts_with("+EEMLTESVC:"));
    ASSERT_GE(serving.size(), 15u);
    EXPECT_EQ(std::stoi(serving[0]), 0x460);  // the country as decimal of the BCD value
    EXPECT_EQ(std::stoi(serving[2]), 0);
    EXPECT_EQ(std::stoi(serving[3]), 0x18be);
    EXPECT_EQ(std::stoul(serving[9]), 0x0593e101u);
    EXPECT_EQ(std::stoi(serving[14]) / 3, csq);  // as the library turns it into CSQ
    ASSERT_TRUE(reply[1].starts_with("+EEMLTEINTRA:"));
    const std::vector<std::string> neighbour = fields(reply[1], ", ");
    ASSERT_EQ(neighbour.size(), 9u);
    EXPECT_EQ(std::stoi(neighbour[5]), 0x460);
    EXPECT_EQ(std::stoi(neighbour[6]), 0);
    EXPECT_EQ(std::stoi(neighbour[7]), 0x18be);
    EXPECT_NE(std::stoul(neighbour[8]), 0x0593e101u);
  }
}

TEST(AtTable, Gsm_CellLinesHaveTheirFieldsInPlace) {
  Bench bench(Profile::air202);
  bench.bring_up();
  for (const int csq : {0, 10, 31}) {
    bench.modem().set_signal(static_cast<std::uint8_t>(csq));
    const Lines reply = bench.say("AT+CENG?");
    ASSERT_EQ(reply.size(), 4u);
    EXPECT_EQ(reply[0], "+CENG:1,1");
    ASSERT_TRUE(reply[1].starts_with("+CENG:0,\"")) << "a blank behind the colon hides it";
    ASSERT_TRUE(reply[2].starts_with("+CENG:1,\""));
    const std::vector<std::string> serving = fields(reply[1].substr(9), ",");
    ASSERT_EQ(serving.size(), 11u);
    EXPECT_EQ(std::stoi(serving[1]), csq);
    EXPECT_EQ(serving[3], "460");
    EXPECT_EQ(std::stoi(serving[4]), 0);
    EXPECT_EQ(std::stoi(serving[6]), 0x93e1);  // the cell, decimal
    EXPECT_EQ(std::stoi(serving[9]), 0x18be);  // the area
    EXPECT_EQ(std::stoi(serving[10]), 255);    // timing advance unknown
    const std::vector<std::string> neighbour = fields(reply[2].substr(9), ",");
    ASSERT_EQ(neighbour.size(), 7u);
    EXPECT_EQ(neighbour[2], "460");
    EXPECT_EQ(std::stoi(neighbour[6]), 0x18be);
  }
}

// --- 2G ---

TEST(AtTable, Gsm_RepliesDuringTheSearchOfTheNetwork) {
  Bench bench(Profile::air202);
  bench.modem().set_network(false);
  bench.modem().power_on();
  bench.wait(2 * seconds);
  bench.lines();
  walk(bench, {
                  {"AT+CREG=2", {"OK"}},
                  {"AT+CREG?", {"+CREG: 2,2", "OK"}},
                  {"AT+CSQ", {"+CSQ: 99,0", "OK"}},
                  {"AT+CENG=1,1", {"OK"}},
                  {"AT+CENG?", {"+CENG:1,1", "OK"}},
                  {"AT+CGATT?", {"+CGATT: 0", "OK"}},
                  {"AT+CIPSTATUS", {"OK", "STATE: IP INITIAL"}},
                  {"AT+CSTT=\"CMIOT\",\"\",\"\"", {"OK"}},
                  {"AT+CIICR", {"ERROR"}},
                  {"AT+CIFSR", {"ERROR"}},
              });
}

TEST(AtTable, Gsm_TheStateStandsFromTheEighthColumnOn) {
  Bench bench(Profile::air202);
  bench.bring_up();
  const Lines reply = bench.say("AT+CIPSTATUS");
  ASSERT_EQ(reply.size(), 2u);
  EXPECT_EQ(reply[1].substr(7), "IP STATUS");
  bench.connect(7);
  EXPECT_EQ(bench.say("AT+CIPSTATUS").at(1).substr(7), "IP PROCESSING");
}

TEST(AtTable, Gsm_Sockets) {
  Bench bench(Profile::air202);
  bench.bring_up();
  walk(bench, {
                  {"AT+CIPMUX?", {"+CIPMUX: 1", "OK"}},
                  {"AT+CIPQSEND?", {"+CIPQSEND: 0", "OK"}},
                  {"AT+CSTT?", {"+CSTT: \"CMIOT\",\"\",\"\"", "OK"}},
                  {"AT+CDNSCFG=\"1.2.3.4\",\"5.6.7.8\"", {"OK"}},
                  {"AT+CDNSCFG?", {"PrimaryDns: 1.2.3.4", "SecondaryDns: 5.6.7.8", "OK"}},
                  {"AT+CIPSTART=7,\"TCP\",\"host\",80", {"OK"}},
                  {"AT+CIPSTART=7,\"TCP\",\"host\",80", {"ERROR"}},  // never ALREADY CONNECT
              });
  bench.modem().on_opened(7);
  bench.wait(500 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"7, CONNECT OK"});
  walk(bench, {
                  {"AT+CIPCLOSE=7,0", {"7, CLOSE OK"}},  // slowly
                  {"AT+CIPSTART=6,\"UDP\",\"host\",53", {"OK"}},
                  {"AT+CIPCLOSE=6", {"6, CLOSE OK"}},
                  {"AT+CIPSHUT", {"SHUT OK"}},
                  {"AT+CGATT?", {"+CGATT: 1", "OK"}},
                  {"AT+CIPSTATUS", {"OK", "STATE: IP INITIAL"}},
                  {"AT+CIPSTART=7,\"TCP\",\"host\",80", {"ERROR"}},
              });
}

TEST(AtTable, Gsm_ASendIsExactlySoLongAndEndsInOneOfItsWords) {
  Bench bench(Profile::air202);
  bench.bring_up();
  bench.connect(7);
  bench.modem().write("AT+CIPSEND=7,10\r");
  bench.wait(20 * milliseconds);
  EXPECT_EQ(bench.modem().read(100), "> ") << "the prompt has no line end";
  bench.modem().write("0123456789AT+CSQ\r");
  bench.wait(500 * milliseconds);
  EXPECT_EQ(bench.lines(), Lines{"7, SEND OK"});
  bench.wait(20 * milliseconds);
  EXPECT_EQ(bench.lines(), (Lines{"+CSQ: 25,0", "OK"}));
  EXPECT_EQ(bench.peers.at(7).got, "0123456789");
}

TEST(AtTable, Gsm_Ssl) {
  Bench bench(Profile::air202);
  bench.bring_up();
  walk(bench, {
                  {"AT+SSLINIT", {"OK"}},
                  {"AT+SSLCREATE=0,\"host:443\",1", {"SSL&0,CREATE OK"}},
                  {"AT+SSLCERT=1,0,\"cacrt\",\"ca.crt\"", {"OK"}},
                  {"AT+SSLCERT=1,0,\"localprivatekey\",\"key\",\"password\"", {"OK"}},
                  {"AT+SSLCONNECT=0", {"OK"}},  // and the outcome unasked, later
              });
  bench.modem().on_open_failed(8, modem::OpenFailure::unsupported);
  bench.wait(500 * milliseconds);
  const Lines told = bench.lines();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].starts_with("SSL&0,CONNECT ERROR")) << told[0];
  walk(bench, {
                  {"AT+SSLDESTROY=0", {"SSL&0,DESTROY OK"}},
                  {"AT+SSLTERM", {"OK"}},
              });
}

TEST(AtTable, Gsm_Afterwards) {
  Bench bench(Profile::air202);
  bench.bring_up();
  walk(bench, {
                  {"AT+CLTS=1", {"OK"}},
                  {"AT+SPWM=0,100,50", {"OK"}},
                  {"AT+CNUM", {"+CNUM: \"\",\"13800000017\",129", "OK"}},
                  {"AT+CCLK=\"21/05/24,19:10:09+32\"", {"OK"}},
                  {"AT+WISN=\"A1\"", {"OK"}},
                  {"AT+WISN?", {"A1", "OK"}},
                  {"AT+CMGF=0", {"OK"}},
                  {"AT+CNMI=2,1", {"OK"}},
                  {"AT+CMGD=1,3", {"OK"}},
              });
}

// --- Whatever comes ---

// The rule of all rules: silence restarts the module.
TEST(AtTable, EveryCommandOfEitherLibraryGetsOneFinalLineInEveryState) {
  static constexpr const char* commands[] = {"ATE0",
                                             "ATX4",
                                             "ATS7=60",
                                             "ATA",
                                             "ATD10086;",
                                             "ATH",
                                             "AT+CMEE=0",
                                             "AT+STON=0",
                                             "AT+SIMCROSS?",
                                             "AT+COPS?",
                                             "AT+CREG=2",
                                             "AT+CGREG=2",
                                             "AT+CEREG=2",
                                             "AT+CREG?",
                                             "AT+CGREG?",
                                             "AT+CEREG?",
                                             "AT+CALIBINFO?",
                                             "AT*BAND?",
                                             "AT*BAND=5,0,0,482,149,2,2,0",
                                             "AT+EEMOPT=1",
                                             "AT+CSQ",
                                             "AT+CESQ",
                                             "AT+EEMGINFO?",
                                             "AT+CIND=1",
                                             "AT+VER",
                                             "AT+WISN?",
                                             "AT+CGSN",
                                             "AT+MUID?",
                                             "AT*EXINFO?",
                                             "AT+ICCID",
                                             "AT+CCID",
                                             "AT+CIMI",
                                             "AT+CGDCONT?",
                                             "AT+CGATT?",
                                             "AT+CGATT=1",
                                             "AT+CGACT?",
                                             "AT+CGACT=1,5",
                                             "AT+CFUN?",
                                             "AT+CCLK?",
                                             "AT+CPNETAPN=2,\"a\",\"\",\"\",0",
                                             "AT*DNSTMOUT=4,4",
                                             "AT+TCPUSERPARAM=6,4,7200,16",
                                             "AT+CNUM",
                                             "AT+CENG=1,1",
                                             "AT+CENG?",
                                             "AT+ATWMFT=99",
                                             "AT+CIICRMODE=2",
                                             "AT+CIPMUX=1",
                                             "AT+CIPHEAD=1",
                                             "AT+CIPQSEND=0",
                                             "AT+CSTT=\"CMIOT\",\"\",\"\"",
                                             "AT+CDNSCFG?",
                                             "AT+CIPSEND=7,10,11",
                                             "AT+CIPCLOSE=7",
                                             "AT+SSLINIT",
                                             "AT+SSLTERM",
                                             "AT+SSLDESTROY=0",
                                             "AT+SSLCONNECT=0",
                                             "AT+CLTS=1",
                                             "AT+SPWM=0,1,1",
                                             "AT+CMGF=0",
                                             "AT+CMGR=1",
                                             "AT+CMGD=1",
                                             "AT+CNMI=2,1,0,0,0",
                                             "AT+CSMP=17,167,0,8",
                                             "AT+CSCS=\"UCS2\"",
                                             "AT+CPMS=\"SM\"",
                                             "AT+CLCC",
                                             "AT+CHUP",
                                             "AT+CHLD=1",
                                             "AT+CLIP=1",
                                             "AT+CCWA=1",
                                             "AT+CMIC=1",
                                             "AT+VTS=1",
                                             "AT+CPBS=\"SM\"",
                                             "AT+CPBR=1,10",
                                             "AT+CPBF=\"a\"",
                                             "AT+CPBW=1",
                                             "AT+AUTOAPN=0",
                                             "AT*CGDFLT?",
                                             "AT+SETVOLTE=1",
                                             "AT+AUDREC=0,0,1",
                                             "AT+QTTS=1",
                                             "AT+SENDSOUND=\"a\"",
                                             "AT+DTMFDET=1",
                                             "AT+MEDCR=0,8,1",
                                             "AT+CACCP=0,1,0",
                                             "AT+AUDCH=1",
                                             "AT+CRSM=176,28539,0,0,12",
                                             "AT+ALIPAYOPEN",
                                             "AT+CTFSREADY",
                                             "AT^MODE?",
                                             "AT+CGDATA=\"PPP\",1"};
  const std::vector<std::function<void(Bench&)>> situations = {
      [](Bench&) {},
      [](Bench& bench) { bench.modem().set_sim(Sim::absent); },
      [](Bench& bench) { bench.modem().set_sim(Sim::pin); },
      [](Bench& bench) { bench.modem().set_network(false); },
      [](Bench& bench) { bench.modem().drop_bearer(); },
      [](Bench& bench) { bench.say("AT+CFUN=0"); }};
  for (const Profile profile : both_profiles) {
    for (const auto& situation : situations) {
      Bench bench(profile);
      bench.bring_up();
      situation(bench);
      bench.wait(5 * seconds);
      bench.lines();
      for (const char* command : commands) {
        const Lines reply = bench.say(command);
        const bool is_bare = std::string_view(command).starts_with("AT+CIP") ||
                             std::string_view(command).starts_with("AT+SSL");
        EXPECT_EQ(std::count_if(reply.begin(), reply.end(), is_final), is_bare ? reply.size() : 1u)
            << command << " in " << (profile == Profile::air202 ? "2G" : "4G");
        ASSERT_FALSE(reply.empty()) << command;
        bench.wait(3 * seconds);
        bench.lines();
      }
    }
  }
}

}  // namespace
}  // namespace moonwire::tests
