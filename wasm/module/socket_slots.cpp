#include "module/socket_slots.h"

#include <algorithm>
#include <utility>

namespace moonwire::module {

using net::NetError;

namespace {

constexpr std::int32_t succeeded = 0;
constexpr std::int32_t failed = 1;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

}  // namespace

// Registered no longer, a socket lives on and waits: nothing of it passes, in either direction,
// until there is service again or the bearer is lost, too.
class SocketSlots::Slot final : public ConnectionUser {
 public:
  Slot(SocketSlots& slots, int index, SlotKind kind, std::string_view host, std::uint16_t port)
      : slots_(slots), index_(index), kind_(kind), host_(host), port_(port) {
    const bool can_open = kind == SlotKind::tcp || kind == SlotKind::udp;
    if (!can_open || !slots.surroundings_.has_bearer()) {
      is_connecting_ = false;
      post(MessageKind::socket_connected, failed, 0, latency());
      return;
    }
    connection_ = std::make_unique<Connection>(
        Ways{slots.surroundings_.network, slots.surroundings_.deadlines,
             slots.surroundings_.wall_clock},
        *this);
    if (has_service()) dial();
  }
  ~Slot() {
    for (const auto& pending : pending_) slots_.surroundings_.deadlines.cancel(pending.deadline);
  }

  SlotError send(std::string_view bytes) {
    if (!connection_ || !connection_->is_open()) return SlotError::not_connected;
    if (unsent_.size() - unsent_from_ + bytes.size() > socket_unsent_bytes) {
      return SlotError::no_memory;
    }
    if (kind_ == SlotKind::udp) {
      later(latency(), [this, datagram = std::string(bytes)] {
        if (connection_ && has_service()) sent_ += connection_->send(bytes_of(datagram)).count;
      });
      post(MessageKind::socket_sent, succeeded, std::int32_t(bytes.size()), 0);
      return SlotError::ok;
    }
    unsent_ += bytes;
    const std::uint64_t end = sent_ + unsent_.size() - unsent_from_;
    confirmations_.push_back({end, bytes.size()});
    later(latency(), [this, end] {
      on_air_ = end;
      push();
    });
    return SlotError::ok;
  }

  std::string receive(std::size_t most) {
    std::string taken;
    if (kind_ == SlotKind::udp) {
      if (datagrams_.empty()) return taken;
      taken = datagrams_.front().substr(0, most);
      datagrams_.front().erase(0, taken.size());
      if (datagrams_.front().empty()) datagrams_.pop_front();
    } else {
      taken = unread_.substr(0, most);
      unread_.erase(0, taken.size());
    }
    announced_ -= std::min(announced_, taken.size());
    if (announced_ == 0) fetch();
    slots_.surroundings_.on_changed();
    return taken;
  }

  void close() {
    if (!is_closed_) {
      on_air_ = UINT64_MAX;
      push();
      is_closed_ = true;
      connection_.reset();
    }
    post(MessageKind::socket_close_confirmed, succeeded, 0, 0);
  }
  bool is_closed() const { return is_closed_ || !connection_; }

  // Dead, but nobody is told: the script learns of the bearer's end by itself.
  void drop() {
    connection_.reset();
    is_connecting_ = false;
    confirmations_.clear();
  }

  NetError set_option(net::Option option, int value) {
    return connection_ ? connection_->set_option(option, value) : NetError::not_connected;
  }

  SlotState state() const {
    std::size_t waiting = unread_.size();
    for (const auto& datagram : datagrams_) waiting += datagram.size();
    return {.index = index_,
            .kind = kind_,
            .peer = host_ + ":" + std::to_string(port_),
            .is_connecting = is_connecting_ && !is_closed_,
            .is_open = connection_ && connection_->is_open() && !has_ended_,
            .sent = sent_,
            .received = received_,
            .unread = waiting};
  }

  void go_on() {
    if (!connection_) return;
    if (!is_dialled_) return dial();
    if (decision_) return tell_decision();
    push();
    if (announced_ == 0) fetch();
  }

