#include "sources/duckdb.h"

#include <dlfcn.h>

#include <mutex>
#include <string_view>

#include "base/result.h"

namespace coreshed::sources::duckdb {
namespace {

constexpr const char* kLibrary = "libduckdb.so";
constexpr std::string_view kRelease = "v1.5.";

/// Fill `api` from a loaded library, or say which function it lacks.
std::string Bind(void* library, Api* api) {
#define CORESHED_DUCKDB_BIND(name, result, arguments)                                 \
  api->name = reinterpret_cast<result(*) arguments>(dlsym(library, "duckdb_" #name)); \
  if (api->name == nullptr) return "has no function duckdb_" #name;
  CORESHED_DUCKDB_FUNCTIONS(CORESHED_DUCKDB_BIND)
#undef CORESHED_DUCKDB_BIND
  const std::string_view version = api->library_version();
  if (!version.starts_with(kRelease)) return "is release " + std::string(version);
  return "";
}

Result<Api> LoadLibrary() {
  // Where the program was linked to look: its RUNPATH.
  Api api;
  void* library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  const std::string fault = library != nullptr ? Bind(library, &api) : "not found";
  if (fault.empty()) return api;
  if (library != nullptr) dlclose(library);
  return Error{ErrorKind::kUnsupported,
               "CSV files and conditions need DuckDB " + std::string(kRelease) +
                   "x, which can't be loaded: " + kLibrary + " " + fault +
                   ". Put libduckdb.so into lib/coreshed beside the program, or build with it."};
}

}  // namespace

Result<const Api*> Load() {
  static std::mutex mutex;
  static std::optional<Api> loaded;
  const std::lock_guard lock(mutex);
  if (!loaded) {
    CORESHED_ASSIGN(loaded, LoadLibrary());
  }
  return &*loaded;
}

Error FromDuckDb(const char* message, const std::string& what, ErrorKind kind) {
  std::string_view text = message == nullptr ? "unknown error" : message;
  if (text.starts_with("Out of Memory Error")) {
    return Error{ErrorKind::kIo, what +
                                     " takes more memory than it is given. Give it fewer columns "
                                     "or shorter texts."};
  }
  // "Binder Error: Referenced column …\n\nLINE 2: …": the sentence between.
  const auto colon = text.find(": ");
  if (colon != text.npos && text.substr(0, colon).ends_with("Error")) text.remove_prefix(colon + 2);
  text = text.substr(0, text.find("\n\nLINE "));
  text = text.substr(0, text.find("\nLINE "));
  std::string tidy;
  for (const char c : text) {
    if (c != '\n') {
      tidy += c;
    } else if (!tidy.empty() && tidy.back() != ' ') {
      tidy += ' ';
    }
  }
  while (!tidy.empty() && tidy.back() == ' ')
    tidy.pop_back();
  return Error{kind, what + ": " + tidy};
}

Rows::~Rows() {
  if (result_.internal_data == nullptr) return;
  if (running_ != nullptr && !ended_) EndQuery();
  api_->destroy_result(&result_);
}

/// Whatever is destroyed while an exception is under way, DuckDB leaves its threads working for the
/// query, on memory that then goes (ClientContext's destructor). A fetch that is interrupted waits
/// for them.
void Rows::EndQuery() {
  api_->interrupt(running_);
  while (DataChunk chunk = api_->fetch_chunk(result_))
    api_->destroy_data_chunk(&chunk);
}

Result<Chunk> Rows::Next() {
  if (ended_) return Chunk();  // DuckDB takes a second look behind the end as a fault
  Chunk chunk(api_, api_->fetch_chunk(result_));
  if (chunk) return chunk;
  ended_ = true;
  const char* message = api_->result_error(&result_);
  if (message != nullptr && *message != '\0') {
    return FromDuckDb(message, "DuckDB", ErrorKind::kValidation);
  }
  return chunk;
}

Result<void> Statement::Bind(idx_t index, const std::string& text) {
  if (api_->bind_varchar_length(prepared_, index, text.data(), text.size()) != kSuccess) {
    return Error{ErrorKind::kInvalidArgument, "DuckDB takes no text of this kind: " + text};
  }
  return {};
}

Result<Rows> Statement::Execute() {
  QueryResult result{};
  const State state = api_->execute_prepared(prepared_, &result);
  Rows rows(api_, result);
  if (state == kSuccess) return rows;
  return FromDuckDb(api_->result_error(&result), "DuckDB", ErrorKind::kValidation);
}

Result<Rows> Statement::Stream() {
  QueryResult result{};
  const State state = api_->execute_prepared_streaming(prepared_, &result);
  Rows rows(api_, result, state == kSuccess ? connection_ : nullptr);
  if (state == kSuccess) return rows;
  return FromDuckDb(api_->result_error(&result), "DuckDB", ErrorKind::kValidation);
}

Result<std::shared_ptr<Session>> Session::Open(const SessionOptions& options) {
  CORESHED_ASSIGN(const Api* api, Load());
  std::shared_ptr<Session> session(new Session(api));
  CORESHED_TRY(session->Configure(options));
  return session;
}

Result<void> Session::Configure(const SessionOptions& options) {
  Config config = nullptr;
  if (api_->create_config(&config) != kSuccess) {
    return Error{ErrorKind::kIo, "DuckDB can't make a configuration."};
  }
  const std::string threads = std::to_string(options.threads);
  const std::string memory = std::to_string(options.memory_bytes) + "B";
  const std::pair<const char*, const char*> settings[] = {{"autoinstall_known_extensions", "false"},
                                                          {"autoload_known_extensions", "false"},
                                                          {"allow_community_extensions", "false"},
                                                          {"allow_unsigned_extensions", "false"},
                                                          {"allow_persistent_secrets", "false"},
                                                          {"preserve_insertion_order", "true"},
                                                          {"memory_limit", memory.c_str()},
                                                          {"threads", threads.c_str()},
                                                          {"temp_directory", ""}};
  State state = kSuccess;
  for (const auto& [name, value] : settings)
    state |= api_->set_config(config, name, value);
  char* message = nullptr;
  if (state == kSuccess) state = api_->open_ext(":memory:", &database_, config, &message);
  api_->destroy_config(&config);
  if (state != kSuccess || api_->connect(database_, &connection_) != kSuccess) {
    Error error = FromDuckDb(message, "DuckDB can't be started", ErrorKind::kIo);
    if (message != nullptr) api_->free(message);
    return error;
  }
  std::string lock = "SET TimeZone = 'UTC'; ";
  if (!options.readable_file.empty()) {
    lock += "SET allowed_paths = [" + Quote(options.readable_file) + "]; ";
  }
  lock += "SET enable_external_access = false; SET lock_configuration = true;";
  CORESHED_ASSIGN(auto rows, Query(lock));
  return {};
}

Session::~Session() {
  if (connection_ != nullptr) api_->disconnect(&connection_);
  if (database_ != nullptr) api_->close(&database_);
}

Result<Statement> Session::Prepare(const std::string& sql) {
  Prepared prepared = nullptr;
  const State state = api_->prepare(connection_, sql.c_str(), &prepared);
  Statement statement(api_, connection_, prepared);
  if (state == kSuccess) return statement;
  // The message whole: callers look into it before they tidy it.
  return Error{ErrorKind::kInvalidArgument, api_->prepare_error(prepared)};
}

Result<Rows> Session::Query(const std::string& sql) {
  QueryResult result{};
  const State state = api_->query(connection_, sql.c_str(), &result);
  Rows rows(api_, result);
  if (state == kSuccess) return rows;
  return FromDuckDb(api_->result_error(&result), "DuckDB", ErrorKind::kValidation);
}

std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

}  // namespace coreshed::sources::duckdb
