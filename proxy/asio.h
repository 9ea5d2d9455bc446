// The Asio types used here: one executor known at compile time, so that nothing is paid for
// choosing one at run time.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace moonwire::proxy {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using boost::system::error_code;

using Clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
using TcpSocket = asio::basic_stream_socket<ip::tcp, Executor>;
using TcpAcceptor = asio::basic_socket_acceptor<ip::tcp, Executor>;
using UdpSocket = asio::basic_datagram_socket<ip::udp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <typename T>
using Task = asio::awaitable<T, Executor>;
inline constexpr asio::use_awaitable_t<Executor> use_task;

}  // namespace moonwire::proxy
