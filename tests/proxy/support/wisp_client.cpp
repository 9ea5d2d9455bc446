// The only test file that includes Beast's WebSocket.
#include "wisp_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>

namespace moonwire::proxy::test {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

}  // namespace

struct WispClient::Inside {
  asio::io_context io;
  websocket::stream<asio::ip::tcp::socket> socket{io};
  std::string subprotocol;
};

std::string text_of(wisp::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

WispClient::WispClient(const Target& target) : inside_{std::make_unique<Inside>()} {
  auto& socket = inside_->socket;
  socket.next_layer().connect({asio::ip::address_v4::loopback(), target.port});
  socket.next_layer().set_option(asio::ip::tcp::no_delay{true});
  socket.set_option(websocket::stream_base::decorator([&target](websocket::request_type& request) {
    if (!target.origin.empty()) request.set(beast::http::field::origin, target.origin);
    if (!target.subprotocol.empty())
      request.set(beast::http::field::sec_websocket_protocol, target.subprotocol);
  }));
  const std::string host =
      target.host.empty() ? "127.0.0.1:" + std::to_string(target.port) : target.host;
  websocket::response_type response;
  beast::error_code error;
  socket.handshake(response, host, target.path, error);
  if (error) {
    refused_ = Refused{response.result_int(), response.body()};
    return;
  }
  inside_->subprotocol = std::string{response[beast::http::field::sec_websocket_protocol]};
  socket.binary(true);
  socket.auto_fragment(false);
}

WispClient::~WispClient() = default;
WispClient::WispClient(WispClient&&) noexcept = default;

std::string WispClient::chosen_subprotocol() const {
  return inside_->subprotocol;
}

void WispClient::send_bytes(const std::vector<std::byte>& message) {
  beast::error_code error;
  inside_->socket.write(asio::buffer(message), error);
}

void WispClient::send(std::uint32_t stream, const wisp::Body& body) {
  send_bytes(wisp::encode(stream, body));
}

void WispClient::send_data(std::uint32_t stream, const std::string& text) {
  send(stream, wisp::Data{std::as_bytes(std::span{text})});
}

void WispClient::send_text(const std::string& text) {
  inside_->socket.text(true);
  inside_->socket.write(asio::buffer(text));
  inside_->socket.binary(true);
}

Received WispClient::receive() {
  beast::flat_buffer buffer;
  beast::error_code error;
  inside_->socket.read(buffer, error);
  Received received;
  if (error) {
    const auto& why = inside_->socket.reason();
    received.close_code =
        error == websocket::error::closed ? static_cast<unsigned>(why.code) : 1006U;
    received.close_reason = std::string{why.reason.data(), why.reason.size()};
    return received;
  }
  const auto* data = static_cast<const std::byte*>(buffer.data().data());
  received.bytes.assign(data, data + buffer.size());
  return received;
}

std::string WispClient::read(std::uint32_t stream, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const Received received = receive();
    if (received.close_code || ::testing::Test::HasFatalFailure()) break;
    const std::size_t before = text.size();
    auto decoded = wisp::decode(received.bytes);
    const auto* packet = std::get_if<wisp::Packet>(&decoded);
    if (packet != nullptr && std::holds_alternative<wisp::Continue>(packet->body))
      continue;  // upstream's business
    text += text_of(received.as<wisp::Data>(stream).payload);
    if (text.size() == before) break;
  }
  return text;
}

void WispClient::close() {
  beast::error_code ignored;
  inside_->socket.close(websocket::close_code::normal, ignored);
}

std::string Received::describe() const {
  if (close_code) return "closed with " + std::to_string(*close_code) + " " + close_reason;
  auto decoded = wisp::decode(bytes);
  if (const auto* why = std::get_if<wisp::Malformed>(&decoded))
    return std::string{wisp::name_of(*why)};
  const auto& packet = std::get<wisp::Packet>(decoded);
  std::string text = "type " + std::to_string(std::to_integer<int>(bytes[0])) + " stream " +
                     std::to_string(packet.stream);
  if (const auto* failure = std::get_if<wisp::FailureReport>(&packet.body)) {
    text += " " + std::string{wisp::name_of(failure->failure)} + " " + std::string{failure->text};
  }
  if (const auto* close = std::get_if<wisp::Close>(&packet.body))
    text += " " + std::string{wisp::name_of(close->reason)};
  return text;
}

}  // namespace moonwire::proxy::test
