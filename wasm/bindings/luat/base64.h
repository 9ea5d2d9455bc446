// Base64 with padding, as the firmware's crypto and rtos have it.
#pragma once

#include <string>
#include <string_view>

namespace moonwire::bindings::luat {

std::string base64_encode(std::string_view bytes);
/// Ends at the first '=', and leaves out what is no letter of the alphabet.
std::string base64_decode(std::string_view text);

}  // namespace moonwire::bindings::luat