  void on_decided(NetError error) override {
    decision_ = error;
    if (has_service()) tell_decision();
  }
  void on_readable() override {
    if (announced_ == 0) fetch();
  }
  void on_writable() override { push(); }
  void on_ended(NetError) override {
    has_ended_ = true;
    if (unread_.empty()) announce_end();
  }

 private:
  struct Pending {
    std::uint64_t serial;
    net::DeadlineId deadline;
  };
  struct Confirmation {
    std::uint64_t at;  // when so many bytes of the socket's have gone
    std::size_t length;
  };

  net::Micros latency() const { return slots_.surroundings_.latency(); }
  bool has_service() const { return slots_.surroundings_.has_service(); }

  void dial() {
    is_dialled_ = true;
    connection_->open(kind_ == SlotKind::tcp ? net::SocketType::stream : net::SocketType::datagram,
                      host_, port_);
  }

  void tell_decision() {
    const NetError error = *std::exchange(decision_, std::nullopt);
    is_connecting_ = false;
    if (error != NetError::none) connection_.reset();
    post(MessageKind::socket_connected, error == NetError::none ? succeeded : failed, 0,
         2 * latency());
  }

  // What is on its way dies with the slot.
  void later(net::Micros delay, std::function<void()> action) {
    auto& deadlines = slots_.surroundings_.deadlines;
    const std::uint64_t serial = next_serial_++;
    const net::DeadlineId deadline =
        deadlines.call_at(deadlines.now() + delay, [this, serial, action = std::move(action)] {
          std::erase_if(pending_, [serial](const Pending& one) { return one.serial == serial; });
          action();
        });
    pending_.push_back({serial, deadline});
  }

  // What the peer sent at once comes behind the news that the connection stands.
  void post(MessageKind kind, std::int32_t result, std::int32_t length, net::Micros delay) {
    const net::Micros now = slots_.surroundings_.deadlines.now();
    delay = std::max(delay, decided_at_ - now);
    if (kind == MessageKind::socket_connected) decided_at_ = now + delay;
    later(delay, [this, kind, result, length] {
      slots_.surroundings_.post({kind, index_, result, length});
      slots_.surroundings_.on_changed();
    });
  }

  void push() {
    if (!has_service()) return;
    while (connection_ && unsent_from_ < unsent_.size() && sent_ < on_air_) {
      const std::string_view waiting = std::string_view(unsent_).substr(unsent_from_);
      const auto most = std::min<std::uint64_t>(on_air_ - sent_, waiting.size());
      const auto moved = connection_->send(bytes_of(waiting.substr(0, std::size_t(most))));
      sent_ += moved.count;
      unsent_from_ += moved.count;
      if (moved.error != NetError::none) {
        for (const auto& one : confirmations_) {
          post(MessageKind::socket_sent, failed, std::int32_t(one.length), latency());
        }
        confirmations_.clear();
        unsent_.clear();
        unsent_from_ = 0;
        return;
      }
      if (moved.count == 0) break;
    }
    if (unsent_from_ == unsent_.size()) {
      unsent_.clear();
      unsent_from_ = 0;
    }
    while (!confirmations_.empty() && confirmations_.front().at <= sent_) {
      post(MessageKind::socket_sent, succeeded, std::int32_t(confirmations_.front().length),
           latency());
      confirmations_.pop_front();
    }
    slots_.surroundings_.on_changed();
  }

  // Announces what has come, at most so much at a time; more is fetched when that was read.
  void fetch() {
    if (!unread_.empty() || !datagrams_.empty()) {
      const std::size_t there = kind_ == SlotKind::udp ? datagrams_.front().size() : unread_.size();
      return announce(std::min(there, socket_announced_bytes));
    }
    if (!connection_ || !has_service()) return;
    if (has_ended_) return announce_end();
    std::string room(kind_ == SlotKind::udp ? net::datagram_bytes_max : socket_announced_bytes,
                     '\0');
    const auto moved =
        connection_->receive(std::as_writable_bytes(std::span<char>(room.data(), room.size())));
    if (moved.error != NetError::none) return;
    if (moved.count == 0) return fetch();  // an empty datagram, of which scripts are not told
    received_ += moved.count;
    room.resize(moved.count);
    if (kind_ == SlotKind::udp) {
      datagrams_.push_back(std::move(room));
    } else {
      unread_ = std::move(room);
    }
    announce(std::min(moved.count, socket_announced_bytes));
  }

