// Frames by RFC 6455, only as much as a measurement needs.
#include "load/websocket.h"

#include <algorithm>
#include <utility>

namespace moonwire::load {

WebSocket::WebSocket(Loop& loop, std::uint16_t port, std::string_view path,
                     std::string_view protocol)
    : connection_{loop, port} {
  const std::string host = "127.0.0.1:" + std::to_string(port);
  std::string request = "GET " + std::string{path} + " HTTP/1.1\r\nHost: " + host +
                        "\r\nOrigin: http://" + host +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                        "Sec-WebSocket-Version: 13\r\n";
  if (!protocol.empty()) request += "Sec-WebSocket-Protocol: " + std::string{protocol} + "\r\n";
  request += "\r\n";
  connection_.send(std::as_bytes(std::span{request}));
  connection_.on_bytes = [this](Bytes bytes) { take(bytes); };
  connection_.on_end = [this] {
    has_failed_ = true;
    if (on_end) on_end();
  };
  connection_.on_room = [this] {
    if (on_room) on_room();
  };
}

bool WebSocket::send(Bytes head, Bytes body) {
  const std::size_t size = head.size() + body.size();
  std::array<std::byte, 14> frame{std::byte{0x82}};
  std::size_t used = 2;
  if (size < 126) {
    frame[1] = static_cast<std::byte>(0x80U | size);
  } else {
    const int length_bytes = size <= 0xffff ? 2 : 8;
    frame[1] = static_cast<std::byte>(0x80U | (length_bytes == 2 ? 126U : 127U));
    for (int i = length_bytes - 1; i >= 0; --i)
      frame[used++] = static_cast<std::byte>(size >> (8 * i));
  }
  used += 4;  // a mask of zeros
  if (!is_open_) {
    for (const Bytes part : {Bytes{frame}.first(used), head, body})
      early_.insert(early_.end(), part.begin(), part.end());
    return true;
  }
  connection_.send(Bytes{frame}.first(used));
  connection_.send(head);
  return connection_.send(body);
}

void WebSocket::take(Bytes bytes) {
  if (is_open_) {
    take_frames(bytes);
    return;
  }
  answer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t end = answer_.find("\r\n\r\n");
  if (end == answer_.npos) return;
  if (!answer_.starts_with("HTTP/1.1 101")) {
    has_failed_ = true;
    return;
  }
  is_open_ = true;
  connection_.send(std::exchange(early_, {}));
  const std::string rest = answer_.substr(end + 4);
  take_frames(std::as_bytes(std::span{rest}));
}

bool WebSocket::take_header(Bytes& bytes) {
  const auto whole = [this]() -> std::size_t {
    if (header_size_ < 2) return 2;
    const unsigned length = std::to_integer<unsigned>(header_[1]) & 0x7fU;
    return length == 126 ? 4 : length == 127 ? 10 : 2;
  };
  while (header_size_ < whole()) {
    if (bytes.empty()) return false;
    header_[header_size_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  left_ = std::to_integer<unsigned>(header_[1]) & 0x7fU;
  if (header_size_ > 2) {
    left_ = 0;
    for (std::size_t i = 2; i < header_size_; ++i)
      left_ = left_ << 8 | std::to_integer<std::uint64_t>(header_[i]);
  }
  is_control_ = (header_[0] & std::byte{0x08}) != std::byte{0};
  header_size_ = 0;
  in_payload_ = true;
  return true;
}

void WebSocket::take_frames(Bytes bytes) {
  while (!bytes.empty() || (in_payload_ && left_ == 0)) {
    if (!in_payload_ && !take_header(bytes)) return;
    if (left_ > 0 && bytes.empty()) return;
    const Bytes piece = bytes.first(std::min<std::uint64_t>(left_, bytes.size()));
    bytes = bytes.subspan(piece.size());
    left_ -= piece.size();
    in_payload_ = left_ > 0;
    if (!is_control_ && on_piece) on_piece(piece, left_ == 0);
  }
}

}  // namespace moonwire::load
