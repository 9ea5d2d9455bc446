// A WebSocket for each connection; the server decides where it leads.
#include "load/way.h"
#include "load/websocket.h"

namespace moonwire::load {
namespace {

class WebsockifyStream final : public Stream {
 public:
  WebsockifyStream(Loop& loop, std::uint16_t port) : socket_{loop, port, "/", "binary"} {
    socket_.on_piece = [this](Bytes piece, bool) { on_bytes(piece); };
    socket_.on_end = [this] {
      if (on_end) on_end();
    };
    socket_.on_room = [this] {
      if (on_room) on_room();
    };
  }
  bool send(Bytes bytes) override { return socket_.send({}, bytes); }

 private:
  WebSocket socket_;
};

class WebsockifyWay final : public Way {
 public:
  WebsockifyWay(Loop& loop, const Ports& bridges) : loop_{loop}, bridges_{bridges} {}
  std::unique_ptr<Stream> open(Target target) override {
    return std::make_unique<WebsockifyStream>(loop_, bridges_.of(target));
  }

 private:
  Loop& loop_;
  Ports bridges_;
};

}  // namespace

std::unique_ptr<Way> make_websockify_way(Loop& loop, const Ports& bridges) {
  return std::make_unique<WebsockifyWay>(loop, bridges);
}

}  // namespace moonwire::load
