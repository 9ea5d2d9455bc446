// Bytes from a hostile peer through every decoder, in two pieces: nothing crashes, nothing is
// consumed that did not come, and the same bytes in one piece give the same number of messages.
#include <algorithm>
#include <cstdint>
#include <span>

#include "bindings/chuck/codec.h"
#include "bindings/chuck/decoder.h"
#include "bindings/chuck/http_framer.h"
#include "bindings/chuck/websocket_framer.h"
#include "lauxlib.h"
#include "support/script_runner.h"

namespace {

using namespace moonwire;
using bindings::chuck::Decoder;
using bindings::chuck::Framer;
using bindings::chuck::Step;
using bindings::chuck::Style;

int messages_of(lua_State* state, const Decoder& decoder, std::span<const char> bytes,
                std::size_t cut) {
  Framer framer(state, decoder, Style::later);
  int messages = 0;
  std::size_t done = 0;
  for (const std::size_t end : {std::min(cut, bytes.size()), bytes.size()}) {
    for (;;) {
      const auto rest = bytes.subspan(done, end - done);
      const Step step = framer.look(rest);
      if (step.consumed > rest.size()) __builtin_trap();
      if (step.kind == Step::Kind::message) {
        framer.push_message(state);
        lua_settop(state, 0);
        ++messages;
      }
      done += step.consumed;
      if (step.kind == Step::Kind::failed) return messages;
      if (step.kind == Step::Kind::need_more || rest.empty()) break;
    }
  }
  return messages;
}

int fuzz(lua_State* state) {
  const auto& input = *static_cast<const std::span<const char>*>(lua_touserdata(state, 1));
  lua_settop(state, 0);
  const std::size_t cut = static_cast<unsigned char>(input[1]);
  const auto bytes = input.subspan(2);
  const Decoder decoders[] = {
      {Decoder::Way::first, 300, 0},
      {Decoder::Way::later, 300, 0},
      {Decoder::Way::http, 300, 300},
      {Decoder::Way::websocket_server, 300, 0},
      {Decoder::Way::websocket_client, 300, 0},
      {Decoder::Way::http, 300, 300, bindings::chuck::HttpRole::server},
      {Decoder::Way::http, 300, 300, bindings::chuck::HttpRole::client},
  };
  constexpr unsigned encodings_first = 5;
  constexpr unsigned decoders_again = 8;
  const unsigned choice = static_cast<unsigned char>(input[0]) % 10;
  if (choice < encodings_first || choice >= decoders_again) {
    const Decoder& decoder =
        decoders[choice < encodings_first ? choice : choice - decoders_again + encodings_first];
    const int pieces = messages_of(state, decoder, bytes, cut);
    if (pieces != messages_of(state, decoder, bytes, bytes.size())) __builtin_trap();
    return 0;
  }
  const bindings::chuck::Encoding encodings[] = {bindings::chuck::Encoding::first,
                                                 bindings::chuck::Encoding::later,
                                                 bindings::chuck::Encoding::mail};
  bindings::chuck::ByteReader in{{bytes.data(), bytes.size()}};
  bindings::chuck::read_table(state, in, encodings[choice - encodings_first]);
  return 0;
}

/// A process whose state serves all inputs.
class Bench {
 public:
  Bench() {
    runner_.dialect = kernel::Dialect::chuck;
    pid_ = runner_.start("require('chuck').engine():Run()");
    runner_.settle();
    state_ = lua_newthread(runner_.machine.find(pid_)->state());
  }
  void run(std::span<const char> input) {
    lua_pushcfunction(state_, fuzz);
    lua_pushlightuserdata(state_, &input);
    if (lua_pcall(state_, 1, 0, 0) != LUA_OK) lua_pop(state_, 1);
    if (++runs_ % 256 == 0) lua_gc(state_, LUA_GCCOLLECT);
  }

 private:
  testing::ScriptRunner runner_;
  kernel::Pid pid_ = 0;
  lua_State* state_ = nullptr;
  unsigned runs_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench bench;
  if (size < 2) return 0;
  bench.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
