#pragma once

#include <coreshed/coreshed.h>

#include <functional>
#include <memory>
#include <string>

#include "cli/interrupts.h"
#include "cli/output.h"

namespace coreshed::cli {

/// What one run of the tool was asked to do, and what it works with.
class Invocation {
 public:
  explicit Invocation(Interrupts* interrupts) : interrupts_(interrupts) {}

  // Set by the command line.
  std::string store_option;
  bool json = false;
  double timeout_seconds = 30;
  /// The verb: answers with the exit code.
  std::function<int(Invocation&)> verb;

  Output& output() { return output_; }
  Interrupts& interrupts() { return *interrupts_; }

  /// The store that is meant: --store, CORESHED_STORE, or the nearest one upward from here.
  Store& store();
  /// Where a new store goes: --store, CORESHED_STORE or here.
  std::string PlaceOfNewStore() const;
  OpenOptions open_options() const;

 private:
  Interrupts* interrupts_;
  Output output_;
  std::shared_ptr<Store> store_;
};

/// Who acts: `by` if given, CORESHED_USER, or the name this user has on this machine.
std::string ActorOr(const std::string& by);

/// The variable's value; empty where it is not set.
std::string Environment(const char* name);

}  // namespace coreshed::cli
