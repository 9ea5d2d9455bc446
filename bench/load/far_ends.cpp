// Three loops in three threads.
#include "load/far_ends.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "load/connection.h"
#include "load/way.h"

namespace moonwire::load {
namespace {

/// What the source gives on one connection: a proxy that queues without bound would fill the
/// memory.
constexpr std::size_t source_bytes = std::size_t{16} * 1024 * 1024 * 1024;
constexpr std::size_t block_bytes = 256 * 1024;

bool would_block() {
  return errno == EAGAIN || errno == EINTR;
}

class Server;

/// One accepted connection.
class End : public Watcher {
 public:
  End(Server& server, Loop& loop, int descriptor);
  ~End() override;
  void flush() override {}

 protected:
  int descriptor() const { return descriptor_; }
  Loop& loop() { return loop_; }
  std::span<std::byte> scratch();
  void over();

 private:
  Server& server_;
  Loop& loop_;
  int descriptor_;
};

class EchoEnd final : public End {
 public:
  using End::End;
  void on_readable() override {
    const ssize_t size = ::recv(descriptor(), scratch().data(), scratch().size(), 0);
    if (size > 0) {
      put(scratch().first(static_cast<std::size_t>(size)));
    } else if (size == 0 || !would_block()) {
      over();
    }
  }
  void on_writable() override { put(std::exchange(waiting_, {})); }

 private:
  void put(Bytes bytes) {
    const ssize_t size = ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && !would_block()) {
      over();
      return;
    }
    const Bytes rest = bytes.subspan(size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool waited = is_waiting_;
    is_waiting_ = !rest.empty();
    waiting_ = {rest.begin(), rest.end()};
    // What came is not read before what waits has gone.
    if (is_waiting_ != waited)
      loop().set_interest(descriptor(), *this, is_waiting_ ? Interest::writing : Interest::reading);
  }
  void put(const std::vector<std::byte>& bytes) { put(Bytes{bytes}); }

  std::vector<std::byte> waiting_;
  bool is_waiting_ = false;
};

/// Gives as fast as it is taken, a block at a time.
class SourceEnd final : public End {
 public:
  SourceEnd(Server& server, Loop& loop, int descriptor) : End{server, loop, descriptor} {
    loop.set_interest(descriptor, *this, Interest::both);
  }
  void on_readable() override {
    const ssize_t size = ::recv(descriptor(), scratch().data(), scratch().size(), 0);
    if (size == 0 || (size < 0 && !would_block())) over();
  }
  void on_writable() override {
    const ssize_t size =
        ::send(descriptor(), scratch().data(), std::min(left_, scratch().size()), MSG_NOSIGNAL);
    if (size > 0) left_ -= static_cast<std::size_t>(size);
    if (left_ == 0 || (size < 0 && !would_block())) over();
  }

 private:
  std::size_t left_ = source_bytes;
};

class SinkEnd final : public End {
 public:
  using End::End;
  void on_readable() override {
    const ssize_t size = ::recv(descriptor(), scratch().data(), scratch().size(), 0);
    if (size == 0 || (size < 0 && !would_block())) over();
  }
  void on_writable() override {}
};

class Server final : private Watcher {
 public:
  Server(Target target, std::uint16_t& port) : target_{target}, listener_{listen_on(port)} {
    loop_.watch(listener_, *this);
  }
  void run() {
    for (;;) {
      loop_.turn(-1);
      over_.clear();
    }
  }
  std::span<std::byte> scratch() { return scratch_; }
  void over(End& one) {
    const auto found = ends_.find(&one);
    if (found == ends_.end()) return;
    over_.push_back(std::move(found->second));
    ends_.erase(found);
  }

 private:
  std::unique_ptr<End> make(int descriptor) {
    if (target_ == Target::echo) return std::make_unique<EchoEnd>(*this, loop_, descriptor);
    if (target_ == Target::sink) return std::make_unique<SinkEnd>(*this, loop_, descriptor);
    return std::make_unique<SourceEnd>(*this, loop_, descriptor);
  }
  void on_readable() override {
    for (;;) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor < 0) return;
      auto one = make(descriptor);
      ends_[one.get()] = std::move(one);
    }
  }
  void on_writable() override {}
  void flush() override {}

  Target target_;
  int listener_;
  Loop loop_;
  std::vector<std::byte> scratch_ = std::vector<std::byte>(block_bytes, std::byte{'x'});
  std::unordered_map<End*, std::unique_ptr<End>> ends_;
  std::vector<std::unique_ptr<End>> over_;  // destroyed after the turn: they are being called
};

End::End(Server& server, Loop& loop, int descriptor)
    : server_{server}, loop_{loop}, descriptor_{descriptor} {
  send_at_once(descriptor);
  loop.watch(descriptor, *this);
}

End::~End() {
  loop_.forget(descriptor_, *this);
  ::close(descriptor_);
}

std::span<std::byte> End::scratch() {
  return server_.scratch();
}

void End::over() {
  loop_.forget(descriptor_, *this);
  server_.over(*this);
}

}  // namespace

int run_far_ends() {
  Ports ports;
  std::vector<std::unique_ptr<Server>> servers;
  servers.push_back(std::make_unique<Server>(Target::echo, ports.echo));
  servers.push_back(std::make_unique<Server>(Target::source, ports.source));
  servers.push_back(std::make_unique<Server>(Target::sink, ports.sink));
  for (const auto& server : servers) std::thread{[one = server.get()] { one->run(); }}.detach();
  std::printf("%u %u %u\n", unsigned{ports.echo}, unsigned{ports.source}, unsigned{ports.sink});
  std::fflush(stdout);
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) continue;
  std::_Exit(0);  // the threads never end
}

}  // namespace moonwire::load
