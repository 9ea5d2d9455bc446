// The codec. Every read goes through Reader, which remembers having run out; every write through
// Writer.
#include "wisp/packet.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "wisp/limits.h"

namespace moonwire::wisp {
namespace {

class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_{bytes} {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(take(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(take(4)); }

  Bytes bytes(std::size_t count) {
    if (count > rest_.size()) {
      ran_out_ = true;
      count = rest_.size();
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  Bytes rest() { return bytes(rest_.size()); }
  std::string_view text(std::size_t count) {
    const Bytes taken = bytes(count);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  std::string_view rest_as_text() { return text(rest_.size()); }

  Address address() {
    Address address;
    const std::uint8_t family = u8();
    std::size_t count = 0;
    if (family == static_cast<std::uint8_t>(Family::ipv4)) {
      count = 4;
    } else if (family == static_cast<std::uint8_t>(Family::ipv6)) {
      count = 16;
    } else if (family != 0) {
      fail();
    }
    if (count == 0) return address;
    address.family = static_cast<Family>(family);
    const Bytes port = bytes(2);  // network order, as the address itself
    if (port.size() == 2) {
      address.port = static_cast<std::uint16_t>((std::to_integer<unsigned>(port[0]) << 8) |
                                                std::to_integer<unsigned>(port[1]));
    }
    const Bytes octets = bytes(count);
    std::memcpy(address.bytes.data(), octets.data(), octets.size());
    return address;
  }
  /// A count that must not exceed `limit`; beyond it, nothing more is read.
  std::size_t count(std::size_t limit) {
    const std::size_t value = u8();
    if (value <= limit) return value;
    fail();
    return 0;
  }

  void fail() { failed_ = true; }
  bool empty() const { return rest_.empty(); }
  bool ran_out() const { return ran_out_; }
  bool failed() const { return failed_; }

 private:
  std::uint32_t take(std::size_t count) {
    const Bytes taken = bytes(count);
    std::uint32_t value = 0;
    for (std::size_t i = taken.size(); i-- > 0;) {
      value = (value << 8) | std::to_integer<std::uint32_t>(taken[i]);
    }
    return value;
  }

  Bytes rest_;
  bool ran_out_ = false;
  bool failed_ = false;
};

class Writer {
 public:
  explicit Writer(std::vector<std::byte>& out) : out_{out} {}

  void u8(std::uint8_t value) { put(value, 1); }
  void u16(std::uint16_t value) { put(value, 2); }
  void u32(std::uint32_t value) { put(value, 4); }
  void bytes(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { bytes(std::as_bytes(std::span{text.data(), text.size()})); }
  void short_text(std::string_view value) {
    assert(value.size() <= 255);
    u8(static_cast<std::uint8_t>(value.size()));
    text(value);
  }
  void address(const Address& address) {
    u8(static_cast<std::uint8_t>(address.family));
    if (address.family == Family::none) return;
    u8(static_cast<std::uint8_t>(address.port >> 8));
    u8(static_cast<std::uint8_t>(address.port & 0xff));
    const std::size_t count = address.family == Family::ipv4 ? 4 : 16;
    bytes(std::as_bytes(std::span{address.bytes}).first(count));
  }
  void addresses(std::span<const Address> list, [[maybe_unused]] std::size_t limit) {
    assert(list.size() <= limit);
    u8(static_cast<std::uint8_t>(list.size()));
    for (const Address& one : list) address(one);
  }

 private:
  void put(std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i)
      out_.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
  }
  std::vector<std::byte>& out_;
};

/// What may follow the last field: nothing in the extension's packets; plain Wisp's are read
/// leniently, as peers do.
enum class Tail { none_allowed, ignored };

struct Outcome {
  Body body;
  Tail tail = Tail::none_allowed;
  bool too_long = false;
};

Outcome read_info(Reader& in) {
  Info info{.major = in.u8(), .minor = in.u8(), .extensions = {}};
  while (!in.empty() && !in.ran_out()) {
    if (info.extensions.size() == max_extensions) return {Info{}, Tail::ignored, true};
    Extension extension;
    extension.id = in.u8();
    extension.metadata = in.bytes(in.u32());
    info.extensions.push_back(extension);
  }
  return {std::move(info)};
}

Outcome read_bound(Reader& in) {
  Bound bound{.local = in.address(), .published = {}};
  const std::size_t count = in.count(max_published);
  for (std::size_t i = 0; i < count && !in.ran_out(); ++i) bound.published.push_back(in.address());
  return {std::move(bound)};
}

Outcome read_resolved(Reader& in) {
  Resolved resolved;
  resolved.failure = failure_from_wire(in.u8());
  resolved.name = in.text(in.u8());
  const std::size_t aliases = in.count(max_aliases);
  for (std::size_t i = 0; i < aliases && !in.ran_out(); ++i) {
    resolved.aliases.push_back(in.text(in.u8()));
  }
  const std::size_t addresses = in.count(max_addresses);
  for (std::size_t i = 0; i < addresses && !in.ran_out(); ++i) {
    resolved.addresses.push_back(in.address());
  }
  return {std::move(resolved)};
}

Outcome read_resolve(Reader& in) {
  Resolve resolve;
  resolve.question = static_cast<Question>(in.u8());
  const std::uint8_t family = in.u8();
  if (family != 0 && family != 4 && family != 6) in.fail();
  resolve.family = static_cast<Family>(family);
  resolve.text = in.rest_as_text();
  return {resolve};
}

Outcome read_bind(Reader& in) {
  Bind bind;
  bind.kind = static_cast<StreamKind>(in.u8());
  bind.flags = in.u8();
  bind.backlog = in.u16();
  bind.address = in.address();
  return {bind};
}

Outcome read_option(Reader& in) {
  Option option;
  option.option = static_cast<SocketOption>(in.u8());
  option.value = in.u32();
  option.group = in.address();
  option.interface = in.address();
  return {option};
}

std::optional<Outcome> read_body(PacketType type, Reader& in) {
  switch (type) {
    using enum PacketType;
    case connect: {
      Connect body{.kind = static_cast<StreamKind>(in.u8()), .port = in.u16(), .host = {}};
      body.host = in.rest_as_text();
      return Outcome{body};
    }
    case data: return Outcome{Data{in.rest()}};
    case continue_: return Outcome{Continue{in.u32()}, Tail::ignored};
    case close: return Outcome{Close{static_cast<CloseReason>(in.u8())}, Tail::ignored};
    case info: return read_info(in);
    case opened: {
      Opened body{.local = in.address(), .peer = {}};
      body.peer = in.address();
      return Outcome{body};
    }
    case failure: {
      FailureReport body{.failure = failure_from_wire(in.u8()), .text = {}};
      body.text = in.rest_as_text();
      return Outcome{body, Tail::none_allowed, body.text.size() > max_failure_text_bytes};
    }
    case finish: return Outcome{Finish{}};
    case credit: return Outcome{Credit{in.u32()}};
    case bind: return read_bind(in);
    case bound: return read_bound(in);
    case accepted: {
      Accepted body{.stream = in.u32(), .local = {}, .peer = {}};
      body.local = in.address();
      body.peer = in.address();
      return Outcome{body};
    }
    case datagram: {
      Datagram body{.address = in.address(), .payload = {}};
      body.payload = in.rest();
      return Outcome{body};
    }
    case resolve: return read_resolve(in);
    case resolved: return read_resolved(in);
    case option: return read_option(in);
  }
  return std::nullopt;
}

std::size_t longest_frame(std::uint8_t type) {
  return static_cast<PacketType>(type) == PacketType::info ? header_bytes + 2 + max_info_bytes
                                                           : max_packet_bytes;
}

void write_body(Writer& out, const Connect& body) {
  out.u8(static_cast<std::uint8_t>(body.kind));
  out.u16(body.port);
  out.text(body.host);
}
void write_body(Writer& out, const Data& body) {
  out.bytes(body.payload);
}
void write_body(Writer& out, const Continue& body) {
  out.u32(body.packets);
}
void write_body(Writer& out, const Close& body) {
  out.u8(static_cast<std::uint8_t>(body.reason));
}
void write_body(Writer& out, const Info& body) {
  assert(body.extensions.size() <= max_extensions);
  out.u8(body.major);
  out.u8(body.minor);
  for (const Extension& extension : body.extensions) {
    out.u8(extension.id);
    out.u32(static_cast<std::uint32_t>(extension.metadata.size()));
    out.bytes(extension.metadata);
  }
}
void write_body(Writer& out, const Opened& body) {
  out.address(body.local);
  out.address(body.peer);
}
void write_body(Writer& out, const FailureReport& body) {
  out.u8(static_cast<std::uint8_t>(body.failure));
  out.text(body.text.substr(0, max_failure_text_bytes));
}
void write_body(Writer&, const Finish&) {}
void write_body(Writer& out, const Credit& body) {
  out.u32(body.amount);
}
void write_body(Writer& out, const Bind& body) {
  out.u8(static_cast<std::uint8_t>(body.kind));
  out.u8(body.flags);
  out.u16(body.backlog);
  out.address(body.address);
}
void write_body(Writer& out, const Bound& body) {
  out.address(body.local);
  out.addresses(body.published, max_published);
}
void write_body(Writer& out, const Accepted& body) {
  out.u32(body.stream);
  out.address(body.local);
  out.address(body.peer);
}
void write_body(Writer& out, const Datagram& body) {
  out.address(body.address);
  out.bytes(body.payload);
}
void write_body(Writer& out, const Resolve& body) {
  out.u8(static_cast<std::uint8_t>(body.question));
  out.u8(static_cast<std::uint8_t>(body.family));
  out.text(body.text);
}
void write_body(Writer& out, const Resolved& body) {
  assert(body.aliases.size() <= max_aliases);
  out.u8(static_cast<std::uint8_t>(body.failure));
  out.short_text(body.name);
  out.u8(static_cast<std::uint8_t>(body.aliases.size()));
  for (const std::string_view alias : body.aliases) out.short_text(alias);
  out.addresses(body.addresses, max_addresses);
}
void write_body(Writer& out, const Option& body) {
  out.u8(static_cast<std::uint8_t>(body.option));
  out.u32(body.value);
  out.address(body.group);
  out.address(body.interface);
}

// In the order of Body's alternatives.
constexpr std::array<PacketType, std::variant_size_v<Body>> types_of_bodies{
    PacketType::connect,  PacketType::data,    PacketType::continue_, PacketType::close,
    PacketType::info,     PacketType::opened,  PacketType::failure,   PacketType::finish,
    PacketType::credit,   PacketType::bind,    PacketType::bound,     PacketType::accepted,
    PacketType::datagram, PacketType::resolve, PacketType::resolved,  PacketType::option};

constexpr std::array<char, 4> sockets_magic{'M', 'W', 'S', 'K'};

}  // namespace

std::string_view name_of(Malformed malformed) {
  switch (malformed) {
    case Malformed::truncated: return "truncated packet";
    case Malformed::unknown_type: return "unknown packet type";
    case Malformed::too_long: return "packet too long";
    case Malformed::trailing: return "bytes behind the packet's last field";
    case Malformed::bad_field: return "packet field out of range";
  }
  return "malformed packet";
}

std::variant<Packet, Malformed> decode(Bytes frame) {
  Reader in{frame};
  const std::uint8_t type = in.u8();
  const std::uint32_t stream = in.u32();
  if (in.ran_out()) return Malformed::truncated;
  if (frame.size() > longest_frame(type)) return Malformed::too_long;
  std::optional<Outcome> outcome = read_body(static_cast<PacketType>(type), in);
  if (!outcome) return Malformed::unknown_type;
  if (outcome->too_long) return Malformed::too_long;
  if (in.failed()) return Malformed::bad_field;
  if (in.ran_out()) return Malformed::truncated;
  if (!in.empty() && outcome->tail == Tail::none_allowed) return Malformed::trailing;
  return Packet{stream, std::move(outcome->body)};
}

void append(std::vector<std::byte>& out, std::uint32_t stream, const Body& body) {
  Writer writer{out};
  writer.u8(static_cast<std::uint8_t>(types_of_bodies[body.index()]));
  writer.u32(stream);
  std::visit([&writer](const auto& one) { write_body(writer, one); }, body);
}

std::vector<std::byte> encode(std::uint32_t stream, const Body& body) {
  std::vector<std::byte> out;
  append(out, stream, body);
  return out;
}

std::array<std::byte, 5> data_header(std::uint32_t stream) {
  return {static_cast<std::byte>(PacketType::data), static_cast<std::byte>(stream & 0xff),
          static_cast<std::byte>((stream >> 8) & 0xff),
          static_cast<std::byte>((stream >> 16) & 0xff),
          static_cast<std::byte>((stream >> 24) & 0xff)};
}

std::optional<Header> peek(Bytes frame) {
  Reader in{frame};
  const Header header{.type = in.u8(), .stream = in.u32()};
  if (in.ran_out()) return std::nullopt;
  return header;
}

std::optional<Bytes> find(const Info& info, ExtensionId id) {
  const auto found =
      std::find_if(info.extensions.begin(), info.extensions.end(),
                   [id](const Extension& one) { return one.id == static_cast<std::uint8_t>(id); });
  if (found == info.extensions.end()) return std::nullopt;
  return found->metadata;
}

std::array<std::byte, sockets_offer_bytes> encode(const SocketsOffer& offer) {
  std::vector<std::byte> out;
  out.reserve(sockets_offer_bytes);
  Writer writer{out};
  writer.text({sockets_magic.data(), sockets_magic.size()});
  writer.u8(offer.version);
  writer.u8(offer.flags);
  writer.u32(offer.window);
  writer.u32(offer.streams);
  std::array<std::byte, sockets_offer_bytes> bytes{};
  std::copy(out.begin(), out.end(), bytes.begin());
  return bytes;
}

std::optional<SocketsOffer> decode_sockets_offer(Bytes metadata) {
  Reader in{metadata};
  const std::string_view magic = in.text(sockets_magic.size());
  SocketsOffer offer{.version = in.u8(), .flags = in.u8(), .window = in.u32(), .streams = in.u32()};
  if (in.ran_out() || offer.version == 0) return std::nullopt;
  if (magic != std::string_view{sockets_magic.data(), sockets_magic.size()}) return std::nullopt;
  offer.version = std::min(offer.version, SocketsOffer::newest_version);
  offer.window = std::min(offer.window, max_window);
  return offer;
}

std::optional<Credentials> decode_credentials(Bytes metadata) {
  Reader in{metadata};
  Credentials credentials;
  credentials.user = in.text(in.u8());
  credentials.password = in.rest_as_text();
  if (in.ran_out()) return std::nullopt;
  return credentials;
}

std::optional<Credentials> decode_wisp_js_credentials(Bytes metadata) {
  Reader in{metadata};
  const std::size_t user_length = in.u8();
  const std::size_t password_length = in.u16();
  Credentials credentials;
  credentials.user = in.text(user_length);
  credentials.password = in.text(password_length);
  if (in.ran_out() || !in.empty()) return std::nullopt;
  return credentials;
}

std::vector<std::byte> encode_credentials(const Credentials& credentials) {
  std::vector<std::byte> out;
  Writer writer{out};
  writer.short_text(credentials.user);
  writer.text(credentials.password);
  return out;
}

}  // namespace moonwire::wisp
