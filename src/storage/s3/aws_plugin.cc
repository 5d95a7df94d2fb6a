// libcoreshed_aws.so: credentials by the chain of AWS's library, which comes with Arrow.
#include "storage/s3/aws_plugin.h"

#include <arrow/filesystem/s3fs.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>

namespace coreshed::storage::s3 {
namespace {

template <size_t kSize>
void Copy(const std::string& text, char (&to)[kSize]) {
  std::snprintf(to, kSize, "%s", text.c_str());
}

void Find(bool renew, AwsAnswer* answer) {
  static std::mutex mutex;
  static std::optional<arrow::fs::S3Options> options;  // keeps credentials, and renews them in time
  const std::lock_guard lock(mutex);
  if (renew) options.reset();
  if (!options) {
    if (const auto status = arrow::fs::EnsureS3Initialized(); !status.ok()) {
      Copy(status.message(), answer->error);
      return;
    }
    // AWS's library must be ended before the program is.
    static const int at_exit = std::atexit([] {
      options.reset();
      (void)arrow::fs::EnsureS3Finalized();
    });
    (void)at_exit;
    options = arrow::fs::S3Options::Defaults();
  }
  const std::string access_key = options->GetAccessKey();
  if (access_key.empty()) {
    Copy("neither in the environment nor in a profile, and no role", answer->error);
    return;
  }
  Copy(access_key, answer->access_key);
  Copy(options->GetSecretKey(), answer->secret_key);
  Copy(options->GetSessionToken(), answer->session_token);
}

}  // namespace
}  // namespace coreshed::storage::s3

extern "C" __attribute__((visibility("default"))) void coreshed_aws_credentials(
    int renew, coreshed::storage::s3::AwsAnswer* answer) {
  coreshed::storage::s3::Find(renew != 0, answer);
}
