// The floor: no proxy at all.
#include "load/way.h"

namespace moonwire::load {
namespace {

class TcpStream final : public Stream {
 public:
  TcpStream(Loop& loop, std::uint16_t port) : connection_{loop, port} {
    connection_.on_bytes = [this](Bytes bytes) { on_bytes(bytes); };
    connection_.on_end = [this] {
      if (on_end) on_end();
    };
    connection_.on_room = [this] {
      if (on_room) on_room();
    };
  }
  bool send(Bytes bytes) override { return connection_.send(bytes); }

 private:
  Connection connection_;
};

class TcpWay final : public Way {
 public:
  TcpWay(Loop& loop, const Ports& ports) : loop_{loop}, ports_{ports} {}
  std::unique_ptr<Stream> open(Target target) override {
    return std::make_unique<TcpStream>(loop_, ports_.of(target));
  }

 private:
  Loop& loop_;
  Ports ports_;
};

}  // namespace

std::unique_ptr<Way> make_tcp_way(Loop& loop, const Ports& far_ends) {
  return std::make_unique<TcpWay>(loop, far_ends);
}

}  // namespace moonwire::load
