#pragma once

#include <coreshed/error.h>
#include <readstat.h>

/// The part of ReadStat that we call. The library is loaded when first needed: few files need it.
namespace coreshed::sources {

/// name as readstat_<name>, result, arguments.
#define CORESHED_READSTAT_FUNCTIONS(F)                                                       \
  F(parser_init, readstat_parser_t*, ())                                                     \
  F(parser_free, void, (readstat_parser_t*))                                                 \
  F(error_message, const char*, (readstat_error_t))                                          \
  F(set_metadata_handler, readstat_error_t, (readstat_parser_t*, readstat_metadata_handler)) \
  F(set_variable_handler, readstat_error_t, (readstat_parser_t*, readstat_variable_handler)) \
  F(set_value_handler, readstat_error_t, (readstat_parser_t*, readstat_value_handler))       \
  F(set_error_handler, readstat_error_t, (readstat_parser_t*, readstat_error_handler))       \
  F(set_open_handler, readstat_error_t, (readstat_parser_t*, readstat_open_handler))         \
  F(set_close_handler, readstat_error_t, (readstat_parser_t*, readstat_close_handler))       \
  F(set_seek_handler, readstat_error_t, (readstat_parser_t*, readstat_seek_handler))         \
  F(set_read_handler, readstat_error_t, (readstat_parser_t*, readstat_read_handler))         \
  F(set_update_handler, readstat_error_t, (readstat_parser_t*, readstat_update_handler))     \
  F(set_io_ctx, readstat_error_t, (readstat_parser_t*, void*))                               \
  F(set_handler_character_encoding, readstat_error_t, (readstat_parser_t*, const char*))     \
  F(parse_sas7bdat, readstat_error_t, (readstat_parser_t*, const char*, void*))              \
  F(get_var_count, int, (readstat_metadata_t*))                                              \
  F(get_table_name, const char*, (readstat_metadata_t*))                                     \
  F(get_file_label, const char*, (readstat_metadata_t*))                                     \
  F(get_file_encoding, const char*, (readstat_metadata_t*))                                  \
  F(variable_get_index, int, (const readstat_variable_t*))                                   \
  F(variable_get_name, const char*, (const readstat_variable_t*))                            \
  F(variable_get_label, const char*, (const readstat_variable_t*))                           \
  F(variable_get_format, const char*, (const readstat_variable_t*))                          \
  F(variable_get_type_class, readstat_type_class_t, (const readstat_variable_t*))            \
  F(variable_get_storage_width, size_t, (const readstat_variable_t*))                        \
  F(value_is_system_missing, int, (readstat_value_t))                                        \
  F(value_is_tagged_missing, int, (readstat_value_t))                                        \
  F(value_tag, char, (readstat_value_t))                                                     \
  F(double_value, double, (readstat_value_t))                                                \
  F(string_value, const char*, (readstat_value_t))

/// The functions, each under its name without `readstat_`.
struct ReadStatApi {
#define CORESHED_READSTAT_MEMBER(name, result, arguments) result(*name) arguments = nullptr;
  CORESHED_READSTAT_FUNCTIONS(CORESHED_READSTAT_MEMBER)
#undef CORESHED_READSTAT_MEMBER
};

/// Load ReadStat, once in a process.
///
/// Errors  kUnsupported   it is not on this machine
Result<const ReadStatApi*> LoadReadStat();

}  // namespace coreshed::sources
