#pragma once

#include <coreshed/error.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace coreshed::storage::s3 {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  ///< empty: none
};

/// Where credentials come from. Thread-safe.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  /// Those of now.
  ///
  /// Errors  kIo   there are none
  virtual Result<Credentials> Get() = 0;
  /// A server has refused those of now: ask for new ones. False: there are never others.
  virtual bool Renew() = 0;
};

/// Always the same.
std::shared_ptr<CredentialSource> FixedCredentials(Credentials credentials);

/// As AWS's tools find them: the environment; the profile; web identity; the role of the container
/// or of the machine.
std::shared_ptr<CredentialSource> FindCredentials();

}  // namespace coreshed::storage::s3
