// Who may come in: the Host, Origin and token checks. Pure: header values in, a refusal or nothing
// out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moonwire::proxy {

/// An HTTP status and the body that says why.
struct Refusal {
  unsigned status = 403;
  std::string why;
};

struct GateSettings {
  std::vector<std::string>
      hosts;  ///< allowed Host values; one without a port is right with every port
  bool any_literal =
      false;  ///< listening on a wildcard: every address literal with `port` (it cannot be rebound)
  std::string port = {};  ///< of the listener, for `any_literal`
  bool is_tls = false;
  std::vector<std::string> origins = {};  ///< foreign origins let in, as browsers write them
  std::vector<std::string> tokens = {};   ///< empty: no token is needed
};

class Gate {
 public:
  Gate() = default;
  explicit Gate(GateSettings settings) : settings_{std::move(settings)} {}

  /// DNS rebinding: a page of a name that now leads to us names itself in Host.
  std::optional<Refusal> check_host(std::string_view host) const;

  /// A page of another site names itself in Origin. No Origin: not a browser, nothing to check.
  std::optional<Refusal> check_origin(std::optional<std::string_view> origin,
                                      std::string_view host) const;

  /// `given` is the path's part behind /wisp/. Compared in constant time.
  std::optional<Refusal> check_token(std::string_view given) const;

  /// The path of the tunnel for a page of ours: "/wisp/TOKEN/".
  std::string wisp_path() const;

 private:
  GateSettings settings_;
};

/// Equal or not, in a time that tells nothing about where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// 128 random bits as 32 hexadecimal digits, from the system.
std::string random_token();

}  // namespace moonwire::proxy
