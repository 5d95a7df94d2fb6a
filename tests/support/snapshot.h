#pragma once

#include <coreshed/store.h>

#include <string>

namespace coreshed {

/// Everything a user can see of a store, as one text without times, ids and salts: for comparing
/// the state after a fault with the state before and the state meant.
std::string SnapshotOf(Store& store);

}  // namespace coreshed
