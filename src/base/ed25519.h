#pragma once

#include <coreshed/error.h>

#include <string>
#include <string_view>

namespace coreshed {

/// Sign with an Ed25519 private key in PEM (RFC 8032); 128 hex digits.
/// kInvalidArgument where the text is no such key.
Result<std::string> SignEd25519(const std::string& private_key_pem, std::string_view message);

/// Whether `signature` (hex) is that of `message` under a public key in PEM.
Result<bool> CheckEd25519(const std::string& public_key_pem, std::string_view message,
                          const std::string& signature);

}  // namespace coreshed
