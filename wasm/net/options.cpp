// Ranges and defaults of socket options, as Linux has them.
#include "net/options.h"

#include <algorithm>

namespace moonwire::net {
namespace {

constexpr int receive_floor = 2304;
constexpr int send_floor = 4608;
constexpr int buffer_ceiling = 212992;  // net.core.rmem_max and wmem_max, before doubling

// Linux compares unsigned: a negative size is the largest.
int buffer_size(int value) {
  return value < 0 ? buffer_ceiling : std::min(value, buffer_ceiling);
}

}  // namespace

OptionSet::OptionSet(Family family, SocketType type) : family_(family), type_(type) {
  const bool is_tcp = type == SocketType::stream && family != Family::path;
  values_[index(Option::receive_buffer)] = is_tcp ? 131072 : 212992;
  values_[index(Option::send_buffer)] = is_tcp ? 16384 : 212992;
  values_[index(Option::keep_idle)] = 7200;
  values_[index(Option::keep_count)] = 9;
  values_[index(Option::keep_interval)] = 75;
  values_[index(Option::multicast_loop)] = 1;
  values_[index(Option::multicast_ttl)] = 1;
  values_[index(Option::unicast_hops)] = 64;
}

bool OptionSet::applies(Option option) const {
  const bool is_path = family_ == Family::path;
  const bool is_stream = type_ == SocketType::stream;
  switch (option) {
    using enum Option;
    case reuse_address:
    case reuse_port:
    case keep_alive:
    case receive_buffer:
    case send_buffer:
    case dont_route:
    case broadcast: return true;
    case no_delay:
    case keep_idle:
    case keep_count:
    case keep_interval:
    case defer_accept:
    case fast_open:
    case fast_open_connect: return is_stream && !is_path;
    case v6_only:
    case unicast_hops: return family_ == Family::inet6;
    case multicast_loop:
    case multicast_ttl: return !is_path;
  }
  return false;
}

NetError OptionSet::set(Option option, int value) {
  if (!applies(option)) return NetError::option_not_supported;
  int least = 0;
  int most = INT32_MAX;
  switch (option) {
    using enum Option;
    case reuse_address:
    case reuse_port:
    case keep_alive:
    case no_delay:
    case v6_only:
    case dont_route:
    case broadcast:
    case multicast_loop: value = value != 0 ? 1 : 0; break;
    case keep_idle:
    case keep_interval:
      least = 1;
      most = 32767;
      break;
    case keep_count:
      least = 1;
      most = 127;
      break;
    case receive_buffer: value = std::max(receive_floor, 2 * buffer_size(value)); break;
    case send_buffer: value = std::max(send_floor, 2 * buffer_size(value)); break;
    case fast_open_connect: most = 1; break;
    case multicast_ttl:
    case unicast_hops:
      if (value == -1) value = option == multicast_ttl ? 1 : 64;  // back to the default
      most = 255;
      break;
    case defer_accept: least = INT32_MIN; break;
    case fast_open: break;
  }
  if (value < least || value > most) return NetError::invalid_argument;
  values_[index(option)] = value;
  return NetError::none;
}

NetError OptionSet::get(Option option, int& value) const {
  if (!applies(option)) return NetError::option_not_supported;
  value = values_[index(option)];
  return NetError::none;
}

}  // namespace moonwire::net
