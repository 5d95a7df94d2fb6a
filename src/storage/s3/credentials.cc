#include "storage/s3/credentials.h"

#include <dlfcn.h>

#include <utility>

#include "base/environment.h"
#include "base/result.h"
#include "storage/s3/aws_plugin.h"

namespace coreshed::storage::s3 {
namespace {

class Fixed final : public CredentialSource {
 public:
  explicit Fixed(Credentials credentials) : credentials_(std::move(credentials)) {}
  Result<Credentials> Get() override { return credentials_; }
  bool Renew() override { return false; }

 private:
  const Credentials credentials_;
};

Error NoCredentials(const std::string& why) {
  return Error{ErrorKind::kIo,
               "There are no credentials for S3" + (why.empty() ? "" : " (" + why + ")") +
                   ". Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in "
                   "with AWS's tools."};
}

struct Plugin {
  AwsFunction find = nullptr;
};

Result<Plugin> LoadPlugin() {
  // Where the program was linked to look: its RUNPATH.
  void* library = dlopen(kAwsPlugin, RTLD_NOW | RTLD_LOCAL);
  void* function = library != nullptr ? dlsym(library, kAwsFunction) : nullptr;
  if (function != nullptr) return Plugin{reinterpret_cast<AwsFunction>(function)};
  return NoCredentials(std::string(kAwsPlugin) + ", which looks for others, can't be loaded");
}

/// The chain of AWS's library.
class Chain final : public CredentialSource {
 public:
  Result<Credentials> Get() override {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (kept_ && now - kept_since_ < kLife) return *kept_;
    if (plugin_.find == nullptr) {
      CORESHED_ASSIGN(plugin_, LoadPlugin());
    }
    const auto answer = std::make_unique<AwsAnswer>();
    plugin_.find(std::exchange(renew_, false) ? 1 : 0, answer.get());
    if (answer->error[0] != '\0') return NoCredentials(answer->error);
    kept_ = Credentials{answer->access_key, answer->secret_key, answer->session_token};
    kept_since_ = now;
    return *kept_;
  }

  bool Renew() override {
    const std::lock_guard lock(mutex_);
    kept_.reset();
    renew_ = true;
    return true;
  }

 private:
  /// How long they are used without asking the chain, which locks and copies.
  static constexpr std::chrono::seconds kLife{10};

  std::mutex mutex_;
  Plugin plugin_;
  bool renew_ = false;
  std::optional<Credentials> kept_;
  std::chrono::steady_clock::time_point kept_since_;
};

}  // namespace

std::shared_ptr<CredentialSource> FixedCredentials(Credentials credentials) {
  return std::make_shared<Fixed>(std::move(credentials));
}

std::shared_ptr<CredentialSource> FindCredentials() {
  // Those of the environment come first in the chain; to start AWS's library for them takes longer
  // than most calls.
  Credentials found{EnvironmentVariable("AWS_ACCESS_KEY_ID"),
                    EnvironmentVariable("AWS_SECRET_ACCESS_KEY"),
                    EnvironmentVariable("AWS_SESSION_TOKEN")};
  if (!found.access_key.empty() && !found.secret_key.empty()) {
    return FixedCredentials(std::move(found));
  }
  return std::make_shared<Chain>();
}

}  // namespace coreshed::storage::s3
