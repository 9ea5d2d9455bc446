#include "module/connection.h"

#include <algorithm>
#include <utility>

#include "module/limits.h"
#include "module/time_server.h"

namespace moonwire::module {

using net::NetError;
using net::Ready;

Connection::Connection(Ways ways, ConnectionUser& user) : ways_(ways), user_(user) {}

Connection::~Connection() {
  watch_.stop();
  if (look_ != net::no_deadline) ways_.deadlines.cancel(look_);
  if (socket_) socket_->close();
}

void Connection::open(net::SocketType type, std::string_view host, std::uint16_t port) {
  type_ = type;
  port_ = port;
  stage_ = Stage::resolving;
  const auto literal = net::parse_literal(host);
  is_time_ = type == net::SocketType::datagram && port == time_port &&
             !(literal && literal->is_loopback());
  if (is_time_) return look_soon();
  lookup_ = ways_.network.resolver().forward(host, net::Family::unspecified);
  if (lookup_->is_done()) return look_soon();
  watch_.start(*lookup_, Ready::readable, *this);
}

void Connection::on_ready(net::Pollable&, Ready) {
  look_soon();
}

// What watches must not destroy what it is told of, and our users may.
void Connection::look_soon() {
  if (look_ != net::no_deadline) return;
  look_ = ways_.deadlines.call_at(ways_.deadlines.now(), [this] {
    look_ = net::no_deadline;
    look();
  });
}

void Connection::watch(Ready interest) {
  watch_.start(*socket_, interest, *this);
  if (any(socket_->ready() & interest)) look_soon();
}

void Connection::look() {
  switch (stage_) {
    case Stage::idle:
    case Stage::ended: return;
    case Stage::resolving: {
      if (early_error_ != NetError::none) return decide(early_error_);
      if (is_time_) {
        stage_ = Stage::open;
        return user_.on_decided(NetError::none);
      }
      if (!lookup_->is_done()) return;
      watch_.stop();
      const auto answer = std::exchange(lookup_, nullptr);
      if (answer->error() != NetError::none) return decide(answer->error());
      addresses_ = answer->addresses();
      if (addresses_.empty()) return decide(NetError::name_no_address);
      stage_ = Stage::connecting;
      return dial_next();
    }
    case Stage::connecting: {
      if (!any(socket_->ready())) return watch(Ready::both);
      const NetError error = socket_->take_error();
      if (error == NetError::none) return decide(NetError::none);
      ++next_;
      early_error_ = error;
      return dial_next();
    }
    case Stage::open: break;
  }
  if (is_time_) return answer_.empty() ? void() : user_.on_readable();
  const Ready ready = socket_->ready();
  if (wants_room_ && any(ready & Ready::writable)) {
    wants_room_ = false;
    watch(Ready::readable);
    return user_.on_writable();
  }
  if (any(ready & Ready::readable) && !has_data_) {
    has_data_ = true;  // until a receive finds nothing
    user_.on_readable();
  }
}

void Connection::dial_next() {
  while (next_ < addresses_.size()) {
    net::Address address = addresses_[next_];
    address.port = port_;
    watch_.stop();
    if (socket_) socket_->close();
    NetError error = NetError::none;
    socket_ = ways_.network.make_socket(address.family, type_, error);
    if (socket_) error = socket_->connect(address);
    if (error == NetError::none) return decide(NetError::none);
    if (error == NetError::in_progress) return watch(Ready::both);
    early_error_ = error;
    ++next_;
  }
  decide(early_error_);
}

void Connection::decide(NetError error) {
  if (error != NetError::none) {
    stage_ = Stage::ended;
    watch_.stop();
    if (const auto socket = std::exchange(socket_, nullptr)) socket->close();
    return user_.on_decided(error);
  }
  stage_ = Stage::open;
  watch(Ready::readable);
  user_.on_decided(NetError::none);
}

net::Transfer Connection::send(std::span<const std::byte> bytes) {
  if (stage_ != Stage::open) return {0, NetError::not_connected};
  if (is_time_) {
    give_time_answer(bytes);
    return {bytes.size(), NetError::none};
  }
  const net::Transfer moved = socket_->send(bytes);
  const bool is_full = moved.error == NetError::would_block ||
                       (moved.error == NetError::none && moved.count < bytes.size());
  if (!is_full) return moved;
  wants_room_ = true;
  watch(Ready::both);
  return {moved.count, NetError::none};
}

net::Transfer Connection::receive(std::span<std::byte> into) {
  if (stage_ != Stage::open) return {0, NetError::would_block};
  if (is_time_) {
    if (answer_.empty()) return {0, NetError::would_block};
    const std::vector<std::byte> answer = std::exchange(answer_, {});
    const std::size_t count = std::min(answer.size(), into.size());
    std::copy_n(answer.begin(), count, into.begin());
    return {count, NetError::none};
  }
  const net::Transfer moved = socket_->receive(into);
  if (moved.error == NetError::would_block) {
    has_data_ = false;
    watch(wants_room_ ? Ready::both : Ready::readable);
    return moved;
  }
  const bool is_fin = moved.error == NetError::none && moved.count == 0 &&
                      type_ == net::SocketType::stream && !into.empty();
  if (!is_fin && moved.error == NetError::none) return moved;
  if (type_ == net::SocketType::datagram) {  // refused: UDP has no end
    has_data_ = false;
    watch(Ready::readable);
    return {0, NetError::would_block};
  }
  end(moved.error);
  return {0, NetError::would_block};
}

NetError Connection::set_option(net::Option option, int value) {
  return socket_ ? socket_->set_option(option, value) : NetError::not_connected;
}

void Connection::give_time_answer(std::span<const std::byte> question) {
  answer_ = time_answer(question, ways_.wall_clock());
  if (answer_.empty() || look_ != net::no_deadline) return;
  look_ = ways_.deadlines.call_at(ways_.deadlines.now() + time_server_delay, [this] {
    look_ = net::no_deadline;
    look();
  });
}

void Connection::end(NetError error) {
  stage_ = Stage::ended;
  ended_with_ = error;
  watch_.stop();
  if (look_ != net::no_deadline) ways_.deadlines.cancel(look_);
  look_ = ways_.deadlines.call_at(ways_.deadlines.now(), [this] {
    look_ = net::no_deadline;
    user_.on_ended(ended_with_);
  });
}

}  // namespace moonwire::module
