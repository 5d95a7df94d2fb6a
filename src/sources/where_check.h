#pragma once

#include <coreshed/error.h>

#include <set>
#include <string>

#include "sources/duckdb.h"

namespace coreshed::sources {

/// Check that `text` is one scalar expression and nothing more: DuckDB parses it, and only kinds of
/// expression known to be harmless pass. Returns every name in it that could be a column's.
Result<std::set<std::string>> CheckExpression(duckdb::Session& session, const std::string& text);

}  // namespace coreshed::sources
