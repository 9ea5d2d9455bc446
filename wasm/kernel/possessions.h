// C++ values that calls of a script hold while they wait. Lua's finalizers give them back; what
// those could not (a finalizer needs memory, too) goes with the process.
#pragma once

namespace moonwire::kernel {

/// A value in the list of its owner.
class Possession {
 public:
  Possession() = default;
  Possession(const Possession&) = delete;
  Possession& operator=(const Possession&) = delete;
  virtual ~Possession() = default;

 private:
  friend class Possessions;
  Possession* previous_ = nullptr;
  Possession* next_ = nullptr;
};

/// Owns its values; joining and leaving take no memory.
class Possessions {
 public:
  Possessions() = default;
  Possessions(const Possessions&) = delete;
  Possessions& operator=(const Possessions&) = delete;
  ~Possessions() { clear(); }

  /// Takes over a value made by `new`.
  void take(Possession* value) {
    value->next_ = first_;
    if (first_) first_->previous_ = value;
    first_ = value;
  }
  /// Destroys one of them.
  void drop(Possession* value) {
    (value->previous_ ? value->previous_->next_ : first_) = value->next_;
    if (value->next_) value->next_->previous_ = value->previous_;
    delete value;
  }
  void clear() {
    while (first_) drop(first_);
  }

 private:
  Possession* first_ = nullptr;
};

}  // namespace moonwire::kernel
