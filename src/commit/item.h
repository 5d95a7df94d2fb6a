#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace coreshed::commit {

/// An event or a version's entry, shared by all states of a record that hold it, with its line of
/// JSON, which is made once. So a commit copies and writes out what it adds, not what was there.
///
/// Immutable but for Edit; const members may be called from several threads. LineOf(const T&) gives
/// the line.
template <typename T>
class Item {
 public:
  Item(T value) : node_(std::make_shared<Node>(std::move(value))) {}  // NOLINT: a T is an item

  const T& operator*() const { return node_->value; }
  const T* operator->() const { return &node_->value; }
  operator const T&() const { return node_->value; }  // NOLINT: and an item a T

  const std::string& line() const {
    std::call_once(node_->made, [this] { node_->line = LineOf(node_->value); });
    return node_->line;
  }

  /// A copy that is this holder's own, to be changed before anybody asks for its line.
  T& Edit() {
    node_ = std::make_shared<Node>(node_->value);
    return node_->value;
  }

 private:
  struct Node {
    explicit Node(T from) : value(std::move(from)) {}
    T value;
    std::once_flag made;
    std::string line;
  };
  std::shared_ptr<Node> node_;
};

}  // namespace coreshed::commit
