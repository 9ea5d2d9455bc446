#include "module/at_carrier.h"

namespace moonwire::module {

using modem::OpenFailure;
using modem::SocketId;
using net::NetError;

namespace {

OpenFailure failure_of(NetError error) {
  switch (error) {
    using enum NetError;
    case connection_refused:
    case connection_reset: return OpenFailure::refused;
    case timed_out: return OpenFailure::timed_out;
    case name_unknown:
    case name_try_again:
    case name_failure:
    case name_no_address:
    case name_wrong_family: return OpenFailure::unknown_name;
    default: return OpenFailure::unreachable;
  }
}

}  // namespace

class AtCarrier::Line final : public ConnectionUser {
 public:
  Line(AtCarrier& carrier, SocketId id, modem::Protocol protocol)
      : carrier_(carrier), id_(id), protocol_(protocol), connection_(carrier.ways_, *this) {}
  ~Line() {
    if (refusal_ != net::no_deadline) carrier_.ways_.deadlines.cancel(refusal_);
  }

  void open(std::string_view host, std::uint16_t port) {
    if (protocol_ == modem::Protocol::ssl) {
      refusal_ = carrier_.ways_.deadlines.call_at(carrier_.ways_.deadlines.now(), [this] {
        refusal_ = net::no_deadline;
        carrier_.events_->on_open_failed(id_, OpenFailure::unsupported);
      });
      return;
    }
    const bool is_stream = protocol_ == modem::Protocol::tcp;
    connection_.open(is_stream ? net::SocketType::stream : net::SocketType::datagram, host, port);
  }
  Connection& connection() { return connection_; }

  void on_decided(NetError error) override {
    if (error == NetError::none) {
      carrier_.events_->on_opened(id_);
    } else {
      carrier_.events_->on_open_failed(id_, failure_of(error));
    }
  }
  void on_readable() override { carrier_.events_->on_readable(id_); }
  void on_writable() override { carrier_.events_->on_writable(id_); }
  void on_ended(NetError) override { carrier_.events_->on_closed(id_); }

 private:
  AtCarrier& carrier_;
  const SocketId id_;
  const modem::Protocol protocol_;
  net::DeadlineId refusal_ = net::no_deadline;
  Connection connection_;
};

AtCarrier::AtCarrier(Ways ways) : ways_(ways) {}

AtCarrier::~AtCarrier() = default;

void AtCarrier::open(SocketId id, modem::Protocol protocol, std::string_view host,
                     std::uint16_t port, bool) {
  if (id >= lines_max) return;
  lines_[id] = std::make_unique<Line>(*this, id, protocol);
  lines_[id]->open(host, port);
}

std::size_t AtCarrier::send(SocketId id, std::span<const std::byte> bytes) {
  Line* const line = find(id);
  return line ? line->connection().send(bytes).count : 0;
}

std::size_t AtCarrier::receive(SocketId id, std::span<std::byte> room) {
  Line* const line = find(id);
  return line ? line->connection().receive(room).count : 0;
}

void AtCarrier::close(SocketId id) {
  if (id < lines_max) lines_[id].reset();
}

}  // namespace moonwire::module
