#pragma once

#include <string>

namespace coreshed::table {

/// Whether a column of type `before`, retyped to `after`, keeps every value it could have had, and
/// the kind of thing it was: spec/schema.md, "Widening". Both are names of logical types; a name
/// that is none widens to nothing.
bool IsWidening(const std::string& before, const std::string& after);

}  // namespace coreshed::table
