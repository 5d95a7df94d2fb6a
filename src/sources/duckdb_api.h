#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct ArrowSchema;
struct ArrowArray;

/// The part of DuckDB's C interface that we call, declared here because the library is loaded while
/// running and its header is no part of the build. As in duckdb.h of release 1.5.
namespace coreshed::sources::duckdb {

using idx_t = uint64_t;
using State = int;  // 0: success
inline constexpr State kSuccess = 0;

// Each is a pointer to something of DuckDB's; the names keep them apart.
using Database = struct DatabaseTag*;
using Connection = struct ConnectionTag*;
using Config = struct ConfigTag*;
using Prepared = struct PreparedTag*;
using DataChunk = struct DataChunkTag*;
using Vector = struct VectorTag*;
using LogicalType = struct LogicalTypeTag*;
using TableFunction = struct TableFunctionTag*;
using BindInfo = struct BindInfoTag*;
using InitInfo = struct InitInfoTag*;
using FunctionInfo = struct FunctionInfoTag*;
using ErrorData = struct ErrorDataTag*;
using ConvertedSchema = struct ConvertedSchemaTag*;

/// Handed over by value, so its size counts.
struct QueryResult {
  idx_t deprecated_column_count;
  idx_t deprecated_row_count;
  idx_t deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
};

/// A VARCHAR as it lies in a vector: up to 12 bytes in place, longer ones elsewhere.
struct String {
  static constexpr uint32_t kInlinedMax = 12;
  struct Inlined {
    uint32_t length;
    char text[kInlinedMax];
  };
  struct Pointer {
    uint32_t length;
    char prefix[4];
    const char* text;
  };
  union {
    Inlined inlined;
    Pointer pointer;
  };
  /// `text` must stay where it is.
  static String Of(std::string_view text) {
    String string{};
    string.inlined.length = static_cast<uint32_t>(text.size());
    if (text.size() <= kInlinedMax) {
      text.copy(string.inlined.text, text.size());
    } else {
      text.copy(string.pointer.prefix, sizeof string.pointer.prefix);
      string.pointer.text = text.data();
    }
    return string;
  }
  std::string_view view() const {
    return {inlined.length <= kInlinedMax ? inlined.text : pointer.text, inlined.length};
  }
};
static_assert(sizeof(String) == 16);

inline constexpr int kTypeBoolean = 1;

/// name as duckdb_<name>, result, arguments.
#define CORESHED_DUCKDB_FUNCTIONS(F)                                                          \
  F(library_version, const char*, ())                                                         \
  F(create_config, State, (Config*))                                                          \
  F(set_config, State, (Config, const char*, const char*))                                    \
  F(destroy_config, void, (Config*))                                                          \
  F(open_ext, State, (const char*, Database*, Config, char**))                                \
  F(close, void, (Database*))                                                                 \
  F(connect, State, (Database, Connection*))                                                  \
  F(disconnect, void, (Connection*))                                                          \
  F(free, void, (void*))                                                                      \
  F(query, State, (Connection, const char*, QueryResult*))                                    \
  F(interrupt, void, (Connection))                                                            \
  F(destroy_result, void, (QueryResult*))                                                     \
  F(result_error, const char*, (QueryResult*))                                                \
  F(prepare, State, (Connection, const char*, Prepared*))                                     \
  F(prepare_error, const char*, (Prepared))                                                   \
  F(destroy_prepare, void, (Prepared*))                                                       \
  F(prepared_statement_column_type, int, (Prepared, idx_t))                                   \
  F(bind_varchar_length, State, (Prepared, idx_t, const char*, idx_t))                        \
  F(execute_prepared, State, (Prepared, QueryResult*))                                        \
  F(execute_prepared_streaming, State, (Prepared, QueryResult*))                              \
  F(fetch_chunk, DataChunk, (QueryResult))                                                    \
  F(destroy_data_chunk, void, (DataChunk*))                                                   \
  F(data_chunk_get_size, idx_t, (DataChunk))                                                  \
  F(data_chunk_set_size, void, (DataChunk, idx_t))                                            \
  F(data_chunk_get_vector, Vector, (DataChunk, idx_t))                                        \
  F(vector_get_data, void*, (Vector))                                                         \
  F(vector_get_validity, uint64_t*, (Vector))                                                 \
  F(vector_get_column_type, LogicalType, (Vector))                                            \
  F(vector_reference_vector, void, (Vector, Vector))                                          \
  F(vector_size, idx_t, ())                                                                   \
  F(destroy_logical_type, void, (LogicalType*))                                               \
  F(schema_from_arrow, ErrorData, (Connection, ArrowSchema*, ConvertedSchema*))               \
  F(data_chunk_from_arrow, ErrorData, (Connection, ArrowArray*, ConvertedSchema, DataChunk*)) \
  F(destroy_arrow_converted_schema, void, (ConvertedSchema*))                                 \
  F(error_data_message, const char*, (ErrorData))                                             \
  F(error_data_has_error, bool, (ErrorData))                                                  \
  F(destroy_error_data, void, (ErrorData*))                                                   \
  F(create_table_function, TableFunction, ())                                                 \
  F(destroy_table_function, void, (TableFunction*))                                           \
  F(table_function_set_name, void, (TableFunction, const char*))                              \
  F(table_function_set_extra_info, void, (TableFunction, void*, void (*)(void*)))             \
  F(table_function_set_bind, void, (TableFunction, void (*)(BindInfo)))                       \
  F(table_function_set_init, void, (TableFunction, void (*)(InitInfo)))                       \
  F(table_function_set_function, void, (TableFunction, void (*)(FunctionInfo, DataChunk)))    \
  F(register_table_function, State, (Connection, TableFunction))                              \
  F(bind_get_extra_info, void*, (BindInfo))                                                   \
  F(bind_add_result_column, void, (BindInfo, const char*, LogicalType))                       \
  F(init_set_max_threads, void, (InitInfo, idx_t))                                            \
  F(function_get_extra_info, void*, (FunctionInfo))

/// The functions, each under its name without `duckdb_`.
struct Api {
#define CORESHED_DUCKDB_MEMBER(name, result, arguments) result(*name) arguments = nullptr;
  CORESHED_DUCKDB_FUNCTIONS(CORESHED_DUCKDB_MEMBER)
#undef CORESHED_DUCKDB_MEMBER
};

}  // namespace coreshed::sources::duckdb