  void announce(std::size_t length) {
    announced_ = length;
    post(MessageKind::socket_received, succeeded, std::int32_t(length), latency());
  }

  void announce_end() {
    if (!has_service()) return;
    if (std::exchange(has_told_end_, true)) return;
    connection_.reset();
    post(MessageKind::socket_closed, succeeded, 0, latency() + close_notice_delay);
  }

  SocketSlots& slots_;
  const int index_;
  const SlotKind kind_;
  const std::string host_;
  const std::uint16_t port_;
  std::unique_ptr<Connection> connection_;
  bool is_dialled_ = false;
  std::optional<NetError> decision_;  // about the connect, until it can be told
  bool is_connecting_ = true;
  bool is_closed_ = false;
  bool has_ended_ = false;
  bool has_told_end_ = false;
  std::string unsent_;
  std::size_t unsent_from_ = 0;
  std::uint64_t on_air_ = 0;  // the radio has brought out so many bytes; sent_ follows
  std::deque<Confirmation> confirmations_;
  std::string unread_;
  std::deque<std::string> datagrams_;
  std::size_t announced_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  net::Micros decided_at_ = 0;  // when MSG_SOCK_CONN_CNF comes
  std::vector<Pending> pending_;
  std::uint64_t next_serial_ = 0;
};

SocketSlots::SocketSlots(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

SocketSlots::~SocketSlots() = default;

SocketSlots::Slot* SocketSlots::find(int index) const {
  if (index < 0 || std::size_t(index) >= slots_.size()) return nullptr;
  return slots_[std::size_t(index)].get();
}

std::optional<int> SocketSlots::open(SlotKind kind, std::string_view host, std::uint16_t port) {
  for (std::size_t tried = 0; tried < slots_.size(); ++tried) {
    const int index = next_;
    next_ = (next_ + 1) % int(slots_.size());
    auto& slot = slots_[std::size_t(index)];
    if (slot) continue;
    slot = std::make_unique<Slot>(*this, index, kind, host, port);
    surroundings_.on_changed();
    return index;
  }
  return std::nullopt;
}

SlotError SocketSlots::send(int index, std::string_view bytes) {
  Slot* const slot = find(index);
  return slot ? slot->send(bytes) : SlotError::not_connected;
}

std::string SocketSlots::receive(int index, std::size_t most) {
  Slot* const slot = find(index);
  return slot ? slot->receive(most) : std::string();
}

void SocketSlots::close(int index) {
  if (Slot* const slot = find(index)) {
    slot->close();
  } else {
    surroundings_.post({MessageKind::socket_close_confirmed, index, succeeded, 0});
  }
  surroundings_.on_changed();
}

bool SocketSlots::destroy(int index) {
  Slot* const slot = find(index);
  if (!slot || !slot->is_closed()) return false;
  slots_[std::size_t(index)].reset();
  surroundings_.on_changed();
  return true;
}

NetError SocketSlots::set_option(int index, net::Option option, int value) {
  Slot* const slot = find(index);
  return slot ? slot->set_option(option, value) : NetError::not_connected;
}

bool SocketSlots::is_taken(int index) const {
  return find(index) != nullptr;
}

void SocketSlots::drop_all() {
  for (const auto& slot : slots_) {
    if (slot) slot->drop();
  }
  surroundings_.on_changed();
}

void SocketSlots::go_on() {
  for (const auto& slot : slots_) {
    if (slot) slot->go_on();
  }
}

void SocketSlots::reset() {
  for (auto& slot : slots_) slot.reset();
  next_ = 0;
}

std::vector<SlotState> SocketSlots::states() const {
  std::vector<SlotState> states;
  for (const auto& slot : slots_) {
    if (slot) states.push_back(slot->state());
  }
  return states;
}

}  // namespace moonwire::module
