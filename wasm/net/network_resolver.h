// Names that the machine answers itself: literals, localhost, its own name. All others are left to
// the tunnel.
#pragma once

#include <memory>

#include "net/core.h"
#include "net/resolver.h"

namespace moonwire::net {

class NetworkResolver final : public Resolver {
 public:
  explicit NetworkResolver(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  std::shared_ptr<Lookup> forward(std::string_view name, Family family) override;
  std::shared_ptr<Lookup> reverse(const Address& address) override;
  /// Answers a question that waited for the laboratory.
  static void let_in(SettableLookup& lookup);

 private:
  void visit_laboratory(const std::shared_ptr<SettableLookup>& lookup);

  std::shared_ptr<Core> core_;
};

/// A look-up whose answer came with it, or comes later through answer().
class SettableLookup final : public Lookup {
 public:
  struct Answer {
    NetError error = NetError::none;
    std::vector<Address> addresses;
    std::string name;
    std::vector<std::string> aliases;
  };

  /// Counts as open until it is answered or dropped.
  explicit SettableLookup(std::shared_ptr<Core> core);
  ~SettableLookup() override;
  Answer held;  // for a laboratory that is opening

  void answer(Answer answer);
  bool is_done() const override { return is_done_; }
  NetError error() const override { return answer_.error; }
  const std::vector<Address>& addresses() const override { return answer_.addresses; }
  const std::string& name() const override { return answer_.name; }
  const std::vector<std::string>& aliases() const override { return answer_.aliases; }
  Ready ready() const override { return is_done_ ? Ready::readable : Ready::nothing; }

 private:
  std::shared_ptr<Core> core_;
  bool is_done_ = false;
  Answer answer_;
};

}  // namespace moonwire::net
